/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A short process with libscache in it: asks whether a server answers, and
 * says in one line what came of it: outcome, reason, path, and the sentence
 * for a person. Run as `probe [PATH]`; uses scache.h alone.
 */
#include <stdio.h>

#include "scache.h"

int main(int argc, char **argv)
{
    struct scache *cache = scache_open(argc > 1 ? argv[1] : NULL);

    if (!cache) {
        perror("scache_open");
        return 2;
    }
    int outcome = scache_ping(cache);
    printf("%d\t%s\t%s\t%s\n", outcome, scache_reason_name(scache_miss_reason(cache)),
           scache_path(cache), scache_miss_text(cache));
    scache_close(cache);
    return 0;
}
