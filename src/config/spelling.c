/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds misspelt names: those with our prefix that nobody knows, and those
 * that differ from one of ours in two places at most. What is known to
 * another program, or has no effect where we run, is no mistake.
 */
#include "config/spelling.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

enum {
    NAME_MAX_LENGTH = 64, /* longer than any of ours, and so unlike each of them */
    SLIPS = 2,            /* that a name without our prefix may have */
    WARNINGS_MAX = 16,
    PLACE_SIZE = 512,
    SHOWN = 100
};

static const struct sc_bytes prefix = SC_BYTES_INIT("connection_cache_");

/* While entries are gone through. */
struct spelling {
    const struct sc_dict *dict;
    struct sc_diag *diag;
    size_t found;
};

static bool spelling_has_prefix(struct sc_bytes name)
{
    return name.length >= prefix.length && memcmp(name.data, prefix.data, prefix.length) == 0;
}

static int spelling_least(int one, int two, int three)
{
    int least = one < two ? one : two;

    return least < three ? least : three;
}

/*
 * How many letters must be put in, left out, exchanged for another, or
 * swapped with their neighbour.
 */
static int spelling_distance(struct sc_bytes one, struct sc_bytes other)
{
    int rows[3][NAME_MAX_LENGTH + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];

    for (size_t j = 0; j <= other.length; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= one.length; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= other.length; j++) {
            bool same = one.data[i - 1] == other.data[j - 1];
            row[j] = spelling_least(last[j] + 1, row[j - 1] + 1, last[j - 1] + !same);
            if (i > 1 && j > 1 && one.data[i - 1] == other.data[j - 2] &&
                one.data[i - 2] == other.data[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        int *used = before;
        before = last;
        last = row;
        row = used;
    }
    return last[other.length];
}

static bool spelling_may_be_within(struct sc_bytes one, struct sc_bytes other, size_t slips)
{
    size_t difference =
        one.length > other.length ? one.length - other.length : other.length - one.length;

    return difference <= slips;
}

/* The known name that is nearest; its distance, or INT_MAX if there is none near enough. */
static int spelling_find_nearest(const struct sc_dict *dict, struct sc_bytes name, bool ours,
                                 const char **nearest)
{
    int least = INT_MAX;

    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++) {
        const struct sc_param *param = sc_param_get(id);
        struct sc_bytes known = sc_bytes_of(param->name);
        if (!spelling_has_prefix(known) ||
            (param->type != SC_PARAM_NAME && !sc_param_is_of(param, dict->source->program)) ||
            (!ours && !spelling_may_be_within(name, known, SLIPS)))
            continue;
        int distance = spelling_distance(name, known);
        if (distance < least) {
            least = distance;
            *nearest = param->name;
        }
    }
    return ours || least <= SLIPS ? least : INT_MAX;
}

static void spelling_look_at(const struct sc_cf_entry *entry, void *context)
{
    struct spelling *spelling = context;
    struct sc_bytes name = entry->name;
    bool ours = spelling_has_prefix(name);
    const char *nearest = NULL;
    char place[PLACE_SIZE];

    if (sc_param_find(name.data, name.length) || (!ours && name.length > NAME_MAX_LENGTH))
        return;
    if (name.length > NAME_MAX_LENGTH)
        name.length = NAME_MAX_LENGTH;
    if (spelling->found >= WARNINGS_MAX && ours)
        spelling->found++;
    if (spelling->found >= WARNINGS_MAX ||
        spelling_find_nearest(spelling->dict, name, ours, &nearest) == INT_MAX)
        return;
    spelling->found++;
    sc_diag_warn(spelling->diag, "%s: unknown parameter %.*s; the nearest known one is %s",
                 sc_origin_print(entry->origin, spelling->dict->files, place, sizeof(place)),
                 entry->name.length < SHOWN ? (int)entry->name.length : SHOWN, entry->name.data,
                 nearest);
}

void sc_spelling_check(const struct sc_dict *dict, struct sc_diag *diag)
{
    struct spelling spelling = {.dict = dict, .diag = diag};

    sc_cf_walk(&dict->cf, spelling_look_at, &spelling);
    if (spelling.found > WARNINGS_MAX)
        sc_diag_warn(diag, "%zu more unknown parameters", spelling.found - WARNINGS_MAX);
}
