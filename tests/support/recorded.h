/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_RECORDED_H
#define SC_TESTS_RECORDED_H

/*
 * Records of the control socket, written down a line each, as `--exact` prints
 * them: `record=curve ttl=2 reused=0.5 label="a\nb\xff"`. Fails the test when a
 * line is not of this form.
 */

#include <stdio.h>

#include "ctl/facts.h"

/* Reads one line; the record is cleared first. */
void recorded_read(struct sc_ctl_facts *facts, const char *line);

/* Calls @take for each of some lines, which end with a null pointer. */
void recorded_read_all(const char *const *lines,
                       void (*take)(void *context, const struct sc_ctl_facts *facts),
                       void *context);

/* What @print writes to a stream; the caller's. */
char *recorded_print(void (*print)(void *context, FILE *out), void *context);

#endif
