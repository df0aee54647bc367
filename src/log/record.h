/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_RECORD_H
#define SC_LOG_RECORD_H

/*
 * What all sinks have in common: how long the parts of a record are, and the
 * number by which syslog(3), and the journal, know a severity.
 */

#include <syslog.h>

#include "base/log.h"

enum {
    SC_RECORD_TAG_MAX = 256, /* with its NUL; longer ones are cut */
    SC_RECORD_HOST_MAX = 256,
    SC_RECORD_MAX =
        SC_LOG_PREFIX_MAX + SC_LOG_TEXT_MAX + SC_RECORD_TAG_MAX + SC_RECORD_HOST_MAX + 64,
};

/* As Postfix has them: fatal and panic are the same. */
static inline int sc_record_priority(enum sc_severity severity)
{
    static const int priorities[] = {
        [SC_INFO] = LOG_INFO,  [SC_WARNING] = LOG_WARNING, [SC_ERROR] = LOG_ERR,
        [SC_FATAL] = LOG_CRIT, [SC_PANIC] = LOG_CRIT,
    };

    return priorities[severity];
}

#endif
