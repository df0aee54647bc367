/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BASE_STANDARD_H
#define SC_BASE_STANDARD_H

/*
 * Standard input, output and error, which a program may be started without
 * (cron, CGI, `<&-`). The next file that it opens then gets such a number, and
 * what is meant for the user goes into somebody's connection. So a program of
 * this tree has numbers 0 to 2 open before it opens anything else.
 */

#include "base/util.h"

/*
 * Opens on /dev/null those of 0 to 2 that are not open; where there is no
 * /dev/null, on what can be neither read nor written. They outlive exec, as
 * such descriptors do. For the first line of main(). Returns 0, or -errno: a
 * number is still free, and the program had better end.
 */
SC_MUST_CHECK int sc_standard_open(void);

/*
 * For what must do without that, since it is only a part of somebody else's
 * program: takes a descriptor that was just made and gives it a number above
 * 2. Returns that, close-on-exec, or -errno, and then it is closed.
 */
SC_MUST_CHECK int sc_standard_avoid(int fd);

#endif
