/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_USER_H
#define SC_CTL_USER_H

/*
 * Whose entries are meant: a user by number or name, or those who share, by
 * the place of their set in connection_cache_shared_users: "share1". The
 * server has a number for each of these; users' own end at 2^32.
 */

#include <stdbool.h>

enum { SC_CTL_USER_SIZE = 32 };

/* The server's number for a word; false: there is no such user. */
bool sc_ctl_user_read(char number[SC_CTL_USER_SIZE], const char *word);

/* For the eye: a number of the server's, or "share1"; anything else as it is, so not yet printable.
 */
const char *sc_ctl_user_show(char text[SC_CTL_USER_SIZE], const char *number);

#endif
