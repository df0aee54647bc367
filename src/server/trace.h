/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_TRACE_H
#define SC_SERVER_TRACE_H

/*
 * What the server does, for those who asked for it: with -v who comes and
 * goes, each request with its labels and its outcome, and what leaves the
 * cache without being found; with -v -v the properties too. Nothing is
 * written, and nothing composed, without.
 */

#include "server/common.h"
#include "wire/request.h"

/* Who is at the other end, as the kernel said when it connected. */
struct sc_caller {
    int64_t user;    /* -1: not known */
    int64_t process; /* 0: not known */
};

void sc_trace_client(struct sc_common *common, const struct sc_caller *caller, const char *what);
void sc_trace_request(struct sc_common *common, const struct sc_caller *caller,
                      const struct sc_request *request, enum sc_status status);

/* A connection has left for good, by another way than being delivered. */
void sc_trace_end(struct sc_common *common, const struct sc_connection *connection,
                  enum sc_end end);

#endif
