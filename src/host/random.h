/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_RANDOM_H
#define SC_HOST_RANDOM_H

/*
 * Random bytes for a key that strangers must not guess. To be drawn before
 * the process enters a jail, in which there may be no device to read.
 */

#include <stddef.h>

#include "base/util.h"

/* Returns 0, or -errno when there are none to be had. */
SC_MUST_CHECK int sc_random_fill(void *bytes, size_t size);

#endif
