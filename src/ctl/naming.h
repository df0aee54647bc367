/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_NAMING_H
#define SC_CTL_NAMING_H

/*
 * The labels under which `run` keeps a connection. By default they say all
 * that is known to make it unequal to others: who speaks on it (the program's
 * path, all its arguments, and the directory that they are meant in), where it
 * leads, and of which network that is. Whoever wants to share says so, and
 * then who speaks is a name (--service), or all of it is (--label).
 *
 * Where a name leads may change, so the destination has the name, and the
 * endpoint the address that was reached.
 *
 * Each returns 0 and a label, which is the caller's; or -errno: something that
 * has to be in it cannot be known, or there is no memory.
 */

#include "args.h"
#include "target.h"

SC_CTL_MUST_CHECK int sc_ctl_naming_destination(const struct sc_ctl_args *args,
                                                const struct sc_ctl_target *target, char **label);

/* For the connection @fd; with --label it is not looked at. */
SC_CTL_MUST_CHECK int sc_ctl_naming_endpoint(const struct sc_ctl_args *args,
                                             const struct sc_ctl_target *target, int fd,
                                             char **label);

/*
 * The path of the file that a word would execute, as execvp(3) looks for it.
 * What is a link in its directory is resolved; the last name stays, as a
 * program can act by the name that it is called by. Null: no memory.
 */
SC_CTL_MUST_CHECK char *sc_ctl_naming_find_program(const char *word);

#endif
