/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library while allocations fail, one after the other: handles, labels, puts, and the cache
 * within a process. What was given to it is consumed, and nothing is left behind.
 */
#include "support/check.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/handle.h"
#include "support/allocation.h"
#include "support/scripted.h"

/*
 * The n-th allocation fails, n = 1, 2, and so on until none does: each time
 * the outcome is a miss, nothing leaks, and the handle can be used again.
 */

enum { MOST = 200 };

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
}

/* Saves and takes in one process; returns whether both came to pass. */
static bool go_round(struct scache *cache, int fd)
{
    const char *const endpoints[] = {"x", "e", NULL};
    int found;
    int saved = scache_put_bound(cache, fd, "e", "ep", 5, "d", "dp", 5);
    int taken = scache_take_any(cache, &found, "d", endpoints);

    assert_in_range(saved, SCACHE_DONE, SCACHE_MISS);
    assert_in_range(taken, SCACHE_DONE, SCACHE_MISS);
    if (taken == SCACHE_DONE)
        close(found);
    return saved == SCACHE_DONE && taken == SCACHE_DONE;
}

static void an_in_process_cache_survives(void **state)
{
    size_t descriptors = count_descriptors();
    size_t blocks = allocation_live_blocks();
    bool has_failed = true;
    int pair[2];

    (void)state;
    for (size_t n = 1; has_failed; n++) {
        assert_true(n < MOST);
        make_pair(pair);
        allocation_fail_at(n, false);
        struct scache *cache = scache_open_local();
        if (!cache)
            assert_int_equal(errno, ENOMEM);
        else
            (void)go_round(cache, pair[0]);
        has_failed = allocation_has_failed();
        allocation_fail_at(0, false);
        if (!cache)
            close(pair[0]);
        scache_close(cache);
        assert_true(is_at_end(pair[1]));
        close(pair[1]);
        assert_int_equal(count_descriptors(), descriptors);
        assert_int_equal(allocation_live_blocks(), blocks);
    }
}

static const struct turn put[] = {
    {.hears = "request=take label= .", .says = "status=2 label= property= property= ."},
    {.hears = "request=put ttl=5 label=e property=ep .", .takes = 1, .says = "status=0 ."},
};

static int play_put(struct scripted *server)
{
    int fd = server->saved;

    server->saved = -1;
    assert_int_equal(scache_start_put(server->cache, fd, "e", "ep", 5), 0);
    if (!scripted_is_called(server))
        return scripted_outcome(server);
    scripted_accept(server);
    scripted_say(server, "protocol=connection_cache_protocol .", 0);
    return scripted_play(server, put, 2);
}

static void a_put_without_memory_is_dropped(void **state)
{
    bool has_failed = true;

    (void)state;
    for (size_t n = 1; has_failed; n++) {
        struct scripted server;
        assert_true(n < MOST);
        scripted_open(&server);
        allocation_fail_at(n, false);
        int outcome = play_put(&server);
        has_failed = allocation_has_failed();
        allocation_fail_at(0, false);
        assert_int_equal(outcome, has_failed ? SCACHE_MISS : SCACHE_DONE);
        scripted_hang_up(&server);
        assert_true(is_at_end(server.saved_far_end));
        clock_advance(200);
        scripted_answer(&server);
        scripted_close(&server);
    }
}

static void a_handle_without_memory_is_not_opened(void **state)
{
    struct scache *cache = NULL;

    (void)state;
    for (size_t n = 1; !cache; n++) {
        assert_true(n < MOST);
        errno = 0;
        allocation_fail_at(n, false);
        cache = scache_open("/nowhere");
        allocation_fail_at(0, false);
        if (!cache)
            assert_int_equal(errno, ENOMEM);
    }
    scache_close(cache);
}

static void a_label_without_memory_is_none(void **state)
{
    const char *text = NULL;

    (void)state;
    for (size_t n = 1; !text; n++) {
        assert_true(n < MOST);
        allocation_fail_at(n, false);
        struct scache_label *label = scache_label_new();
        for (int i = 0; i < 500; i++)
            scache_label_add(label, "host", "h");
        text = scache_label_text(label);
        assert_true(allocation_has_failed() == !text);
        allocation_fail_at(0, false);
        scache_label_free(label);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_in_process_cache_survives),
        cmocka_unit_test(a_put_without_memory_is_dropped),
        cmocka_unit_test(a_handle_without_memory_is_not_opened),
        cmocka_unit_test(a_label_without_memory_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
