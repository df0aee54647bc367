/* SPDX-License-Identifier: BSD-2-Clause */
#include "close/threads.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_MOST = 256, STACK_SIZE = 64 * 1024 };

/* When nothing was begun for so long, another thread is started. */
enum { HANG_MS = 5 };

/*
 * The ring has room for all descriptors that can be open, so a slot is never
 * written again before it was read.
 */
struct sc_close_threads {
    pthread_mutex_t lock;
    pthread_cond_t gone;
    int *ring;
    size_t size;
    size_t taken; /* ever; its remainder is where the next goes */
    size_t begun; /* ever; where the next to be closed is */
    size_t closed;
    unsigned running;
    size_t seen_begun; /* the loop's: to see whether the threads get on */
    int64_t seen_at;
};

static void *threads_close_all(void *argument)
{
    struct sc_close_threads *threads = argument;

    pthread_mutex_lock(&threads->lock);
    while (threads->begun != threads->taken) {
        int fd = threads->ring[threads->begun++ % threads->size];
        pthread_mutex_unlock(&threads->lock);
        close(fd);
        pthread_mutex_lock(&threads->lock);
        threads->closed++;
    }
    threads->running--;
    pthread_cond_signal(&threads->gone);
    pthread_mutex_unlock(&threads->lock);
    return NULL;
}

/*
 * Called under the lock. Signals are the loop's: a thread is born with all of
 * them blocked. If none can be had, the next flush tries again.
 */
static void start_thread(struct sc_close_threads *threads)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;

    if (threads->running >= THREADS_MOST || pthread_attr_init(&attributes) != 0)
        return;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, &attributes, threads_close_all, threads) == 0)
        threads->running++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

int sc_close_threads_new(struct sc_close_threads **threads, size_t most_descriptors)
{
    struct sc_close_threads *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->size = most_descriptors;
    fresh->ring = calloc(fresh->size, sizeof(*fresh->ring));
    if (!fresh->ring) {
        free(fresh);
        return -ENOMEM;
    }
    pthread_mutex_init(&fresh->lock, NULL);
    pthread_cond_init(&fresh->gone, NULL);
    *threads = fresh;
    return 0;
}

void sc_close_threads_take(struct sc_close_threads *threads, int fd)
{
    pthread_mutex_lock(&threads->lock);
    assert(threads->taken - threads->closed < threads->size);
    threads->ring[threads->taken++ % threads->size] = fd;
    pthread_mutex_unlock(&threads->lock);
}

/* Whether those who run have begun nothing for a while. */
static bool threads_seems_to_hang(struct sc_close_threads *threads, int64_t now)
{
    if (threads->begun != threads->seen_begun) {
        threads->seen_begun = threads->begun;
        threads->seen_at = now;
    }
    return now - threads->seen_at >= HANG_MS;
}

void sc_close_threads_flush(struct sc_close_threads *threads, int64_t now)
{
    pthread_mutex_lock(&threads->lock);
    bool hang = threads_seems_to_hang(threads, now);
    if (threads->begun == threads->taken) {
        threads->seen_at = now;
    } else if (threads->running == 0 || hang) {
        threads->seen_at = now;
        start_thread(threads);
    }
    pthread_mutex_unlock(&threads->lock);
}

size_t sc_close_threads_pending(struct sc_close_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    size_t pending = threads->taken - threads->closed;
    pthread_mutex_unlock(&threads->lock);
    return pending;
}

size_t sc_close_threads_queued(struct sc_close_threads *threads)
{
    pthread_mutex_lock(&threads->lock);
    size_t queued = threads->taken - threads->begun;
    pthread_mutex_unlock(&threads->lock);
    return queued;
}

static struct timespec threads_time_after(int ms)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

void sc_close_threads_free(struct sc_close_threads *threads, int patience_ms)
{
    struct timespec until = threads_time_after(patience_ms);

    if (!threads)
        return;
    pthread_mutex_lock(&threads->lock);
    if (threads->begun != threads->taken)
        start_thread(threads);
    while (threads->running > 0 &&
           pthread_cond_timedwait(&threads->gone, &threads->lock, &until) == 0)
        continue;
    bool all_gone = threads->running == 0;
    pthread_mutex_unlock(&threads->lock);
    if (!all_gone)
        return;
    pthread_cond_destroy(&threads->gone);
    pthread_mutex_destroy(&threads->lock);
    free(threads->ring);
    free(threads);
}
