/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_COMPLAINT_H
#define SC_CTL_COMPLAINT_H

/*
 * What the user is told on standard error, a line each, and what to exit with
 * when that is all there is to do.
 */

#include "util.h"

/* Documented in scachectl(1): scripts depend on them. */
enum sc_ctl_exit {
    SC_CTL_DONE = 0,            /* found, saved, answered */
    SC_CTL_MISS = 1,            /* not found, or dropped */
    SC_CTL_USAGE = 2,           /* the caller's mistake */
    SC_CTL_AWAY = 3,            /* no server answers */
    SC_CTL_TROUBLE = 4,         /* no memory, or the output cannot be written */
    SC_CTL_FORBIDDEN = 5,       /* the server would not */
    SC_CTL_NO_CONNECTION = 125, /* PROGRAM was not run, as there was no connection for it */
    SC_CTL_CANNOT_EXECUTE = 126,
    SC_CTL_NO_PROGRAM = 127,
    SC_CTL_SIGNALLED = 128, /* plus the signal that ended PROGRAM */
};

/* In whose name a complaint is made; null: nobody's. */
struct sc_ctl_voice {
    const char *command;
    const char *place; /* within what the command was given, as "line 2" */
};

/* Writes "scachectl: PLACE or COMMAND: text". */
void sc_ctl_complain(const struct sc_ctl_voice *voice, const char *format, ...) SC_CTL_PRINTF(2, 3);

/* The same, with a word on --help; returns SC_CTL_USAGE. */
int sc_ctl_misused(const struct sc_ctl_voice *voice, const char *format, ...) SC_CTL_PRINTF(2, 3);

/* The same for a lack of memory; returns SC_CTL_TROUBLE. */
int sc_ctl_exhausted(const struct sc_ctl_voice *voice);

#endif
