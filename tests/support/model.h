/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_MODEL_H
#define SC_TESTS_MODEL_H

/*
 * What the store should do, said in the simplest way there is: arrays that
 * are searched from end to end. Spaces, labels and properties are numbers,
 * and a space's number is its user's.
 *
 * The connections of all endpoints stand in one array, and so do the bindings
 * of all destinations; the line of an endpoint is what is left of the array
 * when all others are struck out. So to save at the back is to append, and to
 * put back at the front is to insert before everything.
 *
 * What happens is written down as the store's observer is told of it.
 */

#include "support/model_scope.h"

/* What is to be saved; the text is of label and property together. */
struct model_saving {
    int space;
    int endpoint;
    int fd;
    size_t text;
    int64_t ttl;
    uint64_t cookie;
    int64_t age;
    int64_t known_for;
    uint32_t uses;
};

bool model_expire(struct model *model, int64_t now, size_t steps);

/* Both return 0 or -ENOBUFS. */
int model_save_connection(struct model *model, int64_t now, const struct model_saving *saving);
int model_save_binding(struct model *model, int64_t now, const struct model_entry *binding,
                       int64_t ttl);

void model_remember(struct model *model, const struct model_entry *known);

/* Both return the descriptor of the connection that is now held, or -1. */
int model_find_endpoint(struct model *model, int64_t now, int space, int endpoint);
int model_find_destination(struct model *model, int64_t now, int space, int destination,
                           int *property);

/* What is held is known by its descriptor. */
struct model_entry model_held(const struct model *model, int fd);
void model_put_back(struct model *model, int64_t now, int fd);
void model_discard(struct model *model, int fd, enum sc_end end);
void model_steal(struct model *model, int64_t now, int fd);

/* @newcomer: a space, or -1. */
bool model_evict(struct model *model, int newcomer, enum sc_end end);
#endif
