/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TLS_FAR_BIO_H
#define SC_TLS_FAR_BIO_H

/*
 * A BIO on top of a far: OpenSSL's own socket BIO blocks when somebody who
 * shares the socket has made it block, and raises SIGPIPE.
 *
 * In one turn no more is received than a budget, so that one call of OpenSSL
 * cannot go on for as long as the far end likes to send.
 */

#include <stdbool.h>
#include <stddef.h>

#include <openssl/bio.h>

#include "base/util.h"
#include "session/far.h"

/* Four full records and their overhead. */
enum { SC_FAR_BIO_BUDGET = 4 * (16384 + 256 + 5) };

struct sc_far_bio {
    struct sc_far *far; /* borrowed */
    size_t budget;      /* of bytes to receive in this turn */
    bool dry;           /* since begin: the socket has nothing more just now */
    bool spent;         /* since begin: the budget was too small */
    bool later;         /* since begin: the kernel was short of memory */
    bool ended;         /* for good */
    bool lost;          /* for good */
};

/* What all such BIOs have in common; null: no memory. Freed by BIO_meth_free(). */
SC_MUST_CHECK BIO_METHOD *sc_far_bio_method(void);

/* Returns a BIO that borrows both, or null: no memory. */
SC_MUST_CHECK BIO *sc_far_bio_new(BIO_METHOD *method, struct sc_far_bio *state);

/* A new turn. */
void sc_far_bio_begin(struct sc_far_bio *state);

#endif
