/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_SCRAPE_H
#define SC_EXPORTER_SCRAPE_H

/*
 * The figures of all servers as one text, which is kept for a second, so that
 * no number of those who ask makes more work for the servers. The servers are
 * asked at once, so that one that hangs delays the others' figures by its own
 * three seconds and no more.
 */

#include <stddef.h>
#include <stdint.h>

#include "source.h"

struct sc_scrape {
    struct sc_source *sources; /* borrowed */
    size_t count;
    char *text; /* owned; null: none yet */
    size_t length;
    int64_t made_ms;
};

void sc_scrape_init(struct sc_scrape *scrape, struct sc_source *sources, size_t count);
void sc_scrape_fini(struct sc_scrape *scrape);

/*
 * Sees to it that the text is of this second. Says on standard error which
 * server has ceased to answer, and which answers again. Returns 0 or -ENOMEM.
 */
__attribute__((warn_unused_result)) int sc_scrape_renew(struct sc_scrape *scrape);

#endif
