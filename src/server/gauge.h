/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_GAUGE_H
#define SC_SERVER_GAUGE_H

/*
 * How much there is of everything just now, for those who look. Nothing is
 * counted for it in between.
 */

#include "server/common.h"

/* Sets those that can be told from what all nouns share; the others stay as they are. */
void sc_gauge_fill(const struct sc_common *common, uint64_t gauges[SC_GAUGES]);

#endif
