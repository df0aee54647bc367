/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_IO_NOTIFY_H
#define SC_IO_NOTIFY_H

/*
 * Words to a service manager, as sd_notify(3) describes them, without its
 * library. Nothing is kept, and nobody is waited for.
 */

/*
 * Sends @word to the manager at @address, which is what NOTIFY_SOCKET says: a
 * path, or with an @ in front an abstract name. Null: there is no manager. A
 * manager that is not there or has no room is no mistake of ours.
 */
void sc_notify_manager(const char *address, const char *word);

#endif
