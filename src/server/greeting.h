/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_GREETING_H
#define SC_SERVER_GREETING_H

/*
 * Whether clients are greeted. Clients of Postfix 3.6 and later wait for a
 * greeting and never speak before it; older ones expect none and speak at
 * once. Which ones there are can be configured, or found out: whoever speaks
 * first is served without one, whoever is silent for a moment is greeted. Once
 * a few in a row wanted to be greeted, all are at once, until one speaks first.
 */

#include "loop/timer.h"
#include "server/client.h"

struct sc_greeting {
    struct sc_common *common;
    struct sc_timer timer;
    int agreed;           /* positive: so many in a row waited; negative: so many spoke first */
    int told;             /* what the log was told last: the sign of the above, or 0 */
    unsigned spoke_first; /* of the common count, as far as it was looked at */
};

/* Returns 0 or -ENOMEM; one that is all zero may be ended. */
SC_MUST_CHECK int sc_greeting_init(struct sc_greeting *greeting, struct sc_common *common);
void sc_greeting_fini(struct sc_greeting *greeting);

/* A client has come: greets it, or waits for what it does, or neither. */
void sc_greeting_meet(struct sc_greeting *greeting, struct sc_client *client);

#endif
