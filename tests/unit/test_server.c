/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's nouns on a clock that stands still: who is let in and who has
 * to go (gate), who is served when (queue, round), what happens to a
 * connection on its way (delivery), descriptors that nobody receives (unread),
 * the end.
 */
#include "support/check.h"

#include "support/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/closer_double.h"

#define PUT(label)                                                                                 \
    SC_BYTES("request\0put\0ttl\0"                                                                 \
             "50\0label\0" label "\0property\0p\0\0")
#define TAKE(label)      SC_BYTES("request\0take\0label\0\0label\0" label "\0\0")
#define FIND_ENDP(label) SC_BYTES("request\0find_endp\0label\0" label "\0\0")
#define DUMMY            SC_BYTES("dummy\0\0\0")
#define HALF             SC_BYTES("request\0find_endp\0label")

enum { ALICE = 1001, BOB = 1002, DESCRIPTORS = 512 };

static struct served served;

static void start(struct sc_server_settings settings, bool one_space)
{
    served_start(&served, &settings, DESCRIPTORS, one_space);
}

static int setup(void **state)
{
    (void)state;
    start(served_settings(), false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    served_stop(&served);
    return 0;
}

static void restart(struct sc_server_settings settings, bool one_space)
{
    served_stop(&served);
    start(settings, one_space);
}

static void put_one(int client, const char *label)
{
    int far;
    int near = served_pair(&far);
    char request[256];
    int length =
        snprintf(request, sizeof(request), "request%cput%cttl%c50%clabel%c%s%cproperty%cp%c%c", 0,
                 0, 0, 0, 0, label, 0, 0, 0, 0);

    assert_int_equal(
        served_ask(&served, client, (struct sc_bytes){request, (size_t)length}, near, NULL), 0);
    close(near);
    (void)far; /* stays open: it is the far end of what is cached, until the process ends */
}

static int take_one(int client, struct sc_bytes take)
{
    int found = -1;
    int status = served_ask(&served, client, take, -1, &found);

    assert_int_equal(status == 0, found >= 0);
    if (found >= 0)
        close(found);
    return status;
}

/* --- gate ----------------------------------------------------------------- */

static void at_the_limit_the_user_with_most_gives_way(void **state)
{
    struct sc_server_settings settings = served_settings();
    int alice[4], bob;

    (void)state;
    settings.client_limit = 4;
    restart(settings, false);
    for (int i = 0; i < 4; i++)
        alice[i] = served_connect(&served, ALICE);
    served_send(alice[0], HALF, -1); /* is busy, so one that is idle goes before it */
    served_turn(&served);
    bob = served_connect(&served, BOB);
    assert_true(served_is_closed(alice[1]));
    assert_false(served_is_closed(alice[0]));
    assert_int_equal(take_one(bob, TAKE("x")), 2);
    for (int i = 0; i < 4; i++)
        close(alice[i]);
    close(bob);
}

static void when_none_is_idle_the_oldest_half_request_goes(void **state)
{
    struct sc_server_settings settings = served_settings();
    int alice[4], bob[3];

    (void)state;
    settings.client_limit = 4;
    restart(settings, false);
    for (int i = 0; i < 4; i++) {
        alice[i] = served_connect(&served, ALICE);
        served_send(alice[i], HALF, -1);
        served_wait(&served, 1);
    }
    for (int i = 0; i < 2; i++) {
        bob[i] = served_connect(&served, BOB);
        assert_true(served_is_closed(alice[i]));
    }
    assert_false(served_is_closed(alice[2]));
    bob[2] = served_connect(&served, BOB); /* two against three: now it is his own that goes */
    assert_true(served_is_closed(bob[0]));
    assert_false(served_is_closed(alice[2]) || served_is_closed(alice[3]));
    assert_int_equal(served.clients, 4);
    for (int i = 0; i < 4; i++)
        close(alice[i]);
    for (int i = 0; i < 3; i++)
        close(bob[i]);
}

/* Under master(8) all are one user, and whoever has just come may get on before it has to go. */
static void where_all_are_one_user_each_has_a_moment(void **state)
{
    struct sc_server_settings settings = served_settings();
    int clients[3];

    (void)state;
    settings.client_limit = 2;
    restart(settings, true);
    for (int i = 0; i < 3; i++)
        clients[i] = served_connect(&served, 0);
    assert_int_equal(served.clients, 2);
    assert_false(served_is_closed(clients[0]) || served_is_closed(clients[1]));
    served_wait(&served, 101);
    assert_true(served_is_closed(clients[0]));
    assert_int_equal(take_one(clients[2], TAKE("x")), 2);
    for (int i = 0; i < 3; i++)
        close(clients[i]);
}

static void who_may_not_connect_is_told_so(void **state)
{
    struct sc_buf bytes;
    int client = served_connect(&served, -1);

    (void)state;
    sc_buf_init(&bytes);
    assert_true(served_receive(client, &bytes, NULL) > 0);
    assert_memory_equal(sc_buf_bytes(&bytes).data, "status\0003\0reason\0", 16);
    assert_true(served_is_closed(client));
    assert_int_equal(served.clients, 0);
    sc_buf_fini(&bytes);
    close(client);
}

static void a_request_that_has_begun_has_a_deadline(void **state)
{
    int slow = served_connect(&served, ALICE);
    int idle = served_connect(&served, ALICE);

    (void)state;
    served_send(slow, HALF, -1);
    served_turn(&served);
    served_wait(&served, 4999);
    assert_false(served_is_closed(slow));
    served_wait(&served, 2);
    assert_true(served_is_closed(slow));
    served_wait(&served, 1000000);
    assert_false(served_is_closed(idle)); /* between requests it may stay */
    close(slow);
    close(idle);
}

/* Half requests of one user take memory from him and nobody else. */
static void half_requests_are_counted_in_bytes(void **state)
{
    struct sc_server_settings settings = served_settings();
    char *text = calloc(1, 100000);
    int alice[8], bob;

    (void)state;
    settings.limits.memory_limit = 400000;
    restart(settings, false);
    memset(text, 'x', 100000);
    memcpy(text, "request\0find_endp\0label", 24);
    bob = served_connect(&served, BOB);
    served_send(bob, HALF, -1);
    for (int i = 0; i < 8; i++) {
        alice[i] = served_connect(&served, ALICE);
        served_send(alice[i], (struct sc_bytes){text, 100000}, -1);
        served_wait(&served, 1);
    }
    assert_true(served_is_closed(alice[0]));
    assert_false(served_is_closed(alice[7]));
    assert_false(served_is_closed(bob));
    for (int i = 0; i < 8; i++)
        close(alice[i]);
    close(bob);
    free(text);
}

/* --- delivery ------------------------------------------------------------- */

static void what_was_not_delivered_goes_back(void **state)
{
    int one = served_connect(&served, ALICE);
    int other = served_connect(&served, ALICE);

    (void)state;
    put_one(one, "e");
    assert_int_equal(served_ask(&served, one, FIND_ENDP("e"), -1, NULL), 0);
    assert_int_equal(take_one(other, TAKE("e")), 2); /* it is promised to somebody */
    close(one);
    served_turn(&served);
    assert_int_equal(take_one(other, TAKE("e")), 0);
    close(other);
}

static void what_is_promised_does_not_expire_and_is_delivered(void **state)
{
    int client = served_connect(&served, ALICE);
    struct sc_buf bytes;
    int found = -1;

    (void)state;
    sc_buf_init(&bytes);
    put_one(client, "e");
    served_wait(&served, 49000);
    assert_int_equal(served_ask(&served, client, FIND_ENDP("e"), -1, NULL), 0);
    served_wait(&served, 4000);
    served_send(client, DUMMY, -1);
    served_turn(&served);
    assert_int_equal(served_receive(client, &bytes, &found), 1);
    assert_true(found >= 0);
    close(found);
    close(client);
    sc_buf_fini(&bytes);
}

static void users_do_not_see_each_other(void **state)
{
    int alice = served_connect(&served, ALICE);
    int bob = served_connect(&served, BOB);

    (void)state;
    put_one(alice, "e");
    assert_int_equal(take_one(bob, TAKE("e")), 2);
    assert_int_equal(take_one(alice, TAKE("e")), 0);
    close(alice);
    close(bob);
}

static void the_dead_are_passed_over(void **state)
{
    int client = served_connect(&served, ALICE);

    (void)state;
    for (int i = 0; i < 200; i++) { /* more than are looked at in one go */
        int far;
        int near = served_pair(&far);
        assert_int_equal(served_ask(&served, client, PUT("e"), near, NULL), 0);
        close(near);
        close(far);
    }
    put_one(client, "e");
    assert_int_equal(take_one(client, TAKE("e")), 0);
    assert_int_equal(take_one(client, TAKE("e")), 2);
    close(client);
}

/* --- unread ---------------------------------------------------------------- */

/* Asks for a connection and does not receive it. */
static void take_without_receiving(int client)
{
    served_send(client, TAKE("e"), -1);
    served_turn(&served);
}

static void what_nobody_receives_is_bounded_by_user(void **state)
{
    int putter = served_connect(&served, ALICE);
    int hoarders[8];
    int bob = served_connect(&served, BOB);
    struct sc_buf bytes;
    int received = 0;

    (void)state;
    sc_buf_init(&bytes);
    for (int i = 0; i < 8; i++)
        hoarders[i] = served_connect(&served, ALICE);
    for (int i = 0; i < 160; i++) {
        put_one(putter, "e");
        take_without_receiving(hoarders[i % 8]);
    }
    assert_non_null(strstr(served.records, "user 1001 leaves "));
    put_one(bob, "b");
    assert_int_equal(take_one(bob, TAKE("b")), 0); /* and bob does not notice */
    for (int i = 0; i < 8; i++) {
        int fd = -1;
        while (served_receive(hoarders[i], &bytes, &fd) > 0 && fd >= 0) {
            close(fd);
            fd = -1;
            received++;
            served_wait(&served, 2);
        }
    }
    assert_true(received > 8); /* once they receive, they get on */
    for (int i = 0; i < 8; i++)
        close(hoarders[i]);
    close(putter);
    close(bob);
    sc_buf_fini(&bytes);
}

/* Whoever leaves with something unread leaves it counted, as long as it is there. */
static void what_lies_in_a_socket_is_counted_after_its_client_left(void **state)
{
    int putter = served_connect(&served, ALICE);
    int hoarders[70];

    (void)state;
    for (int i = 0; i < 70; i++) {
        hoarders[i] = served_connect(&served, ALICE);
        put_one(putter, "e");
        take_without_receiving(hoarders[i]);
        shutdown(hoarders[i], SHUT_WR);
        served_turn(&served);
    }
    assert_non_null(strstr(served.records, "user 1001 leaves "));
    for (int i = 0; i < 70; i++)
        close(hoarders[i]);
    served_wait(&served, 200);
    put_one(putter, "x");
    assert_int_equal(take_one(putter, TAKE("x")), 0);
    close(putter);
}

/* --- round ------------------------------------------------------------------ */

static void much_that_comes_at_once_is_answered_in_order(void **state)
{
    enum { REQUESTS = 200 };
    int client = served_connect(&served, ALICE);
    struct sc_buf bytes;
    size_t count = 0;

    (void)state;
    sc_buf_init(&bytes);
    for (int i = 0; i < REQUESTS; i++)
        served_send(client, FIND_ENDP("none"), -1);
    for (int i = 0; i < 200 && sc_buf_length(&bytes) < REQUESTS * 20; i++) {
        served_turn(&served);
        (void)served_receive(client, &bytes, NULL);
    }
    struct sc_bytes all = sc_buf_bytes(&bytes);
    for (; all.length >= 20; count++) {
        assert_memory_equal(all.data, "status\0002\0property\0\0\0", 20);
        all.data += 20;
        all.length -= 20;
    }
    assert_int_equal(count, REQUESTS);
    assert_int_equal(all.length, 0);
    assert_int_equal(served.first_requests, 1);
    close(client);
    sc_buf_fini(&bytes);
}

/* --- the end ------------------------------------------------------------------ */

static void at_the_end_who_is_half_way_may_finish(void **state)
{
    int idle = served_connect(&served, ALICE);
    int half = served_connect(&served, ALICE);
    int stuck = served_connect(&served, ALICE);

    (void)state;
    served_send(half, HALF, -1);
    served_send(stuck, HALF, -1);
    served_turn(&served);
    sc_server_drain(served.server, 1000);
    served_turn(&served);
    assert_true(served_is_closed(idle));
    assert_int_equal(served.drained, 0);
    served_send(half, SC_BYTES("\0x\0\0"), -1);
    served_turn(&served);
    struct sc_buf bytes;
    sc_buf_init(&bytes);
    assert_true(served_receive(half, &bytes, NULL) > 0);
    sc_buf_fini(&bytes);
    assert_true(served_is_closed(half));
    served_wait(&served, 1001);
    assert_true(served_is_closed(stuck));
    assert_int_equal(served.drained, 1);
    close(idle);
    close(half);
    close(stuck);
}

static void lower_limits_hold_at_once(void **state)
{
    struct sc_server_settings settings = served_settings();
    int client = served_connect(&served, ALICE);

    (void)state;
    for (int i = 0; i < 10; i++)
        put_one(client, "e");
    settings.limits.session_limit = 3;
    sc_server_configure(served.server, &settings);
    served_turn(&served);
    for (int i = 0; i < 3; i++)
        assert_int_equal(take_one(client, TAKE("e")), 0);
    assert_int_equal(take_one(client, TAKE("e")), 2);
    close(client);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(at_the_limit_the_user_with_most_gives_way),
        TEST(when_none_is_idle_the_oldest_half_request_goes),
        TEST(where_all_are_one_user_each_has_a_moment),
        TEST(who_may_not_connect_is_told_so),
        TEST(a_request_that_has_begun_has_a_deadline),
        TEST(half_requests_are_counted_in_bytes),
        TEST(what_was_not_delivered_goes_back),
        TEST(what_is_promised_does_not_expire_and_is_delivered),
        TEST(users_do_not_see_each_other),
        TEST(the_dead_are_passed_over),
        TEST(what_nobody_receives_is_bounded_by_user),
        TEST(what_lies_in_a_socket_is_counted_after_its_client_left),
        TEST(much_that_comes_at_once_is_answered_in_order),
        TEST(at_the_end_who_is_half_way_may_finish),
        TEST(lower_limits_hold_at_once),
    };
    struct rlimit limit;

    /* The far ends of what is cached stay open until the end. */
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 1024;
    setrlimit(RLIMIT_NOFILE, &limit);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
