/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_OPTIONS_H
#define SC_HOST_OPTIONS_H

/*
 * The arguments that master(8) gives to a service. Pure: what is wrong is
 * described in the result, and reported once the log is open.
 */

#include <stdbool.h>
#include <stddef.h>

#include "base/util.h"
#include "host/problem.h"

struct sc_master_options {
    const char *service_name;
    const char *transport;
    const char *max_idle;   /* -i, or null */
    const char **overrides; /* each "name=value", in order; owned */
    size_t override_count;
    int sockets;
    int verbosity;
    bool chroot;
    bool change_user;
    bool single_process;
    bool standard_io;
    bool on_terminal;
    bool also_stderr;
    bool debugger;
    struct sc_problem problem;
};

/* Views of argv. Returns 0 or -ENOMEM; look at the problem too. */
SC_MUST_CHECK int sc_master_options_parse(struct sc_master_options *options, int argc,
                                          char *argv[]);
void sc_master_options_fini(struct sc_master_options *options);

#endif
