/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_JOB_H
#define SC_CONTROL_JOB_H

/*
 * One request on its way to its answer. What can be long, a list or a search
 * for an id, is done in slices, so that looking never slows serving; between
 * two slices anything may come and go (the store's and the crowd's cursors
 * see to that).
 */

#include "control/work.h"

/* Ends it wherever it is. One that is all zero is let be. */
void sc_job_fini(struct sc_job *job);

/*
 * Begins: copies the request, opens what it goes through. Answers at once what
 * can be answered at once. Returns a state, or -ENOMEM.
 */
SC_MUST_CHECK int sc_job_start(struct sc_job *job, struct sc_desk *desk, const struct sc_who *who,
                               struct sc_bytes request, struct sc_buf *out);

/* The next slice. Returns a state, or -ENOMEM. */
SC_MUST_CHECK int sc_job_go_on(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out);

#endif
