/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_TEE_H
#define SC_LOG_TEE_H

/*
 * A sink that gives each record to two others, which it borrows.
 */

#include "base/log.h"

struct sc_tee {
    struct sc_log_sink base;
    struct sc_log_sink *one, *other;
};

void sc_tee_init(struct sc_tee *tee, struct sc_log_sink *one, struct sc_log_sink *other);

#endif
