/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_CTL_H
#define SC_CTL_CTL_H

/*
 * What the commands of scachectl share: the state of one run of the program.
 * The tool is a program like any other that uses libscache: it
 * includes scache.h and nothing else of this project.
 *
 * A function of a command returns what the program shall exit with, and has
 * printed its one line: results on sc_ctl.out, complaints on standard error.
 */

#include "args.h"
#include "complaint.h"
#include "record.h"
#include "scache.h"
#include "util.h"

enum { SC_CTL_TTL = 60, SC_CTL_CONNECT_SECONDS = 30 };

struct sc_ctl {
    struct sc_ctl_args args;
    struct sc_ctl_voice voice;
    struct scache *cache;
    struct sc_ctl_out out;
};

int sc_ctl_ping(struct sc_ctl *ctl);
int sc_ctl_save(struct sc_ctl *ctl);
int sc_ctl_find(struct sc_ctl *ctl);
int sc_ctl_put(struct sc_ctl *ctl);
int sc_ctl_take(struct sc_ctl *ctl);
int sc_ctl_shell(struct sc_ctl *ctl);
int sc_ctl_run(struct sc_ctl *ctl);

/* Of the server, over its control socket. */
int sc_ctl_stats(struct sc_ctl *ctl);
int sc_ctl_list(struct sc_ctl *ctl);
int sc_ctl_show(struct sc_ctl *ctl);
int sc_ctl_watch(struct sc_ctl *ctl);
int sc_ctl_advise(struct sc_ctl *ctl);
int sc_ctl_drop(struct sc_ctl *ctl);
int sc_ctl_params(struct sc_ctl *ctl);
int sc_ctl_set(struct sc_ctl *ctl);
int sc_ctl_unset(struct sc_ctl *ctl);
int sc_ctl_metrics(struct sc_ctl *ctl);

#endif
