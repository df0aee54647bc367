/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_PLACE_H
#define SC_LIB_PLACE_H

/*
 * Where the server is. A path that the caller or SCACHE_SOCKET has named is
 * taken as it is. Without one there are several places to look, and what is
 * found there is used only if nobody else can have put it there: its
 * directory is not writable by others and belongs, as does the server behind
 * it, to us or to root; in the built-in place also to the service's own user.
 * All this is known before a byte is sent.
 *
 * Socket activation makes the service manager the server here, since it has
 * called listen(2): it is root, or we. The overflow user, which is everybody
 * who has no number in this user namespace, is not us even if it is.
 *
 * The environment is read once, at the start; files each time that somebody
 * dials.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

#include "base/util.h"
#include "io/dial.h"
#include "lib/hint.h"
#include "scache.h"

enum { SC_PLACE_MOST = 3, SC_PLACE_DETAIL_SIZE = 80 };

struct sc_place {
    char paths[SC_PLACE_MOST][SC_DIAL_PATH_MAX + 1];
    size_t count;
    size_t current; /* which was dialled last, or will be first */
    bool is_named;  /* by somebody: there is one, and it is taken as it is */
    struct sc_hints hints;
    bool heeds_hints;
    bool is_hinted;                    /* there is one about the place that was dialled last */
    int64_t hinted_until;              /* when that is over */
    enum scache_reason reason;         /* why nothing was reached */
    char detail[SC_PLACE_DETAIL_SIZE]; /* the same for a person, or "" */
};

/* @path: null: not named. Returns 0, -EINVAL: empty, or -ENAMETOOLONG. */
SC_MUST_CHECK int sc_place_init(struct sc_place *place, const char *path);

/* The path that was dialled last, or will be first. */
const char *sc_place_path(const struct sc_place *place);

/*
 * Connects to the first server that answers, may be used, and is not said to
 * be slow. Returns 0; -EAGAIN: its queue is full; or another -errno, and then
 * says why.
 */
SC_MUST_CHECK int sc_place_dial(struct sc_place *place, int64_t now, int *socket);

/* What came of it, for the processes that come later: no answer in time, or one. */
void sc_place_is_slow(struct sc_place *place, int64_t now);
void sc_place_answers(struct sc_place *place);

#endif
