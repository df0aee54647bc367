/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_GIVEN_H
#define SC_HOST_GIVEN_H

/*
 * The descriptors that a service manager gave to this process, by systemd's
 * documented protocol: LISTEN_PID and LISTEN_FDS say how many there are, from
 * descriptor 3 on, and LISTEN_FDNAMES what each is called.
 *
 * A name tells what a descriptor is for. Whoever listens gets the name of the
 * unit of its socket, unless that says otherwise; and a later version of this
 * program may have had the manager store descriptors under names of its own.
 * So a name that nobody here knows is left alone: refusing to start over it
 * would make a downgrade impossible.
 *
 * Pure: nothing is read from the environment here, and no descriptor touched.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/bytes.h"

enum { SC_GIVEN_FIRST = 3, SC_GIVEN_MOST = 1024 };

struct sc_given {
    int count;         /* of descriptors, from SC_GIVEN_FIRST on */
    const char *names; /* set apart by colons; null: none are told. Borrowed */
};

/* Each argument is the value of the variable of that name, or null. */
void sc_given_init(struct sc_given *given, pid_t self, const char *listen_pid,
                   const char *listen_fds, const char *listen_fdnames);

/* The name of the descriptor @fd; empty if it has none. */
struct sc_bytes sc_given_name(const struct sc_given *given, int fd);

/*
 * Whether a descriptor of that name is a socket to listen on: one without a
 * name, one that is called after its unit (NAME.socket), or "scache".
 */
bool sc_given_is_listener(struct sc_bytes name);

#endif
