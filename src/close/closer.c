/* SPDX-License-Identifier: BSD-2-Clause */
#include "close/closer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "close/process.h"
#include "close/threads.h"
#include "io/peer.h"

/*
 * A batch is a small part of the descriptors there may be, since it keeps
 * them open; and what waits in it waits for others to come, but not for long.
 */
enum { BATCH_PART = 64, BATCH_LEAST = 4, BATCH_MS = 4 };

struct sc_closer {
    struct sc_close_process process;
    struct sc_close_threads *threads;
    struct sc_log *log;
    size_t threads_pending; /* may have become less since */
    size_t batch;           /* sockets that are sent together at most */
    int64_t since;          /* when the flush first saw the first of them; 0: not yet */
    size_t count;
    int sockets[SC_PASS_MAX];
};

static size_t closer_batch_size(size_t descriptors)
{
    size_t size = descriptors / BATCH_PART;

    if (size < BATCH_LEAST)
        return BATCH_LEAST;
    return size < SC_PASS_MAX ? size : SC_PASS_MAX;
}

int sc_closer_new(struct sc_closer **closer, size_t most_descriptors, struct sc_log *log,
                  void (*confine)(void))
{
    struct sc_closer *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->log = log;
    fresh->batch = closer_batch_size(most_descriptors);
    int error = sc_close_threads_new(&fresh->threads, most_descriptors);
    if (error < 0) {
        free(fresh);
        return error;
    }
    error = sc_close_process_start(&fresh->process, confine);
    if (error < 0)
        sc_log(log, SC_WARNING, "cannot start a process that closes sockets: %s: using threads",
               strerror(-error));
    *closer = fresh;
    return 0;
}

static void closer_give_to_threads(struct sc_closer *closer, int fd)
{
    sc_close_threads_take(closer->threads, fd);
    closer->threads_pending++;
}

/* Too many descriptors on their way, or no memory: threads need neither. */
static void closer_send_batch(struct sc_closer *closer)
{
    int error = sc_close_process_close(&closer->process, closer->sockets, closer->count);

    for (size_t i = 0; error < 0 && i < closer->count; i++)
        closer_give_to_threads(closer, closer->sockets[i]);
    closer->count = 0;
    closer->since = 0;
    if (closer->process.queue < 0)
        sc_log(closer->log, SC_WARNING, "the process that closes sockets has gone: using threads");
}

static void closer_take_socket(struct sc_closer *closer, int fd)
{
    if (closer->process.queue < 0) {
        closer_give_to_threads(closer, fd);
        return;
    }
    closer->sockets[closer->count++] = fd;
    if (closer->count == closer->batch)
        closer_send_batch(closer);
}

void sc_closer_take(struct sc_closer *closer, int fd, uint8_t nature, int64_t user)
{
    (void)user;
    if ((nature & SC_PEER_SOCKET) != 0)
        closer_take_socket(closer, fd);
    else
        closer_give_to_threads(closer, fd);
}

void sc_closer_flush(struct sc_closer *closer, int64_t now)
{
    if (closer->count > 0 && closer->since == 0)
        closer->since = now;
    else if (closer->count > 0 && now - closer->since >= BATCH_MS)
        closer_send_batch(closer);
    if (closer->threads_pending == 0)
        return;
    sc_close_threads_flush(closer->threads, now);
    closer->threads_pending = sc_close_threads_pending(closer->threads);
}

size_t sc_closer_pending(const struct sc_closer *closer)
{
    return closer->count + closer->threads_pending;
}

size_t sc_closer_queued(struct sc_closer *closer)
{
    return closer->threads_pending > 0 ? sc_close_threads_queued(closer->threads) : 0;
}

void sc_closer_free(struct sc_closer *closer, int patience_ms)
{
    if (!closer)
        return;
    if (closer->count > 0)
        closer_send_batch(closer);
    sc_close_process_stop(&closer->process);
    sc_close_threads_free(closer->threads, patience_ms);
    free(closer);
}
