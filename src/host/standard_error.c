/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Joins the sink for standard error and the sandbox of its process, neither
 * of which knows the other.
 */
#include "host/standard_error.h"

#include <string.h>

#include "confine/sandbox.h"

static void standard_error_confine(void *context)
{
    const enum sc_sandbox_mode *mode = context;

    sc_sandbox_confine_writer(*mode);
}

void sc_standard_error_detach(struct sc_stderr *to, struct sc_log *log, enum sc_sandbox_mode mode)
{
    int error = sc_stderr_detach(to, standard_error_confine, &mode);

    if (error < 0)
        sc_log(log, SC_WARNING,
               "cannot start a process that writes the log: %s: a slow reader may be waited for",
               strerror(-error));
}
