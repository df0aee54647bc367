/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_MODEL_SCOPE_H
#define SC_TESTS_MODEL_SCOPE_H

/*
 * What the model asks of its arrays: who is meant, how many there are, who is
 * first, and who has most. Nothing is changed here but the arrays themselves.
 */

#include <stdbool.h>
#include <stdint.h>

#include "store/share.h"
#include "store/store.h"

enum { MODEL_SPACES = 4, MODEL_LABELS = 1024, MODEL_ENTRIES = 6000, MODEL_CURSORS = 3 };

struct model_entry {
    int space;
    int destination; /* of a binding */
    int endpoint;
    int property; /* of a binding */
    int fd;       /* of a connection; the rest too, but for ages and text */
    int64_t saved;
    int64_t expires;
    uint64_t id;
    size_t text;
    uint64_t cookie;
    int64_t since; /* known */
    uint32_t uses;
    bool aged; /* its lifetime ends first */
    bool from_back;
    bool dropped;
    uint8_t stayed; /* since cursors began, a bit each */
    uint8_t shown;  /* by cursors */
};

struct model_line {
    size_t count;
    struct model_entry entries[MODEL_ENTRIES];
};

/* What is remembered of one that is out: only space, cookie, since, uses, and saved: when it went.
 */

enum model_what { MODEL_SAVED, MODEL_ENDED, MODEL_BOUND, MODEL_RENEWED, MODEL_UNBOUND };

struct model_event {
    enum model_what what;
    enum sc_end end;
    uint64_t id;
};

struct model_events {
    size_t count;
    struct model_event events[2 * MODEL_ENTRIES];
};

struct model {
    struct sc_store_limits limits;
    size_t descriptors;
    int64_t now;
    uint64_t serial;
    uint64_t floors[MODEL_SPACES]; /* of ids: below, all was dropped */
    struct model_line connections;
    struct model_line bindings;
    struct model_line held;
    struct model_line known;
    struct model_line reaped;
    struct model_events events;
};

/* Which entries are meant; a negative number stands for any. */
struct model_scope {
    int space;
    int destination;
    int endpoint;
};

static const struct model_scope everything = {-1, -1, -1};

static inline struct model_scope model_of_space(int space)
{
    return (struct model_scope){space, -1, -1};
}

static inline struct model_scope model_of_endpoint(int space, int endpoint)
{
    return (struct model_scope){space, -1, endpoint};
}

static inline struct model_scope model_of_destination(int space, int destination)
{
    return (struct model_scope){space, destination, -1};
}

static inline bool model_is_over(size_t number, size_t limit)
{
    return limit > 0 && number > limit;
}

void model_insert(struct model_line *line, size_t at, struct model_entry entry);
struct model_entry model_take_out(struct model_line *line, size_t at);

bool model_is_in(const struct model_entry *entry, struct model_scope scope);
size_t model_count(const struct model_line *line, struct model_scope scope);
size_t model_text(const struct model_line *line, struct model_scope scope);

/* Where the first and the last one stand, and who expires first, the oldest among equals; or -1. */
int model_front(const struct model_line *line, struct model_scope scope);
int model_back(const struct model_line *line, struct model_scope scope);
int model_first(const struct model_line *line, struct model_scope scope);

/* Connections that are cached or held. */
size_t model_had(const struct model *model, struct model_scope scope);

/* How much of a thing a space has, or all: -1. */
size_t model_has(const struct model *model, enum sc_share_kind kind, int space);

void model_see_time(struct model *model, int64_t now);

/* Writes down what happens. */
void model_tell(struct model *model, enum model_what what, uint64_t id, enum sc_end end);

/*
 * The entry at this place of connections or bindings leaves for good; by the
 * second for another reason, if it had to go anyway.
 */
void model_end(struct model *model, struct model_line *line, size_t at, enum sc_end end);
void model_end_or_fate(struct model *model, struct model_line *line, size_t at, enum sc_end end);

/* Makes an entry expire when its lifetime ends, if that is earlier. */
void model_age_out(const struct model *model, struct model_entry *entry);

/* Why an entry has to go; SC_ENDS: it may stay. */
enum sc_end model_fate(const struct model *model, const struct model_entry *entry);

bool model_wants_to_know(const struct model *model);
size_t model_most_known(const struct model *model);

/*
 * The rule of shares: the space that has most of a thing, @newcomer counted
 * with what he wants, and asked first among equals; or -1: he is refused. No
 * newcomer: -1.
 */
int model_victim(const struct model *model, enum sc_share_kind kind, int newcomer, size_t amount);

/* Where the entry of a space that expires first is, be it a connection or a binding. */
struct model_line *model_first_text(struct model *model, int space);

/* A cached entry by its id, or null; whether it may be found. */
struct model_entry *model_entry(struct model *model, bool is_binding, uint64_t id);
bool model_is_visible(const struct model *model, const struct model_entry *entry);

int64_t model_next_expiry(const struct model *model);
bool model_space_is_empty(const struct model *model, int space);

/* Of one space, or of all: -1. */
struct sc_store_sizes model_sizes(const struct model *model, int space);

#endif
