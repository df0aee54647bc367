/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_MODEL_H
#define SC_TESTS_MODEL_H

/*
 * What the store should do, said in the simplest way there is: arrays that
 * are searched from end to end. Spaces, labels and properties are numbers.
 *
 * The connections of all endpoints stand in one array, and so do the bindings
 * of all destinations; the line of an endpoint is what is left of the array
 * when all others are struck out. So to save at the back is to append, and to
 * put back at the front is to insert before everything.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

enum { MODEL_SPACES = 4, MODEL_LABELS = 1024, MODEL_ENTRIES = 8000 };

struct model_entry {
    int space;
    int destination; /* of a binding */
    int endpoint;
    int property; /* of a binding */
    int fd;       /* of a connection */
    int64_t saved;
    int64_t expires;
    uint64_t serial;
};

struct model_line {
    size_t count;
    struct model_entry entries[MODEL_ENTRIES];
};

struct model_counter {
    uint64_t lookups;
    uint64_t hits;
};

struct model {
    struct sc_store_limits limits;
    uint64_t serial;
    struct model_line connections;
    struct model_line bindings;
    struct model_line reaped;
    struct model_line held;
    struct model_counter counters[MODEL_SPACES][MODEL_LABELS];
};

/* Whether a connection is usable, by its descriptor. */
struct model_judge {
    bool (*usable)(void *context, int fd);
    void *context;
};

void model_expire(struct model *model, int64_t now);

void model_save_connection(struct model *model, int64_t now, int64_t ttl, int space, int endpoint,
                           int fd);

void model_save_binding(struct model *model, int64_t now, int64_t ttl, int space, int destination,
                        int property, int endpoint);

/* Both return the descriptor of the connection that is now held, or -1. */
int model_find_endpoint(struct model *model, int64_t now, int space, int endpoint,
                        const struct model_judge *judge);
int model_find_destination(struct model *model, int64_t now, int space, int destination,
                           const struct model_judge *judge, int *property);

/* What is held is known by its descriptor. */
struct model_entry model_held(const struct model *model, int fd);
void model_put_back(struct model *model, int64_t now, int fd);
void model_discard(struct model *model, int fd);
void model_steal(struct model *model, int fd);

bool model_evict(struct model *model);
void model_clear(struct model *model);
int model_reap(struct model *model);

/* Shows the bindings, then the connections, one line after the other. */
void model_walk(const struct model *model,
                void (*visit)(void *context, const struct model_entry *, bool is_binding),
                void *context);

int64_t model_next_expiry(const struct model *model);
bool model_space_is_empty(const struct model *model, int space);
struct sc_store_sizes model_sizes(const struct model *model);

#endif
