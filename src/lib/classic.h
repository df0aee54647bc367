/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_CLASSIC_H
#define SC_LIB_CLASSIC_H

/*
 * put and take in the requests of Postfix's own protocol, which take several
 * exchanges: a put is save_endp and then save_dest; a take is find_dest and
 * then a find_endp for each endpoint, until one of them finds something. A
 * request that is classic already is the only one of its sequence. Pure.
 */

#include <stdbool.h>

#include "base/util.h"
#include "wire/request.h"

struct sc_classic {
    struct sc_request asked; /* what is left of it */
    bool has_begun;
};

void sc_classic_begin(struct sc_classic *classic, const struct sc_request *asked);

/* The next request of the sequence; false at its end. */
SC_MUST_CHECK bool sc_classic_next(struct sc_classic *classic, struct sc_request *next);

#endif
