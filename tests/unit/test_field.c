/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The encoding of named fields in one text: what could be mistaken is escaped, only escapes
 * are taken back, and all bytes survive.
 */
#include "support/check.h"

#include <errno.h>
#include <string.h>

#include "support/guarded.h"
#include "support/random.h"
#include "wire/field.h"

enum { LONGEST = 4096, ROUNDS = 20000 };

static void assert_text(const struct sc_buf *buf, const char *expected)
{
    assert_true(sc_bytes_equal(sc_buf_bytes(buf), sc_bytes_of(expected)));
}

static void what_could_be_mistaken_is_escaped(void **state)
{
    struct sc_buf text;

    (void)state;
    sc_buf_init(&text);
    assert_int_equal(sc_field_append(&text, SC_BYTES("a=b"), SC_BYTES("x\ny%\0\x7f\xff")), 0);
    assert_text(&text, "a%3Db=x%0Ay%25%00%7F\xff\n");
    assert_int_equal(sc_field_append(&text, SC_BYTES(""), SC_BYTES("")), 0);
    assert_text(&text, "a%3Db=x%0Ay%25%00%7F\xff\n=\n");
    sc_buf_fini(&text);
}

static void a_field_is_found_by_its_whole_name(void **state)
{
    const struct sc_bytes text = SC_BYTES("peer=1\nverified_name=a\nname=b\nname=c\nlast=%0A");
    struct sc_bytes value;

    (void)state;
    assert_true(sc_field_find(text, SC_BYTES("peer"), &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("1")));
    assert_true(sc_field_find(text, SC_BYTES("name"), &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("b")));
    assert_true(sc_field_find(text, SC_BYTES("last"), &value));
    assert_true(sc_bytes_equal(value, SC_BYTES("%0A")));
    assert_false(sc_field_find(text, SC_BYTES("nam"), &value));
    assert_false(sc_field_find(text, SC_BYTES("peer=1\nname"), &value));
    assert_false(sc_field_find(SC_BYTES(""), SC_BYTES("a"), &value));
}

static void decoding_refuses_what_is_no_escape(void **state)
{
    static const struct sc_bytes bad[] = {SC_BYTES("%"),   SC_BYTES("a%4"),   SC_BYTES("%4g"),
                                          SC_BYTES("%zz"), SC_BYTES("%\0\0"), SC_BYTES("%0a")};
    struct sc_buf out;

    (void)state;
    sc_buf_init(&out);
    assert_int_equal(sc_field_decode(&out, SC_BYTES("a%25%0Ab")), 0);
    assert_text(&out, "a%\nb");
    for (size_t i = 0; i < SC_COUNT_OF(bad); i++) {
        assert_int_equal(sc_field_decode(&out, bad[i]), -EINVAL);
        assert_text(&out, "a%\nb");
    }
    sc_buf_fini(&out);
}

/* Any name and value come back, from memory that ends where they end. */
static void all_bytes_come_back(void **state)
{
    struct random random = {.state = number_from_environment("SCACHE_SEED", 1)};
    struct guarded guarded;
    struct sc_buf text, out;

    (void)state;
    guarded_init(&guarded, LONGEST);
    sc_buf_init(&text);
    sc_buf_init(&out);
    for (int round = 0; round < ROUNDS; round++) {
        char bytes[24];
        size_t length = random_below(&random, sizeof(bytes));
        for (size_t i = 0; i < length; i++)
            bytes[i] = (char)random_below(&random, 256);
        struct sc_bytes value = {bytes, length};
        sc_buf_clear(&text, SIZE_MAX);
        sc_buf_clear(&out, SIZE_MAX);
        assert_int_equal(sc_field_append(&text, SC_BYTES("first"), SC_BYTES("x")), 0);
        assert_int_equal(sc_field_append(&text, SC_BYTES("second"), value), 0);
        struct sc_bytes copy = guarded_copy(&guarded, sc_buf_bytes(&text), GUARDED_AT_END);
        struct sc_bytes found;
        assert_true(sc_field_find(copy, SC_BYTES("second"), &found));
        assert_int_equal(sc_field_decode(&out, found), 0);
        assert_true(sc_bytes_equal(sc_buf_bytes(&out), value));
    }
    sc_buf_fini(&text);
    sc_buf_fini(&out);
    guarded_fini(&guarded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_could_be_mistaken_is_escaped),
        cmocka_unit_test(a_field_is_found_by_its_whole_name),
        cmocka_unit_test(decoding_refuses_what_is_no_escape),
        cmocka_unit_test(all_bytes_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
