/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_WORDS_H
#define SC_CTL_WORDS_H

/*
 * A line of `scachectl shell`, cut into words at blanks. A word that begins
 * with a double quote goes on to the next one, and in it \n \r \t \" \\ and
 * \xHH mean what they mean in C; all other words are taken as they are. A
 * word that begins with # begins a comment.
 */

#include "util.h"

enum { SC_CTL_WORDS_MAX = 6 };

/*
 * The words point into the line, which is changed. Returns how many there are
 * (those beyond SC_CTL_WORDS_MAX are counted, not kept), or -EINVAL: a quote
 * is not closed, or an escape is none.
 */
SC_CTL_MUST_CHECK int sc_ctl_words_split(char *line, char *words[SC_CTL_WORDS_MAX]);

#endif
