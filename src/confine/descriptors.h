/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_DESCRIPTORS_H
#define SC_CONFINE_DESCRIPTORS_H

/*
 * How many descriptors the process may have open, which is how many
 * connections it can keep.
 */

#include <stddef.h>

struct sc_descriptors {
    size_t limit; /* what the process may have open at once */
    size_t used;  /* by all else than clients and connections */
};

/* Raises the limit as far as it goes, and counts what is open now. */
void sc_descriptors_raise(struct sc_descriptors *descriptors);

#endif
