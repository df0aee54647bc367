/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thread for one job at a time, and how the loop hears of its end. What the
 * jobs are is not known here.
 */
#include "host/errand.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* How soon it is looked after what the kernel could not watch. */
enum { ERRAND_LOOK_MS = 50 };

static void *errand_run(void *argument)
{
    struct sc_errand *errand = argument;
    int end = errand->ends[1];

    errand->run(errand->job);
    /* The loop may go on from here, and take the errand along. */
    while (write(end, "", 1) < 0 && errno == EINTR)
        continue;
    return NULL;
}

/* Returns whether it has ended. */
static bool errand_look(struct sc_errand *errand)
{
    void *job = errand->job;
    char byte;

    if (!job || read(errand->ends[0], &byte, 1) != 1)
        return false;
    errand->job = NULL;
    errand->done(errand, job);
    return true;
}

static void errand_on_ready(struct sc_watch *watch, int events)
{
    struct sc_errand *errand = SC_CONTAINER_OF(watch, struct sc_errand, watch);

    if (!errand_look(errand) && events == SC_WATCH_REFUSED)
        sc_timer_set(&errand->look, sc_loop_now(watch->loop) + ERRAND_LOOK_MS);
}

static void errand_on_look(struct sc_timer *timer)
{
    struct sc_errand *errand = SC_CONTAINER_OF(timer, struct sc_errand, look);

    if (!errand_look(errand) && errand->job)
        sc_timer_set(timer, sc_loop_now(timer->loop) + ERRAND_LOOK_MS);
}

int sc_errand_init(struct sc_errand *errand, struct sc_loop *loop, void (*run)(void *job),
                   void (*done)(struct sc_errand *errand, void *job))
{
    *errand = (struct sc_errand){.run = run, .done = done};
    int error = sc_timer_init(&errand->look, loop, errand_on_look);
    if (error == 0 && pipe2(errand->ends, O_CLOEXEC | O_NONBLOCK) < 0)
        error = -errno;
    if (error < 0) {
        sc_timer_fini(&errand->look);
        return error;
    }
    sc_watch_init(&errand->watch, loop, errand->ends[0], errand_on_ready);
    return 0;
}

bool sc_errand_fini(struct sc_errand *errand)
{
    bool left_behind = errand->job;

    if (!sc_errand_is_ready(errand))
        return false;
    sc_watch_want(&errand->watch, SC_WATCH_NONE);
    sc_timer_fini(&errand->look);
    if (left_behind)
        return true; /* The thread still has its end. */
    close(errand->ends[0]);
    close(errand->ends[1]);
    *errand = (struct sc_errand){0};
    return false;
}

/* No signal is to be served by a thread that may hang. */
static int errand_start_thread(struct sc_errand *errand)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int error = pthread_attr_init(&attributes);

    if (error != 0)
        return -error;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (error == 0)
        error = pthread_create(&thread, &attributes, errand_run, errand);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -error;
}

int sc_errand_start(struct sc_errand *errand, void *job)
{
    if (!sc_errand_is_ready(errand))
        return -ENODEV;
    if (errand->job)
        return -EBUSY;
    sc_watch_want(&errand->watch, SC_WATCH_READ);
    errand->job = job;
    int error = errand_start_thread(errand);
    if (error < 0)
        errand->job = NULL;
    return error;
}
