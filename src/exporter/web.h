/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_WEB_H
#define SC_EXPORTER_WEB_H

/*
 * The figures over HTTP, by libmicrohttpd: /metrics has them, / says so, and
 * there is nothing else. One thread; whoever is slow, or one of too many, is
 * closed, and delays nobody.
 */

#include "door.h"
#include "scrape.h"

/*
 * Serves until SIGTERM or SIGINT, which have to be blocked. Takes the door's
 * socket, its file stays the caller's. Returns 0 or -errno.
 */
__attribute__((warn_unused_result)) int sc_web_serve(struct sc_door *door,
                                                     struct sc_scrape *scrape);

#endif
