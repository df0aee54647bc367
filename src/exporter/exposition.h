/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_EXPOSITION_H
#define SC_EXPORTER_EXPOSITION_H

/*
 * Metrics in Prometheus's text format 0.0.4. In it all series of one family
 * stand together below one HELP and one TYPE, though they come from several
 * servers one after the other; so each family gathers its own lines, and the
 * whole is written at the end.
 *
 * What cannot stand in the text is refused before anything of it is written,
 * so that one bad series does not make the rest unreadable.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

enum sc_exposition_kind { SC_EXPOSITION_COUNTER, SC_EXPOSITION_GAUGE, SC_EXPOSITION_HISTOGRAM };

/* All are borrowed for the call. */
struct sc_exposition_series {
    enum sc_exposition_kind kind;
    const char *family; /* the whole name, _total included */
    const char *help;   /* of the family, from the first who gives one */
    const char *labels; /* as they stand between the braces; "": none */
};

struct sc_exposition_family;
STAILQ_HEAD(sc_exposition_families, sc_exposition_family);

struct sc_exposition {
    struct sc_exposition_families families; /* in the order of their first series */
    char *base;                             /* labels that every series has, owned; null: none */
};

/* @base: labels that every series added here is to have, copied; "": none. 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int sc_exposition_init(struct sc_exposition *exposition,
                                                           const char *base);
void sc_exposition_fini(struct sc_exposition *exposition);

/*
 * Adds a number, already in digits. Returns 0; -EINVAL: the name, the labels
 * or the number cannot stand in the text, or the family is of another kind;
 * or -ENOMEM.
 */
__attribute__((warn_unused_result)) int sc_exposition_add(struct sc_exposition *exposition,
                                                          const struct sc_exposition_series *series,
                                                          const char *number);

/*
 * Adds a histogram: @count bounds, and @count + 1 numbers of values between
 * them. @unit: what is told for 1 of a bound and of the sum. Returns as above.
 */
__attribute__((warn_unused_result)) int
sc_exposition_add_histogram(struct sc_exposition *exposition,
                            const struct sc_exposition_series *series, const uint64_t *bounds,
                            const uint64_t *counts, size_t count, uint64_t sum, double unit);

/*
 * Adds all that another one has. Returns 0, -EINVAL if one family is of two
 * kinds, or -ENOMEM; then what was added before stays.
 */
__attribute__((warn_unused_result)) int sc_exposition_merge(struct sc_exposition *exposition,
                                                            struct sc_exposition *other);

/* Writes everything. Returns 0 or -EIO. */
__attribute__((warn_unused_result)) int sc_exposition_write(struct sc_exposition *exposition,
                                                            FILE *out);

#endif
