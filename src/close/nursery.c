/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both ends of the process that forks others. What those do is not known
 * here, and neither is why one is wanted.
 */
#include "close/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/child.h"
#include "io/pass.h"

static const char nursery_name[] = "scache-closer";

/* What the server says: the id of a process to be killed, or 0: a new one is wanted. */
struct nursery_order {
    pid_t kill;
};

/* What it hears: an error, or the new process, whose two channels come with that. */
struct nursery_reply {
    int error;
    pid_t process;
};

enum { NURSERY_QUEUE, NURSERY_TALK, NURSERY_CHANNELS };

/* --- the process -------------------------------------------------------- */

static void nursery_wake(int signal)
{
    (void)signal;
}

/* A child that ends interrupts the waiting for orders. */
static void nursery_hear_of_children(void)
{
    struct sigaction action = {.sa_handler = nursery_wake};
    sigset_t others;

    sigfillset(&others);
    sigdelset(&others, SIGCHLD);
    (void)sigaction(SIGCHLD, &action, NULL);
    (void)sigprocmask(SIG_SETMASK, &others, NULL);
}

/* @channels: the server's end and the child's of each. */
static int nursery_open(int channels[NURSERY_CHANNELS][2])
{
    for (int i = 0; i < NURSERY_CHANNELS; i++)
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels[i]) < 0) {
            int error = -errno;
            while (i-- > 0) {
                close(channels[i][0]);
                close(channels[i][1]);
            }
            return error;
        }
    return 0;
}

static void nursery_close(int channels[NURSERY_CHANNELS][2])
{
    for (int i = 0; i < NURSERY_CHANNELS; i++) {
        close(channels[i][0]);
        close(channels[i][1]);
    }
}

_Noreturn static void nursery_become_dropper(int channels[NURSERY_CHANNELS][2],
                                             const struct sc_nursery_confine *confine)
{
    int queue = channels[NURSERY_QUEUE][1];
    int talk = channels[NURSERY_TALK][1];
    int keep[] = {queue, talk};

    sc_child_settle(nursery_name, keep, SC_COUNT_OF(keep));
    sc_dropper_run(queue, talk, confine->dropper, confine->context);
}

static void nursery_say(int order, const struct nursery_reply *reply, const int *fds, size_t count)
{
    const struct sc_bytes message = {(const char *)reply, sizeof(*reply)};
    int error;

    do
        error = count > 0 ? sc_pass_send_all(order, message, fds, count)
                          : (int)sc_pass_send(order, message, -1);
    while (error == -EINTR);
}

static void nursery_fork(int order, const struct sc_nursery_confine *confine)
{
    int channels[NURSERY_CHANNELS][2];
    struct nursery_reply reply = {.error = nursery_open(channels)};

    if (reply.error < 0) {
        nursery_say(order, &reply, NULL, 0);
        return;
    }
    reply.process = fork();
    if (reply.process == 0)
        nursery_become_dropper(channels, confine);
    if (reply.process < 0) {
        reply.error = -errno;
        nursery_say(order, &reply, NULL, 0);
    } else {
        const int ours[] = {channels[NURSERY_QUEUE][0], channels[NURSERY_TALK][0]};
        nursery_say(order, &reply, ours, SC_COUNT_OF(ours));
    }
    nursery_close(channels);
}

static void nursery_reap(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

/* Only a child that was not reaped yet: its id is nobody else's. */
static void nursery_end_child(pid_t process)
{
    if (waitpid(process, NULL, WNOHANG) == 0)
        (void)kill(process, SIGKILL);
}

_Noreturn static void nursery_run(int order, const struct sc_nursery_confine *confine)
{
    struct nursery_order wanted;
    int keep[] = {order};

    sc_child_settle(nursery_name, keep, SC_COUNT_OF(keep));
    nursery_hear_of_children();
    if (confine->nursery)
        confine->nursery(confine->context);
    for (;;) {
        ssize_t got = recv(order, &wanted, sizeof(wanted), 0);
        if (got != (ssize_t)sizeof(wanted) && (got >= 0 || errno != EINTR))
            _exit(0); /* The server has gone. */
        nursery_reap();
        if (got < 0)
            continue;
        if (wanted.kill > 0)
            nursery_end_child(wanted.kill);
        else
            nursery_fork(order, confine);
    }
}

/* --- the server's end --------------------------------------------------- */

int sc_nursery_start(struct sc_nursery *nursery, const struct sc_nursery_confine *confine)
{
    int order[2];

    *nursery = (struct sc_nursery){.order = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, order) < 0)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        nursery_run(order[1], confine);
    int error = child < 0 ? -errno : 0;
    close(order[1]);
    if (error < 0)
        close(order[0]);
    else
        *nursery = (struct sc_nursery){.order = order[0], .process = child};
    return error;
}

static int nursery_tell(struct sc_nursery *nursery, pid_t kill)
{
    const struct nursery_order wanted = {.kill = kill};
    ssize_t sent;

    if (nursery->order < 0)
        return -EPIPE;
    do
        sent = send(nursery->order, &wanted, sizeof(wanted), MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent == (ssize_t)sizeof(wanted))
        return 0;
    if (errno == EPIPE || errno == ECONNRESET)
        sc_nursery_stop(nursery);
    return nursery->order < 0 ? -EPIPE : -EAGAIN;
}

int sc_nursery_ask(struct sc_nursery *nursery, int64_t now)
{
    if (nursery->asked)
        return 0;
    int error = nursery_tell(nursery, 0);
    if (error == 0) {
        nursery->asked = true;
        nursery->asked_at = now;
    }
    return error;
}

static void nursery_adopt(struct sc_dropper *dropper, const struct sc_received *received,
                          pid_t process, int64_t now)
{
    *dropper = (struct sc_dropper){
        .queue = received->surplus[NURSERY_QUEUE],
        .talk = received->surplus[NURSERY_TALK],
        .process = process,
        .moved = now,
    };
}

int sc_nursery_get(struct sc_nursery *nursery, struct sc_dropper *dropper, int64_t now)
{
    struct sc_received received;
    struct nursery_reply reply;

    if (nursery->order < 0)
        return -EPIPE;
    int error = sc_pass_receive(nursery->order, &reply, sizeof(reply), &received);
    if (error == -EAGAIN || error == -EINTR)
        return -EAGAIN;
    if (error < 0 || received.length != sizeof(reply)) {
        sc_nursery_stop(nursery);
        return -EPIPE;
    }
    nursery->asked = false;
    if (reply.error == 0 && received.surplus_count == NURSERY_CHANNELS) {
        nursery_adopt(dropper, &received, reply.process, now);
        return 0;
    }
    /* Without room for its channels here the new process ends by itself. */
    for (size_t i = 0; i < received.surplus_count; i++)
        close(received.surplus[i]);
    return reply.error < 0 ? reply.error : -EMFILE;
}

int sc_nursery_wait(struct sc_nursery *nursery, struct sc_dropper *dropper, int patience_ms)
{
    struct pollfd ready = {.fd = nursery->order, .events = POLLIN};
    int error;

    do
        error = poll(&ready, 1, patience_ms) < 0 ? -errno : 0;
    while (error == -EINTR);
    if (error == 0)
        error = sc_nursery_get(nursery, dropper, 0);
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

void sc_nursery_kill(struct sc_nursery *nursery, pid_t process)
{
    int error = nursery_tell(nursery, process);

    (void)error; /* Then nobody can, and what hangs stays as it is. */
}

void sc_nursery_stop(struct sc_nursery *nursery)
{
    if (nursery->order >= 0)
        close(nursery->order);
    *nursery = (struct sc_nursery){.order = -1, .process = nursery->process};
}

void sc_nursery_reap(struct sc_nursery *nursery)
{
    if (nursery->order < 0 && nursery->process > 0 && waitpid(nursery->process, NULL, WNOHANG) != 0)
        nursery->process = 0;
}
