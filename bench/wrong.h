/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_WRONG_H
#define SC_BENCH_WRONG_H

/*
 * How the load generator says that a server answered wrongly: on standard error, with the
 * request, what was due and what came, NUL as \0. All return an error to pass up: -EPROTO, or the
 * one given. A figure for a server that answers wrongly means nothing, so every one of these ends
 * the program.
 */

#include "script.h"
#include "target.h"

/* `had` bytes of the reply were right; then `got` came. */
int sc_wrong_reply(const struct sc_target *target, unsigned client, const struct sc_step *step,
                   size_t had, const char *got, size_t got_len);
int sc_wrong_descriptor(const struct sc_target *target, unsigned client, const struct sc_step *step,
                        const char *what);
/* The server closed the connection (err 0), or reading failed. */
int sc_wrong_end(const struct sc_target *target, unsigned client, const struct sc_step *step,
                 int err);
int sc_wrong_send(const struct sc_target *target, unsigned client, const struct sc_step *step,
                  int err);
int sc_wrong_silence(const struct sc_target *target, int seconds);

#endif
