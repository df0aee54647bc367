/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control requests understood, or said to be malformed and why. Who may ask
 * for what, and what comes of it, is not known here.
 */
#include "control/ask.h"

#include "wire/list.h"

enum { DIGITS_MOST = 19 };

/* Which attributes go with a request, one bit each. */
enum {
    TAKES_KIND = 1 << 0,
    TAKES_LABEL = 1 << 1,
    TAKES_CONTAINS = 1 << 2,
    TAKES_USER = 1 << 3,
    TAKES_SORT = 1 << 4,
    TAKES_LIMIT = 1 << 5,
    TAKES_PROPERTIES = 1 << 6,
    TAKES_LONG = 1 << 7,
    TAKES_ID = 1 << 8,
    TAKES_INSTANCE = 1 << 9,
    TAKES_DRY_RUN = 1 << 10,
    TAKES_NAME = 1 << 11,
    TAKES_VALUE = 1 << 12,
    TAKES_SECONDS = 1 << 13,
    TAKES_FILTER = TAKES_KIND | TAKES_LABEL | TAKES_CONTAINS | TAKES_USER
};

static const struct {
    const char *name;
    unsigned takes;
    unsigned needs;
} asks[] = {
    [SC_ASK_UNKNOWN] = {"unknown", 0, 0},
    [SC_ASK_STATS] = {"stats", 0, 0},
    [SC_ASK_LIST] = {"list",
                     TAKES_FILTER | TAKES_SORT | TAKES_LIMIT | TAKES_PROPERTIES | TAKES_LONG,
                     TAKES_KIND},
    [SC_ASK_SHOW] = {"show", TAKES_KIND | TAKES_LABEL | TAKES_USER, TAKES_LABEL},
    [SC_ASK_ADVISE] = {"advise", TAKES_USER, 0},
    [SC_ASK_WATCH] = {"watch", TAKES_LABEL | TAKES_CONTAINS | TAKES_USER | TAKES_LIMIT, 0},
    [SC_ASK_DROP] = {"drop",
                     TAKES_KIND | TAKES_LABEL | TAKES_USER | TAKES_ID | TAKES_INSTANCE |
                         TAKES_DRY_RUN,
                     TAKES_KIND},
    [SC_ASK_SET] = {"set", TAKES_NAME | TAKES_VALUE | TAKES_SECONDS,
                    TAKES_NAME | TAKES_VALUE | TAKES_SECONDS},
    [SC_ASK_UNSET] = {"unset", TAKES_NAME, TAKES_NAME},
    [SC_ASK_PARAMS] = {"params", TAKES_NAME, 0},
};

static const char *const whats[] = {
    [SC_ASK_NOTHING] = "",
    [SC_ASK_DESTINATIONS] = "destinations",
    [SC_ASK_ENDPOINTS] = "endpoints",
    [SC_ASK_CONNECTIONS] = "connections",
    [SC_ASK_BINDINGS] = "bindings",
    [SC_ASK_CLIENTS] = "clients",
    [SC_ASK_USERS] = "users",
    [SC_ASK_ALL] = "all",
};

static const char *const sorts[] = {
    [SC_ASK_UNSORTED] = "",        [SC_ASK_BY_CONNECTIONS] = "connections",
    [SC_ASK_BY_AGE] = "age",       [SC_ASK_BY_LOOKUPS] = "lookups",
    [SC_ASK_BY_RECENT] = "recent", [SC_ASK_BY_MISSES] = "misses",
    [SC_ASK_BY_HITS] = "hits",
};

const char *sc_ask_name(enum sc_ask_kind kind)
{
    return asks[kind].name;
}

/* The place of a word in a list of them, the first of which is for none; 0: not there. */
static size_t ask_word(struct sc_bytes word, const char *const words[], size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (sc_bytes_equal(word, sc_bytes_of(words[i])))
            return i;
    return 0;
}

static bool ask_number(struct sc_bytes digits, int64_t *number)
{
    *number = 0;
    if (digits.length == 0 || digits.length > DIGITS_MOST)
        return false;
    for (size_t i = 0; i < digits.length; i++) {
        int digit = digits.data[i] - '0';
        if (digit < 0 || digit > 9 || *number > (INT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static bool ask_flag(struct sc_bytes value, bool *flag)
{
    *flag = sc_bytes_equal(value, SC_BYTES("yes"));
    return *flag || sc_bytes_equal(value, SC_BYTES("no"));
}

static bool ask_take_what(struct sc_ask *ask, struct sc_bytes value)
{
    ask->what = (enum sc_ask_what)ask_word(value, whats, SC_COUNT_OF(whats));
    return ask->what != SC_ASK_NOTHING;
}

static bool ask_take_sort(struct sc_ask *ask, struct sc_bytes value)
{
    ask->sort = (enum sc_ask_sort)ask_word(value, sorts, SC_COUNT_OF(sorts));
    return ask->sort != SC_ASK_UNSORTED;
}

static bool ask_take_instance(struct sc_ask *ask, struct sc_bytes value)
{
    int64_t number;

    ask->has_instance = ask_number(value, &number);
    ask->instance = (uint64_t)number;
    return ask->has_instance;
}

static bool ask_take(struct sc_ask *ask, unsigned which, struct sc_bytes value)
{
    switch (which) {
    case TAKES_KIND:
        return ask_take_what(ask, value);
    case TAKES_LABEL:
        ask->label = value;
        ask->has_label = true;
        return value.length > 0;
    case TAKES_CONTAINS:
        ask->contains = value;
        return value.length > 0;
    case TAKES_USER:
        return ask_number(value, &ask->user);
    case TAKES_SORT:
        return ask_take_sort(ask, value);
    case TAKES_LIMIT:
        return ask_number(value, &ask->limit) && ask->limit > 0;
    case TAKES_PROPERTIES:
        return ask_flag(value, &ask->properties);
    case TAKES_LONG:
        return ask_flag(value, &ask->at_length);
    case TAKES_ID:
        ask->has_id = ask_number(value, &ask->id);
        return ask->has_id;
    case TAKES_INSTANCE:
        return ask_take_instance(ask, value);
    case TAKES_DRY_RUN:
        return ask_flag(value, &ask->dry_run);
    case TAKES_NAME:
        ask->name = value;
        return value.length > 0;
    case TAKES_VALUE:
        ask->value = value;
        return true;
    case TAKES_SECONDS:
        return ask_number(value, &ask->seconds) && ask->seconds > 0;
    default:
        return false;
    }
}

static unsigned ask_attribute(struct sc_bytes name)
{
    static const char *const names[] = {"kind",    "label",      "contains", "user",   "sort",
                                        "limit",   "properties", "long",     "id",     "instance",
                                        "dry_run", "name",       "value",    "seconds"};

    for (size_t i = 0; i < SC_COUNT_OF(names); i++)
        if (sc_bytes_equal(name, sc_bytes_of(names[i])))
            return 1U << i;
    return 0;
}

static void ask_spoil(struct sc_ask *ask, const char *problem)
{
    if (!ask->malformed)
        ask->problem = problem;
    ask->malformed = true;
}

/* What each attribute alone cannot tell. */
static void ask_check(struct sc_ask *ask, unsigned seen)
{
    if ((asks[ask->kind].needs & ~seen) != 0)
        ask_spoil(ask, "an attribute that is needed is missing");
    if (ask->kind == SC_ASK_LIST && ask->what == SC_ASK_ALL)
        ask_spoil(ask, "everything cannot be listed in one list");
    if (ask->kind != SC_ASK_DROP || ask->malformed)
        return;
    bool all = ask->what == SC_ASK_ALL;
    if (ask->what == SC_ASK_CLIENTS || ask->what == SC_ASK_USERS)
        ask_spoil(ask, "these cannot be dropped");
    else if (ask->has_id && (ask->has_label || !ask->has_instance))
        ask_spoil(ask, "an id goes with the instance that it is of, and with no label");
    else if (ask->has_id && ask->what != SC_ASK_CONNECTIONS && ask->what != SC_ASK_BINDINGS)
        ask_spoil(ask, "only connections and bindings have an id");
    else if (all && (ask->has_label || ask->has_id))
        ask_spoil(ask, "all of it has neither label nor id");
    else if (!all && !ask->has_id && !ask->has_label)
        ask_spoil(ask, "a label or an id is needed");
    else if (!ask->has_id && ask->has_label &&
             (ask->what == SC_ASK_CONNECTIONS || ask->what == SC_ASK_BINDINGS))
        ask_spoil(ask, "a label is one of destinations or endpoints");
}

struct sc_ask sc_ask_parse(struct sc_bytes list)
{
    struct sc_ask ask = {.limit = -1, .id = -1, .user = -1, .seconds = -1};
    struct sc_list_reader reader = sc_list_read(list);
    struct sc_attribute attribute;
    struct sc_bytes name;
    unsigned seen = 0;

    if (!sc_list_expect(&reader, "request", &name)) {
        ask_spoil(&ask, "it does not begin with a request");
        return ask;
    }
    for (size_t i = SC_ASK_STATS; i < SC_COUNT_OF(asks); i++)
        if (sc_bytes_equal(name, sc_bytes_of(asks[i].name)))
            ask.kind = (enum sc_ask_kind)i;
    if (ask.kind == SC_ASK_UNKNOWN)
        ask_spoil(&ask, "there is no such request");
    while (!ask.malformed && sc_list_next(&reader, &attribute)) {
        unsigned which = ask_attribute(attribute.name);
        if ((asks[ask.kind].takes & which) == 0)
            ask_spoil(&ask, "it has an attribute that this request does not take");
        else if ((seen & which) != 0)
            ask_spoil(&ask, "it has an attribute twice");
        else if (!ask_take(&ask, which, attribute.value))
            ask_spoil(&ask, "the value of an attribute is not what it takes");
        seen |= which;
    }
    if (!ask.malformed)
        ask_check(&ask, seen);
    return ask;
}
