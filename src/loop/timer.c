/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers of the loop, in a heap by the time when they ring. They ring at the
 * end of a turn, when all that was ready has been served.
 */
#include "loop/timer.h"

int sc_timer_init(struct sc_timer *timer, struct sc_loop *loop,
                  void (*ring)(struct sc_timer *timer))
{
    int error = sc_heap_reserve(&loop->timers, loop->timer_count + 1);

    if (error < 0)
        return error;
    loop->timer_count++;
    *timer = (struct sc_timer){.loop = loop, .ring = ring};
    return 0;
}

void sc_timer_fini(struct sc_timer *timer)
{
    if (!timer->loop)
        return;
    sc_timer_stop(timer);
    timer->loop->timer_count--;
    timer->loop = NULL;
}

void sc_timer_set(struct sc_timer *timer, int64_t at)
{
    struct sc_loop *loop = timer->loop;

    if (at == INT64_MAX) {
        sc_timer_stop(timer);
        return;
    }
    if (timer->is_set && timer->key.expires == at)
        return;
    timer->key.expires = at;
    timer->key.serial = loop->serial++;
    if (timer->is_set)
        sc_heap_update(&loop->timers, &timer->key);
    else
        sc_heap_push(&loop->timers, &timer->key);
    timer->is_set = true;
}

void sc_timer_stop(struct sc_timer *timer)
{
    if (!timer->is_set)
        return;
    sc_heap_remove(&timer->loop->timers, &timer->key);
    timer->is_set = false;
}

int64_t sc_timer_due(const struct sc_timer *timer)
{
    return timer->is_set ? timer->key.expires : INT64_MAX;
}
