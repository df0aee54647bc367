/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PLACE_H
#define SC_CTL_PLACE_H

/*
 * Finds what a word on a command line stands for: an ID of a screen, or a
 * label as it is. Only a search can tell which place an ID of a place is.
 */

#include "console.h"

struct sc_ctl_found_place {
    char *label; /* owned */
    char user[SC_CTL_USER_SIZE];
    int count;   /* how many there are of that ID: only one will do */
    bool is_cut; /* the server has told only the beginning of the label */
};

/*
 * Looks through places of a kind ("endpoints", "destinations") for one of that
 * ID. Returns what to exit with: SC_CTL_MISS when there is none, several, or
 * one whose label is too long to be told, having said so. sc_ctl_place_fini() is due in either
 * case.
 */
struct sc_ctl_ident;
SC_CTL_MUST_CHECK int sc_ctl_place_find(struct sc_ctl_found_place *place,
                                        struct sc_ctl_console *console, const char *kind,
                                        const struct sc_ctl_ident *ident);
void sc_ctl_place_fini(struct sc_ctl_found_place *place);

#endif
