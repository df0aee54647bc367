/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why there was nothing: each reason of a miss or a refusal, brought about for real. What
 * the outcomes themselves are is test_client.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/handle.h"
#include "support/scripted.h"

/* Every miss has a reason, and says it in a number, a word and a sentence. */

static void expect(struct scripted *server, enum scache_reason reason, const char *name,
                   const char *words)
{
    const char *text = scache_miss_text(server->cache);

    assert_int_equal(scache_miss_reason(server->cache), reason);
    assert_string_equal(scache_reason_name(reason), name);
    if (!strstr(text, words))
        print_error("\"%s\" has no \"%s\"\n", text, words);
    assert_non_null(strstr(text, words));
    assert_non_null(strstr(text, server->path));
}

static void what_is_no_miss_has_none(void **state)
{
    static const struct turn bound = {
        .hears = "request=save_dest ttl=5 label=d property= label=e .", .says = "status=0 ."};
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scache_start_save_destination(server->cache, "d", "", "e", 5), 0);
    assert_int_equal(scache_miss_reason(server->cache), SCACHE_REASON_NONE);
    assert_int_equal(scripted_play(server, &bound, 1), SCACHE_DONE);
    assert_int_equal(scache_miss_reason(server->cache), SCACHE_REASON_NONE);
    assert_string_equal(scache_miss_text(server->cache), "");
}

static void nothing_of_the_kind_is_cached(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    expect(server, SCACHE_REASON_EMPTY, "empty", "nothing");
}

static void nobody_listens(void **state)
{
    struct scripted *server = *state;
    int fd;

    close(server->listener);
    server->listener = -1;
    assert_int_equal(scache_find_endpoint(server->cache, &fd, "e"), SCACHE_MISS);
    expect(server, SCACHE_REASON_AWAY, "away", strerror(ECONNREFUSED));
    unlink(server->path);
    clock_advance(200);
    assert_int_equal(scache_find_endpoint(server->cache, &fd, "e"), SCACHE_MISS);
    expect(server, SCACHE_REASON_AWAY, "away", strerror(ENOENT));
}

static void it_does_not_answer_in_time(void **state)
{
    struct scripted *server = *state;

    assert_int_equal(scripted_ask(server), 0);
    clock_advance(SCRIPTED_DEADLINE);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_SLOW, "slow", "no answer in time");
}

static void it_has_failed_a_moment_ago(void **state)
{
    struct scripted *server = *state;

    it_does_not_answer_in_time(state);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_BACKING_OFF, "backing off", "not asked");
}

static void it_closes_before_a_word(void **state)
{
    struct scripted *server = *state;

    assert_int_equal(scripted_ask(server), 0);
    scripted_accept(server);
    scripted_hang_up(server);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_REFUSED, "refused", "refuses");
}

static void it_has_no_room_to_save(void **state)
{
    static const struct turn turns[] = {
        {.hears = "request=save_endp ttl=5 label=e property= .", .says = "dummy= ."},
        {.hears = ".", .takes = 1, .says = "status=2 ."},
    };
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scache_start_save_endpoint(server->cache, server->saved, "e", "", 5), 0);
    server->saved = -1;
    assert_int_equal(scripted_play(server, turns, 2), SCACHE_MISS);
    expect(server, SCACHE_REASON_REFUSED, "refused", "refuses");
}

static void it_leaves_in_the_midst(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scripted_ask(server), 0);
    scripted_hang_up(server);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_BROKEN, "broken", "makes no sense");
}

static void it_says_what_cannot_be(void **state)
{
    struct scripted *server = *state;

    scripted_answer(server);
    assert_int_equal(scripted_ask(server), 0);
    scripted_say(server, "dummy= .", 0);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_BROKEN, "broken", strerror(EPROTO));
}

static void there_is_no_room_for_a_descriptor(void **state)
{
    struct scripted *server = *state;
    struct rlimit limit;

    scripted_answer(server);
    int next = dup(server->treasure);
    close(next);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit full = {.rlim_cur = (rlim_t)next, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
    assert_int_equal(scripted_ask(server), 0);
    int outcome = scripted_outcome(server);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(outcome, SCACHE_MISS);
    expect(server, SCACHE_REASON_NO_MEMORY, "no memory", "no room");
}

static void it_was_given_up(void **state)
{
    struct scripted *server = *state;

    assert_int_equal(scripted_ask(server), 0);
    scache_cancel(server->cache);
    expect(server, SCACHE_REASON_GIVEN_UP, "given up", "given up");
}

static void a_child_gives_up(void **state)
{
    struct scripted *server = *state;
    int status;

    assert_int_equal(scripted_ask(server), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(scache_wait_ms(server->cache) == 0 && scache_wait_fd(server->cache) == -1 &&
                      scache_dispatch(server->cache) == SCACHE_MISS &&
                      scache_miss_reason(server->cache) == SCACHE_REASON_GIVEN_UP
                  ? 0
                  : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void others_may_have_put_it_there(void **state)
{
    struct scripted *server = *state;

    server->cache->exchange.place.is_named = false;
    assert_int_equal(chmod(server->directory, 0777), 0);
    assert_int_equal(scripted_ask(server), 0);
    assert_int_equal(scripted_outcome(server), SCACHE_MISS);
    expect(server, SCACHE_REASON_DISTRUSTED, "distrusted", "others may write to its directory");
    assert_false(scripted_is_called(server));
}

/* What no cache can see, and whoever saves it can. */
static void what_was_shut_is_not_saved(void **state)
{
    struct scripted *server = *state;

    assert_int_equal(shutdown(server->saved, SHUT_WR), 0);
    assert_int_equal(scache_put(server->cache, server->saved, "e", "", 5), SCACHE_MISS);
    server->saved = -1;
    expect(server, SCACHE_REASON_DEAD, "dead", "closed");
    assert_true(is_at_end(server->saved_far_end));
    assert_false(scripted_is_called(server));
}

static void a_handle_that_is_none_has_no_reason(void **state)
{
    (void)state;
    assert_int_equal(scache_miss_reason(NULL), SCACHE_REASON_NONE);
    assert_string_equal(scache_miss_text(NULL), "");
    assert_string_equal(scache_reason_name(SCACHE_REASON_NONE), "none");
    assert_string_equal(scache_reason_name((enum scache_reason)1000), "none");
}

static void a_cache_in_this_process_has_reasons_too(void **state)
{
    struct scache *cache = scache_open_local();
    int fd;

    (void)state;
    assert_int_equal(scache_take(cache, &fd, "e"), SCACHE_MISS);
    assert_int_equal(scache_miss_reason(cache), SCACHE_REASON_EMPTY);
    assert_non_null(strstr(scache_miss_text(cache), "nothing"));
    scache_close(cache);
}

#define REASON(test) cmocka_unit_test_setup_teardown(test, scripted_setup, scripted_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REASON(what_is_no_miss_has_none),
        REASON(nothing_of_the_kind_is_cached),
        REASON(nobody_listens),
        REASON(it_does_not_answer_in_time),
        REASON(it_has_failed_a_moment_ago),
        REASON(it_closes_before_a_word),
        REASON(it_has_no_room_to_save),
        REASON(it_leaves_in_the_midst),
        REASON(it_says_what_cannot_be),
        REASON(there_is_no_room_for_a_descriptor),
        REASON(it_was_given_up),
        REASON(a_child_gives_up),
        REASON(others_may_have_put_it_there),
        REASON(what_was_shut_is_not_saved),
        cmocka_unit_test(a_handle_that_is_none_has_no_reason),
        cmocka_unit_test(a_cache_in_this_process_has_reasons_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
