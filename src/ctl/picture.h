/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PICTURE_H
#define SC_CTL_PICTURE_H

/*
 * A screen that is being drawn: text with marks is collected in memory, and
 * shown at once, with colours or without.
 */

#include <stdio.h>

#include "util.h"

struct sc_ctl_picture {
    FILE *file; /* to draw on */
    char *text; /* owned; whole after sc_ctl_picture_end() */
    size_t length;
};

/* Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_picture_init(struct sc_ctl_picture *picture);
void sc_ctl_picture_fini(struct sc_ctl_picture *picture);

/* Nothing more is drawn. Returns 0 or -ENOMEM: part of it is missing. */
SC_CTL_MUST_CHECK int sc_ctl_picture_end(struct sc_ctl_picture *picture);

/* Ends it and shows it on a stream; @option: of --color. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_picture_show(struct sc_ctl_picture *picture, const char *option,
                                          FILE *out);

#endif
