/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_VISITOR_H
#define SC_CONTROL_VISITOR_H

/*
 * One client of the control socket: its conversation. Requests are answered in
 * order, one at a time; a long answer is made in slices, and only while the
 * visitor takes what it was told. It owns its socket.
 */

#include "control/job.h"
#include "control/override.h"
#include "control/watch.h"
#include "loop/stream.h"

struct sc_visitor;

TAILQ_HEAD(sc_visitor_list, sc_visitor);

/* What visitors share, beside the desk. Borrowed. */
struct sc_visit {
    struct sc_desk *desk;
    struct sc_overrides *overrides;
    struct sc_watchers *watchers;
    struct sc_visitor_list *waiting; /* who have a slice to come */
};

struct sc_visitor {
    struct sc_guest guest;
    TAILQ_ENTRY(sc_visitor) slice; /* among those who wait for one */
    struct sc_visit visit;
    struct sc_stream stream;
    struct sc_buf in;
    struct sc_list_scanner scanner;
    struct sc_who who;
    struct sc_job job;
    struct sc_watching watching;
    bool works; /* a job is under way */
    bool waits; /* for a slice */
    bool ends;  /* once all is sent */
};

/*
 * Greets. The socket is the visitor's in every outcome. Returns 0 or -ENOMEM.
 * @mode is who answers: master or standalone.
 */
SC_MUST_CHECK int sc_visitor_new(const struct sc_visit *visit, struct sc_user *user,
                                 const struct sc_who *who, int socket, const char *mode);
void sc_visitor_free(struct sc_visitor *visitor);

/* The next slice of its answer. */
void sc_visitor_work(struct sc_visitor *visitor);

static inline struct sc_visitor *sc_visitor_of(struct sc_guest *guest)
{
    return guest ? SC_CONTAINER_OF(guest, struct sc_visitor, guest) : NULL;
}

static inline bool sc_visitor_is_idle(const struct sc_visitor *visitor)
{
    return !visitor->works && !visitor->watching.watchers &&
           sc_stream_waiting(&visitor->stream) == 0;
}

#endif
