/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists for the eye: every kind of record fits its columns, whatever strangers have put into it. */

#include "support/check.h"

#include <locale.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "ctl/ident.h"
#include "ctl/paint.h"
#include "ctl/table.h"
#include "support/recorded.h"

static const char instance[] = "17246381924";

struct drawing {
    const char *line;
    struct sc_ctl_sheet sheet;
};

static void draw(void *context, FILE *out)
{
    const struct drawing *drawing = context;
    struct sc_ctl_facts facts;

    sc_ctl_facts_init(&facts);
    recorded_read(&facts, drawing->line);
    const struct sc_ctl_table *table = sc_ctl_table_find(sc_ctl_facts_text(&facts, "record"));
    assert_non_null(table);
    sc_ctl_table_print_head(table, &drawing->sheet, out);
    sc_ctl_table_print_row(table, &drawing->sheet, &facts, instance, out);
    sc_ctl_facts_fini(&facts);
}

/* Head and row without marks; the caller's. */
static char *drawn(const char *line, int width, bool is_utf8)
{
    struct drawing drawing = {line, {width, is_utf8}};
    char *text = recorded_print(draw, &drawing), *plain = NULL;
    size_t length;
    FILE *out = open_memstream(&plain, &length);

    sc_ctl_paint(out, text, false);
    fclose(out);
    free(text);
    return plain;
}

static void test_columns(void **state)
{
    char *text = drawn("record=connection id=127 user=0 label=\"smtp\\n127.0.0.1\\n25\\n\" "
                       "age_ms=1500 left_ms=58500 known_ms=61000 uses=3 socket=yes state=silent",
                       80, true);

    (void)state;
    assert_string_equal(
        text, "          ID    USER  ENDPOINT            STATE     USES   KNOWN     AGE    LEFT\n"
              "    127.942f       0  smtp 127.0.0.1 25   silent       3   1m01s    1.5s   58.5s\n");
    free(text);
    text = drawn("record=user user=4294967297 clients=12 connections=12345 held=1 bindings=7 "
                 "text_bytes=2048 request_bytes=0 unread=0",
                 80, true);
    assert_non_null(strstr(text, "    share2       12        12.3k      1         7   2.00 kB"));
    free(text);
}

/* What an older server leaves out is a dash, and what a newer one adds is no matter. */
static void test_missing_and_unknown(void **state)
{
    char *text = drawn("record=endpoint label=a weather=fine", 80, true);

    (void)state;
    assert_non_null(strstr(text, "       -  a  "));
    assert_null(strstr(text, "fine"));
    assert_null(sc_ctl_table_find("weather"));
    free(text);
}

static const char *const kinds[] = {
    "record=connection id=18446744073709551615 user=4294967295 known_ms=99999999999 "
    "age_ms=99999999999 left_ms=99999999999 uses=99999999 state=\"\\x1b[2Jxxxxxxxxxx\" ",
    "record=binding id=1 user=0 age_ms=1 left_ms=1 destination=\"\\xff\\n\\xe4\\xb8\\xad\" ",
    "record=endpoint user=0 connections=99999999999 lookups=1 hits=1 misses=1 ",
    "record=destination user=\"\\x1b]0;x\\x07\" bindings=1 ",
};

static const char *const labels[] = {
    "label=a",
    "label=\"\\x1b[1;31m\\x9b\\x07 } 1\\nscache_up 0\"",
    "label=\"\\xe4\\xb8\\xad\\xe5\\x9b\\xbd\\xe4\\xb8\\xad\\xe5\\x9b\\xbd\\xe4\\xb8\\xad\"",
    "label=\"\\xe2\\x80\\xae\\xff\\xfe\\n\\n*\\n\"",
};

static void test_any_label_at_any_width(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t l = 0; l < sizeof(labels) / sizeof(labels[0]); l++) {
            for (int width = 75; width < 200; width += 7) {
                char line[400];
                snprintf(line, sizeof(line), "%s%s", kinds[k], labels[l]);
                char *text = drawn(line, width, true);
                char *row = strchr(text, '\n') + 1;
                wchar_t wide[400];
                size_t length = mbstowcs(wide, row, 400);
                assert_true(length != (size_t)-1 && length > 0);
                assert_int_equal(wide[length - 1], L'\n');
                int columns = wcswidth(wide, length - 1);
                assert_true(columns > 0);
                /* Numbers that no server has make the line longer, and nothing else does. */
                if (k > 0 && k < 3)
                    assert_in_range(columns, 1, width);
                assert_null(strchr(row, 0x1b));
                assert_ptr_equal(strchr(row, '\n'), row + strlen(row) - 1);
                free(text);
            }
        }
    }
}

static void write_ident(char text[SC_CTL_IDENT_SIZE], const char *line)
{
    struct sc_ctl_facts facts;

    sc_ctl_facts_init(&facts);
    recorded_read(&facts, line);
    sc_ctl_ident_write(text, &facts, instance);
    sc_ctl_facts_fini(&facts);
}

static bool is_ident(const char *word, const char *line)
{
    struct sc_ctl_ident ident;
    struct sc_ctl_facts facts;

    assert_true(sc_ctl_ident_read(&ident, word));
    sc_ctl_facts_init(&facts);
    recorded_read(&facts, line);
    bool is_it = sc_ctl_ident_is(&ident, &facts);
    sc_ctl_facts_fini(&facts);
    return is_it;
}

static void test_idents(void **state)
{
    static const char *const wrong[] = {"",
                                        "5",
                                        "5.",
                                        ".a8b2",
                                        "5.a8b",
                                        "5.A8B2",
                                        "5.a8b2x",
                                        "-5.a8b2",
                                        "x",
                                        "x1234567",
                                        "x123456789",
                                        "y12345678",
                                        "123456789012345678901.a8b2"};
    struct sc_ctl_ident ident;
    char text[SC_CTL_IDENT_SIZE], other[SC_CTL_IDENT_SIZE];

    (void)state;
    write_ident(text, "record=connection id=127 label=a");
    assert_string_equal(text, "127.942f");
    assert_true(sc_ctl_ident_read(&ident, text));
    assert_false(ident.is_place);
    assert_string_equal(ident.digits, "127");
    assert_true(sc_ctl_ident_is_of(&ident, instance));
    assert_false(sc_ctl_ident_is_of(&ident, "17246381925"));
    assert_true(is_ident(text, "record=connection id=127 label=b"));
    assert_false(is_ident(text, "record=connection id=128 label=a"));
    /* A place: by all that makes it one. */
    write_ident(text, "record=endpoint user=0 label=a connections=1");
    write_ident(other, "record=endpoint user=0 label=a connections=2");
    assert_string_equal(text, other);
    assert_true(is_ident(text, "record=endpoint user=0 label=a"));
    assert_false(is_ident(text, "record=endpoint user=1 label=a"));
    assert_false(is_ident(text, "record=endpoint user=0 label=b"));
    assert_false(is_ident(text, "record=destination user=0 label=a"));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(sc_ctl_ident_read(&ident, wrong[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_missing_and_unknown),
        cmocka_unit_test(test_any_label_at_any_width),
        cmocka_unit_test(test_idents),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
