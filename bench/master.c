/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads status records, one at a time, in a process of its own, as master(8) does. It starts
 * and restarts nothing.
 */
#include "master.h"

#include "pin.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#define RECORD_SIZE (3 * sizeof(int))

static void master_serve(int status_fd)
{
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = status_fd};
    char record[RECORD_SIZE];

    if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, status_fd, &event) < 0)
        _exit(1);
    do
        (void)!epoll_wait(epoll_fd, &event, 1, -1);
    while (read(status_fd, record, sizeof(record)) > 0);
    _exit(0);
}

pid_t sc_master_start(int status_fd)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        /* Only the channel: other servers' must see end of file when our parent closes them. */
        if (dup2(status_fd, STDIN_FILENO) < 0)
            _exit(1);
        close_range(3, ~0u, 0);
        sc_pin_nowhere();
        master_serve(STDIN_FILENO);
    }
    return pid < 0 ? -errno : pid;
}
