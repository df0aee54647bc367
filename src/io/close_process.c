/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/close_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/close_threads.h"

/* One thread is kept, and so often it is seen whether it hangs. */
enum { THREADS_KEPT = 1, LOOK_MS = 5 };

/* What the other process has. */
struct receiver {
    int queue;
    int tokens;
    struct sc_close_threads *threads;
};

/* Waits for a token, but while something is to be closed not for long. */
static bool may_receive(struct receiver *receiver)
{
    bool pending = sc_close_threads_pending(receiver->threads) > 0;
    struct pollfd ready = {.fd = receiver->tokens, .events = POLLIN};
    char token;

    if (poll(&ready, 1, pending ? LOOK_MS : -1) <= 0)
        return false;
    /* At its end the parent has gone; what hangs still does not keep us. */
    if (read(receiver->tokens, &token, 1) == 0)
        _exit(0);
    return true;
}

static void receive_batch(struct receiver *receiver)
{
    struct sc_received received;
    char byte;

    if (sc_io_receive(receiver->queue, &byte, 1, &received) < 0)
        return;
    if (received.fd >= 0)
        sc_close_threads_take(receiver->threads, received.fd);
    for (size_t i = 0; i < received.surplus_count; i++)
        sc_close_threads_take(receiver->threads, received.surplus[i]);
}

static int64_t monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Our parent's listeners, clients and standard streams must end with it, not with us. */
static void close_all_but(unsigned one, unsigned other)
{
    unsigned low = one < other ? one : other;
    unsigned high = one < other ? other : one;

    if (low > 0)
        (void)close_range(0, low - 1, 0);
    if (high > low + 1)
        (void)close_range(low + 1, high - 1, 0);
    (void)close_range(high + 1, UINT_MAX, 0);
}

/* Signals to the whole group are the parent's affair, whose end ends us too. */
_Noreturn static void run(struct receiver *receiver, void (*confine)(void))
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    close_all_but((unsigned)receiver->queue, (unsigned)receiver->tokens);
    (void)prctl(PR_SET_NAME, "scache-closer");
    if (confine)
        confine();
    for (;;) {
        if (may_receive(receiver))
            receive_batch(receiver);
        sc_close_threads_flush(receiver->threads, monotonic_ms());
    }
}

/* Neither end of ours blocks: what cannot be sent comes back. */
static int make_channels(int queue[2], int tokens[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, queue) < 0)
        return -errno;
    if (pipe2(tokens, O_CLOEXEC) == 0 && fcntl(tokens[1], F_SETFL, O_NONBLOCK) == 0)
        return 0;
    int error = -errno;
    close(queue[0]);
    close(queue[1]);
    return error;
}

int sc_close_process_start(struct sc_close_process *process, size_t most_descriptors,
                           void (*confine)(void))
{
    struct receiver receiver;
    int queue[2], tokens[2];

    *process = (struct sc_close_process){.queue = -1, .tokens = -1};
    int error = sc_close_threads_new(&receiver.threads, most_descriptors, THREADS_KEPT);
    if (error < 0)
        return error;
    error = make_channels(queue, tokens);
    if (error == 0) {
        *process = (struct sc_close_process){.queue = queue[0], .tokens = tokens[1]};
        receiver.queue = queue[1];
        receiver.tokens = tokens[0];
        pid_t child = fork();
        if (child == 0)
            run(&receiver, confine);
        error = child < 0 ? -errno : 0;
        close(queue[1]);
        close(tokens[0]);
    }
    sc_close_threads_free(receiver.threads, 0);
    if (error < 0)
        sc_close_process_stop(process);
    return error;
}

int sc_close_process_close(struct sc_close_process *process, const int *sockets, size_t count)
{
    int error = sc_io_send_all(process->queue, sockets, count);

    if (error < 0)
        return error;
    for (size_t i = 0; i < count; i++)
        close(sockets[i]);
    /* It fails only if the process has gone, and what it was sent with it. */
    (void)!write(process->tokens, "", 1);
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
