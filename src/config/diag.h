/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_DIAG_H
#define SC_CONFIG_DIAG_H

/*
 * What reading a configuration has to say. Nothing is logged here: where the
 * log goes is a parameter itself, so the caller keeps warnings until it knows.
 *
 * The caller sets the call-backs (null: warnings are dropped) and their context.
 * After a failed call the fatal text, cut to its room, says why. Text may hold
 * any byte of a configuration file but NUL.
 */

#include "base/util.h"

enum { SC_DIAG_TEXT_MAX = 1024 };

struct sc_diag {
    void (*warn)(void *context, const char *text);
    /* For who wants to know of each bad value; null: the first one ends it. */
    void (*mistake)(void *context, const char *text);
    void *context;
    char fatal[SC_DIAG_TEXT_MAX];
};

void sc_diag_warn(struct sc_diag *diag, const char *format, ...) SC_PRINTF(2, 3);

/* Fills the fatal text. Returns the error it was given, which is a -errno. */
SC_MUST_CHECK int sc_diag_fatal(struct sc_diag *diag, int error, const char *format, ...)
    SC_PRINTF(3, 4);

/* The same for -ENOMEM. */
SC_MUST_CHECK int sc_diag_out_of_memory(struct sc_diag *diag);

#endif
