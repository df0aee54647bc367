/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_VALUE_H
#define SC_CONFIG_VALUE_H

/*
 * The value of one parameter, between a text and its field in a set of values.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "config/param.h"
#include "config/settings.h"

/*
 * Sets a value from its text, or only checks the text where nobody reads the
 * value. Returns 0; -EINVAL with the reason in why; or -ENOMEM. After a
 * failure the value is what it was.
 */
SC_MUST_CHECK int sc_value_set(const struct sc_param *param, struct sc_params *params,
                               const char *text, char *why, size_t why_size);

/* Of what is no text. */
enum { SC_VALUE_ROOM = 32 };

/* The value as a file could have it: a view of the set's own text, or written to the room. */
const char *sc_value_show(const struct sc_param *param, const struct sc_params *params,
                          char room[SC_VALUE_ROOM]);

bool sc_value_is_equal(const struct sc_param *param, const struct sc_params *one,
                       const struct sc_params *other);

/* Exchanges the values of two sets. */
void sc_value_swap(const struct sc_param *param, struct sc_params *one, struct sc_params *other);

/* Frees what a value owns. */
void sc_value_fini(const struct sc_param *param, struct sc_params *params);

#endif
