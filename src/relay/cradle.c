/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where processes come from that serve users. It knows no more of users than
 * a number to put into an answer.
 */
#include "relay/cradle.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/child.h"
#include "io/pass.h"
#include "relay/link.h"

/* CHILDREN_MAX bounds how many users can be served at once. */
enum { CHILDREN_MAX = 1024, LOOK_MS = 1000 };

struct cradle_order {
    int64_t user;
    pid_t kill; /* 0: it is a worker that is wanted */
};

struct cradle {
    const struct sc_cradle_options *options;
    int fd;
    size_t count;
    struct cradle_child {
        pid_t process;
        int64_t user;
    } children[CHILDREN_MAX];
};

/* Nobody reads it any more when it cannot be said. */
static void cradle_say(const struct cradle *cradle, const struct sc_birth *birth)
{
    ssize_t sent =
        sc_pass_send(cradle->fd, (struct sc_bytes){(const char *)birth, sizeof(*birth)}, -1);

    (void)sent;
}

static void cradle_bear(struct cradle *cradle, int64_t user, int link)
{
    struct sc_birth birth = {.user = user, .process = -EAGAIN};

    if (cradle->count < CHILDREN_MAX) {
        birth.process = fork();
        if (birth.process == 0) {
            int keep[] = {link};
            sc_child_settle("scache-tls-user", keep, 1);
            sc_worker_run(&cradle->options->worker, link);
        }
        if (birth.process < 0)
            birth.process = -errno;
        else
            cradle->children[cradle->count++] =
                (struct cradle_child){.process = birth.process, .user = user};
    }
    close(link);
    cradle_say(cradle, &birth);
}

static void cradle_kill(const struct cradle *cradle, pid_t process)
{
    for (size_t i = 0; i < cradle->count; i++)
        if (cradle->children[i].process == process)
            kill(process, SIGKILL);
}

static void cradle_reap(struct cradle *cradle)
{
    struct sc_birth death = {.ended = true};

    while ((death.process = waitpid(-1, &death.status, WNOHANG)) > 0)
        for (size_t i = 0; i < cradle->count; i++)
            if (cradle->children[i].process == death.process) {
                death.user = cradle->children[i].user;
                cradle->children[i] = cradle->children[--cradle->count];
                cradle_say(cradle, &death);
                break;
            }
}

/* Returns whether whoever asks is still there. */
static bool cradle_heed(struct cradle *cradle)
{
    struct cradle_order order;
    struct sc_received received;
    int error = sc_pass_receive(cradle->fd, &order, sizeof(order), &received);

    if (error == -EAGAIN || error == -EINTR)
        return true;
    if (error < 0 || received.length == 0)
        return false;
    for (size_t i = 0; i < received.surplus_count; i++)
        close(received.surplus[i]);
    if (received.length == sizeof(order) && order.kill == 0 && received.fd >= 0)
        cradle_bear(cradle, order.user, received.fd);
    else if (received.fd >= 0)
        close(received.fd);
    if (received.length == sizeof(order) && order.kill > 0)
        cradle_kill(cradle, order.kill);
    return true;
}

static _Noreturn void cradle_run(const struct sc_cradle_options *options, int fd)
{
    struct cradle cradle = {.options = options, .fd = fd};
    bool goes_on = true;

    if (options->confine)
        options->confine(options->context);
    while (goes_on) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        int result = poll(&ready, 1, cradle.count > 0 ? LOOK_MS : -1);
        if (result > 0)
            goes_on = cradle_heed(&cradle);
        cradle_reap(&cradle);
    }
    _exit(0);
}

int sc_cradle_start(const struct sc_cradle_options *options)
{
    int ends[2];
    int error = sc_link_open(ends);

    if (error < 0)
        return error;
    pid_t process = fork();
    if (process == 0) {
        int keep[] = {ends[1]};
        sc_child_settle("scache-tls-crad", keep, 1);
        cradle_run(options, ends[1]);
    }
    error = process < 0 ? -errno : 0;
    close(ends[1]);
    if (error == 0)
        return ends[0];
    close(ends[0]);
    return error;
}

static int cradle_order(int cradle, const struct cradle_order *order, int carried)
{
    struct sc_bytes bytes = {(const char *)order, sizeof(*order)};
    ssize_t sent;

    do
        sent = sc_pass_send(cradle, bytes, carried);
    while (sent == -EINTR);
    return sent < 0 ? (int)sent : 0;
}

int sc_cradle_ask(int cradle, int64_t user, int link)
{
    struct cradle_order order;

    memset(&order, 0, sizeof(order));
    order.user = user;
    return cradle_order(cradle, &order, link);
}

int sc_cradle_kill(int cradle, pid_t process)
{
    struct cradle_order order;

    memset(&order, 0, sizeof(order));
    order.kill = process;
    return cradle_order(cradle, &order, -1);
}

int sc_cradle_hear(int cradle, struct sc_birth *birth)
{
    struct sc_received received;
    int error = sc_pass_receive(cradle, birth, sizeof(*birth), &received);

    if (error == -EAGAIN || error == -EINTR)
        return -EAGAIN;
    if (error == 0 && received.fd >= 0)
        close(received.fd);
    for (size_t i = 0; error == 0 && i < received.surplus_count; i++)
        close(received.surplus[i]);
    return error == 0 && received.length == sizeof(*birth) ? 0 : -EPIPE;
}
