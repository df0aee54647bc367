/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The session at the limit of a list's length: one byte less, the same, one more, and without an
 * end. Nothing is answered twice or kept.
 */
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "support/player.h"
#include "support/spell.h"

enum { LIMIT = 128, ENDLESS = 64 * LIMIT };

#define FIND      " request=find_endp label=e ."
#define SAID_FIND "request find_endp d= dp= e=e ep=\n"
#define FIND_HIT  " request=find_endp label=hit ."
#define SAID_HIT  "request find_endp d= dp= e=hit ep=\n"
#define DUMMY     " dummy= ."

struct fixture {
    struct player player;
    struct sc_buf list;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    player_init(&fixture->player, LIMIT);
    sc_buf_init(&fixture->list);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    player_fini(&fixture->player);
    sc_buf_fini(&fixture->list);
    free(fixture);
    return 0;
}

/* A list that starts so and is filled up to be exactly so long. */
static struct sc_bytes list_of(struct fixture *fixture, struct sc_bytes start, size_t length)
{
    struct sc_buf *list = &fixture->list;

    sc_buf_clear(list, 0);
    assert_int_equal(sc_buf_append(list, start), 0);
    assert_int_equal(sc_buf_append(list, spell("more .")), 0);
    while (sc_buf_length(list) < length - 2)
        assert_int_equal(sc_buf_append(list, SC_BYTES("x")), 0);
    assert_int_equal(sc_buf_append(list, spell(". .")), 0);
    assert_int_equal(sc_buf_length(list), length);
    return sc_buf_bytes(list);
}

static void assert_events(struct fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->player.transcript, expected);
}

static void say(struct fixture *fixture, struct sc_bytes bytes)
{
    player_feed(&fixture->player, bytes, SC_PASSED_NONE);
}

/*
 * Plays these lists one after the other, in pieces of every size and cut in
 * two everywhere; every time the same events must come.
 */
static void assert_always(struct fixture *fixture, const struct sc_bytes *parts, size_t count,
                          const char *expected)
{
    struct sc_buf whole;

    sc_buf_init(&whole);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sc_buf_append(&whole, parts[i]), 0);
    struct sc_bytes bytes = sc_buf_bytes(&whole);
    for (size_t piece = 1; piece <= bytes.length; piece++) {
        player_restart(&fixture->player);
        player_feed_by(&fixture->player, bytes, SC_PASSED_NONE, piece);
        assert_events(fixture, expected);
        player_restart(&fixture->player);
        say(fixture, (struct sc_bytes){bytes.data, piece});
        if (piece < bytes.length)
            say(fixture, (struct sc_bytes){bytes.data + piece, bytes.length - piece});
        assert_events(fixture, expected);
    }
    sc_buf_fini(&whole);
}

static void a_request_of_just_the_limit_is_served(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes start = spell("request=find_endp label=e");
    struct sc_bytes parts[] = {list_of(fixture, start, LIMIT), spell(FIND)};

    assert_always(fixture, parts, 2, SAID_FIND SAID_FIND);
}

static void a_longer_one_is_malformed_and_skipped(void **state)
{
    static const struct {
        const char *start;
        const char *said;
    } cases[] = {
        {"request=find_endp label=e", "request find_endp malformed\n" SAID_FIND},
        {"request=find_dest label=e", "request find_dest malformed\n" SAID_FIND},
        {"request=save_endp", "request save_endp malformed\n" SAID_FIND},
        {"request=save_dest", "request save_dest malformed\n" SAID_FIND},
        {"request=put", "request put malformed\n" SAID_FIND},
        {"request=take", "request take malformed\n" SAID_FIND},
        {"request=strange", "request unknown malformed\n" SAID_FIND},
        {"request=", "request unknown malformed\n" SAID_FIND},
        {"label=e", SAID_FIND},
        {"dummy=", SAID_FIND},
        {"", SAID_FIND},
    };
    struct fixture *fixture = *state;

    for (size_t length = LIMIT + 1; length < LIMIT + 40; length += 1 + length % 7) {
        for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
            struct sc_bytes parts[] = {list_of(fixture, spell(cases[i].start), length),
                                       spell(FIND)};
            assert_always(fixture, parts, 2, cases[i].said);
        }
    }
}

/* Where a token ends and the next is empty, the end of the list is met. */
static void a_skipped_list_ends_where_it_ends(void **state)
{
    struct fixture *fixture = *state;
    struct sc_buf list;

    sc_buf_init(&list);
    for (size_t attributes = 30; attributes < 60; attributes++) {
        sc_buf_clear(&list, 0);
        assert_int_equal(sc_buf_append(&list, spell("request=take")), 0);
        for (size_t i = 0; i < attributes; i++)
            assert_int_equal(sc_buf_append(&list, i % 2 ? spell("ab=") : spell("a=b")), 0);
        assert_int_equal(sc_buf_append(&list, spell(".")), 0);
        struct sc_bytes parts[] = {sc_buf_bytes(&list), spell(FIND)};
        assert_always(fixture, parts, 2, "request take malformed\n" SAID_FIND);
    }
    sc_buf_fini(&list);
}

/* Never answered twice, never kept, and in the end given up. */
static void an_endless_list_is_a_violation(void **state)
{
    struct fixture *fixture = *state;
    const struct sc_session *session = &fixture->player.session;

    for (size_t piece = 1; piece < 4 * LIMIT; piece = 2 * piece + 1) {
        size_t fed = 0;
        player_restart(&fixture->player);
        say(fixture, spell("request=put"));
        while (!fixture->player.is_over && fed < ENDLESS) {
            char bytes[4 * LIMIT];
            memset(bytes, 'x', piece);
            say(fixture, (struct sc_bytes){bytes, piece});
            fed += piece;
            assert_true(sc_buf_length(&session->input) <= LIMIT);
            if (session->skipped > 0)
                assert_int_equal(session->input.capacity, 0);
            assert_false(sc_session_is_idle(session));
        }
        assert_events(fixture, "request put malformed\nviolation\n");
        assert_true(fed > 15 * LIMIT);
    }
}

static void an_endless_list_of_no_request_is_one_too(void **state)
{
    struct fixture *fixture = *state;

    for (size_t fed = 0; fed < ENDLESS; fed += 4)
        say(fixture, spell("a=b"));
    assert_events(fixture, "violation\n");
}

static void too_long_for_a_dummy_is_a_violation(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes dummy = spell("dummy=");
    struct sc_bytes offered[] = {spell(FIND_HIT), list_of(fixture, dummy, LIMIT + 1)};

    assert_always(fixture, offered, 2, SAID_HIT "violation\n");
    struct sc_bytes delivered[] = {spell(FIND_HIT DUMMY), sc_buf_bytes(&fixture->list),
                                   spell(FIND)};
    assert_always(fixture, delivered, 3, SAID_HIT "ready\nviolation\n");
}

static void a_dummy_of_just_the_limit_is_taken(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes dummy = list_of(fixture, spell("dummy="), LIMIT);
    struct sc_bytes parts[] = {spell(FIND_HIT), dummy, dummy, spell(FIND)};

    assert_always(fixture, parts, 4, SAID_HIT "ready\n" SAID_FIND);
}

static void an_endless_dummy_is_a_violation(void **state)
{
    struct fixture *fixture = *state;

    for (int delivered = 0; delivered < 2; delivered++) {
        size_t fed = 0;
        player_restart(&fixture->player);
        say(fixture, delivered ? spell(FIND_HIT DUMMY) : spell(FIND_HIT));
        while (!fixture->player.is_over && fed <= LIMIT) {
            say(fixture, SC_BYTES("d"));
            fed++;
        }
        assert_int_equal(fed, LIMIT + 1);
        assert_events(fixture, delivered ? SAID_HIT "ready\nviolation\n" : SAID_HIT "violation\n");
    }
}

/* The byte that is due is taken first, and only then counts what follows. */
static void too_much_behind_the_byte_is_a_request_too_long(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes parts[] = {spell("request=save_endp ttl=5 label=e property=p . x"),
                               list_of(fixture, spell("request=take"), LIMIT + 1), spell(FIND)};

    assert_always(fixture, parts, 3,
                  "request save_endp ttl=5 d= dp= e=e ep=p\nsave save_endp ttl=5 d= dp= e=e ep=p\n"
                  "request take malformed\n" SAID_FIND);
}

/* A limit on one list is no limit on how much may be said at once. */
static void many_short_lists_are_not_too_long(void **state)
{
    struct fixture *fixture = *state;
    struct sc_buf many;

    sc_buf_init(&many);
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(sc_buf_append(&many, spell(FIND)), 0);
    say(fixture, sc_buf_bytes(&many));
    assert_int_equal(strlen(fixture->player.transcript), LIMIT * strlen(SAID_FIND));
    sc_buf_fini(&many);
}

/* The descriptor of a put comes with its first bytes; the put is answered in any case. */
static void a_put_that_is_too_long_gives_up_its_descriptor(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes list = list_of(fixture, spell("request=put"), 2 * LIMIT);

    for (size_t piece = 1; piece <= list.length; piece++) {
        player_restart(&fixture->player);
        player_feed(&fixture->player, (struct sc_bytes){list.data, piece}, SC_PASSED_ONE);
        if (piece < list.length)
            say(fixture, (struct sc_bytes){list.data + piece, list.length - piece});
        say(fixture, spell(FIND));
        assert_events(fixture, "request put malformed fd\n" SAID_FIND);
    }
}

static void a_descriptor_within_what_is_skipped_is_a_violation(void **state)
{
    struct fixture *fixture = *state;
    struct sc_bytes list = list_of(fixture, spell("request=put"), 2 * LIMIT);

    for (size_t at = LIMIT + 1; at < list.length; at++) {
        player_restart(&fixture->player);
        say(fixture, (struct sc_bytes){list.data, at});
        player_feed(&fixture->player, (struct sc_bytes){list.data + at, list.length - at},
                    at % 2 ? SC_PASSED_ONE : SC_PASSED_BAD);
        assert_events(fixture, "request put malformed\nviolation\n");
    }
}

static void a_descriptor_with_another_list_too_long_is_a_violation(void **state)
{
    static const char *const starts[] = {"request=take", "label=x", "request=strange"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < SC_COUNT_OF(starts); i++) {
        for (size_t length = LIMIT + 1; length <= 2 * LIMIT; length += 13) {
            struct sc_bytes list = list_of(fixture, spell(starts[i]), 2 * LIMIT);
            player_restart(&fixture->player);
            player_feed(&fixture->player, (struct sc_bytes){list.data, length}, SC_PASSED_ONE);
            assert_events(fixture, "violation\n");
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_of_just_the_limit_is_served),
        TEST(a_longer_one_is_malformed_and_skipped),
        TEST(a_skipped_list_ends_where_it_ends),
        TEST(an_endless_list_is_a_violation),
        TEST(an_endless_list_of_no_request_is_one_too),
        TEST(too_long_for_a_dummy_is_a_violation),
        TEST(a_dummy_of_just_the_limit_is_taken),
        TEST(an_endless_dummy_is_a_violation),
        TEST(too_much_behind_the_byte_is_a_request_too_long),
        TEST(many_short_lists_are_not_too_long),
        TEST(a_put_that_is_too_long_gives_up_its_descriptor),
        TEST(a_descriptor_within_what_is_skipped_is_a_violation),
        TEST(a_descriptor_with_another_list_too_long_is_a_violation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
