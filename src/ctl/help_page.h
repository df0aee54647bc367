/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_HELP_PAGE_H
#define SC_CTL_HELP_PAGE_H

/*
 * Help texts, one a command: what it is for, what it takes, how it ends, and
 * lines to try.
 */

struct sc_ctl_help_page {
    const char *command; /* null: the last was before */
    const char *text;
};

/* Of the commands that use the cache, and of those that look at its server. */
extern const struct sc_ctl_help_page sc_ctl_help_cache[];
extern const struct sc_ctl_help_page sc_ctl_help_control[];

#endif
