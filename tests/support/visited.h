/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_VISITED_H
#define SC_TESTS_VISITED_H

/*
 * A set of states that a model has been in, each known by a key of bytes. It
 * owns its memory, and fails the test when there is none.
 */

#include <stdbool.h>
#include <stddef.h>

enum { VISITED_KEY = 48 };

struct visited_key {
    unsigned char bytes[VISITED_KEY];
};

struct visited {
    struct visited_key *places;
    bool *used;
    size_t count, size;
};

/* Adds a key. False: it is there. */
bool visited_add(struct visited *visited, const struct visited_key *key);
void visited_fini(struct visited *visited);

#endif
