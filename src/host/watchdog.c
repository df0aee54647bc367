/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks, by a timer's signal, whether the loop has gone round since the last
 * look. It does not know what the loop hangs in, and helps it out of nothing:
 * it ends the process, so that a fresh one can take over.
 */
#include "host/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/*
 * So many looks in a row without a turn of the loop make a hang: one look may
 * come just when a long turn is about to end. Below the least number of
 * seconds a busy machine would look like a hang.
 */
enum { LOOKS = 3, LEAST_SECONDS = 3 };

/* So long may the last words take, seconds. */
enum { LAST_WORDS = 5 };

struct sc_watchdog {
    struct sc_turn turn;
    struct sc_loop *loop;
    struct sc_log *log;
    int64_t seconds;
    int exit_pause;
    timer_t looks;  /* sends the signal, for ever */
    timer_t killer; /* is set when the dog bites */
    atomic_bool waiting;
    atomic_ulong turns;
    unsigned long seen_turns;
    int seen_hanging; /* looks in a row */
};

/* The last thing before the loop waits. */
static void watchdog_end_turn(struct sc_turn *turn)
{
    struct sc_watchdog *watchdog = SC_CONTAINER_OF(turn, struct sc_watchdog, turn);

    atomic_store_explicit(&watchdog->waiting, true, memory_order_relaxed);
}

/* The first thing after it has waited. */
static void watchdog_begin_turn(struct sc_turn *turn)
{
    struct sc_watchdog *watchdog = SC_CONTAINER_OF(turn, struct sc_watchdog, turn);
    unsigned long turns = atomic_load_explicit(&watchdog->turns, memory_order_relaxed);

    atomic_store_explicit(&watchdog->waiting, false, memory_order_relaxed);
    atomic_store_explicit(&watchdog->turns, turns + 1, memory_order_relaxed);
}

static struct timespec watchdog_in_ms(int64_t ms)
{
    return (struct timespec){.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
}

/*
 * What the loop hangs in may hold a lock that a log record needs. So the
 * kernel is asked first to see to the end, should the last words never end.
 */
_Noreturn static void watchdog_bite(struct sc_watchdog *watchdog)
{
    struct itimerspec end = {.it_value =
                                 watchdog_in_ms((watchdog->exit_pause + LAST_WORDS) * 1000)};

    (void)timer_settime(watchdog->killer, 0, &end, NULL);
    sc_log(watchdog->log, SC_FATAL, "watchdog: the event loop has hung for %" PRId64 " seconds",
           watchdog->seconds);
    sleep((unsigned)watchdog->exit_pause);
    _exit(1);
}

static void watchdog_look(struct sc_watchdog *watchdog)
{
    unsigned long turns = atomic_load_explicit(&watchdog->turns, memory_order_relaxed);
    bool hangs = turns == watchdog->seen_turns &&
                 !atomic_load_explicit(&watchdog->waiting, memory_order_relaxed);

    watchdog->seen_turns = turns;
    watchdog->seen_hanging = hangs ? watchdog->seen_hanging + 1 : 0;
    if (watchdog->seen_hanging >= LOOKS)
        watchdog_bite(watchdog);
}

static void watchdog_on_signal(int number, siginfo_t *info, void *context)
{
    int saved = errno;

    (void)number;
    (void)context;
    if (info->si_code == SI_TIMER) /* and no stranger's signal */
        watchdog_look(info->si_value.sival_ptr);
    errno = saved;
}

/*
 * Two timers: the second is made now, because a process that hangs for want of
 * memory could make none later.
 */
static int watchdog_make_timers(struct sc_watchdog *watchdog)
{
    struct sigevent look_at = {
        .sigev_notify = SIGEV_SIGNAL,
        .sigev_signo = SIGALRM,
        .sigev_value = {.sival_ptr = watchdog},
    };
    struct sigevent killed = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};

    if (timer_create(CLOCK_MONOTONIC, &look_at, &watchdog->looks) < 0)
        return -errno;
    if (timer_create(CLOCK_MONOTONIC, &killed, &watchdog->killer) == 0)
        return 0;
    int error = -errno;
    timer_delete(watchdog->looks);
    return error;
}

static int watchdog_start(struct sc_watchdog *watchdog)
{
    struct sigaction action = {.sa_sigaction = watchdog_on_signal,
                               .sa_flags = SA_SIGINFO | SA_RESTART};
    struct timespec pause = watchdog_in_ms(watchdog->seconds * 1000 / LOOKS);
    struct itimerspec every = {.it_interval = pause, .it_value = pause};
    int error = watchdog_make_timers(watchdog);

    if (error < 0)
        return error;
    if (sigaction(SIGALRM, &action, NULL) == 0 &&
        timer_settime(watchdog->looks, 0, &every, NULL) == 0)
        return 0;
    error = -errno;
    timer_delete(watchdog->killer);
    timer_delete(watchdog->looks);
    return error;
}

int sc_watchdog_new(struct sc_watchdog **watchdog, struct sc_loop *loop, struct sc_log *log,
                    int64_t seconds, int exit_pause)
{
    struct sc_watchdog *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->loop = loop;
    fresh->log = log;
    fresh->seconds = seconds > LEAST_SECONDS ? seconds : LEAST_SECONDS;
    fresh->exit_pause = exit_pause;
    int error = watchdog_start(fresh);
    if (error < 0) {
        free(fresh);
        return error;
    }
    fresh->turn = (struct sc_turn){.begin = watchdog_begin_turn, .end = watchdog_end_turn};
    sc_turn_add(&fresh->turn, loop);
    *watchdog = fresh;
    return 0;
}

void sc_watchdog_free(struct sc_watchdog *watchdog)
{
    if (!watchdog)
        return;
    /* The signal may be on its way still. */
    signal(SIGALRM, SIG_IGN);
    timer_delete(watchdog->looks);
    timer_delete(watchdog->killer);
    sc_turn_remove(&watchdog->turn, watchdog->loop);
    free(watchdog);
}
