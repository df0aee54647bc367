/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFINE_FILTER_H
#define SC_CONFINE_FILTER_H

/*
 * The system calls that a process may still make, as a seccomp filter made by
 * libseccomp. What is not in the lists of filter.c fails, is only logged, or
 * ends the process. Names that this machine's kernel does not have are passed
 * over, so the lists name what other architectures and C libraries need too.
 *
 * A filter holds for all threads and all children, and cannot be taken off.
 */

#include "base/util.h"
#include "confine/mode.h"

/* Each may do all that the first may; and each of the last three what those before it may. */
enum sc_filter_profile {
    SC_FILTER_DROPPER, /* the process that closes sockets: waiting, letting the kernel close */
    SC_FILTER_NURSERY, /* the process that forks it, which then confines itself further */
    SC_FILTER_WORKER,  /* a process that relays one user's TLS sessions */
    SC_FILTER_CRADLE,  /* the process that forks those */
    SC_FILTER_WRITER,  /* the process that writes to standard error */
    SC_FILTER_SERVER,  /* the loop, and the log */
    SC_FILTER_ALONE,   /* reading the configuration and users again, removing a socket */
};

/* Not for SC_SANDBOX_NO. Needs no_new_privs. Returns 0 or -errno. */
SC_MUST_CHECK int sc_filter_load(enum sc_filter_profile profile, enum sc_sandbox_mode mode);

#endif
