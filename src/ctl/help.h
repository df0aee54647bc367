/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_HELP_H
#define SC_CTL_HELP_H

/*
 * What scachectl says about itself: one text for the whole, and one for each
 * command. The manual page says more; neither says what the other does not.
 */

extern const char sc_ctl_help_overview[];

/* The text on a command, or null: there is no such command. */
const char *sc_ctl_help_find(const char *command);

#endif
