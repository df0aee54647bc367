/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All recorded conversations under every cut: in two anywhere, in single bytes, as they fall,
 * broken off, and with a byte missing. The transcript is always the same.
 */
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "support/conversation.h"
#include "support/player.h"
#include "support/random.h"

/*
 * Every recorded conversation that is not very long, cut in every way that the
 * kernel may cut it.
 * The kernel joins what was sent before in front of a message that carries
 * descriptors, but nothing behind it, and says that they came with whatever
 * part of that message it returns first.
 */

enum { LIMIT = 4096, LONGEST = 4096, RANDOM_ROUNDS = 100 };

struct cutter {
    const struct conversation *conversation;
    bool cut[LONGEST + 1]; /* a piece ends before this byte */
};

struct fixture {
    struct conversation *conversations;
    size_t count;
    struct player player;
    struct cutter cutter;
    char *whole; /* the transcript of the conversation at hand, uncut */
};

/* The message, if any, that starts within these bytes and carries descriptors. */
static const struct conversation_message *carrier(const struct conversation *conversation,
                                                  size_t start, size_t end)
{
    for (size_t i = 0; i < conversation->count; i++) {
        const struct conversation_message *message = &conversation->messages[i];
        if (message->descriptors > 0 && message->start >= start && message->start < end)
            return message;
    }
    return NULL;
}

/* Where, behind the start and up to the end, the client first waited; else 0. */
static size_t first_wait(const struct conversation *conversation, size_t start, size_t end)
{
    for (size_t i = 0; i < conversation->count; i++) {
        const struct conversation_message *message = &conversation->messages[i];
        if (message->has_waited && message->start > start && message->start <= end)
            return message->start;
    }
    return 0;
}

/*
 * Where the piece ends that starts here. A message with a descriptor is not
 * joined to what was said before an answer came; and where one byte is due,
 * one byte is received.
 */
static size_t piece_end(struct fixture *fixture, size_t start, size_t length)
{
    const struct conversation *conversation = fixture->cutter.conversation;
    size_t end = start + 1;

    if (sc_session_wants_one_byte(&fixture->player.session))
        return end;
    while (end < length && !fixture->cutter.cut[end])
        end++;
    const struct conversation_message *message = carrier(conversation, start, end);
    if (!message)
        return end;
    size_t wait = first_wait(conversation, start, message->start);
    if (wait > 0)
        return wait;
    return end < message->start + message->length ? end : message->start + message->length;
}

/* Plays the first @length bytes, in the pieces that the cutter says. */
static void play(struct fixture *fixture, size_t length)
{
    const struct conversation *conversation = fixture->cutter.conversation;
    struct sc_bytes sent = sc_buf_bytes(&conversation->sent);
    size_t start = 0;

    player_restart(&fixture->player);
    player_answer_from(&fixture->player, sc_buf_bytes(&conversation->answered));
    while (start < length) {
        size_t end = piece_end(fixture, start, length);
        const struct conversation_message *message = carrier(conversation, start, end);
        enum sc_passed passed = SC_PASSED_NONE;
        if (message)
            passed = message->descriptors == 1 ? SC_PASSED_ONE : SC_PASSED_BAD;
        player_feed(&fixture->player, (struct sc_bytes){sent.data + start, end - start}, passed);
        start = end;
    }
}

static size_t length_of(const struct fixture *fixture)
{
    return sc_buf_length(&fixture->cutter.conversation->sent);
}

static void cut_nowhere(struct fixture *fixture)
{
    memset(fixture->cutter.cut, 0, sizeof(fixture->cutter.cut));
}

static void assert_same(struct fixture *fixture)
{
    if (strcmp(fixture->player.transcript, fixture->whole) != 0)
        fail_msg("%s:\n%s\nbut whole:\n%s", fixture->cutter.conversation->name,
                 fixture->player.transcript, fixture->whole);
    assert_int_equal(fixture->player.answers.length, 0);
}

/* Calls the test for every conversation, with its transcript known. */
static void each(void **state, void (*test)(struct fixture *fixture))
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < fixture->count; i++) {
        fixture->cutter.conversation = &fixture->conversations[i];
        if (length_of(fixture) == 0 || length_of(fixture) > LONGEST)
            continue;
        cut_nowhere(fixture);
        play(fixture, length_of(fixture));
        fixture->whole = strdup(fixture->player.transcript);
        assert_non_null(fixture->whole);
        if (fixture->conversations[i].is_refused != (strstr(fixture->whole, "violation") != NULL))
            fail_msg("%s:\n%s", fixture->conversations[i].name, fixture->whole);
        test(fixture);
        free(fixture->whole);
    }
}

static void in_two(struct fixture *fixture)
{
    for (size_t at = 1; at < length_of(fixture); at++) {
        cut_nowhere(fixture);
        fixture->cutter.cut[at] = true;
        play(fixture, length_of(fixture));
        assert_same(fixture);
    }
}

static void cut_in_two_anywhere(void **state)
{
    each(state, in_two);
}

/* Cut from there on into single bytes, and before not at all. */
static void in_one_and_many(struct fixture *fixture)
{
    memset(fixture->cutter.cut, true, sizeof(fixture->cutter.cut));
    for (size_t at = 0; at < length_of(fixture); at += 1 + at / 8) {
        memset(fixture->cutter.cut, false, at);
        play(fixture, length_of(fixture));
        assert_same(fixture);
    }
}

static void cut_into_single_bytes(void **state)
{
    each(state, in_one_and_many);
}

static void in_equal_pieces(struct fixture *fixture)
{
    for (size_t piece = 1; piece <= length_of(fixture); piece += 1 + piece / 16) {
        for (size_t at = 0; at <= LONGEST; at++)
            fixture->cutter.cut[at] = at % piece == 0;
        play(fixture, length_of(fixture));
        assert_same(fixture);
    }
}

static void cut_into_equal_pieces(void **state)
{
    each(state, in_equal_pieces);
}

static void as_they_fall(struct fixture *fixture)
{
    struct random random = {.state = number_from_environment("SC_SEED", 1)};

    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        uint32_t mean = 1 + random_below(&random, 64);
        for (size_t at = 0; at <= LONGEST; at++)
            fixture->cutter.cut[at] = random_below(&random, mean) == 0;
        play(fixture, length_of(fixture));
        assert_same(fixture);
    }
}

static void cut_as_it_falls(void **state)
{
    each(state, as_they_fall);
}

/* What has happened so far is the start of what happens in the end. */
static void every_beginning(struct fixture *fixture)
{
    for (size_t length = 0; length < length_of(fixture); length++) {
        cut_nowhere(fixture);
        play(fixture, length);
        const char *begun = fixture->player.transcript;
        assert_int_equal(strncmp(begun, fixture->whole, strlen(begun)), 0);
    }
}

static void broken_off_anywhere(void **state)
{
    each(state, every_beginning);
}

/* A violation is met without fail when a list is cut out of the middle. */
static void without_a_byte(struct fixture *fixture)
{
    struct sc_bytes sent = sc_buf_bytes(&fixture->cutter.conversation->sent);

    for (size_t at = 0; at < sent.length; at++) {
        player_restart(&fixture->player);
        if (at > 0)
            player_feed(&fixture->player, (struct sc_bytes){sent.data, at}, SC_PASSED_NONE);
        if (at + 1 < sent.length)
            player_feed_by(&fixture->player,
                           (struct sc_bytes){sent.data + at + 1, sent.length - at - 1},
                           SC_PASSED_ONE, 7);
    }
}

static void missing_a_byte_harms_nobody(void **state)
{
    each(state, without_a_byte);
}

static void against_the_page_before(struct fixture *fixture)
{
    fixture->player.side = GUARDED_AT_START;
    in_two(fixture);
    fixture->player.side = GUARDED_AT_END;
}

static void nothing_before_the_input_is_read(void **state)
{
    each(state, against_the_page_before);
}

static int load(void **state, const char *directory)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->count = conversation_load(directory, &fixture->conversations);
    assert_true(fixture->count >= 10);
    player_init(&fixture->player, LIMIT);
    *state = fixture;
    return 0;
}

static int load_same(void **state)
{
    return load(state, SC_TEST_SCENARIOS "/same");
}

static int load_ours(void **state)
{
    return load(state, SC_TEST_SCENARIOS "/ours");
}

static int unload(void **state)
{
    struct fixture *fixture = *state;

    player_fini(&fixture->player);
    conversation_free(fixture->conversations, fixture->count);
    free(fixture);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_in_two_anywhere),
        cmocka_unit_test(cut_into_single_bytes),
        cmocka_unit_test(cut_into_equal_pieces),
        cmocka_unit_test(cut_as_it_falls),
        cmocka_unit_test(broken_off_anywhere),
        cmocka_unit_test(missing_a_byte_harms_nobody),
        cmocka_unit_test(nothing_before_the_input_is_read),
    };

    int failed = cmocka_run_group_tests_name("same", tests, load_same, unload);
    return failed + cmocka_run_group_tests_name("ours", tests, load_ours, unload);
}
