/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SESSION_FAR_H
#define SC_SESSION_FAR_H

/*
 * The socket to the far end, as an engine needs it: bytes, neither more nor
 * less. It is embedded in what implements it. No verb blocks, whatever flags
 * the socket has: others may share it, and change them at any time.
 */

#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"

enum sc_far_result {
    SC_FAR_DONE,  /* at least one byte has moved */
    SC_FAR_WAIT,  /* not until the socket is ready */
    SC_FAR_LATER, /* the kernel is short of memory: no event will tell when it is not */
    SC_FAR_ENDED, /* receiving only: nothing more comes */
    SC_FAR_LOST,  /* see its error */
};

struct sc_far;

struct sc_far_verbs {
    enum sc_far_result (*receive)(struct sc_far *far, void *bytes, size_t size, size_t *length);
    enum sc_far_result (*send)(struct sc_far *far, struct sc_bytes bytes, size_t *length);

    /* The far end will read the end of file behind what was sent. */
    void (*end)(struct sc_far *far);
};

struct sc_far {
    const struct sc_far_verbs *verbs; /* borrowed */
    int error;                        /* -errno of what was lost, or 0 */
};

#endif
