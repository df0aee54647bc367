/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the tool: both forms of every kind of member, and of every kind of byte. */

#include "support/check.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/record.h"
#include "ctl/words.h"

struct page {
    char *text;
    size_t length;
    struct sc_ctl_out out;
};

static struct page page_new(bool json)
{
    struct page page = {0};

    return page.out.json = json, page;
}

static void page_open(struct page *page)
{
    page->out.file = open_memstream(&page->text, &page->length);
    assert_non_null(page->out.file);
}

/* What was printed; it is the caller's. */
static char *page_close(struct page *page)
{
    fclose(page->out.file);
    assert_int_equal(page->out.error, 0);
    return page->text;
}

static char *print_value(bool json, const char *value)
{
    struct page page = page_new(json);

    page_open(&page);
    sc_ctl_record_begin(&page.out, "find", "found");
    sc_ctl_record_add_text(&page.out, "label", value);
    sc_ctl_record_end(&page.out);
    return page_close(&page);
}

static void check_value(bool json, const char *value, const char *expected)
{
    char *text = print_value(json, value);
    char line[400];

    snprintf(line, sizeof(line),
             json ? "{\"command\":\"find\",\"result\":\"found\",\"label\":%s}\n"
                  : "find: found label=%s\n",
             expected);
    assert_string_equal(text, line);
    free(text);
}

static void test_text(void **state)
{
    (void)state;
    check_value(false, "", "\"\"");
    check_value(false, "a b=c", "\"a b=c\"");
    check_value(false, "\n\r\t\"\\", "\"\\n\\r\\t\\\"\\\\\"");
    check_value(false, "\x1b[2J\x7f", "\"\\x1b[2J\\x7f\"");
    check_value(false, "\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\"");
    /* A control of the second block, a mark of direction, and what is no UTF-8. */
    check_value(false, "\xc2\x9b", "\"\\xc2\\x9b\"");
    check_value(false, "\xe2\x80\xae", "\"\\xe2\\x80\\xae\"");
    check_value(false, "\xff\xc3\xc0\x80\xed\xa0\x80", "\"\\xff\\xc3\\xc0\\x80\\xed\\xa0\\x80\"");
}

static void test_json(void **state)
{
    (void)state;
    check_value(true, "", "\"\"");
    check_value(true, "a/b", "\"a/b\"");
    check_value(true, "\n\"\\\x01", "\"\\n\\\"\\\\\\u0001\"");
    check_value(true, "\x7f\xc2\x9b\xe2\x80\xae", "\"\\u007f\\u009b\\u202e\"");
    check_value(true, "\xff\xc3\xa9", "\"\xef\xbf\xbd\xc3\xa9\",\"label_hex\":\"ffc3a9\"");
}

static void test_members(void **state)
{
    (void)state;
    for (int json = 0; json < 2; json++) {
        struct page page = page_new(json);
        page_open(&page);
        sc_ctl_record_begin(&page.out, "ping", "answered");
        sc_ctl_record_add_number(&page.out, "number", -1234567890123456789);
        sc_ctl_record_add_real(&page.out, "real", 0.0625);
        sc_ctl_record_note_text(&page.out, "note", "machines");
        sc_ctl_record_end(&page.out);
        char *text = page_close(&page);
        assert_string_equal(text, json
                                      ? "{\"command\":\"ping\",\"result\":\"answered\","
                                        "\"number\":-1234567890123456789,\"real\":0.0625,"
                                        "\"note\":\"machines\"}\n"
                                      : "ping: answered number=-1234567890123456789 real=0.0625\n");
        free(text);
    }
}

/* The value that a text stands for, as the shell reads it. */
static void read_back(char *line, const char *value)
{
    char *words[SC_CTL_WORDS_MAX];
    char *start = strchr(line, '=') + 1;

    assert_int_equal(sc_ctl_words_split(start, words), 1);
    assert_string_equal(words[0], value);
}

/* The same of JSON; the exact bytes are in the other member if there is one. */
static void parse(const char *line, const char *value)
{
    struct json_object *object = json_tokener_parse(line);
    struct json_object *member, *hex;
    size_t length = strlen(value);

    assert_non_null(object);
    assert_true(json_object_object_get_ex(object, "label", &member));
    if (json_object_object_get_ex(object, "label_hex", &hex)) {
        assert_int_equal(json_object_get_string_len(hex), 2 * length);
        for (size_t i = 0; i < length; i++) {
            unsigned byte = 0;
            assert_int_equal(sscanf(json_object_get_string(hex) + 2 * i, "%2x", &byte), 1);
            assert_int_equal(byte, (unsigned char)value[i]);
        }
    } else {
        assert_string_equal(json_object_get_string(member), value);
    }
    json_object_put(object);
}

/* Nothing that is below a blank, or above what prints, is in what goes to the terminal. */
static void check_quiet(const char *text)
{
    for (const char *byte = text; byte[0] && byte[1]; byte++)
        assert_true((unsigned char)*byte >= 0x20 && *byte != 0x7f);
    assert_null(strstr(text, "\xc2\x9b"));
}

static void test_every_pair_of_bytes_can_be_read_back(void **state)
{
    (void)state;
    for (int first = 1; first < 256; first++) {
        for (int second = 1; second < 256; second++) {
            const char value[] = {(char)first, (char)second, '\0'};
            char *text = print_value(false, value);
            check_quiet(text);
            read_back(text, value);
            free(text);
            text = print_value(true, value);
            check_quiet(text);
            parse(text, value);
            free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_every_pair_of_bytes_can_be_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
