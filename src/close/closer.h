/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CLOSE_CLOSER_H
#define SC_CLOSE_CLOSER_H

/*
 * Closes what is not our own without ever blocking. The last close of
 * something foreign can block: a socket that lingers with unsent data, a
 * terminal, a FUSE file, or a local socket in whose queue such a thing lies.
 * No test made before can rule that out, because others may share what is
 * closed and change it in between. So the loop closes nothing foreign itself.
 *
 * Sockets, which is what nearly everybody caches, go in batches to a process
 * (close/crew), all else by number to one that shares our table of
 * descriptors (close/twin). Where neither can be had they are closed here, as
 * a last resort, for never to close would end all service too.
 *
 * What hangs is noticed by the clock, left alone, and replaced, and it counts
 * for the user whose descriptor it was: he may make half of what is left hang
 * and no more, and then only his own wait.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/util.h"
#include "close/nursery.h"

struct sc_closer;

/*
 * Forks the nursery, so nothing of a client's may be open yet; what is open is
 * taken to be our own. Room is made for so many descriptors. That processes
 * cannot be had is logged. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_closer_new(struct sc_closer **closer, size_t most_descriptors,
                                struct sc_log *log, const struct sc_nursery_confine *confine);

/*
 * A descriptor of that nature has come in, and will be taken some day. To be
 * called for each that is no socket, at least: see close/twin.
 */
void sc_closer_expect(struct sc_closer *closer, uint8_t nature);

/*
 * Takes a descriptor and closes it within a few milliseconds of flushes.
 * @nature is what sc_peer_nature() said of it, or at least whether it is a
 * socket. @user is whose it was: what hangs of one user's holds up nobody
 * else's.
 */
void sc_closer_take(struct sc_closer *closer, int fd, uint8_t nature, int64_t user);

/*
 * Sees to it that what was taken is closed. To be called at the end of a turn
 * of the loop, and when it is due; now is monotonic milliseconds.
 */
void sc_closer_flush(struct sc_closer *closer, int64_t now);

/* When there is something to flush again, as of the last one; INT64_MAX: nothing. */
int64_t sc_closer_due(const struct sc_closer *closer);

/* How many descriptors are taken and still open here; and how many of those are a user's. */
size_t sc_closer_pending(const struct sc_closer *closer);
size_t sc_closer_pending_of(const struct sc_closer *closer, int64_t user);

/* How many of those are about to be closed: a short wait would do. */
size_t sc_closer_queued(const struct sc_closer *closer);

/*
 * Closes what was taken, but waits for nothing that hangs longer than so many
 * milliseconds. The process is about to exit.
 */
void sc_closer_free(struct sc_closer *closer, int patience_ms);

#endif
