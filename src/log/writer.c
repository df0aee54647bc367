/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process that writes to standard error, and its start and end. What is
 * sent to it, and what happens when it cannot be had, is the sink's affair.
 */
#include "log/writer.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/child.h"
#include "log/record.h"

/* A turned off terminal or a full disk swallows the record; there is nobody to tell. */
static void writer_write(const char *record, size_t length)
{
    struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
    size_t done = 0;

    while (done < length) {
        ssize_t written = write(STDERR_FILENO, record + done, length - done);
        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && errno == EAGAIN)
            (void)poll(&room, 1, -1); /* Somebody else has made it non-blocking. */
        else if (written == 0 || errno != EINTR)
            return;
    }
}

_Noreturn static void writer_run(int queue, void (*confine)(void *context), void *context)
{
    int keep[] = {STDERR_FILENO, queue};
    char record[SC_RECORD_MAX];

    sc_child_settle("scache-log", keep, SC_COUNT_OF(keep));
    /* The parent waits for this: it may be killed later and leave no listener behind. */
    if (send(queue, "", 1, MSG_NOSIGNAL) < 0)
        _exit(1);
    if (confine)
        confine(context);
    for (;;) {
        ssize_t got = recv(queue, record, sizeof(record), 0);
        if (got > 0)
            writer_write(record, (size_t)got);
        else if (got == 0 || errno != EINTR)
            _exit(0); /* The parent has gone. */
    }
}

int sc_writer_start(struct sc_writer *writer, void (*confine)(void *context), void *context)
{
    int ends[2];
    char ready;

    writer->queue = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        writer_run(ends[1], confine, context);
    int error = child < 0 ? -errno : 0;
    close(ends[1]);
    if (error == 0 && recv(ends[0], &ready, 1, 0) != 1)
        error = -ECHILD;
    if (error < 0)
        close(ends[0]);
    else
        writer->queue = ends[0];
    return error;
}

void sc_writer_finish(int queue, int patience)
{
    struct pollfd end = {.fd = queue, .events = POLLIN};

    if (queue < 0 || shutdown(queue, SHUT_WR) < 0)
        return;
    /* It says nothing; that it has gone makes its end readable. */
    (void)poll(&end, 1, patience);
}
