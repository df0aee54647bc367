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

enum { THREADS = 8, STACK_SIZE = 64 * 1024, PAUSE_NS = 1000000 };

struct sc_closer {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t gone;
    int *ring;
    size_t size;
    size_t taken;          /* ever; its remainder is where the next goes */
    size_t begun;          /* ever; where the next to be closed is */
    _Atomic size_t closed; /* ever */
    unsigned watching;     /* threads that will look at the ring unasked */
    unsigned threads;
    bool stopping;
};

static void pause_a_little(void)
{
    struct timespec pause = {.tv_nsec = PAUSE_NS};

    nanosleep(&pause, NULL);
}

/* Closes what there is, the lock held before and after, not in between. */
static void close_all(struct sc_closer *closer)
{
    while (closer->begun != closer->taken) {
        int fd = closer->ring[closer->begun++ % closer->size];
        closer->watching--;
        pthread_mutex_unlock(&closer->lock);
        close(fd);
        atomic_fetch_add_explicit(&closer->closed, 1, memory_order_relaxed);
        pthread_mutex_lock(&closer->lock);
        closer->watching++;
    }
}

static void *run(void *argument)
{
    struct sc_closer *closer = argument;

    pthread_mutex_lock(&closer->lock);
    while (!closer->stopping || closer->begun != closer->taken) {
        if (closer->begun == closer->taken) {
            pthread_cond_wait(&closer->work, &closer->lock);
            continue;
        }
        closer->watching++;
        while (closer->begun != closer->taken) {
            close_all(closer);
            pthread_mutex_unlock(&closer->lock);
            pause_a_little();
            pthread_mutex_lock(&closer->lock);
        }
        closer->watching--;
    }
    closer->threads--;
    pthread_cond_signal(&closer->gone);
    pthread_mutex_unlock(&closer->lock);
    return NULL;
}

static int start_thread(struct sc_closer *closer)
{
    pthread_attr_t attributes;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return -error;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_mutex_lock(&closer->lock);
    error = pthread_create(&thread, &attributes, run, closer);
    if (error == 0)
        closer->threads++;
    pthread_mutex_unlock(&closer->lock);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* Signals are the loop's: the threads are born with all of them blocked. */
static int start_threads(struct sc_closer *closer)
{
    sigset_t all, before;
    int error = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (int i = 0; i < THREADS && error == 0; i++)
        error = start_thread(closer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
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
    fresh->ring = calloc(fresh->size, sizeof(int));
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
    pthread_mutex_lock(&closer->lock);
    /* There is room for all that can be open at once. */
    assert(closer->taken - closer->begun < closer->size);
    closer->ring[closer->taken++ % closer->size] = fd;
    pthread_mutex_unlock(&closer->lock);
}

void sc_closer_flush(struct sc_closer *closer)
{
    pthread_mutex_lock(&closer->lock);
    if (closer->begun != closer->taken && closer->watching == 0)
        pthread_cond_signal(&closer->work);
    pthread_mutex_unlock(&closer->lock);
}

size_t sc_closer_pending(const struct sc_closer *closer)
{
    /* Only the loop takes, so it may read that number without the lock. */
    return closer->taken - sc_closer_closed(closer);
}

size_t sc_closer_closed(const struct sc_closer *closer)
{
    return atomic_load_explicit(&closer->closed, memory_order_relaxed);
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
