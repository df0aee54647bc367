/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_ADVICE_H
#define SC_CONTROL_ADVICE_H

/*
 * What advice is made of: how many acquisitions got something, why others did
 * not, what other times to live and larger limits would have changed, and the
 * busiest places. What to do about it the tool says, in the words of the
 * program that asks.
 *
 * The busiest are found in slices, since there may be many places.
 */

#include "control/work.h"

/* A slice; true in @more when there is another. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_advice_step(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out,
                                 bool *more);

/* The same for what is known of one label. */
SC_MUST_CHECK int sc_advice_show(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out,
                                 bool *more);

#endif
