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
 * (io/close_process), all else to threads (io/close_threads): those can close
 * anything, but make every system call of the loop dearer while they run. If
 * the process cannot be had or has been killed, the threads close sockets too.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/log.h"
#include "base/util.h"

struct sc_closer;

/*
 * Forks the process, so nothing of a client's may be open yet; confine, if
 * there is one, is called in it. Room is made for so many descriptors. That
 * the process cannot be had is logged. Returns 0 or -ENOMEM.
 */
SC_MUST_CHECK int sc_closer_new(struct sc_closer **closer, size_t most_descriptors,
                                struct sc_log *log, void (*confine)(void));

/*
 * Takes a descriptor and closes it within a few milliseconds of flushes.
 * @nature is what sc_peer_nature() said of it, or at least whether it is a
 * socket. @user is whose it was: what hangs of one user's holds up nobody
 * else's.
 */
void sc_closer_take(struct sc_closer *closer, int fd, uint8_t nature, int64_t user);

/*
 * Sees to it that what was taken is closed. To be called once a turn of the
 * loop, and every few milliseconds while something is pending; now is
 * monotonic milliseconds.
 */
void sc_closer_flush(struct sc_closer *closer, int64_t now);

/* How many descriptors are taken and still open here. */
size_t sc_closer_pending(const struct sc_closer *closer);

/* How many of those no thread has begun to close, though one should have. */
size_t sc_closer_queued(struct sc_closer *closer);

/*
 * Closes what was taken, but waits for nothing that hangs longer than so many
 * milliseconds. The process is about to exit.
 */
void sc_closer_free(struct sc_closer *closer, int patience_ms);

#endif
