/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PROMETHEUS_H
#define SC_CTL_PROMETHEUS_H

/*
 * A reading in the text format of Prometheus, version 0.0.4: families in the
 * server's order, each with its help and type, counters with _total behind
 * their name, histograms with cumulated buckets, and all times in seconds.
 */

#include <stdio.h>

#include "reading.h"

/* @greeting: what the server says of itself; null: it does not answer, which is a metric too. */
void sc_ctl_prometheus_print(const struct sc_ctl_facts *greeting,
                             const struct sc_ctl_reading *reading, FILE *out);

#endif
