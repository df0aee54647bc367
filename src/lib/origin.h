/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_ORIGIN_H
#define SC_LIB_ORIGIN_H

/*
 * Tells a child of fork(2) from the process that it was copied from, so that
 * what was inherited is not used by both. A process id alone does not: in a
 * namespace of its own a child may have its parent's, and so may any process
 * that comes later.
 *
 * It owns a page of memory that the kernel wipes in every child
 * (MADV_WIPEONFORK, Linux 4.14). Where that is refused, the process id and
 * the namespace that it is of are compared. A child of vfork(2) has its
 * parent's memory, and is taken for it.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/util.h"

struct sc_origin {
    volatile unsigned char *mark; /* not 0 in the process that has claimed it; null: refused */
    pid_t process;
    dev_t device; /* of its namespace; both 0: not known */
    ino_t inode;
};

/* The process at hand has claimed it. Cannot fail. */
void sc_origin_init(struct sc_origin *origin);
void sc_origin_fini(struct sc_origin *origin);

/* Whether another process has claimed it last. */
SC_MUST_CHECK bool sc_origin_is_another(const struct sc_origin *origin);

/* From now on the process at hand is the one. */
void sc_origin_claim(struct sc_origin *origin);

#endif
