/* SPDX-License-Identifier: BSD-2-Clause */
#include "close/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/child.h"

/* So long may the close of a socket linger. */
enum { PATIENCE_MS = 5 };

static void process_interrupt(int signal)
{
    (void)signal;
}

/*
 * A timer whose signal, again and again, ends the wait of whatever lingers:
 * the kernel then goes on sending in the background. All other signals, which
 * may go to the whole group, are the parent's affair.
 */
static int process_make_timer(timer_t *timer)
{
    struct sigaction action = {.sa_handler = process_interrupt};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    sigset_t others;

    sigfillset(&others);
    sigdelset(&others, SIGALRM);
    if (sigprocmask(SIG_SETMASK, &others, NULL) < 0 || sigaction(SIGALRM, &action, NULL) < 0 ||
        timer_create(CLOCK_MONOTONIC, &event, timer) < 0)
        return -errno;
    return 0;
}

/* A batch that comes where there is no room for descriptors is closed by the kernel. */
static void process_drop_batch(int queue, timer_t timer)
{
    static const struct itimerspec never, soon = {
                                              .it_interval.tv_nsec = PATIENCE_MS * 1000000,
                                              .it_value.tv_nsec = PATIENCE_MS * 1000000,
                                          };
    char byte;

    (void)timer_settime(timer, 0, &soon, NULL);
    while (recv(queue, &byte, 1, MSG_DONTWAIT) < 0)
        if (errno != EINTR)
            _exit(1); /* The parent sees that nobody is there, and manages without. */
    (void)timer_settime(timer, 0, &never, NULL);
}

_Noreturn static void process_run(int queue, int tokens, void (*confine)(void))
{
    int keep[] = {queue, tokens};
    timer_t timer;
    char token;

    sc_child_settle("scache-closer", keep, SC_COUNT_OF(keep));
    /* The parent waits for this: it may be killed later and leave no listener behind. */
    if (process_make_timer(&timer) < 0 || send(queue, "", 1, MSG_NOSIGNAL) < 0)
        _exit(1);
    if (confine)
        confine();
    for (;;) {
        ssize_t got = read(tokens, &token, 1);
        if (got > 0)
            process_drop_batch(queue, timer);
        else if (got == 0)
            _exit(0); /* The parent has gone. */
    }
}

/* Neither end of ours blocks: what cannot be sent comes back. */
static int process_make_channels(int queue[2], int tokens[2])
{
    tokens[0] = tokens[1] = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, queue) < 0)
        return -errno;
    if (pipe2(tokens, O_CLOEXEC) == 0 && fcntl(tokens[1], F_SETFL, O_NONBLOCK) == 0)
        return 0;
    int error = -errno;
    for (int i = 0; i < 2; i++) {
        close(queue[i]);
        if (tokens[i] >= 0)
            close(tokens[i]);
    }
    return error;
}

int sc_close_process_start(struct sc_close_process *process, void (*confine)(void))
{
    int queue[2], tokens[2];
    char ready;
    int error = process_make_channels(queue, tokens);

    *process = (struct sc_close_process){.queue = -1, .tokens = -1};
    if (error < 0)
        return error;
    pid_t child = fork();
    if (child == 0)
        process_run(queue[1], tokens[0], confine);
    error = child < 0 ? -errno : 0;
    close(queue[1]);
    close(tokens[0]);
    *process = (struct sc_close_process){.queue = queue[0], .tokens = tokens[1]};
    if (error == 0 && recv(process->queue, &ready, 1, 0) != 1)
        error = -ECHILD;
    if (error < 0)
        sc_close_process_stop(process);
    return error;
}

/* Lets the process drop what it was sent. If it cannot be told, it is to end, which does too. */
static void process_give_token(struct sc_close_process *process)
{
    ssize_t written;

    do
        written = write(process->tokens, "", 1);
    while (written < 0 && errno == EINTR);
    if (written != 1)
        sc_close_process_stop(process);
}

static int process_compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

/* Neighbours are closed together: a call less for each, and most are neighbours. */
static void process_close_all(int *sockets, size_t count)
{
    qsort(sockets, count, sizeof(*sockets), process_compare);
    for (size_t first = 0, last; first < count; first = last + 1) {
        last = first;
        while (last + 1 < count && sockets[last + 1] == sockets[last] + 1)
            last++;
        if (last > first && close_range((unsigned)sockets[first], (unsigned)sockets[last], 0) == 0)
            continue;
        for (size_t i = first; i <= last; i++)
            close(sockets[i]); /* one by one, also where the kernel knows no ranges */
    }
}

int sc_close_process_close(struct sc_close_process *process, int *sockets, size_t count)
{
    int error = sc_pass_send_all(process->queue, sockets, count);

    if (error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN)
        sc_close_process_stop(process);
    if (error < 0)
        return error;
    process_close_all(sockets, count);
    process_give_token(process);
    return 0;
}

void sc_close_process_stop(struct sc_close_process *process)
{
    if (process->queue < 0)
        return;
    close(process->tokens);
    close(process->queue);
    *process = (struct sc_close_process){.queue = -1, .tokens = -1};
}
