/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_WARNINGS_H
#define SC_HOST_WARNINGS_H

/*
 * Warnings that come before it is known where they belong: about a
 * configuration that says, among other things, where the log is; or from
 * where nothing may be logged. They are kept and logged later, in order.
 */

#include "base/buf.h"
#include "base/log.h"

struct sc_warnings {
    struct sc_buf texts; /* each ends with NUL */
};

void sc_warnings_init(struct sc_warnings *warnings);
void sc_warnings_fini(struct sc_warnings *warnings);

/* Returns 0 or -ENOMEM: then it is lost, unless the caller has somewhere to say it at once. */
SC_MUST_CHECK int sc_warnings_keep(struct sc_warnings *warnings, const char *text);

/* Logs all, and forgets them. */
void sc_warnings_flush(struct sc_warnings *warnings, struct sc_log *log);

#endif
