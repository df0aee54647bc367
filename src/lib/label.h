/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_LABEL_H
#define SC_LIB_LABEL_H

/*
 * What others add to a label builder's calls: they may find that a field
 * cannot be added, and then there is no label.
 */

#include "scache.h"

/* Keeps a mistake, a negative errno value, unless there is one already. */
void sc_label_spoil(struct scache_label *label, int error);

#endif
