/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_OPTIONS_H
#define SC_EXPORTER_OPTIONS_H

/*
 * The command line of scache-exporter. All texts are borrowed from it, and
 * names within it may be cut off by a NUL.
 */

#include <stdbool.h>
#include <stddef.h>

#include "source.h"

struct sc_options {
    const char *listen;        /* null: it does not */
    const char *output;        /* a file, or "-"; null: none */
    struct sc_source *sources; /* owned */
    size_t count;
    bool help;
    bool version;
};

/*
 * Reads it. Returns 0; -EINVAL: it is not right, which was said on standard
 * error; or -ENOMEM. To be freed in every case.
 */
__attribute__((warn_unused_result)) int sc_options_read(struct sc_options *options, int argc,
                                                        char *argv[]);
void sc_options_fini(struct sc_options *options);

extern const char sc_options_help[];

#endif
