/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_SUPPLY_H
#define SC_BENCH_SUPPLY_H

/*
 * The descriptors that clients give away: one connected socket for each client, opened before
 * the run, passed again and again. By default a loopback TCP connection, as an SMTP session is;
 * a UNIX socket pair is the other kind (the kernel does more for one that is in flight). The far
 * ends stay open and silent, so that a server that checks its connections finds them alive.
 *
 * The pool owns both ends. The inode number tells which descriptor a received one is.
 */

#include <stdbool.h>
#include <sys/types.h>

struct sc_supply_pair {
    int near;
    int far;
    ino_t inode;
};

struct sc_supply {
    struct sc_supply_pair *pairs;
    unsigned count;
    bool unix_pairs;
};

void sc_supply_init(struct sc_supply *pool, bool unix_pairs);
void sc_supply_fini(struct sc_supply *pool);

/* Have at least `count` pairs: 0 or -errno. */
int sc_supply_grow(struct sc_supply *pool, unsigned count) __attribute__((warn_unused_result));

/* Whether fd is the near end of pair `index`, or of any pair when `any` is set. */
bool sc_supply_owns(const struct sc_supply *pool, int fd, unsigned index, bool any);

#endif
