/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns what the library has said into words and exit codes. Which request it
 * was does not matter here.
 */
#include "outcome.h"

#include <errno.h>
#include <string.h>

void sc_ctl_outcome_note(struct sc_ctl *ctl, int outcome)
{
    if (outcome != SCACHE_MISS)
        return;
    sc_ctl_record_note_text(&ctl->out, "reason",
                            scache_reason_name(scache_miss_reason(ctl->cache)));
    sc_ctl_record_note_text(&ctl->out, "explanation", scache_miss_text(ctl->cache));
}

/* The library refuses before it asks anybody; what it means by that, in the words of the tool. */
static int outcome_of_mistake(const struct sc_ctl *ctl, int error)
{
    switch (error) {
    case -EMSGSIZE:
        return sc_ctl_misused(&ctl->voice, "labels and properties of more than %d bytes together",
                              SCACHE_MESSAGE_MAX);
    case -EINVAL:
        return sc_ctl_misused(&ctl->voice, "an empty label, which nothing can be cached under");
    default:
        return sc_ctl_misused(&ctl->voice, "%s", strerror(-error));
    }
}

/* What to exit with after a miss that has another reason than an empty cache. */
static int outcome_of_miss(const struct sc_ctl *ctl, enum scache_reason reason)
{
    sc_ctl_complain(&ctl->voice, "%s", scache_miss_text(ctl->cache));
    switch (reason) {
    case SCACHE_REASON_REFUSED:
        return SC_CTL_FORBIDDEN;
    case SCACHE_REASON_NO_MEMORY:
        return SC_CTL_TROUBLE;
    default:
        return SC_CTL_AWAY;
    }
}

int sc_ctl_outcome_of_save(const struct sc_ctl *ctl, int outcome)
{
    enum scache_reason reason = scache_miss_reason(ctl->cache);

    if (outcome < 0)
        return outcome_of_mistake(ctl, outcome);
    if (outcome == SCACHE_DONE)
        return SC_CTL_DONE;
    int code = outcome_of_miss(ctl, reason);
    /* It may have no room for this one, or not want us; only in the latter case it refuses all. */
    if (code == SC_CTL_FORBIDDEN && scache_ping(ctl->cache) == SCACHE_DONE)
        code = SC_CTL_MISS;
    return code;
}

int sc_ctl_outcome_of_look_up(const struct sc_ctl *ctl, int outcome)
{
    enum scache_reason reason = scache_miss_reason(ctl->cache);

    if (outcome < 0)
        return outcome_of_mistake(ctl, outcome);
    if (outcome == SCACHE_DONE)
        return SC_CTL_DONE;
    return reason == SCACHE_REASON_EMPTY ? SC_CTL_MISS : outcome_of_miss(ctl, reason);
}
