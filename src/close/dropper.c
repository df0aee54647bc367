/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both ends of a process that drops batches of sockets. Who starts it, and
 * which sockets are to be closed when, is decided elsewhere.
 */
#include "close/dropper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* So long may the close of a socket linger. */
enum { DROPPER_PATIENCE_MS = 5 };

/* --- the process -------------------------------------------------------- */

static void dropper_interrupt(int signal)
{
    (void)signal;
}

/*
 * A timer whose signal, again and again, ends the wait of whatever lingers:
 * the kernel then goes on sending in the background. All other signals, which
 * may go to the whole group, are the server's affair.
 */
static int dropper_make_timer(timer_t *timer)
{
    struct sigaction action = {.sa_handler = dropper_interrupt};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    sigset_t others;

    sigfillset(&others);
    sigdelset(&others, SIGALRM);
    if (sigprocmask(SIG_SETMASK, &others, NULL) < 0 || sigaction(SIGALRM, &action, NULL) < 0 ||
        timer_create(CLOCK_MONOTONIC, &event, timer) < 0)
        return -errno;
    return 0;
}

/*
 * A batch that comes where there is no room for descriptors is closed by the
 * kernel. A close that was interrupted interrupts all others of its batch.
 */
static void dropper_drop(int queue, timer_t timer)
{
    static const struct itimerspec never, soon = {
                                              .it_interval.tv_nsec = DROPPER_PATIENCE_MS * 1000000,
                                              .it_value.tv_nsec = DROPPER_PATIENCE_MS * 1000000,
                                          };
    char byte;

    (void)timer_settime(timer, 0, &soon, NULL);
    while (recv(queue, &byte, 1, MSG_DONTWAIT) < 0)
        if (errno != EINTR)
            _exit(1); /* The server sees that nobody is there. */
    (void)timer_settime(timer, 0, &never, NULL);
}

static void dropper_say_done(int talk)
{
    while (send(talk, "", 1, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            _exit(0); /* The server has gone. */
}

void sc_dropper_run(int queue, int talk, void (*confine)(void *context), void *context)
{
    timer_t timer;
    char token;

    if (dropper_make_timer(&timer) < 0)
        _exit(1);
    if (confine)
        confine(context);
    for (;;) {
        ssize_t got = recv(talk, &token, 1, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            _exit(0);
        dropper_drop(queue, timer);
        dropper_say_done(talk);
    }
}

/* --- the server's end --------------------------------------------------- */

static void dropper_let_go(struct sc_dropper *dropper)
{
    if (dropper->line)
        dropper->line->busy--;
    dropper->line = NULL;
    dropper->outstanding = 0;
}

void sc_dropper_close(struct sc_dropper *dropper)
{
    if (dropper->queue < 0)
        return;
    dropper_let_go(dropper);
    close(dropper->talk);
    close(dropper->queue);
    *dropper = (struct sc_dropper){.queue = -1, .talk = -1};
}

static int dropper_compare(const void *one, const void *other)
{
    return *(const int *)one - *(const int *)other;
}

/* Neighbours are closed together: a call less for each, and most are neighbours. */
static void dropper_close_copies(int *sockets, size_t count)
{
    qsort(sockets, count, sizeof(*sockets), dropper_compare);
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

/* If it cannot be told, it is to end, which lets go of everything too. */
static void dropper_give_token(struct sc_dropper *dropper)
{
    ssize_t sent;

    do
        sent = send(dropper->talk, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent != 1)
        sc_dropper_close(dropper);
}

int sc_dropper_give(struct sc_dropper *dropper, struct sc_backlog_line *line, int *sockets,
                    size_t count, int64_t now)
{
    int error = dropper->queue < 0
                    ? -EPIPE
                    : sc_pass_send_all(dropper->queue, SC_BYTES("\0"), sockets, count);

    if (error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN) {
        sc_dropper_close(dropper);
        return -EPIPE;
    }
    if (error < 0)
        return error;
    if (!dropper->line) {
        dropper->line = line;
        dropper->moved = now;
        line->busy++;
    }
    dropper->outstanding++;
    dropper_close_copies(sockets, count);
    dropper_give_token(dropper);
    return 0;
}

enum sc_dropper_state sc_dropper_look(struct sc_dropper *dropper, int64_t now)
{
    char byte;
    ssize_t got;

    if (dropper->queue < 0)
        return SC_DROPPER_GONE;
    if (dropper->outstanding == 0)
        return SC_DROPPER_IDLE;
    while ((got = recv(dropper->talk, &byte, 1, MSG_DONTWAIT)) > 0 && dropper->outstanding > 0) {
        dropper->outstanding--;
        dropper->moved = now;
    }
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        sc_dropper_close(dropper);
        return SC_DROPPER_GONE;
    }
    if (dropper->outstanding > 0)
        return SC_DROPPER_AT_WORK;
    dropper_let_go(dropper);
    dropper->hangs = false;
    return SC_DROPPER_IDLE;
}
