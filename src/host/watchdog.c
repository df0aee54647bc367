/* SPDX-License-Identifier: BSD-2-Clause */
#include "host/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* So many looks in a row without a turn of the loop make a hang. */
enum { LOOKS = 3, LEAST_SECONDS = 3, STACK_SIZE = 64 * 1024 };

struct sc_watchdog {
    struct ev_prepare prepare;
    struct ev_check check;
    struct ev_loop *loop;
    struct sc_log *log;
    int64_t seconds;
    int exit_pause;
    atomic_bool waiting;
    atomic_ulong turns;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;
};

static void on_prepare(struct ev_loop *loop, struct ev_prepare *watch, int events)
{
    struct sc_watchdog *watchdog = watch->data;

    (void)loop;
    (void)events;
    atomic_store_explicit(&watchdog->waiting, true, memory_order_relaxed);
}

static void on_check(struct ev_loop *loop, struct ev_check *watch, int events)
{
    struct sc_watchdog *watchdog = watch->data;

    (void)loop;
    (void)events;
    atomic_store_explicit(&watchdog->waiting, false, memory_order_relaxed);
    atomic_fetch_add_explicit(&watchdog->turns, 1, memory_order_relaxed);
}

_Noreturn static void bite(struct sc_watchdog *watchdog)
{
    sc_log(watchdog->log, SC_FATAL, "watchdog: the event loop has hung for %" PRId64 " seconds",
           watchdog->seconds);
    sleep((unsigned)watchdog->exit_pause);
    _exit(1);
}

/* Waits for one look's time. Returns false when it is to stop. */
static bool wait_a_look(struct sc_watchdog *watchdog)
{
    int64_t ms = watchdog->seconds * 1000 / LOOKS;
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += (time_t)(ms / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    while (!watchdog->stopping)
        if (pthread_cond_timedwait(&watchdog->stop, &watchdog->lock, &until) == ETIMEDOUT)
            return true;
    return false;
}

static void *run(void *argument)
{
    struct sc_watchdog *watchdog = argument;
    unsigned long turns = 0;
    int looks = 0;

    pthread_mutex_lock(&watchdog->lock);
    while (wait_a_look(watchdog)) {
        unsigned long now = atomic_load_explicit(&watchdog->turns, memory_order_relaxed);
        bool hangs =
            now == turns && !atomic_load_explicit(&watchdog->waiting, memory_order_relaxed);
        turns = now;
        looks = hangs ? looks + 1 : 0;
        if (looks >= LOOKS)
            bite(watchdog);
    }
    pthread_mutex_unlock(&watchdog->lock);
    return NULL;
}

static int start(struct sc_watchdog *watchdog)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return -error;
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&watchdog->thread, &attributes, run, watchdog);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

static void init_lock(struct sc_watchdog *watchdog)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&watchdog->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watchdog->stop, &attributes);
    pthread_condattr_destroy(&attributes);
}

int sc_watchdog_new(struct sc_watchdog **watchdog, struct ev_loop *loop, struct sc_log *log,
                    int64_t seconds, int exit_pause)
{
    struct sc_watchdog *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->loop = loop;
    fresh->log = log;
    fresh->seconds = seconds > LEAST_SECONDS ? seconds : LEAST_SECONDS;
    fresh->exit_pause = exit_pause;
    init_lock(fresh);
    int error = start(fresh);
    if (error < 0) {
        free(fresh);
        return error;
    }
    ev_prepare_init(&fresh->prepare, on_prepare);
    ev_check_init(&fresh->check, on_check);
    ev_set_priority(&fresh->prepare, EV_MINPRI);
    ev_set_priority(&fresh->check, EV_MAXPRI);
    fresh->prepare.data = fresh->check.data = fresh;
    ev_prepare_start(loop, &fresh->prepare);
    ev_check_start(loop, &fresh->check);
    *watchdog = fresh;
    return 0;
}

void sc_watchdog_free(struct sc_watchdog *watchdog)
{
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->stopping = true;
    pthread_cond_signal(&watchdog->stop);
    pthread_mutex_unlock(&watchdog->lock);
    pthread_join(watchdog->thread, NULL);
    ev_prepare_stop(watchdog->loop, &watchdog->prepare);
    ev_check_stop(watchdog->loop, &watchdog->check);
    pthread_cond_destroy(&watchdog->stop);
    pthread_mutex_destroy(&watchdog->lock);
    free(watchdog);
}
