/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_RELOAD_H
#define SC_HOST_RELOAD_H

/*
 * Reading the configuration of a running server again, users included, which
 * may ask files that hang and services that are slow: so that is done aside,
 * while everybody is served. What is wrong is logged, and then nothing
 * changes.
 */

#include "base/log.h"
#include "config/config.h"
#include "host/errand.h"

struct sc_reload {
    struct sc_errand errand;
    struct sc_loop *loop;                  /* borrowed */
    const struct sc_config_source *source; /* borrowed */
    const struct sc_params *params;        /* those in force, borrowed; see apply */
    struct sc_log *log;                    /* borrowed */

    /* Takes a fresh set of values, and puts them into force. */
    void (*apply)(struct sc_reload *reload, struct sc_params *fresh);
    int64_t since; /* when the one under way began */
    bool again;    /* it was asked for while one was under way */
};

/* All members above the last two are set already. Returns 0 or -errno. */
SC_MUST_CHECK int sc_reload_init(struct sc_reload *reload);

/* Returns whether one is still under way: then nothing that was borrowed may be freed. */
bool sc_reload_fini(struct sc_reload *reload);

void sc_reload_start(struct sc_reload *reload);

#endif
