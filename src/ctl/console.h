/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_CONSOLE_H
#define SC_CTL_CONSOLE_H

/*
 * A conversation with the control socket: a request, its records one by one,
 * and what to exit with. What the server has to say against it is said on
 * standard error.
 */

#include "ctl.h"
#include "facts.h"
#include "request.h"
#include "user.h"

struct scache_control;

struct sc_ctl_console {
    struct sc_ctl *ctl;
    struct scache_control *control; /* owned */
    struct sc_ctl_facts facts;      /* the record at hand */
    char user[SC_CTL_USER_SIZE];    /* that of --user, as the server knows him; empty: anybody */
};

/* Connects to nobody yet. Returns what to exit with if that cannot be. */
SC_CTL_MUST_CHECK int sc_ctl_console_init(struct sc_ctl_console *console, struct sc_ctl *ctl);
void sc_ctl_console_fini(struct sc_ctl_console *console);

/* Whose entries are asked for; null: anybody's. */
const char *sc_ctl_console_user(const struct sc_ctl_console *console);

/* Connects, so that the greeting is known. Returns SC_CTL_DONE, or what to exit with. */
SC_CTL_MUST_CHECK int sc_ctl_console_meet(struct sc_ctl_console *console);

/* Returns SC_CTL_DONE, or what to exit with, having said why. */
SC_CTL_MUST_CHECK int sc_ctl_console_ask(struct sc_ctl_console *console,
                                         const struct sc_ctl_request *request);

/* What has come, as scache_control_next() has it; or -ENOMEM. A record is in the facts. */
SC_CTL_MUST_CHECK int sc_ctl_console_next(struct sc_ctl_console *console, int milliseconds);

/* After the end of an answer, or a loss of it: what to exit with, having said why. */
SC_CTL_MUST_CHECK int sc_ctl_console_end(struct sc_ctl_console *console, int step);

/*
 * All of it: asks, and calls @take for each record, which returns 0 or
 * -ENOMEM. Returns what to exit with; *count is what the server says, and may
 * be asked for by nobody.
 */
SC_CTL_MUST_CHECK int
sc_ctl_console_each(struct sc_ctl_console *console, const struct sc_ctl_request *request,
                    int (*take)(void *context, const struct sc_ctl_facts *facts), void *context,
                    long *count);

/* The instance of the server that was connected to; "" before. */
const char *sc_ctl_console_instance(const struct sc_ctl_console *console);

/* What the server has said of itself, as a record; cleared first. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_console_greeting(const struct sc_ctl_console *console,
                                              struct sc_ctl_facts *facts);

#endif
