/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_ASK_H
#define SC_CONTROL_ASK_H

/*
 * What a control client asks for. A request is one attribute list: `request`
 * comes first, the others in any order. An attribute that is not known, does
 * not go with the request, or comes twice makes it malformed, because a filter
 * that was ignored would be a disaster in a drop.
 *
 * Pure. All views are of the bytes that were parsed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/util.h"

enum sc_ask_kind {
    SC_ASK_UNKNOWN,
    SC_ASK_STATS,
    SC_ASK_LIST,
    SC_ASK_SHOW,
    SC_ASK_ADVISE,
    SC_ASK_WATCH,
    SC_ASK_DROP,
    SC_ASK_SET,
    SC_ASK_UNSET,
    SC_ASK_PARAMS
};

/* Of what: the attribute `kind`. */
enum sc_ask_what {
    SC_ASK_NOTHING,
    SC_ASK_DESTINATIONS,
    SC_ASK_ENDPOINTS,
    SC_ASK_CONNECTIONS,
    SC_ASK_BINDINGS,
    SC_ASK_CLIENTS,
    SC_ASK_USERS,
    SC_ASK_ALL
};

enum sc_ask_sort {
    SC_ASK_UNSORTED,
    SC_ASK_BY_CONNECTIONS,
    SC_ASK_BY_AGE,
    SC_ASK_BY_LOOKUPS,
    SC_ASK_BY_RECENT,
    SC_ASK_BY_MISSES,
    SC_ASK_BY_HITS
};

/* Numbers are -1, and views empty, where nothing was said. */
struct sc_ask {
    enum sc_ask_kind kind;
    bool malformed;
    const char *problem; /* what is wrong with it; of static storage */
    enum sc_ask_what what;
    enum sc_ask_sort sort;
    int64_t limit;   /* records */
    int64_t id;      /* of one entry */
    int64_t user;    /* 0 or more; -1: any */
    int64_t seconds; /* of a set, how long; of a watch, between samples */
    uint64_t instance;
    bool has_instance;
    bool has_id;
    bool has_label;
    bool properties; /* are wanted too */
    bool at_length;  /* with what takes a look at each */
    bool dry_run;
    struct sc_bytes label;    /* this one and no other */
    struct sc_bytes contains; /* a part of the label */
    struct sc_bytes name;     /* of a parameter */
    struct sc_bytes value;
};

struct sc_ask sc_ask_parse(struct sc_bytes list);

/* Has a static life. */
const char *sc_ask_name(enum sc_ask_kind kind);

/* Whether a request changes something. */
static inline bool sc_ask_changes(enum sc_ask_kind kind)
{
    return kind == SC_ASK_DROP || kind == SC_ASK_SET || kind == SC_ASK_UNSET;
}

#endif
