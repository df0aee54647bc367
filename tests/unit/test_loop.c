/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event loop with real descriptors: turns, timers, watches, streams. Signals and descriptors
 * that the kernel cannot watch are part of it; nothing here waits for luck.
 */
#include "support/check.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/stream.h"
#include "loop/timer.h"
#include "loop/watch.h"

enum { RINGS = 5 };

struct bell {
    struct sc_timer timer;
    int rings;
    int order; /* the how-manieth of all it rang as */
};

static int rung;

static void bell_ring(struct sc_timer *timer)
{
    struct bell *bell = SC_CONTAINER_OF(timer, struct bell, timer);

    bell->rings++;
    bell->order = ++rung;
}

static void stop_ring(struct sc_timer *timer)
{
    sc_loop_stop(timer->loop);
}

static struct sc_loop *loop_of_test(void)
{
    struct sc_loop *loop;

    assert_int_equal(sc_loop_new(&loop), 0);
    return loop;
}

static void run_for(struct sc_loop *loop, int ms)
{
    struct sc_timer stop;

    assert_int_equal(sc_timer_init(&stop, loop, stop_ring), 0);
    sc_timer_set(&stop, sc_loop_clock_ms() + ms);
    sc_loop_run(loop);
    sc_timer_fini(&stop);
}

static void test_timers_ring_in_order_and_once(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct bell bells[RINGS] = {0};
    int64_t now = sc_loop_now(loop);

    (void)state;
    rung = 0;
    for (int i = 0; i < RINGS; i++) {
        assert_int_equal(sc_timer_init(&bells[i].timer, loop, bell_ring), 0);
        sc_timer_set(&bells[i].timer, now + RINGS - i);
    }
    assert_int_equal(sc_timer_due(&bells[0].timer), now + RINGS);
    sc_timer_set(&bells[2].timer, INT64_MAX);
    assert_int_equal(sc_timer_due(&bells[2].timer), INT64_MAX);
    run_for(loop, 30);
    for (int i = 0; i < RINGS; i++)
        assert_int_equal(bells[i].rings, i == 2 ? 0 : 1);
    assert_true(bells[4].order < bells[3].order && bells[3].order < bells[1].order);
    for (int i = 0; i < RINGS; i++)
        sc_timer_fini(&bells[i].timer);
    sc_loop_free(loop);
}

static int again_left;

static void again_ring(struct sc_timer *timer)
{
    if (--again_left > 0)
        sc_timer_set(timer, sc_loop_now(timer->loop));
    else
        sc_loop_stop(timer->loop);
}

/* One that is always due does not keep the turn from ending. */
static void test_a_timer_rings_once_a_turn(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct sc_timer timer;

    (void)state;
    again_left = 100;
    assert_int_equal(sc_timer_init(&timer, loop, again_ring), 0);
    sc_timer_set(&timer, sc_loop_now(loop));
    sc_loop_turn(loop);
    assert_true(again_left == 99 || again_left == 98);
    sc_loop_run(loop);
    assert_int_equal(again_left, 0);
    sc_timer_fini(&timer);
    sc_loop_free(loop);
}

struct reader {
    struct sc_watch watch;
    int calls;
    int events;
};

static void reader_ready(struct sc_watch *watch, int events)
{
    struct reader *reader = SC_CONTAINER_OF(watch, struct reader, watch);

    reader->events = events;
    if (++reader->calls == 3)
        sc_loop_stop(watch->loop);
}

static void test_readiness_is_told_as_long_as_it_lasts(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct reader reader = {0};
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    sc_watch_init(&reader.watch, loop, pair[0], reader_ready);
    sc_watch_want(&reader.watch, SC_WATCH_READ);
    assert_int_equal(write(pair[1], "x", 1), 1);
    sc_loop_run(loop);
    assert_int_equal(reader.calls, 3);
    assert_int_equal(reader.events, SC_WATCH_READ);
    sc_watch_want(&reader.watch, SC_WATCH_WRITE);
    reader.calls = 0;
    sc_loop_run(loop);
    assert_int_equal(reader.events, SC_WATCH_WRITE);
    sc_watch_want(&reader.watch, SC_WATCH_NONE);
    reader.calls = 0;
    run_for(loop, 5);
    assert_int_equal(reader.calls, 0);
    close(pair[0]);
    close(pair[1]);
    sc_loop_free(loop);
}

struct hooked {
    struct sc_turn turn;
    int begins, ends;
};

static void hooked_begin(struct sc_turn *turn)
{
    SC_CONTAINER_OF(turn, struct hooked, turn)->begins++;
}

static void hooked_end(struct sc_turn *turn)
{
    SC_CONTAINER_OF(turn, struct hooked, turn)->ends++;
}

static void test_hooks_and_turns_that_do_not_wait(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct hooked hooked = {.turn = {.begin = hooked_begin, .end = hooked_end}};

    (void)state;
    sc_turn_add(&hooked.turn, loop);
    sc_loop_again(loop);
    run_for(loop, 10);
    assert_true(hooked.begins >= 2);
    assert_true(hooked.ends >= hooked.begins);
    sc_turn_remove(&hooked.turn, loop);
    sc_loop_free(loop);
}

struct raised {
    struct sc_signal signal;
    int times;
};

static void raised_raise(struct sc_signal *signal)
{
    SC_CONTAINER_OF(signal, struct raised, signal)->times++;
    sc_loop_stop(signal->loop);
}

static void test_signals(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct raised raised = {0};

    (void)state;
    sc_signal_start(&raised.signal, loop, SIGUSR2, raised_raise);
    raise(SIGUSR2);
    sc_loop_run(loop);
    assert_int_equal(raised.times, 1);
    sc_signal_stop(&raised.signal);
    sc_loop_free(loop);
}

struct talker {
    struct sc_stream stream;
    int readable, drained, lost;
};

static void talker_readable(struct sc_stream *stream)
{
    SC_CONTAINER_OF(stream, struct talker, stream)->readable++;
    sc_stream_read(stream, false);
    sc_loop_stop(stream->watch.loop);
}

static void talker_drained(struct sc_stream *stream)
{
    SC_CONTAINER_OF(stream, struct talker, stream)->drained++;
    sc_loop_stop(stream->watch.loop);
}

static void talker_lost(struct sc_stream *stream, int error)
{
    SC_CONTAINER_OF(stream, struct talker, stream)->lost = error;
    sc_loop_stop(stream->watch.loop);
}

static const struct sc_stream_calls talker_calls = {talker_readable, talker_drained, talker_lost};

static void fill(struct sc_stream *stream, size_t length)
{
    static const char zeros[1024];

    for (size_t i = 0; i < length; i += sizeof(zeros))
        assert_int_equal(
            sc_buf_append(sc_stream_out(stream), (struct sc_bytes){zeros, sizeof(zeros)}), 0);
}

static size_t drain(int fd)
{
    char bytes[65536];
    size_t all = 0;
    ssize_t got;

    while ((got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        all += (size_t)got;
    return all;
}

/* While the other side does not take what it is told, it is not listened to. */
static void test_a_stream_waits_for_its_reader(void **state)
{
    enum { MUCH = 2 * 1024 * 1024 };
    struct sc_loop *loop = loop_of_test();
    struct talker talker = {0};
    size_t got = 0;
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(sc_stream_init(&talker.stream, loop, pair[0], &talker_calls), 0);
    assert_int_equal(sc_stream_stuck_since(&talker.stream), INT64_MAX);
    fill(&talker.stream, MUCH);
    assert_int_equal(sc_stream_flush(&talker.stream), 0);
    assert_true(sc_stream_waiting(&talker.stream) > 0);
    assert_true(sc_stream_stuck_since(&talker.stream) <= sc_loop_now(loop));
    assert_int_equal(write(pair[1], "x", 1), 1);
    run_for(loop, 5);
    assert_int_equal(talker.readable, 0);
    while (talker.drained == 0) {
        got += drain(pair[1]);
        run_for(loop, 1);
    }
    assert_int_equal(got + drain(pair[1]), MUCH);
    if (talker.readable == 0)
        sc_loop_run(loop);
    assert_int_equal(talker.readable, 1);
    sc_stream_fini(&talker.stream);
    close(pair[0]);
    close(pair[1]);
    sc_loop_free(loop);
}

static void test_a_stream_is_lost_with_its_reader(void **state)
{
    struct sc_loop *loop = loop_of_test();
    struct talker talker = {0};
    int pair[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    assert_int_equal(sc_stream_init(&talker.stream, loop, pair[0], &talker_calls), 0);
    fill(&talker.stream, 1024 * 1024);
    assert_int_equal(sc_stream_flush(&talker.stream), 0);
    close(pair[1]);
    sc_loop_run(loop);
    assert_int_equal(talker.lost, -EPIPE);
    sc_stream_fini(&talker.stream);
    close(pair[0]);
    sc_loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timers_ring_in_order_and_once),
        cmocka_unit_test(test_a_timer_rings_once_a_turn),
        cmocka_unit_test(test_readiness_is_told_as_long_as_it_lasts),
        cmocka_unit_test(test_hooks_and_turns_that_do_not_wait),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_a_stream_waits_for_its_reader),
        cmocka_unit_test(test_a_stream_is_lost_with_its_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
