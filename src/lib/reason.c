/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words for each reason of a miss: a name for programs and a sentence for
 * a person. Which reason it was is decided elsewhere.
 */
#include "lib/reason.h"

#include <stdio.h>

#include "base/util.h"

static const struct {
    const char *name;
    const char *sentence; /* behind the path, if there is one */
} words[] = {
    [SCACHE_REASON_NONE] = {"none", ""},
    [SCACHE_REASON_EMPTY] = {"empty", "nothing of the kind is cached"},
    [SCACHE_REASON_AWAY] = {"away", "no server answers"},
    [SCACHE_REASON_SLOW] = {"slow", "no answer in time"},
    [SCACHE_REASON_REFUSED] = {"refused", "the server refuses"},
    [SCACHE_REASON_BACKING_OFF] = {"backing off", "not asked, it has failed a moment ago"},
    [SCACHE_REASON_BROKEN] = {"broken", "the server has left or makes no sense"},
    [SCACHE_REASON_NO_MEMORY] = {"no memory", "this process has no room"},
    [SCACHE_REASON_GIVEN_UP] = {"given up", "the request was given up"},
    [SCACHE_REASON_DEAD] = {"dead", "closed by the far end, or shut for writing"},
    [SCACHE_REASON_DISTRUSTED] = {"distrusted", "not to be trusted unless it is named"},
};

static size_t reason_index(enum scache_reason reason)
{
    size_t index = (size_t)reason;

    return index < SC_COUNT_OF(words) ? index : 0;
}

const char *scache_reason_name(enum scache_reason reason)
{
    return words[reason_index(reason)].name;
}

void sc_reason_explain(char *text, size_t size, enum scache_reason reason, const char *path,
                       const char *detail)
{
    const char *sentence = words[reason_index(reason)].sentence;

    snprintf(text, size, "%s%s%s%s%s", path ? path : "", path ? ": " : "", sentence,
             detail ? ": " : "", detail ? detail : "");
}
