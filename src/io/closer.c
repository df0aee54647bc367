/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/closer.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_KEPT = 2, THREADS_MOST = 256, STACK_SIZE = 64 * 1024, PAUSE_NS = 1000000 };

/* When all who are awake have closed nothing for so long, another is woken. */
enum { HANG_MS = 5 };

/*
 * The ring has one producer, the loop, and several consumers. It has room for
 * all descriptors that can be open, so a slot is never written again before
 * it was read. The lock is only for going to sleep and waking up.
 */
struct sc_closer {
    _Atomic int *ring;
    size_t size;
    _Atomic size_t taken;  /* ever; its remainder is where the next goes */
    _Atomic size_t begun;  /* ever; where the next to be closed is */
    _Atomic size_t closed; /* ever */
    atomic_uint awake;     /* threads that look at the ring unasked, or hang */
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t gone;
    unsigned threads;
    bool stopping;
    size_t seen_closed; /* the loop's: to see whether the threads get on */
    int64_t seen_at;
};

static void pause_a_little(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_NS};

    nanosleep(&pause, NULL);
}

static bool has_work(struct sc_closer *closer)
{
    return atomic_load(&closer->begun) != atomic_load(&closer->taken);
}

/* Closes one, if there is one. */
static bool close_one(struct sc_closer *closer)
{
    size_t mine = atomic_load(&closer->begun);

    for (;;) {
        if (mine == atomic_load(&closer->taken))
            return false;
        int fd = closer->ring[mine % closer->size];
        if (atomic_compare_exchange_weak(&closer->begun, &mine, mine + 1)) {
            close(fd);
            atomic_fetch_add(&closer->closed, 1);
            return true;
        }
    }
}

/* Stays awake for as long as there is something to do every time it looks. */
static void close_while_busy(struct sc_closer *closer)
{
    while (close_one(closer)) {
        while (close_one(closer))
            continue;
        pause_a_little();
    }
}

static void *run(void *argument)
{
    struct sc_closer *closer = argument;

    pthread_mutex_lock(&closer->lock);
    while (has_work(closer) || (!closer->stopping && closer->threads <= THREADS_KEPT)) {
        if (!has_work(closer)) {
            pthread_cond_wait(&closer->work, &closer->lock);
            continue;
        }
        atomic_fetch_add(&closer->awake, 1);
        pthread_mutex_unlock(&closer->lock);
        close_while_busy(closer);
        pthread_mutex_lock(&closer->lock);
        /* From here on the loop wakes somebody; what it took before is seen. */
        atomic_fetch_sub(&closer->awake, 1);
    }
    closer->threads--;
    pthread_cond_signal(&closer->gone);
    pthread_mutex_unlock(&closer->lock);
    return NULL;
}

/* Signals are the loop's: a thread is born with all of them blocked. */
static int start_thread(struct sc_closer *closer)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return -error;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&closer->lock);
    error = pthread_create(&thread, &attributes, run, closer);
    if (error == 0)
        closer->threads++;
    pthread_mutex_unlock(&closer->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

static int start_threads(struct sc_closer *closer)
{
    int error = 0;

    for (int i = 0; i < THREADS_KEPT && error == 0; i++)
        error = start_thread(closer);
    return closer->threads > 0 ? 0 : error;
}

static void destroy(struct sc_closer *closer)
{
    pthread_cond_destroy(&closer->work);
    pthread_cond_destroy(&closer->gone);
    pthread_mutex_destroy(&closer->lock);
    free(closer->ring);
    free(closer);
}

int sc_closer_new(struct sc_closer **closer, size_t most_descriptors)
{
    struct sc_closer *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->size = most_descriptors;
    fresh->ring = calloc(fresh->size, sizeof(*fresh->ring));
    pthread_mutex_init(&fresh->lock, NULL);
    pthread_cond_init(&fresh->work, NULL);
    pthread_cond_init(&fresh->gone, NULL);
    int error = fresh->ring ? start_threads(fresh) : -ENOMEM;
    if (error < 0) {
        destroy(fresh);
        return error;
    }
    *closer = fresh;
    return 0;
}

void sc_closer_take(struct sc_closer *closer, int fd)
{
    size_t taken = atomic_load_explicit(&closer->taken, memory_order_relaxed);

    assert(sc_closer_pending(closer) < closer->size);
    closer->ring[taken % closer->size] = fd;
    atomic_store(&closer->taken, taken + 1);
}

/* Whether those who are awake have closed nothing for a while. */
static bool seems_to_hang(struct sc_closer *closer, int64_t now)
{
    size_t closed = atomic_load_explicit(&closer->closed, memory_order_relaxed);

    if (closed != closer->seen_closed) {
        closer->seen_closed = closed;
        closer->seen_at = now;
    }
    return now - closer->seen_at >= HANG_MS;
}

void sc_closer_flush(struct sc_closer *closer, int64_t now)
{
    if (!has_work(closer)) {
        closer->seen_at = now;
        return;
    }
    if (atomic_load(&closer->awake) > 0 && !seems_to_hang(closer, now))
        return;
    closer->seen_at = now;
    pthread_mutex_lock(&closer->lock);
    unsigned threads = closer->threads;
    pthread_cond_signal(&closer->work);
    pthread_mutex_unlock(&closer->lock);
    /* When all of them hang, one more may get on; if it cannot be had, they may. */
    if (atomic_load(&closer->awake) >= threads && threads < THREADS_MOST)
        (void)start_thread(closer);
}

size_t sc_closer_pending(const struct sc_closer *closer)
{
    return atomic_load_explicit(&closer->taken, memory_order_relaxed) -
           atomic_load_explicit(&closer->closed, memory_order_relaxed);
}

size_t sc_closer_queued(const struct sc_closer *closer)
{
    return atomic_load_explicit(&closer->taken, memory_order_relaxed) -
           atomic_load_explicit(&closer->begun, memory_order_relaxed);
}

void sc_closer_free(struct sc_closer *closer, int patience_ms)
{
    struct timespec until;
    bool all_gone;

    if (!closer)
        return;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)patience_ms % 1000 * 1000000;
    until.tv_sec += patience_ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&closer->lock);
    closer->stopping = true;
    pthread_cond_broadcast(&closer->work);
    while (closer->threads > 0 && pthread_cond_timedwait(&closer->gone, &closer->lock, &until) == 0)
        continue;
    all_gone = closer->threads == 0;
    pthread_mutex_unlock(&closer->lock);
    if (all_gone)
        destroy(closer);
}
