/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_OVERRIDE_H
#define SC_CONTROL_OVERRIDE_H

/*
 * Values of parameters for a time. An override lies over what the
 * configuration says, and goes by itself when its time is over, whether
 * whoever set it is still there or not; a reload changes what lies beneath. At
 * most a day long, and only of parameters that the table marks as adjustable.
 */

#include "base/buf.h"
#include "control/desk.h"
#include "control/who.h"
#include "loop/timer.h"

struct sc_override;

TAILQ_HEAD(sc_override_list, sc_override);

struct sc_overrides {
    struct sc_desk *desk;
    struct sc_timer timer;
    struct sc_override_list list;
    /* What the configuration says, borrowed; and that with what lies over it, owned. */
    const struct sc_params *beneath;
    struct sc_params *effective;
};

enum { SC_OVERRIDE_WHY = 256 };

/* Returns 0 or -ENOMEM; one that is all zero may be ended. */
SC_MUST_CHECK int sc_overrides_init(struct sc_overrides *overrides, struct sc_desk *desk,
                                    const struct sc_params *params);

/* What is configured holds again, without a word. */
void sc_overrides_fini(struct sc_overrides *overrides);

/* The configuration was read again: @params holds where nothing lies over it. */
void sc_overrides_rebase(struct sc_overrides *overrides, const struct sc_params *params);

/*
 * Sets a value for so many seconds. Returns 0; -EINVAL: the value, with the
 * reason in why; -EPERM: it is not adjustable; -ENOENT: there is no such
 * parameter; -ENOMEM.
 */
SC_MUST_CHECK int sc_overrides_set(struct sc_overrides *overrides, const struct sc_who *who,
                                   struct sc_bytes name, struct sc_bytes value, int64_t seconds,
                                   char why[SC_OVERRIDE_WHY]);

/* The configured value holds again. Returns 0 or -ENOENT. */
SC_MUST_CHECK int sc_overrides_unset(struct sc_overrides *overrides, const struct sc_who *who,
                                     struct sc_bytes name);

/* Records of all parameters, or of one; counts them. Returns 0 or -ENOMEM. */
SC_MUST_CHECK int sc_overrides_tell(const struct sc_overrides *overrides, struct sc_bytes name,
                                    struct sc_buf *out, uint64_t *count);

#endif
