/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log records: prefixes, bytes that do not print, texts that are cut, and records that are kept
 * back. Where they go is tested with whole programs.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"

enum { INTERVAL = 10000 };

/* A sink that remembers the last record. */
struct memory {
    struct sc_log_sink sink;
    struct sc_log log;
    enum sc_severity severity;
    char text[4096];
    size_t length;
    int count;
};

static void remember(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                     size_t length)
{
    struct memory *memory = SC_CONTAINER_OF(sink, struct memory, sink);

    assert_true(length < sizeof(memory->text));
    memcpy(memory->text, text, length);
    memory->text[length] = '\0';
    memory->length = length;
    memory->severity = severity;
    memory->count++;
}

static struct memory *memory_init(struct memory *memory)
{
    *memory = (struct memory){.sink.write = remember};
    memory->log.sink = &memory->sink;
    return memory;
}

static void a_severity_is_a_prefix(void **state)
{
    static const char *const expected[] = {
        [SC_INFO] = "word 7",         [SC_WARNING] = "warning: word 7",
        [SC_ERROR] = "error: word 7", [SC_FATAL] = "fatal: word 7",
        [SC_PANIC] = "panic: word 7",
    };
    struct memory memory;

    (void)state;
    memory_init(&memory);
    for (size_t i = 0; i < SC_COUNT_OF(expected); i++) {
        sc_log(&memory.log, (enum sc_severity)i, "%s %d", "word", 7);
        assert_string_equal(memory.text, expected[i]);
        assert_int_equal(memory.severity, i);
        assert_int_equal(memory.length, strlen(expected[i]));
    }
}

static void what_does_not_print_becomes_a_question_mark(void **state)
{
    struct memory memory;
    char every[256];

    (void)state;
    memory_init(&memory);
    for (int i = 1; i < 256; i++)
        every[i - 1] = (char)i;
    every[255] = '\0';
    sc_log(&memory.log, SC_WARNING, "%s", every);
    assert_int_equal(memory.length, strlen("warning: ") + 255);
    for (int i = 1; i < 256; i++) {
        char shown = memory.text[strlen("warning: ") + (size_t)i - 1];
        assert_int_equal(shown, i >= ' ' && i <= '~' ? i : '?');
    }
    sc_log(&memory.log, SC_INFO, "a%cb", '\0');
    assert_string_equal(memory.text, "a?b");
}

static void text_is_cut(void **state)
{
    static char long_text[2 * SC_LOG_TEXT_MAX];
    struct memory memory;

    (void)state;
    memory_init(&memory);
    memset(long_text, 'x', sizeof(long_text) - 1);
    for (int length = SC_LOG_TEXT_MAX - 1; length <= SC_LOG_TEXT_MAX + 1; length++) {
        size_t kept = (size_t)(length < SC_LOG_TEXT_MAX ? length : SC_LOG_TEXT_MAX);
        sc_log(&memory.log, SC_WARNING, "%.*s", length, long_text);
        assert_int_equal(memory.length, strlen("warning: ") + kept);
        sc_log(&memory.log, SC_INFO, "%.*s", length, long_text);
        assert_int_equal(memory.length, kept);
    }
    sc_log(&memory.log, SC_PANIC, "%s", long_text);
    assert_int_equal(memory.length, strlen("panic: ") + SC_LOG_TEXT_MAX);
}

/* A view is not terminated, and may be longer than a record. */
static void views_can_be_logged(void **state)
{
    struct sc_bytes view = {"label and more", 5};
    static char bytes[3 * SC_LOG_TEXT_MAX];
    struct sc_bytes long_view = {bytes, sizeof(bytes)};
    struct memory memory;

    (void)state;
    memory_init(&memory);
    memset(bytes, 'x', sizeof(bytes));
    sc_log(&memory.log, SC_INFO, "<%.*s>", SC_LOG_VIEW(view));
    assert_string_equal(memory.text, "<label>");
    sc_log(&memory.log, SC_INFO, "<%.*s>", SC_LOG_VIEW(long_view));
    assert_int_equal(memory.length, SC_LOG_TEXT_MAX);
}

static void a_limited_record_comes_once_in_ten_seconds(void **state)
{
    struct memory memory;
    struct sc_log_limit limit = {0};
    int64_t now = 5;

    (void)state;
    memory_init(&memory);
    sc_log_limited(&memory.log, &limit, now, SC_WARNING, "bad %d", 1);
    assert_string_equal(memory.text, "warning: bad 1");
    for (int i = 0; i < 7; i++)
        sc_log_limited(&memory.log, &limit, now + INTERVAL - 1, SC_WARNING, "bad %d", 2);
    assert_int_equal(memory.count, 1);
    sc_log_limited(&memory.log, &limit, now + INTERVAL, SC_WARNING, "bad %d", 3);
    assert_int_equal(memory.count, 2);
    assert_string_equal(memory.text, "warning: bad 3 (and 7 more like it)");
    sc_log_limited(&memory.log, &limit, now + 2 * INTERVAL, SC_WARNING, "bad %d", 4);
    assert_int_equal(memory.count, 3);
    assert_string_equal(memory.text, "warning: bad 4");
}

static void one_limit_does_not_hold_back_another(void **state)
{
    struct memory memory;
    struct sc_log_limit one = {0};
    struct sc_log_limit other = {0};

    (void)state;
    memory_init(&memory);
    sc_log_limited(&memory.log, &one, 0, SC_INFO, "one");
    sc_log_limited(&memory.log, &other, 0, SC_INFO, "other");
    assert_int_equal(memory.count, 2);
}

static void a_limited_record_is_cut_too(void **state)
{
    static char long_text[3 * SC_LOG_TEXT_MAX];
    struct memory memory;
    struct sc_log_limit limit = {0};

    (void)state;
    memory_init(&memory);
    memset(long_text, '%', sizeof(long_text) - 1);
    for (int64_t now = 0; now <= 2 * INTERVAL; now += INTERVAL / 2)
        sc_log_limited(&memory.log, &limit, now, SC_ERROR, "%s", long_text);
    assert_int_equal(memory.count, 3);
    assert_in_range(memory.length, 0, strlen("error: ") + SC_LOG_TEXT_MAX);
    assert_non_null(strstr(memory.text, "(and 1 more like it)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_severity_is_a_prefix),
        cmocka_unit_test(what_does_not_print_becomes_a_question_mark),
        cmocka_unit_test(text_is_cut),
        cmocka_unit_test(views_can_be_logged),
        cmocka_unit_test(a_limited_record_comes_once_in_ten_seconds),
        cmocka_unit_test(one_limit_does_not_hold_back_another),
        cmocka_unit_test(a_limited_record_is_cut_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
