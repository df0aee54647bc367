/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Records for master(8). When they are due is decided in master.c.
 */
#include "host/status.h"

#include <sys/socket.h>
#include <unistd.h>

enum { BUSY = 0, AVAILABLE = 1 };

struct status_record {
    int process;
    int generation;
    int status;
};

static void status_say(int channel, int generation, int status)
{
    struct status_record record = {(int)getpid(), generation, status};

    /* A master that does not read will not wait for this one either. */
    (void)send(channel, &record, sizeof(record), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void sc_status_report_use(int channel, int generation)
{
    status_say(channel, generation, BUSY);
    status_say(channel, generation, AVAILABLE);
}
