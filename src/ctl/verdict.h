/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_VERDICT_H
#define SC_CTL_VERDICT_H

/*
 * Whether a connection may be given back after a program has used it, and if
 * not, why. Whoever takes it next goes on in the midst of whatever this one
 * has left, so it is kept only if nothing can be under way on it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util.h"

enum sc_ctl_verdict {
    SC_CTL_KEEP,
    SC_CTL_FAILED,  /* the program has not exited 0 */
    SC_CTL_CLOSED,  /* by one end or the other */
    SC_CTL_UNREAD,  /* something came that the program has not read */
    SC_CTL_UNSENT,  /* something went that the far end has not got */
    SC_CTL_AWAITED, /* the program spoke last: an answer may be on its way */
    SC_CTL_UNKNOWN, /* this kind of connection does not tell who spoke last */
    SC_CTL_CHANGED, /* by an option that cannot be undone */
    SC_CTL_OLD,
    SC_CTL_USED_UP,
    SC_CTL_UNNAMED, /* there is no label for it */
};

/* How much was said on a connection, so that one can tell whether anything was. */
struct sc_ctl_talk {
    bool is_known;
    uint64_t said;
    uint64_t heard;
};

/* Of TCP; of another connection it is not known. */
struct sc_ctl_talk sc_ctl_talk_of(int fd);

/*
 * Looks at a connection that a program has had since @before; waits a moment
 * for what may be coming. @is_quiet: the user's word that the far end speaks
 * only when it is asked, and that the program has read every answer.
 */
SC_CTL_MUST_CHECK enum sc_ctl_verdict sc_ctl_verdict_of(int fd, const struct sc_ctl_talk *before,
                                                        bool is_quiet);

/* In one or two words that never change, and as a sentence for a person. */
const char *sc_ctl_verdict_name(enum sc_ctl_verdict verdict);
const char *sc_ctl_verdict_explain(enum sc_ctl_verdict verdict);

#endif
