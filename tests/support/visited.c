/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hash table of fixed keys, for models. What a key means is the model's
 * affair.
 */
#include "support/check.h"

#include "support/visited.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 1 << 16 };

static size_t visited_find(const struct visited *visited, const struct visited_key *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < VISITED_KEY; i++)
        hash = (hash ^ key->bytes[i]) * UINT64_C(1099511628211);
    size_t at = (size_t)(hash % visited->size);
    while (visited->used[at] && memcmp(&visited->places[at], key, sizeof(*key)) != 0)
        at = (at + 1) % visited->size;
    return at;
}

static void visited_grow(struct visited *visited)
{
    struct visited old = *visited;

    visited->size = old.size > 0 ? 4 * old.size : FIRST_SIZE;
    visited->places = calloc(visited->size, sizeof(*visited->places));
    visited->used = calloc(visited->size, sizeof(*visited->used));
    assert_true(visited->places && visited->used);
    for (size_t i = 0; i < old.size; i++)
        if (old.used[i]) {
            size_t at = visited_find(visited, &old.places[i]);
            visited->places[at] = old.places[i];
            visited->used[at] = true;
        }
    free(old.places);
    free(old.used);
}

bool visited_add(struct visited *visited, const struct visited_key *key)
{
    if (2 * visited->count >= visited->size)
        visited_grow(visited);
    size_t at = visited_find(visited, key);
    if (visited->used[at])
        return false;
    visited->places[at] = *key;
    visited->used[at] = true;
    visited->count++;
    return true;
}

void visited_fini(struct visited *visited)
{
    free(visited->places);
    free(visited->used);
    *visited = (struct visited){0};
}
