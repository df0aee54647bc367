/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The growable buffer: its calls one by one, and in any order beside an array that is large enough
 * from the start. Want of memory is test_wire_oom.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <stdint.h>

#include "base/buf.h"
#include "support/random.h"

enum { STEPS = 20000, MOST = 20000 };

static void assert_holds(const struct sc_buf *buf, struct sc_bytes expected)
{
    assert_int_equal(sc_buf_length(buf), expected.length);
    assert_true(sc_bytes_equal(sc_buf_bytes(buf), expected));
}

static void append(struct sc_buf *buf, struct sc_bytes bytes)
{
    assert_int_equal(sc_buf_append(buf, bytes), 0);
}

static void an_empty_buffer_owns_nothing(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    assert_holds(&buf, SC_BYTES(""));
    assert_non_null(sc_buf_bytes(&buf).data);
    append(&buf, (struct sc_bytes){NULL, 0});
    sc_buf_consume(&buf, 0);
    sc_buf_truncate(&buf, 0);
    assert_int_equal(sc_buf_reserve(&buf, 0), 0);
    assert_null(buf.data);
    sc_buf_clear(&buf, 0);
    assert_null(buf.data);
    sc_buf_fini(&buf);
    sc_buf_fini(&buf);
}

static void bytes_go_in_at_the_end_and_out_at_the_front(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    append(&buf, SC_BYTES("one\0"));
    append(&buf, SC_BYTES("two"));
    assert_holds(&buf, SC_BYTES("one\0two"));
    sc_buf_consume(&buf, 2);
    assert_holds(&buf, SC_BYTES("e\0two"));
    sc_buf_truncate(&buf, 4);
    assert_holds(&buf, SC_BYTES("e\0tw"));
    append(&buf, SC_BYTES("!"));
    assert_holds(&buf, SC_BYTES("e\0tw!"));
    sc_buf_consume(&buf, 5);
    assert_holds(&buf, SC_BYTES(""));
    assert_int_equal(buf.start, 0);
    sc_buf_fini(&buf);
}

static void reserved_room_is_there(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    for (size_t length = 1; length < MOST; length += 97) {
        assert_int_equal(sc_buf_reserve(&buf, length), 0);
        assert_true(buf.capacity - buf.end >= length);
    }
    assert_holds(&buf, SC_BYTES(""));
    sc_buf_fini(&buf);
}

/* What was consumed is room again: a steady stream does not make it grow. */
static void a_stream_through_the_buffer_does_not_grow_it(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    append(&buf, SC_BYTES("x"));
    size_t capacity = buf.capacity;
    for (size_t i = 0; i < 10 * capacity; i++) {
        append(&buf, SC_BYTES("123"));
        sc_buf_consume(&buf, 3);
    }
    assert_holds(&buf, SC_BYTES("3"));
    assert_int_equal(buf.capacity, capacity);
    sc_buf_fini(&buf);
}

static void clearing_keeps_the_memory_only_if_it_is_small(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    append(&buf, SC_BYTES("abc"));
    size_t capacity = buf.capacity;
    sc_buf_consume(&buf, 1);
    sc_buf_clear(&buf, capacity);
    assert_holds(&buf, SC_BYTES(""));
    assert_int_equal(buf.capacity, capacity);
    append(&buf, SC_BYTES("abc"));
    sc_buf_clear(&buf, capacity - 1);
    assert_holds(&buf, SC_BYTES(""));
    assert_int_equal(buf.capacity, 0);
    assert_null(buf.data);
    append(&buf, SC_BYTES("again"));
    assert_holds(&buf, SC_BYTES("again"));
    sc_buf_fini(&buf);
}

static void too_much_changes_nothing(void **state)
{
    static const size_t lengths[] = {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2, SIZE_MAX / 4 + 1};
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    append(&buf, SC_BYTES("abc"));
    sc_buf_consume(&buf, 1);
    for (size_t i = 0; i < SC_COUNT_OF(lengths); i++) {
        assert_int_equal(sc_buf_reserve(&buf, lengths[i]), -ENOMEM);
        assert_holds(&buf, SC_BYTES("bc"));
    }
    sc_buf_fini(&buf);
}

/* The same done to an array that is large enough from the start. */
struct model {
    char bytes[MOST];
    size_t length;
};

static void step(struct sc_buf *buf, struct model *model, struct random *random)
{
    char bytes[700];
    uint32_t length;

    switch (random_below(random, 8)) {
    case 0:
        length = random_below(random, (uint32_t)model->length + 1);
        sc_buf_truncate(buf, length);
        model->length = length;
        break;
    case 1:
    case 2:
    case 3:
        length = random_below(random, (uint32_t)model->length + 1);
        sc_buf_consume(buf, length);
        model->length -= length;
        memmove(model->bytes, model->bytes + length, model->length);
        break;
    default:
        length = random_below(random, sizeof(bytes));
        if (model->length + length > MOST)
            break;
        for (uint32_t i = 0; i < length; i++)
            bytes[i] = (char)random_next(random);
        append(buf, (struct sc_bytes){bytes, length});
        memcpy(model->bytes + model->length, bytes, length);
        model->length += length;
    }
}

static void any_order_of_calls_keeps_the_bytes(void **state)
{
    static struct model model;
    struct random random = {.state = number_from_environment("SC_SEED", 1)};
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    for (int i = 0; i < STEPS; i++) {
        step(&buf, &model, &random);
        assert_holds(&buf, (struct sc_bytes){model.bytes, model.length});
        assert_true(buf.end <= buf.capacity);
    }
    sc_buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_owns_nothing),
        cmocka_unit_test(bytes_go_in_at_the_end_and_out_at_the_front),
        cmocka_unit_test(reserved_room_is_there),
        cmocka_unit_test(a_stream_through_the_buffer_does_not_grow_it),
        cmocka_unit_test(clearing_keeps_the_memory_only_if_it_is_small),
        cmocka_unit_test(too_much_changes_nothing),
        cmocka_unit_test(any_order_of_calls_keeps_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
