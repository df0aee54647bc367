/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_ANSWER_H
#define SC_SERVER_ANSWER_H

/*
 * From a request to its reply: asks the engine, counts, and writes what is to
 * be said behind the client's output. A save is answered at once. For a find
 * there are two answers, to be chosen from when it is known what was found;
 * nothing that was written is ever taken back.
 */

#include "server/common.h"
#include "server/trace.h"
#include "wire/reply.h"
#include "wire/request.h"

/* For whom an answer is, and where it is written to. All borrowed. */
struct sc_answer {
    struct sc_common *common;
    struct sc_space *space;
    const struct sc_caller *caller;
    struct sc_buf *out;
};

/*
 * Answers a save, or what cannot be done. @fd is what came with it, or -1; it
 * is consumed. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_answer_save(const struct sc_answer *answer, const struct sc_request *request,
                                 int fd);
SC_MUST_CHECK int sc_answer_malformed(const struct sc_answer *answer,
                                      const struct sc_request *request, int fd);

/* Answers a take that asks only who is here. */
SC_MUST_CHECK int sc_answer_probe(const struct sc_answer *answer, const struct sc_request *request);

/* The two answers to a find. @found has views of the connection that will be delivered. */
SC_MUST_CHECK int sc_answer_found(const struct sc_answer *answer, const struct sc_request *request,
                                  const struct sc_found *found);
SC_MUST_CHECK int sc_answer_missed(const struct sc_answer *answer,
                                   const struct sc_request *request);

/* What a delivered connection counts as, and what a miss does. */
enum sc_counter sc_answer_hit(const struct sc_request *request);

#endif
