/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What scache.h promises beside the exchanges themselves: deadlines, back-off, forks, mistakes of
 * the caller, and which descriptors are consumed.
 */
#include "support/check.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/handle.h"
#include "support/scripted.h"

static const struct turn finding[] = {
    {.hears = "request=find_endp label=e .", .says = "status=0 property=ep ."},
    {.hears = "dummy= .", .says = ".", .gives = 1},
    {.hears = "dummy= ."},
};

/* Without an answer until the deadline. */
static void goes_unanswered(struct scripted *server)
{
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    clock_advance(scache_wait_ms(server->cache));
    assert_int_equal(scache_dispatch(server->cache), SCACHE_MISS);
}

static void an_answer_after_the_deadline_is_never_read(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    size_t before = count_descriptors();
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_wait_ms(server->cache), SCRIPTED_DEADLINE);
    clock_advance(SCRIPTED_DEADLINE - 1);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    assert_int_equal(scache_wait_ms(server->cache), 1);
    clock_advance(1);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_MISS);
    clock_advance(1);
    scripted_say(server, "status=0 property=ep .", 1);
    assert_int_equal(count_descriptors(), before - 1);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_MISS);
    clock_advance(200);
    scripted_answer(server);
}

static void what_came_while_nothing_was_asked_is_never_read(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    size_t before = count_descriptors();
    scripted_say(server, "status=0 property=ep .", 1);
    assert_int_equal(scripted_ask(server), 0);
    assert_true(scripted_is_called(server));
    assert_int_equal(count_descriptors(), before);
    scripted_accept(server);
    scripted_say(server, "protocol=connection_cache_protocol .", 0);
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
}

static void a_server_that_was_restarted_is_no_failure(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    scripted_hang_up(server);
    assert_int_equal(scripted_ask(server), 0);
    scripted_accept(server);
    scripted_say(server, "protocol=connection_cache_protocol .", 0);
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
}

/* How long the server is let alone now. */
static int64_t delay(struct scripted *server)
{
    return server->cache->retry_at - server->cache->clock();
}

static void the_delay_grows_to_its_limit_and_ends_with_an_answer(void **state)
{
    static const int64_t delays[] = {100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000};
    struct scripted *server = *state;

    for (size_t i = 0; i < SC_COUNT_OF(delays); i++) {
        goes_unanswered(server);
        scripted_accept(server);
        assert_int_equal(delay(server), delays[i]);
        clock_advance(delays[i] - 1);
        assert_int_equal(scripted_ask(server), 0);
        assert_int_equal(scache_wait_ms(server->cache), 0);
        assert_int_equal(scache_dispatch(server->cache), SCACHE_MISS);
        assert_false(scripted_is_called(server));
        clock_advance(1);
    }
    scripted_answer(server);
    goes_unanswered(server);
    assert_int_equal(delay(server), 100);
}

static void a_server_that_is_away_is_a_miss_at_once(void **state)
{
    struct scripted *server = *state;
    int found;

    close(server->listener);
    server->listener = -1;
    assert_int_equal(scache_find_endpoint(server->cache, &found, "e"), SCACHE_MISS);
    assert_int_equal(found, -1);
    unlink(server->path);
    clock_advance(100);
    int fd = server->saved;
    server->saved = -1;
    assert_int_equal(scache_put(server->cache, fd, "e", "", 1), SCACHE_MISS);
    assert_true(is_at_end(server->saved_far_end));
}

static int64_t real_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The server does not even accept: the kernel does. */
static void a_blocking_call_ends_by_its_deadline(void **state)
{
    struct scripted *server = *state;
    int found;
    int64_t start = real_ms();

    server->cache->clock = real_ms;
    assert_int_equal(scache_set_option(server->cache, SCACHE_OPT_DEADLINE_MS, 30), 0);
    assert_int_equal(scache_take_any(server->cache, &found, "d", NULL), SCACHE_MISS);
    assert_in_range(real_ms() - start, 30, 5000);
}

static void a_full_queue_is_tried_again_until_the_deadline(void **state)
{
    struct scripted *server = *state;
    struct scache *others[2];

    assert_int_equal(listen(server->listener, 0), 0);
    for (size_t i = 0; i < SC_COUNT_OF(others); i++) {
        others[i] = scache_open(server->path);
        assert_int_equal(scache_start_find_endpoint(others[i], "e"), 0);
    }
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    assert_int_equal(scache_wait_fd(server->cache), -1);
    assert_int_equal(scache_wait_ms(server->cache), SC_EXCHANGE_RETRY_MS);
    while (scripted_is_called(server))
        scripted_accept(server);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    scripted_accept(server);
    scripted_say(server, "protocol=connection_cache_protocol .", 0);
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
    for (size_t i = 0; i < SC_COUNT_OF(others); i++)
        scache_close(others[i]);
}

/* Runs a check in a child, which must come to true there. */
static void in_a_child(struct scripted *server, bool (*check)(struct scripted *server))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(check(server) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool gives_up_what_is_pending(struct scripted *server)
{
    size_t before = count_descriptors();

    return scache_dispatch(server->cache) == SCACHE_MISS && count_descriptors() == before - 1 &&
           scache_dispatch(server->cache) == SCACHE_IDLE;
}

static void a_child_does_not_read_its_parents_answer(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    in_a_child(server, gives_up_what_is_pending);
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
    close(scache_steal_fd(server->cache));
}

static bool connects_anew(struct scripted *server)
{
    return scripted_ask(server) == 0 && scripted_is_called(server) &&
           scache_dispatch(server->cache) == SCACHE_PENDING;
}

static void a_child_connects_anew(void **state)
{
    struct scripted *server = *state;
    char bytes[64];
    int descriptors = 0;

    scripted_answer(server);
    in_a_child(server, connects_anew);
    close(accept(server->listener, NULL, NULL));
    assert_int_equal(scripted_hear(server, bytes, sizeof(bytes), &descriptors), 0);
    scripted_answer(server);
}

static bool closes_its_copy(struct scripted *server)
{
    size_t before = count_descriptors();

    return scache_dispatch(server->cache) == SCACHE_MISS && count_descriptors() == before - 2;
}

static void a_child_closes_its_copy_of_what_is_being_saved(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scache_start_save_endpoint(server->cache, server->saved, "e", "", 5), 0);
    server->saved = -1;
    in_a_child(server, closes_its_copy);
    assert_false(is_at_end(server->saved_far_end));
}

static void one_request_at_a_time(void **state)
{
    struct scripted *server = *state;
    int found;

    scripted_answer(server);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scripted_ask(server), -EBUSY);
    assert_int_equal(scache_find_endpoint(server->cache, &found, "e"), -EBUSY);
    assert_int_equal(scache_steal_fd(server->cache), -1);
    assert_int_equal(scache_put(server->cache, server->saved, "e", "", 1), -EBUSY);
    server->saved = -1;
    assert_true(is_at_end(server->saved_far_end));
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
    found = scache_steal_fd(server->cache);
    assert_true(is_same(found, server->treasure));
    close(found);
}

static void what_nobody_asked_for_is_closed(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    size_t before = count_descriptors();
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scripted_play(server, finding, 3), SCACHE_DONE);
    assert_int_equal(count_descriptors(), before + 1);
    scripted_answer(server);
    assert_int_equal(count_descriptors(), before);
}

static void a_request_that_is_given_up_takes_its_link_along(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scripted_ask(server), 0);
    scache_cancel(server->cache);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_IDLE);
    assert_int_equal(scache_wait_fd(server->cache), -1);
    assert_int_equal(scache_wait_ms(server->cache), -1);
    assert_false(sc_link_is_open(&server->cache->exchange.link));
    scripted_answer(server);
}

/* A fresh descriptor that must be closed by a save that is a mistake. */
static int fresh(struct scripted *server)
{
    return dup(server->treasure);
}

static void a_mistake_asks_nothing_and_consumes_the_descriptor(void **state)
{
    struct scripted *server = *state;
    struct scache *cache = server->cache;
    int found;
    const char *const empty[] = {"", NULL};
    const char *const none[] = {NULL};
    size_t before = count_descriptors();
    char *huge = calloc(1, SCACHE_MESSAGE_MAX + 1);

    assert_non_null(huge);
    memset(huge, 'x', SCACHE_MESSAGE_MAX);
    assert_int_equal(scache_put(cache, fresh(server), "e", "", 0), -EINVAL);
    assert_int_equal(scache_put(cache, fresh(server), "e", "", -5), -EINVAL);
    assert_int_equal(scache_put(cache, fresh(server), "", "", 1), -EINVAL);
    assert_int_equal(scache_put(cache, fresh(server), NULL, "", 1), -EINVAL);
    assert_int_equal(scache_put(cache, fresh(server), "e", NULL, 1), -EINVAL);
    assert_int_equal(scache_put(NULL, fresh(server), "e", "", 1), -EINVAL);
    assert_int_equal(scache_put(cache, fresh(server), huge, "", 1), -EMSGSIZE);
    assert_int_equal(scache_put_bound(cache, fresh(server), "e", "", 1, "", "", 1), -EINVAL);
    assert_int_equal(scache_put_bound(cache, fresh(server), "e", "", 1, "d", "", 0), -EINVAL);
    assert_int_equal(scache_put_bound(cache, fresh(server), "e", "", 1, "d", NULL, 1), -EINVAL);
    assert_int_equal(scache_save_endpoint(cache, fresh(server), "e", "", 0), -EINVAL);
    assert_int_equal(scache_save_endpoint(cache, -1, "e", "", 1), -EBADF);
    assert_int_equal(scache_save_endpoint(cache, 1000, "e", "", 1), -EBADF);
    assert_int_equal(scache_save_destination(cache, "d", "", "", 1), -EINVAL);
    assert_int_equal(scache_save_destination(cache, "d", NULL, "e", 1), -EINVAL);
    assert_int_equal(scache_find_endpoint(cache, &found, ""), -EINVAL);
    assert_int_equal(scache_find_endpoint(cache, NULL, "e"), -EINVAL);
    assert_int_equal(scache_find_destination(cache, &found, NULL), -EINVAL);
    assert_int_equal(scache_take_any(cache, &found, "d", empty), -EINVAL);
    assert_int_equal(scache_take_any(cache, &found, "", none), -EINVAL);
    assert_int_equal(scache_take_any(cache, &found, NULL, NULL), -EINVAL);
    assert_int_equal(found, -1);
    assert_int_equal(count_descriptors(), before);
    assert_false(scripted_is_called(server));
    free(huge);
}

static void nothing_is_asked_with_a_full_table(void **state)
{
    struct scripted *server = *state;
    struct rlimit limit;
    char bytes[64];
    int descriptors = 0;

    scripted_answer(server);
    int next = dup(server->treasure);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit full = {.rlim_cur = (rlim_t)next, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scache_dispatch(server->cache), SCACHE_MISS);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(scripted_hear(server, bytes, sizeof(bytes), &descriptors), 0);
    scripted_answer(server);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, scripted_setup, scripted_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(an_answer_after_the_deadline_is_never_read),
        PROMISE(what_came_while_nothing_was_asked_is_never_read),
        PROMISE(a_server_that_was_restarted_is_no_failure),
        PROMISE(the_delay_grows_to_its_limit_and_ends_with_an_answer),
        PROMISE(a_server_that_is_away_is_a_miss_at_once),
        PROMISE(a_blocking_call_ends_by_its_deadline),
        PROMISE(a_full_queue_is_tried_again_until_the_deadline),
        PROMISE(a_child_does_not_read_its_parents_answer),
        PROMISE(a_child_connects_anew),
        PROMISE(a_child_closes_its_copy_of_what_is_being_saved),
        PROMISE(one_request_at_a_time),
        PROMISE(what_nobody_asked_for_is_closed),
        PROMISE(a_request_that_is_given_up_takes_its_link_along),
        PROMISE(a_mistake_asks_nothing_and_consumes_the_descriptor),
        PROMISE(nothing_is_asked_with_a_full_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
