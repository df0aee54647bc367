/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_PARAMS_H
#define SC_CONFIG_PARAMS_H

/*
 * A set of values as a whole.
 *
 * A set owns its texts and depends on no other set, so a running process may
 * load a second one and compare. A set of all zeros is empty and may be ended.
 * A set that was loaded has no null text, but for parameters of another
 * program.
 */

#include <stddef.h>

#include "config/param.h"
#include "config/settings.h"

void sc_params_fini(struct sc_params *params);

/* Writes where a parameter was set, such as "/etc/postfix/main.cf, line 4", and returns it. */
const char *sc_params_where(const struct sc_params *params, enum sc_param_id id, char *text,
                            size_t size);

/*
 * Calls back for each parameter whose values differ; look at its "change" for
 * whether it needs a restart.
 */
void sc_params_diff(const struct sc_params *one, const struct sc_params *other,
                    void (*differs)(void *context, const struct sc_param *param), void *context);

/*
 * Exchanges the values that cannot change in a running process, so that a
 * fresh set gets the ones in use; cannot fail. The old set is then to be ended.
 */
void sc_params_keep_fixed(struct sc_params *fresh, struct sc_params *old);

#endif
