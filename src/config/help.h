/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_HELP_H
#define SC_CONFIG_HELP_H

/*
 * The table of parameters for people, as far as a program has it.
 */

#include <stdio.h>

#include "config/param.h"

/* Prints it for a terminal. */
void sc_help_print(FILE *out, enum sc_param_program program);

/* Prints it as a list of mdoc(7). */
void sc_help_print_manual(FILE *out, enum sc_param_program program);

#endif
