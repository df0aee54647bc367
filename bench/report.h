/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_REPORT_H
#define SC_BENCH_REPORT_H

/*
 * Every result goes two ways: as a table to standard output for people, and into one JSON tree
 * for machines, which is written to results.json when an output directory was given. Series go
 * to plain columns too, for gnuplot.
 */

#include "bench.h"

#include <stdio.h>

/* Make the JSON tree with a description of the machine. 0 or -errno. */
int sc_report_begin(struct sc_bench *bench) __attribute__((warn_unused_result));
/* Write results.json if there is a place for it, and free the tree. */
int sc_report_end(struct sc_bench *bench) __attribute__((warn_unused_result));

/* One table of lanes; quotients are given to lane 0. */
void sc_report_table(struct sc_bench *bench, const char *title, const struct sc_lane *lanes,
                     unsigned count, unsigned rounds);

/* One row of the specification's table: a bound from below or above, and what was measured. A
   measured median of 0 means that a server was missing. */
struct sc_row {
    const char *what;
    const char *unit;
    double bound;
    bool at_least;
    struct sc_spread measured;
};
void sc_report_row(struct sc_bench *bench, const struct sc_row *row);
void sc_report_row_absent(struct sc_bench *bench, const char *what);
bool sc_report_row_is_met(const struct sc_row *row);

/* One number by name, below a heading in the JSON tree, and a line for people. */
void sc_report_number(struct sc_bench *bench, const char *section, const char *name, double value,
                      const char *unit);
/* The same without the line. */
void sc_report_quiet(struct sc_bench *bench, const char *section, const char *name, double value,
                     const char *unit);

/* A file of columns in the output directory, or NULL when there is none or it cannot be made. */
FILE *sc_report_columns(const struct sc_bench *bench, const char *name, const char *heading);

#endif
