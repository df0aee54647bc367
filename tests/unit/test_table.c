/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hash table: only the very same label is found, also while it grows and shrinks, among labels
 * that collide, and by who goes through all.
 */
#include "support/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/table.h"
#include "support/random.h"

enum { MOST = 3000, STEPS = 300000 };

static struct sc_label *label_new(struct sc_bytes bytes, uint32_t hash)
{
    struct sc_label *label = malloc(sizeof(*label) + bytes.length);

    assert_non_null(label);
    label->hash = hash;
    label->length = (uint32_t)bytes.length;
    if (bytes.length > 0)
        memcpy(sc_label_start(label), bytes.data, bytes.length);
    return label;
}

static struct sc_label *add(struct sc_table *table, struct sc_bytes bytes, uint32_t hash)
{
    struct sc_label *label = label_new(bytes, hash);

    assert_int_equal(sc_table_add(table, label), 0);
    return label;
}

static void drop(struct sc_table *table, struct sc_label *label)
{
    sc_table_remove(table, label);
    free(label);
}

static void nothing_is_found_in_an_empty_table(void **state)
{
    struct sc_table table;

    (void)state;
    sc_table_init(&table);
    assert_null(sc_table_find(&table, 5, SC_BYTES("a")));
    drop(&table, add(&table, SC_BYTES("a"), 5));
    assert_null(sc_table_find(&table, 5, SC_BYTES("a")));
    sc_table_fini(&table);
}

/* The worst thing would be to take one label for another. */
static void only_the_very_same_bytes_are_found(void **state)
{
    static const struct sc_bytes texts[] = {
        SC_BYTES(""),   SC_BYTES("a"),     SC_BYTES("ab"), SC_BYTES("b"),   SC_BYTES("ab\n"),
        SC_BYTES("ba"), SC_BYTES("a\xff"), SC_BYTES("A"),  SC_BYTES("a\0"), SC_BYTES("a\0b")};
    struct sc_label *labels[SC_COUNT_OF(texts)];
    struct sc_table table;

    (void)state;
    sc_table_init(&table);
    for (size_t i = 0; i < SC_COUNT_OF(texts); i++)
        labels[i] = add(&table, texts[i], 0xdeadbeef);
    for (size_t i = 0; i < SC_COUNT_OF(texts); i++) {
        assert_ptr_equal(sc_table_find(&table, 0xdeadbeef, texts[i]), labels[i]);
        assert_null(sc_table_find(&table, 0xdeadbeee, texts[i]));
    }
    assert_null(sc_table_find(&table, 0xdeadbeef, SC_BYTES("abc")));
    for (size_t i = 0; i < SC_COUNT_OF(texts); i++) {
        drop(&table, labels[i]);
        for (size_t j = 0; j < SC_COUNT_OF(texts); j++)
            assert_ptr_equal(sc_table_find(&table, 0xdeadbeef, texts[j]), j > i ? labels[j] : NULL);
    }
    sc_table_fini(&table);
}

static void empty_view_may_be_a_null_pointer(void **state)
{
    struct sc_table table;

    (void)state;
    sc_table_init(&table);
    struct sc_label *label = add(&table, SC_BYTES(""), 1);
    assert_ptr_equal(sc_table_find(&table, 1, (struct sc_bytes){NULL, 0}), label);
    drop(&table, label);
    sc_table_fini(&table);
}

/* A crowd of labels beside the table, each of which knows if it is in. */
struct crowd {
    struct sc_table table;
    size_t count;
    uint32_t spread; /* how many different hashes there are */
    struct sc_label *in[MOST];
    bool seen[MOST];
};

static struct crowd *crowd_new(uint32_t spread)
{
    struct crowd *crowd = calloc(1, sizeof(*crowd));

    assert_non_null(crowd);
    sc_table_init(&crowd->table);
    crowd->spread = spread;
    return crowd;
}

static void crowd_free(struct crowd *crowd)
{
    for (size_t i = 0; i < MOST; i++)
        if (crowd->in[i])
            drop(&crowd->table, crowd->in[i]);
    assert_int_equal(crowd->table.labels, 0);
    sc_table_fini(&crowd->table);
    free(crowd);
}

/* Any number will do as a hash; this one has its entropy in the high bits too. */
static uint32_t hash_of(const struct crowd *crowd, uint32_t i)
{
    return i % crowd->spread * 0x9e3779b9U;
}

static struct sc_bytes text_of(uint32_t i, char buffer[16])
{
    return (struct sc_bytes){buffer, (size_t)snprintf(buffer, 16, "%x", i)};
}

static struct sc_label *find(const struct crowd *crowd, uint32_t i)
{
    char buffer[16];

    return sc_table_find(&crowd->table, hash_of(crowd, i), text_of(i, buffer));
}

static void come(struct crowd *crowd, uint32_t i)
{
    char buffer[16];

    crowd->in[i] = add(&crowd->table, text_of(i, buffer), hash_of(crowd, i));
    crowd->count++;
}

static void go(struct crowd *crowd, uint32_t i)
{
    drop(&crowd->table, crowd->in[i]);
    crowd->in[i] = NULL;
    crowd->count--;
}

static uint32_t number_of(const struct crowd *crowd, const struct sc_label *label)
{
    char buffer[16] = "";

    assert_true(label->length < sizeof(buffer));
    memcpy(buffer, sc_label_start(label), label->length);
    uint32_t i = (uint32_t)strtoul(buffer, NULL, 16);
    assert_true(i < MOST);
    assert_ptr_equal(crowd->in[i], label);
    return i;
}

/* The next label, however many slices it takes; null at the end. */
static struct sc_label *next_of(const struct crowd *crowd, struct sc_table_place *place,
                                size_t slice)
{
    for (;;) {
        size_t steps = slice;
        struct sc_label *label = sc_table_next(&crowd->table, place, &steps);
        assert_true(steps <= slice);
        if (label || steps > 0)
            return label;
    }
}

static void see_all(struct crowd *crowd)
{
    struct sc_table_place place = {0};
    struct sc_label *label;

    memset(crowd->seen, 0, sizeof(crowd->seen));
    while ((label = next_of(crowd, &place, 7))) {
        uint32_t i = number_of(crowd, label);
        assert_false((crowd->seen[i]));
        crowd->seen[i] = true;
    }
}

/* Every label is found, and seen once by who goes through all; no other is. */
static void assert_all_there(struct crowd *crowd)
{
    see_all(crowd);
    for (uint32_t i = 0; i < MOST; i++) {
        assert_int_equal(crowd->seen[i], crowd->in[i] != NULL);
        assert_ptr_equal(find(crowd, i), crowd->in[i]);
    }
    assert_int_equal(crowd->table.labels, crowd->count);
}

static void grows_and_shrinks_with_what_is_in_it(void **state)
{
    struct crowd *crowd = crowd_new(UINT32_MAX);
    size_t largest;

    (void)state;
    for (uint32_t i = 0; i < MOST; i++) {
        come(crowd, i);
        assert_true(crowd->table.now.count >= crowd->count);
        if (i % 61 == 0 || i < 70)
            assert_all_there(crowd);
    }
    largest = crowd->table.now.count;
    assert_true(largest >= MOST);
    for (uint32_t i = 0; i < MOST; i++) {
        go(crowd, i);
        if (i % 61 == 0 || i > MOST - 70)
            assert_all_there(crowd);
    }
    for (uint32_t i = 0; i < MOST; i++) {
        come(crowd, 0);
        go(crowd, 0);
    }
    assert_true(crowd->table.now.count < largest / 8);
    crowd_free(crowd);
}

/* No operation empties more than a few buckets of the old array. */
static void moving_is_spread_over_operations(void **state)
{
    struct crowd *crowd = crowd_new(UINT32_MAX);
    size_t moved = 0;

    (void)state;
    for (uint32_t i = 0; i < MOST; i++) {
        come(crowd, i);
        size_t now = crowd->table.old.count > 0 ? crowd->table.moved : 0;
        if (now > moved)
            assert_true(now - moved <= 16);
        moved = now;
    }
    crowd_free(crowd);
}

static void random_steps(uint32_t spread, int steps)
{
    struct random random = {number_from_environment("SCACHE_SEED", 21)};
    struct crowd *crowd = crowd_new(spread);
    uint32_t range = MOST;

    for (int step = 0; step < steps; step++) {
        uint32_t i = random_below(&random, range);
        assert_ptr_equal(find(crowd, i), crowd->in[i]);
        /* The tide: more come than go, then more go than come. */
        bool rising = step / (steps / 20) % 2 == 0;
        if (!crowd->in[i] && (rising || random_below(&random, 8) == 0))
            come(crowd, i);
        else if (crowd->in[i] && (!rising || random_below(&random, 8) == 0))
            go(crowd, i);
        if (step % (steps / 200) == 0)
            assert_all_there(crowd);
    }
    crowd_free(crowd);
}

/*
 * Somebody goes through the table while others come and go, and it grows and
 * shrinks between any two steps. What was there throughout is seen once, and
 * nothing twice that has not left meanwhile.
 */
static void go_through_changes(uint32_t spread, uint64_t seed)
{
    struct random random = {seed};
    struct crowd *crowd = crowd_new(spread);
    bool *stayed = calloc(MOST, sizeof(bool));
    struct sc_table_place place = {0};
    struct sc_label *label;
    bool rising = random_below(&random, 2) == 0;
    uint32_t changes = 1 + random_below(&random, 60);

    assert_non_null(stayed);
    for (uint32_t i = 0; i < MOST; i++)
        if (random_below(&random, rising ? 20 : 2) == 0)
            come(crowd, i);
    for (uint32_t i = 0; i < MOST; i++)
        stayed[i] = crowd->in[i] != NULL;
    while ((label = next_of(crowd, &place, 1 + random_below(&random, 5)))) {
        uint32_t at_hand = number_of(crowd, label);
        assert_false((crowd->seen[at_hand]));
        crowd->seen[at_hand] = true;
        if (random_below(&random, 10) == 0) {
            sc_table_unread(&place);
            assert_ptr_equal(next_of(crowd, &place, 3), label);
        }
        for (uint32_t n = random_below(&random, changes); n > 0; n--) {
            uint32_t i = n == 1 ? at_hand : random_below(&random, MOST);
            bool comes = random_below(&random, 10) < (rising ? 9 : 1);
            if (!crowd->in[i] && comes)
                come(crowd, i);
            else if (crowd->in[i] && !comes) {
                go(crowd, i);
                stayed[i] = crowd->seen[i] = false;
            }
        }
    }
    for (uint32_t i = 0; i < MOST; i++)
        assert_true(!stayed[i] || crowd->seen[i]);
    free(stayed);
    crowd_free(crowd);
}

static void what_stays_is_seen_whatever_comes_and_goes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 100; seed++)
        go_through_changes(seed % 5 == 0 ? 100 : UINT32_MAX, seed);
}

static void any_step_keeps_every_label(void **state)
{
    (void)state;
    random_steps(UINT32_MAX, STEPS);
}

/* Slow, but as right as ever: all labels under a handful of hashes. */
static void colliding_labels_are_kept_apart(void **state)
{
    (void)state;
    random_steps(50, STEPS / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_found_in_an_empty_table),
        cmocka_unit_test(only_the_very_same_bytes_are_found),
        cmocka_unit_test(empty_view_may_be_a_null_pointer),
        cmocka_unit_test(grows_and_shrinks_with_what_is_in_it),
        cmocka_unit_test(moving_is_spread_over_operations),
        cmocka_unit_test(any_step_keeps_every_label),
        cmocka_unit_test(what_stays_is_seen_whatever_comes_and_goes),
        cmocka_unit_test(colliding_labels_are_kept_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
