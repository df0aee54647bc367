/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_LOAD_H
#define SC_BENCH_LOAD_H

/*
 * The load generator: any number of clients in one epoll loop, each with one request under way
 * and the next one sent the moment it is answered. Every reply is compared byte for byte, every
 * descriptor must come where one is due and nowhere else, and one in 1,024 is looked at to see
 * that it is the very one that this client gave away. A wrong reply ends the run with -EPROTO
 * after both texts have been shown.
 *
 * In the hot loop a client makes the system calls that its exchange needs, and one clock read a
 * request. With many clients the time of a request includes its wait for our own turn; compare
 * servers, not absolute times.
 *
 * All clients finish their round of requests before a run ends, so that a run leaves in the
 * cache what it found there.
 */

#include "hist.h"
#include "script.h"
#include "supply.h"
#include "target.h"

struct sc_load_plan {
    enum sc_work work;
    unsigned clients;
    bool one_label; /* all clients use the label of the first */
    unsigned ttl;
    double warm_up; /* seconds not measured */
    double seconds;
};

struct sc_load_result {
    double seconds;
    uint64_t requests;
    uint64_t descriptors; /* that came back */
    uint64_t cpu_ns;      /* of the server */
    uint64_t own_cpu_ns;  /* of this process */
    uint64_t others_ns;   /* CPU time of whoever else was at work on this machine */
    uint64_t rss;         /* of the server, at the end of the measured time */
    struct sc_hist hist;  /* of requests */
};

/* 0 or -errno; a message has then been written to standard error. Blocks for as long as it takes.
 */
int sc_load_run(struct sc_target *target, struct sc_supply *pool, const struct sc_load_plan *plan,
                struct sc_load_result *result) __attribute__((warn_unused_result));

#endif
