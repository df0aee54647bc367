/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_RELAY_PAST_H
#define SC_RELAY_PAST_H

/*
 * How sessions ended that are no more, for a while: the end of file that a
 * caller reads does not tell whether it had all. Their number is bounded; the
 * oldest goes first.
 */

#include <stdint.h>
#include <sys/queue.h>

#include "base/bytes.h"
#include "wire/tls.h"

struct sc_past_entry;

TAILQ_HEAD(sc_past_list, sc_past_entry);

struct sc_past {
    struct sc_past_list entries; /* the oldest is the first */
    size_t count;
};

void sc_past_init(struct sc_past *past);
void sc_past_fini(struct sc_past *past);

/* Remembers it, if there is memory. */
void sc_past_add(struct sc_past *past, const char *id, enum sc_tls_end end, const char *text,
                 int64_t now);

/* Returns the end, or -1: not known. The text is valid until the next call. */
int sc_past_find(struct sc_past *past, struct sc_bytes id, int64_t now, struct sc_bytes *text);

/* When the last one will be forgotten; @now or earlier: there is none. */
int64_t sc_past_until(const struct sc_past *past);

#endif
