/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping warnings until they can be logged. Whether and when is decided by
 * whoever has them.
 */
#include "host/warnings.h"

#include <string.h>

void sc_warnings_init(struct sc_warnings *warnings)
{
    sc_buf_init(&warnings->texts);
}

void sc_warnings_fini(struct sc_warnings *warnings)
{
    sc_buf_fini(&warnings->texts);
}

int sc_warnings_keep(struct sc_warnings *warnings, const char *text)
{
    struct sc_bytes with_nul = {text, strlen(text) + 1};

    return sc_buf_append(&warnings->texts, with_nul);
}

void sc_warnings_flush(struct sc_warnings *warnings, struct sc_log *log)
{
    while (sc_buf_length(&warnings->texts) > 0) {
        const char *text = sc_buf_bytes(&warnings->texts).data;
        sc_log(log, SC_WARNING, "%s", text);
        sc_buf_consume(&warnings->texts, strlen(text) + 1);
    }
    sc_buf_clear(&warnings->texts, 0);
}
