/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_STANDARD_ERROR_H
#define SC_HOST_STANDARD_ERROR_H

/*
 * The point at which a server that logs to standard error stops waiting for
 * whoever reads that, confined as the rest of it. After the sandbox was
 * prepared and before anything of a client's is open.
 */

#include "base/log.h"
#include "confine/mode.h"
#include "log/stderr.h"

/* What cannot be had is logged. */
void sc_standard_error_detach(struct sc_stderr *to, struct sc_log *log, enum sc_sandbox_mode mode);

#endif
