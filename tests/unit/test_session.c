/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's side of a conversation, state by state: what each piece of input leads to, and to
 * what a descriptor belongs.
 */
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "support/player.h"
#include "support/spell.h"

enum { LIMIT = 512, PIPELINED = 700 };

#define SAVE_ENDP " request=save_endp ttl=5 label=e property=p ."
#define FIND_MISS " request=find_endp label=e ."
#define FIND_HIT  " request=find_dest label=hit ."
#define SAVE_DEST " request=save_dest ttl=5 label=d property=p label=e ."
#define PUT       " request=put ttl=5 label=e property=p ."
#define TAKE      " request=take label=d label=e ."
#define STRANGE   " request=frobnicate label=x ."
#define BAD_PUT   " request=put ttl=0 label=e property=p ."
#define DUMMY     " dummy= ."

#define SAID_SAVE_ENDP "request save_endp ttl=5 d= dp= e=e ep=p"
#define SAID_FIND_MISS "request find_endp d= dp= e=e ep="
#define SAID_FIND_HIT  "request find_dest d=hit dp= e= ep="
#define SAID_SAVE_DEST "request save_dest ttl=5 d=d dp=p e=e ep="
#define SAID_PUT       "request put ttl=5 d= dp= e=e ep=p"
#define SAID_TAKE      "request take d=d dp= e= ep= or=e"
#define SAID_STRANGE   "request unknown malformed"
#define SAID_BAD_PUT   "request put malformed"
#define SAID_SAVE      "save save_endp ttl=5 d= dp= e=e ep=p"

/* What a client says, one thing after the other, and the event that it makes. */
struct element {
    const char *bytes;
    const char *event; /* null: none */
    enum { TAKES_NONE, TAKES_ONE, TAKES_ANY } takes;
};

static const struct element elements[] = {
    {FIND_MISS, SAID_FIND_MISS, TAKES_NONE},
    {".", NULL, TAKES_NONE},
    {SAVE_ENDP, SAID_SAVE_ENDP, TAKES_NONE},
    {".", SAID_SAVE, TAKES_ANY},
    {PUT, SAID_PUT, TAKES_ONE},
    {FIND_HIT, SAID_FIND_HIT, TAKES_NONE},
    {DUMMY, "ready", TAKES_NONE},
    {DUMMY, NULL, TAKES_NONE},
    {BAD_PUT, SAID_BAD_PUT, TAKES_ONE},
    {TAKE, SAID_TAKE, TAKES_NONE},
    {DUMMY, NULL, TAKES_NONE},
    {STRANGE, SAID_STRANGE, TAKES_NONE},
    {SAVE_DEST, SAID_SAVE_DEST, TAKES_NONE},
    {SAVE_ENDP, SAID_SAVE_ENDP, TAKES_NONE},
    {"x", SAID_SAVE, TAKES_ANY},
    {PUT, SAID_PUT, TAKES_ONE},
};

struct fixture {
    struct player player;
    struct sc_buf stream; /* all elements */
    char expected[4096];
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    player_init(&fixture->player, LIMIT);
    sc_buf_init(&fixture->stream);
    for (size_t i = 0; i < SC_COUNT_OF(elements); i++)
        assert_int_equal(sc_buf_append(&fixture->stream, spell(elements[i].bytes)), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    player_fini(&fixture->player);
    sc_buf_fini(&fixture->stream);
    free(fixture);
    return 0;
}

static void say(struct fixture *fixture, struct sc_bytes bytes)
{
    player_feed(&fixture->player, bytes, SC_PASSED_NONE);
}

static void assert_events(struct fixture *fixture, const char *expected)
{
    assert_string_equal(fixture->player.transcript, expected);
}

static void expect_line(struct fixture *fixture, const char *event, bool has_descriptor)
{
    if (!event)
        return;
    strcat(fixture->expected, event);
    strcat(fixture->expected, has_descriptor ? " fd\n" : "\n");
}

/* One mark of a descriptor, on the last byte of a piece. */
struct mark {
    size_t end; /* bytes up to it, that one included; 0: no mark */
    enum sc_passed passed;
};

/*
 * What must come of the stream with these marks, in the order of the stream,
 * found by going through the elements. A second mark that comes while the
 * first one's element has not ended ends the conversation there and then.
 */
static void expect_marked(struct fixture *fixture, const struct mark marks[2])
{
    size_t end = 0;
    size_t next = 0;

    fixture->expected[0] = '\0';
    for (size_t i = 0; i < SC_COUNT_OF(elements); i++) {
        size_t start = end;
        enum sc_passed passed = SC_PASSED_NONE;
        end += spell(elements[i].bytes).length;
        if (next < 2 && marks[next].end > start && marks[next].end <= end)
            passed = marks[next++].passed;
        bool is_open = passed != SC_PASSED_NONE && marks[next - 1].end < end;
        bool is_surplus = is_open && next < 2 && marks[next].end > 0;
        bool fits = elements[i].takes == TAKES_ANY ||
                    (elements[i].takes == TAKES_ONE && passed != SC_PASSED_BAD);
        if (is_surplus || (passed != SC_PASSED_NONE && !fits)) {
            strcat(fixture->expected, "violation\n");
            return;
        }
        expect_line(fixture, elements[i].event, passed == SC_PASSED_ONE);
    }
}

/* Plays the stream, cut at the marks and in one more place. */
static void play_marked(struct fixture *fixture, const struct mark marks[2], size_t cut)
{
    struct sc_bytes stream = sc_buf_bytes(&fixture->stream);
    size_t start = 0;

    player_restart(&fixture->player);
    while (start < stream.length) {
        size_t end = stream.length;
        enum sc_passed passed = SC_PASSED_NONE;
        if (cut > start && cut < end)
            end = cut;
        for (int i = 0; i < 2; i++) {
            if (marks[i].end > start && marks[i].end <= end) {
                end = marks[i].end;
                passed = marks[i].passed;
                break;
            }
        }
        player_feed(&fixture->player, (struct sc_bytes){stream.data + start, end - start}, passed);
        start = end;
    }
}

static void assert_marked(struct fixture *fixture, struct mark first, struct mark second,
                          size_t cut)
{
    const struct mark marks[2] = {first, second};

    expect_marked(fixture, marks);
    play_marked(fixture, marks, cut);
    assert_events(fixture, fixture->expected);
}

static const struct mark no_mark;

static void every_event_comes_without_descriptors(void **state)
{
    struct fixture *fixture = *state;

    for (size_t cut = 0; cut < sc_buf_length(&fixture->stream); cut++)
        assert_marked(fixture, no_mark, no_mark, cut);
}

/* Cutting in front of the mark never moves it. */
static void a_descriptor_belongs_to_the_last_byte(void **state)
{
    struct fixture *fixture = *state;
    size_t length = sc_buf_length(&fixture->stream);

    for (size_t end = 1; end <= length; end++) {
        for (size_t cut = 0; cut<length; cut += cut + 8> end && cut < end + 8 ? 1 : 5) {
            assert_marked(fixture, (struct mark){end, SC_PASSED_ONE}, no_mark, cut);
            assert_marked(fixture, (struct mark){end, SC_PASSED_BAD}, no_mark, cut);
        }
    }
}

static void two_descriptors_belong_to_two_elements(void **state)
{
    struct fixture *fixture = *state;
    size_t length = sc_buf_length(&fixture->stream);

    for (size_t first = 1; first < length; first++) {
        for (size_t second = first + 1; second <= length; second++) {
            enum sc_passed passed = second % 3 ? SC_PASSED_ONE : SC_PASSED_BAD;
            assert_marked(fixture, (struct mark){first, SC_PASSED_ONE},
                          (struct mark){second, passed}, 0);
        }
    }
}

static void lists_without_a_request_are_skipped(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, spell(". . ." DUMMY " label=x . label=x" FIND_MISS));
    assert_events(fixture, "");
    say(fixture, spell("." FIND_MISS));
    assert_events(fixture, SAID_FIND_MISS "\n");
    assert_true(sc_session_is_idle(&fixture->player.session));
}

static void exactly_one_byte_of_any_value_is_taken(void **state)
{
    struct fixture *fixture = *state;

    for (int byte = 0; byte < 256; byte++) {
        char text[] = {(char)byte};
        player_restart(&fixture->player);
        say(fixture, spell(SAVE_ENDP));
        assert_true(sc_session_wants_one_byte(&fixture->player.session));
        assert_false(sc_session_is_idle(&fixture->player.session));
        player_feed(&fixture->player, (struct sc_bytes){text, 1}, SC_PASSED_ONE);
        assert_false(sc_session_wants_one_byte(&fixture->player.session));
        say(fixture, spell(FIND_MISS));
        assert_events(fixture, SAID_SAVE_ENDP "\n" SAID_SAVE " fd\n" SAID_FIND_MISS "\n");
    }
}

/* What waits for its descriptor does not change when the input goes away. */
static void a_save_that_waits_keeps_its_words(void **state)
{
    struct fixture *fixture = *state;

    for (int round = 0; round < 3; round++)
        say(fixture,
            spell("request=save_endp ttl=99999999999999 label=%ff%0a property= more=of%20it . x"));
    assert_events(fixture, "request save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n"
                           "save save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n"
                           "request save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n"
                           "save save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n"
                           "request save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n"
                           "save save_endp ttl=1000000000 d= dp= e=\\xff\\x0a ep=\n");
}

/* In place of a dummy anything else: the client is closed. */
static void only_a_dummy_is_a_dummy(void **state)
{
    static const char *const others[] = {
        ".", FIND_MISS, "Dummy= .", "dumm= .", "dummyy= .", "label=x dummy= .", PUT,
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < SC_COUNT_OF(others); i++) {
        player_restart(&fixture->player);
        say(fixture, spell(FIND_HIT));
        say(fixture, spell(others[i]));
        assert_events(fixture, SAID_FIND_HIT "\nviolation\n");
        player_restart(&fixture->player);
        say(fixture, spell(FIND_HIT DUMMY));
        say(fixture, spell(others[i]));
        assert_events(fixture, SAID_FIND_HIT "\nready\nviolation\n");
    }
}

static void a_dummy_may_say_more(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, spell(FIND_HIT " dummy=value more=x . dummy= label=x ." FIND_MISS));
    assert_events(fixture, SAID_FIND_HIT "\nready\n" SAID_FIND_MISS "\n");
}

/* A client that has asked for its descriptor waits for it, and so do its next words. */
static void nothing_is_read_until_the_descriptor_is_sent(void **state)
{
    struct sc_bytes more = spell(DUMMY FIND_MISS TAKE);
    struct fixture *fixture = *state;

    fixture->player.keeps_giving = true;
    for (size_t piece = 1; piece <= more.length; piece++) {
        player_restart(&fixture->player);
        say(fixture, spell(FIND_HIT DUMMY));
        player_feed_by(&fixture->player, more, SC_PASSED_NONE, piece);
        assert_events(fixture, SAID_FIND_HIT "\nready\n");
        assert_int_equal(fixture->player.session.state, SC_SESSION_GIVING);
        assert_false(sc_session_is_idle(&fixture->player.session));
        player_give(&fixture->player);
        assert_events(fixture, SAID_FIND_HIT "\nready\n" SAID_FIND_MISS "\n" SAID_TAKE "\n");
        assert_true(sc_session_is_idle(&fixture->player.session));
    }
}

/* Words that wait while one is being given keep the descriptor that came with them. */
static void a_put_behind_what_is_given_keeps_its_descriptor(void **state)
{
    struct fixture *fixture = *state;

    fixture->player.keeps_giving = true;
    say(fixture, spell(FIND_HIT DUMMY));
    player_feed(&fixture->player, spell(DUMMY PUT), SC_PASSED_ONE);
    player_give(&fixture->player);
    say(fixture, spell(TAKE));
    assert_events(fixture, SAID_FIND_HIT "\nready\n" SAID_PUT " fd\n" SAID_TAKE "\n");
}

/* The kernel may join an acknowledgement in front of a put. */
static void a_put_joined_to_an_acknowledgement_has_its_descriptor(void **state)
{
    struct fixture *fixture = *state;

    say(fixture, spell(FIND_HIT));
    say(fixture, spell(DUMMY));
    player_feed(&fixture->player, spell(DUMMY PUT), SC_PASSED_ONE);
    assert_events(fixture, SAID_FIND_HIT "\nready\n" SAID_PUT " fd\n");
}

/* Two puts in one piece: the descriptor is the second one's, never the first one's. */
static void two_puts_never_mix_their_descriptors(void **state)
{
    struct fixture *fixture = *state;

    player_feed(&fixture->player, spell(PUT PUT), SC_PASSED_ONE);
    assert_events(fixture, SAID_PUT "\n" SAID_PUT " fd\n");
    player_restart(&fixture->player);
    player_feed(&fixture->player, spell(PUT PUT), SC_PASSED_BAD);
    assert_events(fixture, SAID_PUT "\nviolation\n");
}

static void hundreds_of_requests_are_answered_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct sc_buf stream;
    struct sc_buf expected;

    sc_buf_init(&stream);
    sc_buf_init(&expected);
    for (int i = 0; i < PIPELINED; i++) {
        assert_int_equal(
            sc_buf_append(&stream, spell(SAVE_ENDP " x" FIND_MISS FIND_HIT DUMMY DUMMY SAVE_DEST)),
            0);
        assert_int_equal(
            sc_buf_append(&expected, SC_BYTES(SAID_SAVE_ENDP "\n" SAID_SAVE "\n" SAID_FIND_MISS
                                                             "\n" SAID_FIND_HIT "\n"
                                                             "ready\n" SAID_SAVE_DEST "\n")),
            0);
    }
    assert_int_equal(sc_buf_append(&expected, spell(".")), 0);
    for (size_t piece = 1; piece < sc_buf_length(&stream); piece = 3 * piece + 1) {
        player_restart(&fixture->player);
        player_feed_by(&fixture->player, sc_buf_bytes(&stream), SC_PASSED_NONE, piece);
        assert_events(fixture, sc_buf_bytes(&expected).data);
    }
    player_restart(&fixture->player);
    say(fixture, sc_buf_bytes(&stream));
    assert_events(fixture, sc_buf_bytes(&expected).data);
    sc_buf_fini(&stream);
    sc_buf_fini(&expected);
}

static void an_idle_session_owns_no_input(void **state)
{
    struct fixture *fixture = *state;
    const struct sc_session *session = &fixture->player.session;

    assert_true(sc_session_is_idle(session));
    say(fixture, spell("request . find"));
    assert_false(sc_session_is_idle(session));
    assert_true(session->input.capacity > 0);
    say(fixture, spell("_endp=label e="));
    assert_true(sc_session_is_idle(session));
    assert_int_equal(session->input.capacity, 0);
    say(fixture, spell(FIND_HIT));
    assert_false(sc_session_is_idle(session));
    say(fixture, spell(DUMMY DUMMY));
    assert_true(sc_session_is_idle(session));
}

static void what_is_over_stays_over(void **state)
{
    struct fixture *fixture = *state;
    struct sc_request request;
    int cargo;

    player_feed(&fixture->player, spell(FIND_MISS FIND_MISS), SC_PASSED_ONE);
    assert_events(fixture, SAID_FIND_MISS "\nviolation\n");
    assert_int_equal(sc_session_keep(&fixture->player.session), 0);
    assert_int_equal(
        sc_session_feed(&fixture->player.session, spell(FIND_MISS), SC_PASSED_NONE, -1), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(sc_session_next(&fixture->player.session, &request, &cargo),
                         SC_EVENT_VIOLATION);
    assert_false(sc_session_is_idle(&fixture->player.session));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_event_comes_without_descriptors),
        TEST(a_descriptor_belongs_to_the_last_byte),
        TEST(two_descriptors_belong_to_two_elements),
        TEST(lists_without_a_request_are_skipped),
        TEST(exactly_one_byte_of_any_value_is_taken),
        TEST(a_save_that_waits_keeps_its_words),
        TEST(only_a_dummy_is_a_dummy),
        TEST(a_dummy_may_say_more),
        TEST(nothing_is_read_until_the_descriptor_is_sent),
        TEST(a_put_behind_what_is_given_keeps_its_descriptor),
        TEST(a_put_joined_to_an_acknowledgement_has_its_descriptor),
        TEST(two_puts_never_mix_their_descriptors),
        TEST(hundreds_of_requests_are_answered_in_order),
        TEST(an_idle_session_owns_no_input),
        TEST(what_is_over_stays_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
