/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_BUDGET_H
#define SC_SERVER_BUDGET_H

/*
 * What the descriptors that the process may have open are for. Numbers only:
 * nothing is counted here, and nothing refused.
 *
 * A reserve is never spent, so that accepting, receiving and closing go on
 * when all else is full.
 */

#include <stddef.h>

#include "base/util.h"

struct sc_budget {
    size_t clients;     /* most at once */
    size_t connections; /* cached and held */
    size_t reserve;     /* for what is being received, accepted or closed */
    size_t unread;      /* sent, and not received by whoever they were sent to */
};

/*
 * Shares out @descriptors, @used of which are spent already; @client_limit 0
 * means a quarter. Returns 0; or -EMFILE: they do not suffice, and the budget
 * is as it was.
 */
SC_MUST_CHECK int sc_budget_make(struct sc_budget *budget, size_t descriptors, size_t used,
                                 size_t client_limit);

/*
 * How many connections may be cached and held while @closing descriptors wait
 * to be closed and @lingering belong to clients who have left. Half of the
 * reserve is there for the former.
 */
size_t sc_budget_connections(const struct sc_budget *budget, size_t closing, size_t lingering);

/*
 * How many unread descriptors one user may have while all others together
 * have so many: half of what they leave. So whoever comes late finds room,
 * and who is alone has as much as two.
 */
size_t sc_budget_unread_share(const struct sc_budget *budget, size_t others);

#endif
