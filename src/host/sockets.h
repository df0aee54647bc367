/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_SOCKETS_H
#define SC_HOST_SOCKETS_H

/*
 * The listening sockets of a server on its own: the one that it makes, or
 * those that a service manager gave, of which each belongs to a service.
 */

#include "base/log.h"
#include "host/arguments.h"
#include "host/given.h"
#include "host/service.h"
#include "io/listen.h"

struct sc_sockets {
    struct sc_listen listen;
    struct sc_given given;
    enum sc_listen_loss lost; /* what was seen last */
};

/* What a service manager has given, as the environment says. */
void sc_sockets_find_given(struct sc_given *given);

/* None; to close them is harmless. */
void sc_sockets_init(struct sc_sockets *sockets);

/*
 * Makes the socket that the arguments ask for, whose owner and group are @owner
 * and @group unless they name others; without, takes those that were given.
 * Before descriptors are counted. Returns 0, or -errno with the reason logged.
 */
SC_MUST_CHECK int sc_sockets_open(struct sc_sockets *sockets, const struct sc_program *program,
                                  const struct sc_arguments *arguments, uid_t owner, gid_t group,
                                  struct sc_log *log);

/* Lets each service listen at what is its own. Returns 0 or -errno. */
SC_MUST_CHECK int sc_sockets_listen(const struct sc_sockets *sockets,
                                    const struct sc_program *program);

/* Warns, once, when somebody has removed what was made: a cleaner of /tmp, say. */
void sc_sockets_check(struct sc_sockets *sockets, struct sc_log *log);

/* Removes the socket that was made, so that whoever comes now is refused and not kept waiting. */
void sc_sockets_close(struct sc_sockets *sockets);

#endif
