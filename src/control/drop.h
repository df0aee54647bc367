/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_DROP_H
#define SC_CONTROL_DROP_H

/*
 * Drops: all, all of a user, what stands under a label, or one entry by its
 * id. A drop of everything counts at once, and is carried out bit by bit; a
 * search for an id, and every dry run, goes through what there is in slices.
 */

#include "control/work.h"

/* What can be done at once is; true in @more when the rest is to be gone through. 0 or -ENOMEM. */
SC_MUST_CHECK int sc_drop_start(struct sc_job *job, struct sc_desk *desk, bool *more);

/* One slice. */
void sc_drop_step(struct sc_job *job, struct sc_desk *desk, bool *more);

/* The log's line about what was dropped. */
void sc_drop_log(const struct sc_job *job, const struct sc_desk *desk);

#endif
