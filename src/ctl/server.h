/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_SERVER_H
#define SC_CTL_SERVER_H

/*
 * The server that the options speak of.
 */

#include "args.h"

struct scache;

/*
 * Opens a handle as the options say; connects to nobody yet. Null and errno:
 * EINVAL: an empty path; ENAMETOOLONG; ENOMEM.
 */
SC_CTL_MUST_CHECK struct scache *sc_ctl_server_open(const struct sc_ctl_args *args);

#endif
