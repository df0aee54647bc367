/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_LABELS_H
#define SC_BENCH_LABELS_H

/*
 * Sets of distinct labels to try a store with, from the usual to the malicious. All labels of a
 * set have the same length and lie one behind the other in memory that the set owns.
 */

#include "base/bytes.h"

#include <stddef.h>

enum sc_label_kind {
    SC_LABELS_USUAL,  /* as Postfix makes them */
    SC_LABELS_PREFIX, /* 64 equal bytes, then a number */
    SC_LABELS_LONG,   /* 2,000 bytes that differ at the end */
    SC_LABELS_FNV,    /* all the same under 32-bit FNV-1a */
    SC_LABELS_DJB,    /* all the same under h * 33 + c, of any width */
    SC_LABELS_KINDS
};

#define SC_LABELS_LENGTH_MAX 2000

struct sc_labels {
    char *bytes;
    size_t length;
    unsigned count;
};

/* At most 2^20 labels: 0 or -errno. */
int sc_labels_init(struct sc_labels *labels, enum sc_label_kind kind, unsigned count)
    __attribute__((warn_unused_result));
void sc_labels_fini(struct sc_labels *labels);

const char *sc_labels_name(enum sc_label_kind kind);

static inline struct sc_bytes sc_labels_at(const struct sc_labels *labels, unsigned index)
{
    return (struct sc_bytes){labels->bytes + index * labels->length, labels->length};
}

#endif
