/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_WATCH_H
#define SC_CONTROL_WATCH_H

/*
 * Events as they happen, to whoever wants to see them: connections saved and
 * ended, bindings made and gone. Each watch has a filter and a bound to what
 * may wait for its reader; what does not fit is counted, and the count told as
 * soon as something fits again. Nobody is served more slowly for it.
 */

#include "control/desk.h"
#include "control/record.h"
#include "control/who.h"

/* So much may wait for whoever watches. */
enum { SC_WATCH_ROOM = 64 * 1024 };

struct sc_watching {
    LIST_ENTRY(sc_watching) link;
    struct sc_watchers *watchers;
    struct sc_buf request; /* what the views of the filter are of */
    struct sc_ask ask;
    struct sc_who who;
    struct sc_buf *out; /* the visitor's, borrowed */
    uint64_t skipped;
    void (*written)(struct sc_watching *watching); /* there is something to be sent */
};

LIST_HEAD(sc_watching_list, sc_watching);

struct sc_watchers {
    struct sc_desk *desk;
    struct sc_watching_list list;
};

void sc_watchers_init(struct sc_watchers *watchers, struct sc_desk *desk);

/* What the store tells: to be called for each event while somebody watches. */
struct sc_store_observer sc_watchers_observer(struct sc_watchers *watchers);

static inline bool sc_watchers_are_any(const struct sc_watchers *watchers)
{
    return !LIST_EMPTY(&watchers->list);
}

/* Begins; the request is copied. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_watching_start(struct sc_watching *watching, struct sc_watchers *watchers,
                                    const struct sc_who *who, struct sc_bytes request,
                                    struct sc_buf *out,
                                    void (*written)(struct sc_watching *watching));

/* One that is all zero is let be. */
void sc_watching_stop(struct sc_watching *watching);

#endif
