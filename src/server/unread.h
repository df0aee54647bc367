/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_UNREAD_H
#define SC_SERVER_UNREAD_H

/*
 * Descriptors that were sent to a client and may still lie in its socket. The
 * kernel lets a user have only so many on their way, ours too, so one who
 * takes and never receives would end all look-ups of all. Each user has a
 * share of what may be unread; beyond half of it a client is given nothing as
 * long as its last ones lie there; and a socket whose client has left while
 * they do stays open until they are gone, for else nobody could tell.
 *
 * Postfix's clients acknowledge what they have received. Of others the kernel
 * is asked how much they have not read, which takes no lock.
 *
 * What a client has of this is embedded in it, and is known to its user while
 * there is something unread.
 */

#include "server/common.h"

struct sc_unread {
    LIST_ENTRY(sc_unread) link;       /* while there is something */
    TAILQ_ENTRY(sc_unread) lingering; /* when its client has left */
    struct sc_user *user;
    int fd;
    size_t count;
};

void sc_unread_init(struct sc_unread *unread, struct sc_user *user, int fd);

/* Whether one more descriptor may be sent. If not it is to be tried again soon. */
SC_MUST_CHECK bool sc_unread_may_send(struct sc_unread *unread, struct sc_common *common);

/* One was sent; all were received. */
void sc_unread_note_sent(struct sc_unread *unread, struct sc_common *common);
void sc_unread_note_received(struct sc_unread *unread, struct sc_common *common);

/*
 * The client leaves. Returns its socket, to be closed; or -1: something is
 * unread there, and it is kept open here.
 */
SC_MUST_CHECK int sc_unread_leave(struct sc_unread *unread, struct sc_common *common);

/* Closes kept sockets from which everything was received; at the end, all. */
void sc_unread_sweep(struct sc_common *common, bool all);

#endif
