/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_LAUNCH_H
#define SC_BENCH_LAUNCH_H

/*
 * What master(8) does to start a service, for one server under test: a queue directory with a
 * listening socket private/scache, a main.cf, a postlog socket, descriptors 3 and 4 (a pipe), 5
 * (the status channel) and 6 (the listener). Used by target.c alone, which ends what was started.
 */

#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

struct sc_launch_setup {
    const char *name;      /* of its directory */
    const char *program;   /* absolute path, or "" for none */
    const char *home;      /* private directory of the whole run */
    unsigned ttl_limit;    /* connection_cache_ttl_limit, seconds */
    unsigned client_limit; /* connection_cache_client_limit, 0: not set */
    int cpu;               /* where it runs, -1: anywhere */
    bool is_floor;         /* it has arguments of its own */
};

struct sc_launch {
    pid_t pid;
    pid_t master; /* who reads the status channel */
    int log_fd;
    struct sockaddr_un addr;
    char home[80];
};

/* 0 or -errno; on error what was filled in is the caller's to release. */
int sc_launch_start(struct sc_launch *launch, const struct sc_launch_setup *setup)
    __attribute__((warn_unused_result));

#endif
