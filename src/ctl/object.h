/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_OBJECT_H
#define SC_CTL_OBJECT_H

/*
 * A record of the control socket as it is, for programs (--json) and for those
 * who want every byte (--exact): its kind, and all that it says, a line each.
 * Which names are numbers is known here, so that a label that looks like one
 * stays a text.
 */

#include "facts.h"
#include "record.h"

void sc_ctl_object_print(struct sc_ctl_out *out, const struct sc_ctl_facts *facts);

#endif
