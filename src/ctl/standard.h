/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_STANDARD_H
#define SC_CTL_STANDARD_H

/*
 * Descriptors 0 to 2, when the tool is started without them: the next file
 * that is opened would get such a number, and a message for the user would be
 * written into somebody's connection.
 */

#include <stdbool.h>

/*
 * Opens on /dev/null those that are not open, or on what can be neither read
 * nor written. For the first line of main(). False: a number is still free.
 */
bool sc_ctl_standard_open(void);

#endif
