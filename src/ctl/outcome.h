/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_OUTCOME_H
#define SC_CTL_OUTCOME_H

/*
 * What becomes of an outcome of the library: a member of the record, a
 * sentence for the user, and what to exit with. A look-up that finds nothing,
 * and a save for which there is no room, need no sentence.
 */

#include "ctl.h"

/* Adds to the record under way why a request was a miss. */
void sc_ctl_outcome_note(struct sc_ctl *ctl, int outcome);

/* Says why, where there is more to say than the record does. */
SC_CTL_MUST_CHECK int sc_ctl_outcome_of_save(const struct sc_ctl *ctl, int outcome);
SC_CTL_MUST_CHECK int sc_ctl_outcome_of_look_up(const struct sc_ctl *ctl, int outcome);

#endif
