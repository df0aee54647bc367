/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_LISTING_H
#define SC_CONTROL_LISTING_H

/*
 * Lists: everything of a kind that a filter lets through, in the order in
 * which it is come upon; or sorted, the first so many of it, which are kept
 * while all is gone through.
 */

#include "control/work.h"

/* Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_listing_open(struct sc_job *job, struct sc_desk *desk);
void sc_listing_close(struct sc_job *job);

/* One slice: true in @more when there is another. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_listing_step(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out,
                                  bool *more);

#endif
