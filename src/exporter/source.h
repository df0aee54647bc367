/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_SOURCE_H
#define SC_EXPORTER_SOURCE_H

/*
 * One server whose figures are told, by its control socket. It is connected to
 * for each answer and let go again: while somebody is connected, a server that
 * nobody uses would not end.
 */

#include <stdbool.h>

#include "exposition.h"

enum { SC_SOURCE_WHY_SIZE = 256 };

struct sc_source {
    const char *name;             /* the label cache, borrowed like the path */
    const char *path;             /* of the control socket */
    char why[SC_SOURCE_WHY_SIZE]; /* with the path in front: why it told nothing the last time; "":
                                     it did */
};

/*
 * Asks and adds what it tells to an exposition that is not yet initialised, whatever the
 * outcome: of a server that does not answer within three seconds, or may not, only that it is not
 * up, and why. Blocks; sources may be asked at once by several threads. Returns 0 or -ENOMEM, and
 * then there is no exposition.
 */
__attribute__((warn_unused_result)) int sc_source_ask(struct sc_source *source,
                                                      struct sc_exposition *exposition);

#endif
