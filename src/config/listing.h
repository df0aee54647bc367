/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_LISTING_H
#define SC_CONFIG_LISTING_H

/*
 * The values of a set as postconf(1) lists them, "name = value" a line by
 * name, each below a comment that says where it was set. What has no effect
 * in a mode is left out.
 */

#include <stdbool.h>
#include <stdio.h>

#include "config/params.h"

/* If so wanted, only what somebody has set. */
void sc_listing_print(FILE *out, const struct sc_params *params, enum sc_param_mode mode,
                      bool only_set);

#endif
