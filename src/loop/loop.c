/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop itself: turns, the clock, the one alarm that serves all
 * timers. It knows nothing of what is watched or timed, nor of any service.
 */
#include "loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/*
 * libev goes to sleep first and tells only after that of what the kernel
 * could not watch; so it sleeps no longer than this when there is something
 * new to watch.
 */
enum { NEW_WATCHES_MS = 20 };

int64_t sc_loop_clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t sc_loop_clock_ms(void)
{
    return sc_loop_clock_ns() / 1000000;
}

static void loop_on_alarm(struct ev_loop *ev, struct ev_timer *watch, int events)
{
    struct sc_loop *loop = watch->data;

    (void)ev;
    (void)events;
    loop->alarm_set = INT64_MAX;
}

static int64_t loop_next_due(const struct sc_loop *loop)
{
    const struct sc_heap_key *first = sc_heap_top(&loop->timers);

    return first ? first->expires : INT64_MAX;
}

/*
 * One that is set again while it rings, for now or earlier, waits for the
 * next turn: so each rings at most once in a turn.
 */
static void loop_ring_due(struct sc_loop *loop)
{
    uint64_t later = loop->serial;
    struct sc_heap_key *first;

    while ((first = sc_heap_top(&loop->timers)) && first->expires <= loop->now &&
           first->serial < later) {
        struct sc_timer *timer = SC_CONTAINER_OF(first, struct sc_timer, key);
        sc_heap_remove(&loop->timers, first);
        timer->is_set = false;
        timer->ring(timer);
    }
}

/*
 * Sets the alarm for whatever is due first. One that rings too early does no
 * harm, and setting it costs; so it stays as it is if it rings soon enough.
 */
static void loop_set_alarm(struct sc_loop *loop)
{
    int64_t due = loop_next_due(loop);

    if (loop->again)
        due = loop->now;
    else if (loop->has_new_watches && due > loop->now + NEW_WATCHES_MS)
        due = loop->now + NEW_WATCHES_MS;
    loop->again = loop->has_new_watches = false;
    if (loop->alarm_set <= due)
        return;
    ev_timer_stop(loop->ev, &loop->alarm);
    loop->alarm_set = due;
    ev_timer_set(&loop->alarm, due > loop->now ? (ev_tstamp)(due - loop->now) / 1000 : 0.0, 0.0);
    ev_timer_start(loop->ev, &loop->alarm);
}

static void loop_on_prepare(struct ev_loop *ev, struct ev_prepare *watch, int events)
{
    struct sc_loop *loop = watch->data;

    (void)ev;
    (void)events;
    loop_ring_due(loop);
    for (struct sc_turn *turn = TAILQ_LAST(&loop->turns, sc_turn_list), *before; turn;
         turn = before) {
        before = TAILQ_PREV(turn, sc_turn_list, link);
        if (turn->end)
            turn->end(turn);
    }
    loop_set_alarm(loop);
}

static void loop_on_check(struct ev_loop *ev, struct ev_check *watch, int events)
{
    struct sc_loop *loop = watch->data;

    (void)ev;
    (void)events;
    loop->now_ns = sc_loop_clock_ns();
    loop->now = loop->now_ns / 1000000;
    for (struct sc_turn *turn = TAILQ_FIRST(&loop->turns), *next; turn; turn = next) {
        next = TAILQ_NEXT(turn, link);
        if (turn->begin)
            turn->begin(turn);
    }
}

/* That there is a new turn is all that it is for. */
static void loop_on_wake(struct ev_loop *ev, struct ev_io *watch, int events)
{
    uint64_t times;

    (void)events;
    if (read(watch->fd, &times, sizeof(times)) >= 0 || errno == EAGAIN || errno == EINTR ||
        errno == ECANCELED)
        return;
    ev_io_stop(ev, watch);
}

/*
 * A timer of the wall clock that never rings, but tells when that clock is
 * set, which it is when the machine wakes up: the kernel's own timeouts have
 * stood still in between. Where that is refused, what was due meanwhile
 * happens a little later.
 */
static void loop_watch_sleep(struct sc_loop *loop)
{
    const struct itimerspec far = {.it_value.tv_sec =
                                       sizeof(time_t) > 4 ? INT64_C(1) << 33 : INT_MAX};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);

    ev_io_init(&loop->wake, loop_on_wake, fd, EV_READ);
    if (fd < 0)
        return;
    if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) < 0) {
        close(fd);
        loop->wake.fd = -1;
        return;
    }
    ev_io_start(loop->ev, &loop->wake);
    ev_unref(loop->ev);
}

int sc_loop_new(struct sc_loop **loop)
{
    struct sc_loop *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->ev = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    if (!fresh->ev) {
        free(fresh);
        return -ENOMEM;
    }
    sc_heap_init(&fresh->timers);
    TAILQ_INIT(&fresh->turns);
    fresh->now_ns = sc_loop_clock_ns();
    fresh->now = fresh->now_ns / 1000000;
    fresh->alarm_set = INT64_MAX;
    ev_prepare_init(&fresh->prepare, loop_on_prepare);
    ev_check_init(&fresh->check, loop_on_check);
    ev_set_priority(&fresh->prepare, EV_MINPRI);
    ev_set_priority(&fresh->check, EV_MAXPRI);
    ev_timer_init(&fresh->alarm, loop_on_alarm, 0.0, 0.0);
    fresh->prepare.data = fresh->check.data = fresh->alarm.data = fresh;
    ev_prepare_start(fresh->ev, &fresh->prepare);
    ev_check_start(fresh->ev, &fresh->check);
    loop_watch_sleep(fresh);
    *loop = fresh;
    return 0;
}

void sc_loop_free(struct sc_loop *loop)
{
    if (!loop)
        return;
    if (loop->wake.fd >= 0)
        close(loop->wake.fd);
    ev_loop_destroy(loop->ev);
    sc_heap_fini(&loop->timers);
    free(loop);
}

void sc_loop_run(struct sc_loop *loop)
{
    ev_run(loop->ev, 0);
}

void sc_loop_stop(struct sc_loop *loop)
{
    ev_break(loop->ev, EVBREAK_ALL);
}

void sc_loop_turn(struct sc_loop *loop)
{
    ev_run(loop->ev, EVRUN_NOWAIT);
}

void sc_loop_again(struct sc_loop *loop)
{
    loop->again = true;
}

unsigned sc_loop_pending(struct sc_loop *loop)
{
    return ev_pending_count(loop->ev);
}

void sc_turn_add(struct sc_turn *turn, struct sc_loop *loop)
{
    TAILQ_INSERT_TAIL(&loop->turns, turn, link);
}

void sc_turn_remove(struct sc_turn *turn, struct sc_loop *loop)
{
    TAILQ_REMOVE(&loop->turns, turn, link);
}
