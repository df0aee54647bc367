/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_CONFINED_H
#define SC_TESTS_CONFINED_H

/*
 * Runs something in a child that is confined as a server is (host/sandbox),
 * and says how that ended.
 */

#include <stdbool.h>

#include "confine/sandbox.h"

/* Whose sandbox; the nursery's is another one, which lets it fork. */
enum kind { DROPPER, SERVER, ALONE, NURSERY };

/* A child of a test ends with one of these. */
enum { FINE, WRONG, NOT_CONFINED };

/* Returns how the child ended, as wait(2) has it: FINE if the action returned true. */
int run_confined(enum kind kind, enum sc_sandbox_mode mode, bool (*action)(void));

bool died_of(int status, int number);
bool is_fine(int status);

/* Whether a call's result is failure with EPERM, as errno says. */
bool is_eperm(long result);

/* What a sanitizer or valgrind does besides would be forbidden too. */
bool is_instrumented(void);

bool has_landlock(void);

/* A sink that remembers the last record, and that record. */
void remember_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                     size_t length);
const char *last_record(void);

#endif
