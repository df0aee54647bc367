/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why look-ups missed, asked of a server on a clock that stands still: each
 * reason brought about by what brings it about, and books that balance.
 */
#include "support/check.h"

#include <stdio.h>
#include <unistd.h>

#include "support/random.h"
#include "support/served.h"

enum { DESCRIPTORS = 512, USER = 1001 };

#define PUT(destination, label)                                                                    \
    SC_BYTES("request\0put\0ttl\0"                                                                 \
             "50\0label\0" label "\0property\0p\0ttl\0"                                            \
             "5\0label\0" destination "\0property\0d\0\0")
#define TAKE(destination, label)                                                                   \
    SC_BYTES("request\0take\0label\0" destination "\0label\0" label "\0\0")
#define FIND_DEST(label) SC_BYTES("request\0find_dest\0label\0" label "\0\0")
#define FIND_ENDP(label) SC_BYTES("request\0find_endp\0label\0" label "\0\0")

static struct served served;
static struct sc_server_parts parts;
static int client;

static void start(struct sc_server_settings settings)
{
    settings.history = (struct sc_history_settings){64, 600000};
    served_start(&served, &settings, DESCRIPTORS, false);
    parts = sc_server_parts(served.server);
    client = served_connect(&served, USER);
}

static int setup(void **state)
{
    (void)state;
    start(served_settings());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(client);
    served_stop(&served);
    return 0;
}

/* Returns the far end. */
static int put(struct sc_bytes request)
{
    int far;
    int near = served_pair(&far);

    assert_int_equal(served_ask(&served, client, request, near, NULL), 0);
    close(near);
    return far;
}

/* All of the conversation: what a find offers comes after a dummy request. */
static int ask(struct sc_bytes request)
{
    struct sc_buf bytes;
    int found = -1;
    int status = served_ask(&served, client, request, -1, &found);

    sc_buf_init(&bytes);
    if (status == 0 && found < 0) {
        served_send(client, SC_BYTES("dummy\0\0\0"), -1);
        served_turn(&served);
        assert_true(served_receive(client, &bytes, &found) > 0);
        served_send(client, SC_BYTES("dummy\0\0\0"), -1); /* which acknowledges it */
    }
    sc_buf_fini(&bytes);
    assert_int_equal(status == 0, found >= 0);
    if (found >= 0)
        close(found);
    return status;
}

static uint64_t counted(int first, enum sc_miss reason)
{
    return parts.stats->counters[first + (int)reason];
}

static uint64_t missed_by(int first)
{
    uint64_t sum = 0;

    for (enum sc_miss reason = 0; reason < SC_MISSES; reason++)
        sum += counted(first, reason);
    return sum;
}

static void expect_miss(struct sc_bytes request, int first, enum sc_miss reason)
{
    uint64_t before = counted(first, reason);

    assert_int_equal(ask(request), 2);
    assert_int_equal(counted(first, reason), before + 1);
}

static void test_each_reason(void **state)
{
    (void)state;
    expect_miss(FIND_ENDP("e"), SC_MISS_ADDRESS_DEAD, SC_MISS_UNKNOWN);
    int far = put(PUT("d", "e"));
    assert_int_equal(ask(TAKE("d", "e")), 0);
    close(far);
    expect_miss(TAKE("d", "e"), SC_MISS_DOMAIN_DEAD, SC_MISS_IN_USE);

    close(put(PUT("d", "e")));
    expect_miss(FIND_DEST("d"), SC_MISS_DOMAIN_DEAD, SC_MISS_DEAD);

    far = put(PUT("d", "e"));
    assert_int_equal(sc_store_drop_endpoint(LIST_FIRST(&parts.crowd->users)->space, SC_BYTES("e")),
                     1);
    sc_server_note_dropped(served.server);
    close(far);
    expect_miss(FIND_ENDP("e"), SC_MISS_ADDRESS_DEAD, SC_MISS_DROPPED);

    far = put(PUT("d", "e"));
    served_wait(&served, 6000); /* longer than the binding's time */
    expect_miss(FIND_DEST("d"), SC_MISS_DOMAIN_DEAD, SC_MISS_UNBOUND);
    served_wait(&served, 60000);
    expect_miss(FIND_DEST("d"), SC_MISS_DOMAIN_DEAD, SC_MISS_EXPIRED);
    expect_miss(FIND_ENDP("e"), SC_MISS_ADDRESS_DEAD, SC_MISS_EXPIRED);
    close(far);
}

static void test_a_limit_that_evicts(void **state)
{
    struct sc_server_settings settings = served_settings();

    (void)teardown(state);
    settings.limits.session_limit = 1;
    start(settings);
    int far[] = {put(PUT("d", "one")), put(PUT("d", "two"))};
    expect_miss(FIND_ENDP("one"), SC_MISS_ADDRESS_DEAD, SC_MISS_EVICTED);
    assert_int_equal(parts.history->limits[SC_END_SESSION_LIMIT].lost, 1);
    assert_int_equal(sc_history_limit_more(&parts.history->limits[SC_END_SESSION_LIMIT]), 1);
    close(far[0]);
    close(far[1]);
}

static void test_an_acquisition_has_the_gravest_reason(void **state)
{
    (void)state;
    close(put(PUT("d", "e")));
    expect_miss(FIND_DEST("d"), SC_MISS_DOMAIN_DEAD, SC_MISS_DEAD);
    expect_miss(FIND_ENDP("other"), SC_MISS_ADDRESS_DEAD, SC_MISS_UNKNOWN);
    assert_int_equal(parts.history->missed[SC_MISS_DEAD], 0);
    close(put(PUT("d", "e")));
    assert_int_equal(parts.history->missed[SC_MISS_DEAD], 1);
    assert_int_equal(parts.stats->counters[SC_ACQUISITIONS_MISSED], 1);
}

static void test_what_was_hit(void **state)
{
    (void)state;
    int far = put(PUT("d", "e"));
    assert_int_equal(ask(TAKE("", "e")), 0);
    int again = put(PUT("d", "e"));
    assert_int_equal(ask(TAKE("d", "x")), 0);
    close(far);
    close(again);
    for (size_t i = 0; i < parts.history->shelf.slot_count; i++) {
        const struct sc_place *place = sc_shelf_at(&parts.history->shelf, i);
        if (!place)
            continue;
        bool endpoint = place->kind == SC_PLACE_ENDPOINT;
        assert_int_equal(place->user, USER);
        assert_int_equal(place->hits, endpoint ? 2 : 1);
        assert_int_equal(place->lookups, endpoint ? 2 : 1);
        assert_int_equal(sc_place_misses(place), 0);
    }
    assert_int_equal(parts.history->reused, 2);
}

static void test_the_books_balance(void **state)
{
    struct random random = {number_from_environment("SCACHE_SEED", 1)};
    const struct sc_bytes finds[] = {
        TAKE("d", "e"), TAKE("", "f"),  TAKE("x", ""),  FIND_DEST("d"),
        FIND_ENDP("e"), FIND_DEST("x"), FIND_ENDP("f"),
    };
    const struct sc_bytes puts[] = {PUT("d", "e"), PUT("x", "f"), PUT("d", "f")};
    const uint64_t *counters = parts.stats->counters;
    int far[20];
    size_t open = 0;

    (void)state;
    for (int i = 0; i < 3000; i++) {
        if (random_below(&random, 4) == 0)
            served_wait(&served, random_below(&random, 3000));
        if (random_below(&random, 3) == 0 && open < SC_COUNT_OF(far))
            far[open++] = put(puts[random_below(&random, SC_COUNT_OF(puts))]);
        else
            (void)ask(finds[random_below(&random, SC_COUNT_OF(finds))]);
        if (open > 0 && random_below(&random, 5) == 0)
            close(far[--open]);
        assert_int_equal(missed_by(SC_MISS_DOMAIN_DEAD), counters[SC_DOMAIN_MISSES]);
        assert_int_equal(missed_by(SC_MISS_ADDRESS_DEAD), counters[SC_ADDRESS_MISSES]);
    }
    while (open > 0)
        close(far[--open]);
    uint64_t missed = 0;
    for (enum sc_miss reason = 0; reason < SC_MISSES; reason++)
        missed += parts.history->missed[reason];
    assert_int_equal(missed, counters[SC_ACQUISITIONS_MISSED]);
    assert_int_equal(parts.history->reused, counters[SC_ACQUISITIONS_REUSED]);
    assert_int_equal(parts.history->curve.saves, counters[SC_CONNECTIONS_SAVED]);
    assert_true(counters[SC_ADDRESS_MISSES] > 100 && counters[SC_DOMAIN_MISSES] > 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_each_reason),
        TEST(test_a_limit_that_evicts),
        TEST(test_an_acquisition_has_the_gravest_reason),
        TEST(test_what_was_hit),
        TEST(test_the_books_balance),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
