/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Attribute lists: scanned in any pieces, read against guard pages, written and read again. What
 * lists mean is test_request.c's and test_reply.c's.
 */
#include "support/check.h"

#include <string.h>

#include "support/guarded.h"
#include "support/random.h"
#include "wire/list.h"

enum { LONGEST = 4096 };

/* Complete lists, each with what its reader shows. */
static const struct {
    struct sc_bytes list;
    const char *shown;
} lists[] = {
    {SC_BYTES("\0"), ""},
    {SC_BYTES("a\0b\0\0"), "a=b;"},
    {SC_BYTES("a\0\0\0"), "a=;"},
    {SC_BYTES("a\0\0b\0\0\0"), "a=;b=;"},
    {SC_BYTES("name\0value\0other\0\xff\n=\0\0"), "name=value;other=\xff\n=;"},
    {SC_BYTES("x\0x\0x\0x\0x\0\0\0"), "x=x;x=x;x=;"},
};

static void show(char *text, struct sc_bytes list)
{
    struct sc_list_reader reader = sc_list_read(list);
    struct sc_attribute attribute;

    *text = '\0';
    while (sc_list_next(&reader, &attribute)) {
        strncat(text, attribute.name.data, attribute.name.length);
        strcat(text, "=");
        strncat(text, attribute.value.data, attribute.value.length);
        strcat(text, ";");
    }
    assert_int_equal(reader.rest.length, 0);
    assert_false(sc_list_next(&reader, &attribute));
}

static void assert_zero(const struct sc_list_scanner *scanner)
{
    assert_int_equal(scanner->seen, 0);
    assert_int_equal(scanner->token, 0);
    assert_false(scanner->in_value);
}

/* The end comes with the last byte, whatever the pieces and the bytes after. */
static void the_end_is_found_at_every_split(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        struct sc_bytes whole = guarded_copy(&guarded, lists[i].list, GUARDED_AT_END);
        for (size_t split = 0; split < whole.length; split++) {
            struct sc_list_scanner scanner = {0};
            struct sc_bytes part = guarded_copy(
                &guarded, (struct sc_bytes){lists[i].list.data, split}, GUARDED_AT_END);
            assert_int_equal(sc_list_scan(&scanner, part), 0);
            assert_int_equal(sc_list_scan(&scanner, part), 0);
            assert_int_equal(scanner.seen, split);
            whole = guarded_copy(&guarded, lists[i].list, GUARDED_AT_END);
            assert_int_equal(sc_list_scan(&scanner, whole), whole.length);
            assert_zero(&scanner);
        }
    }
    guarded_fini(&guarded);
}

static void the_end_is_found_a_byte_at_a_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        struct sc_list_scanner scanner = {0};
        struct sc_bytes part = {lists[i].list.data, 1};
        for (; part.length < lists[i].list.length; part.length++)
            assert_int_equal(sc_list_scan(&scanner, part), 0);
        assert_int_equal(sc_list_scan(&scanner, part), part.length);
    }
}

static void what_follows_the_end_is_not_looked_at(void **state)
{
    char bytes[256];

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        for (int after = 0; after < 256; after++) {
            struct sc_list_scanner scanner = {0};
            size_t length = lists[i].list.length;
            memcpy(bytes, lists[i].list.data, length);
            bytes[length] = (char)after;
            assert_int_equal(sc_list_scan(&scanner, (struct sc_bytes){bytes, length + 1}), length);
        }
    }
}

/* Skipped in pieces, a list ends where it ends when it is kept. */
static void skipping_finds_the_same_end(void **state)
{
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        for (size_t piece = 1; piece <= lists[i].list.length; piece++) {
            struct sc_list_scanner scanner = {0};
            struct sc_bytes rest = lists[i].list;
            while (rest.length > piece) {
                assert_int_equal(
                    sc_list_scan(&scanner,
                                 guarded_copy(&guarded, (struct sc_bytes){rest.data, piece},
                                              GUARDED_AT_END)),
                    0);
                sc_list_skip_seen(&scanner);
                rest.data += piece;
                rest.length -= piece;
            }
            assert_int_equal(sc_list_scan(&scanner, rest), rest.length);
            assert_zero(&scanner);
        }
    }
    guarded_fini(&guarded);
}

static void skipping_nothing_changes_nothing(void **state)
{
    struct sc_list_scanner scanner = {0};

    (void)state;
    sc_list_skip_seen(&scanner);
    assert_zero(&scanner);
    assert_int_equal(sc_list_scan(&scanner, SC_BYTES("ab")), 0);
    sc_list_skip_seen(&scanner);
    sc_list_skip_seen(&scanner);
    assert_int_equal(sc_list_scan(&scanner, (struct sc_bytes){"", 0}), 0);
    sc_list_skip_seen(&scanner);
    assert_int_equal(sc_list_scan(&scanner, SC_BYTES("\0")), 0);
    sc_list_skip_seen(&scanner);
    sc_list_skip_seen(&scanner);
    assert_int_equal(sc_list_scan(&scanner, SC_BYTES("\0\0")), 2);
}

static void the_reader_shows_every_attribute(void **state)
{
    char text[256];
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        show(text, guarded_copy(&guarded, lists[i].list, GUARDED_AT_END));
        assert_string_equal(text, lists[i].shown);
        show(text, guarded_copy(&guarded, lists[i].list, GUARDED_AT_START));
        assert_string_equal(text, lists[i].shown);
    }
    guarded_fini(&guarded);
}

/* Half a list is read only to tell what it would have become. */
static void the_reader_stays_within_half_a_list(void **state)
{
    char text[256];
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        for (size_t length = 0; length < lists[i].list.length; length++)
            show(text, guarded_copy(&guarded, (struct sc_bytes){lists[i].list.data, length},
                                    GUARDED_AT_END));
    guarded_fini(&guarded);
}

static void an_attribute_of_another_name_stays_unread(void **state)
{
    static const char *const strange[] = {"", "o", "on", "onee", "One", "two", "one\n"};
    struct sc_list_reader reader = sc_list_read(SC_BYTES("one\0"
                                                         "1\0two\0"
                                                         "2\0\0"));
    struct sc_bytes value = SC_BYTES("untouched");

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(strange); i++)
        assert_false(sc_list_expect(&reader, strange[i], &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("untouched")));
    assert_true(sc_list_expect(&reader, "one", &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("1")));
    assert_false(sc_list_expect(&reader, "one", &value));
    assert_true(sc_list_expect(&reader, "two", &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("2")));
    assert_false(sc_list_expect(&reader, "two", &value));
    assert_false(sc_list_expect(&reader, "", &value));
    assert_int_equal(reader.rest.length, 1);
}

static void a_written_list_reads_back(void **state)
{
    struct sc_list_writer writer;
    struct sc_buf out;
    char text[256];

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_buf_append(&out, SC_BYTES("before")), 0);
    writer = sc_list_write(&out);
    sc_list_put(&writer, "name", SC_BYTES("\x01\xff"));
    sc_list_put(&writer, "empty", (struct sc_bytes){NULL, 0});
    sc_list_put_number(&writer, "n", 10);
    sc_list_put_number(&writer, "m", UINT64_MAX);
    sc_list_put_number(&writer, "zero", 0);
    assert_int_equal(sc_list_end(&writer), 0);
    sc_buf_consume(&out, strlen("before"));
    show(text, sc_buf_bytes(&out));
    assert_string_equal(text, "name=\x01\xff;empty=;n=10;"
                              "m=18446744073709551615;zero=0;");
    sc_buf_clear(&out, LONGEST);
    writer = sc_list_write(&out);
    assert_int_equal(sc_list_end(&writer), 0);
    assert_true(sc_bytes_equal(sc_buf_bytes(&out), SC_BYTES("\0")));
    sc_buf_fini(&out);
}

/* The plainest way to find the end, to compare with. */
static size_t end_of(struct sc_bytes bytes)
{
    size_t token = 0;
    size_t tokens = 0;

    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.data[i] != '\0')
            continue;
        if (tokens % 2 == 0 && i == token)
            return i + 1;
        token = i + 1;
        tokens++;
    }
    return 0;
}

static void random_bytes_end_where_they_should(void **state)
{
    struct random random = {.state = number_from_environment("SC_SEED", 1)};
    char bytes[24];

    (void)state;
    for (int round = 0; round < 100000; round++) {
        struct sc_list_scanner kept = {0};
        struct sc_list_scanner skipped = {0};
        struct sc_bytes whole = {bytes, sizeof(bytes)};
        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (char)(random_below(&random, 3) ? 'a' : '\0');
        size_t end = end_of(whole);
        size_t split = random_below(&random, end > 0 ? (uint32_t)end : sizeof(bytes));
        struct sc_bytes first = {bytes, split};
        struct sc_bytes rest = {bytes + split, sizeof(bytes) - split};
        assert_int_equal(sc_list_scan(&kept, first), 0);
        assert_int_equal(sc_list_scan(&kept, whole), end);
        assert_int_equal(sc_list_scan(&skipped, first), 0);
        sc_list_skip_seen(&skipped);
        assert_int_equal(sc_list_scan(&skipped, rest), end > 0 ? end - split : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_found_at_every_split),
        cmocka_unit_test(the_end_is_found_a_byte_at_a_time),
        cmocka_unit_test(what_follows_the_end_is_not_looked_at),
        cmocka_unit_test(skipping_finds_the_same_end),
        cmocka_unit_test(skipping_nothing_changes_nothing),
        cmocka_unit_test(the_reader_shows_every_attribute),
        cmocka_unit_test(the_reader_stays_within_half_a_list),
        cmocka_unit_test(an_attribute_of_another_name_stays_unread),
        cmocka_unit_test(a_written_list_reads_back),
        cmocka_unit_test(random_bytes_end_where_they_should),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
