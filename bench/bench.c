/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the options say about a load, for those who measure. The options themselves are read in
 * main.c.
 */
#include "bench.h"

struct sc_load_plan sc_bench_plan(const struct sc_bench *bench, enum sc_work work, unsigned clients)
{
    return (struct sc_load_plan){.work = work,
                                 .clients = clients,
                                 .one_label = bench->one_label,
                                 .ttl = bench->ttl,
                                 .warm_up = bench->warm_up,
                                 .seconds = bench->seconds};
}
