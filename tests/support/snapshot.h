/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_SNAPSHOT_H
#define SC_TESTS_SNAPSHOT_H

/*
 * All that cursors through a store show, in an order of its own, so that two
 * of them can be compared: what the store held before and after, or what it
 * holds and what it should. The order within a destination's bindings and an
 * endpoint's connections is part of it, since each line knows its place
 * there; which destination or endpoint comes first is not.
 *
 * It never allocates, so that a test that makes allocations fail may use it.
 */

#include <stdint.h>

#include "store/store.h"

enum { SNAPSHOT_LINES = 8192, SNAPSHOT_TEXT = 48 };

struct snapshot_line {
    uint64_t is_connection;
    const struct sc_space *space;
    char destination[SNAPSHOT_TEXT]; /* padded with NUL, all three */
    char endpoint[SNAPSHOT_TEXT];
    char property[SNAPSHOT_TEXT];
    uint64_t place;
    int64_t fd;
    int64_t age;
    int64_t left;
    int64_t known_for;
    uint64_t uses;
};

/* What there is to tell of a binding or a connection. */
struct snapshot_entry {
    const struct sc_space *space;
    struct sc_bytes destination; /* of a binding; empty for a connection */
    struct sc_bytes endpoint;
    struct sc_bytes property;
    int fd; /* of a connection; -1 for a binding */
    int64_t age;
    int64_t left;
    int64_t known_for;
    uint32_t uses;
};

struct snapshot {
    size_t count;
    struct snapshot_line lines[SNAPSHOT_LINES];
};

void snapshot_clear(struct snapshot *snapshot);

/* Adds an entry; those of one line follow one another. */
void snapshot_add(struct snapshot *snapshot, const struct snapshot_entry *entry);

/* Fills a snapshot with what cursors show now. */
void snapshot_take(struct snapshot *snapshot, struct sc_store *store, int64_t now);

/* Fails the test, and shows the first difference, unless both are the same. */
void snapshot_assert_equal(struct snapshot *one, struct snapshot *other);

#endif
