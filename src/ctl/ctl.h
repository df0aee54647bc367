/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_CTL_H
#define SC_CTL_CTL_H

/*
 * What the files of scachectl share: the state of one run of the program, and
 * its exit codes. The tool is a program like any other that uses libscache: it
 * includes scache.h and nothing else of this project.
 *
 * A function of a command returns what the program shall exit with, and has
 * printed its one line: results on sc_ctl.out, complaints on standard error.
 */

#include "args.h"
#include "record.h"
#include "scache.h"
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

enum { SC_CTL_TTL = 60, SC_CTL_CONNECT_SECONDS = 30 };

struct sc_ctl {
    struct sc_ctl_args args;
    const char *command;
    const char *place; /* that a complaint speaks of, instead of the command; or null */
    struct scache *cache;
    struct sc_ctl_out out;
};

/* Writes "scachectl: COMMAND: text" to standard error. */
void sc_ctl_complain(const struct sc_ctl *ctl, const char *format, ...) SC_CTL_PRINTF(2, 3);

/* The same, with a word on --help; returns SC_CTL_USAGE. */
int sc_ctl_misused(const struct sc_ctl *ctl, const char *format, ...) SC_CTL_PRINTF(2, 3);

/* The same for a lack of memory; returns SC_CTL_TROUBLE. */
int sc_ctl_exhausted(const struct sc_ctl *ctl);

int sc_ctl_ping(struct sc_ctl *ctl);
int sc_ctl_save(struct sc_ctl *ctl);
int sc_ctl_find(struct sc_ctl *ctl);
int sc_ctl_put(struct sc_ctl *ctl);
int sc_ctl_take(struct sc_ctl *ctl);
int sc_ctl_shell(struct sc_ctl *ctl);
int sc_ctl_run(struct sc_ctl *ctl);

#endif
