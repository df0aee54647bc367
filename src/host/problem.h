/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_PROBLEM_H
#define SC_HOST_PROBLEM_H

/*
 * What is wrong with a command line: the first thing that is, and no other,
 * as a text to report once there is somewhere to report it.
 */

#include "base/util.h"

struct sc_problem {
    char text[256]; /* empty: nothing is wrong */
};

void sc_problem_note(struct sc_problem *problem, const char *format, ...) SC_PRINTF(2, 3);

#endif
