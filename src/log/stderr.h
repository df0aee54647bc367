/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LOG_STDERR_H
#define SC_LOG_STDERR_H

/*
 * A sink that writes lines to standard error. Until it is detached it writes
 * them itself: whoever starts a server may wait for its complaints. From then
 * on a line never makes anybody wait:
 *
 *  - a local socket, as service managers give, takes it without waiting or
 *    lets it wait here;
 *  - /dev/null always takes it;
 *  - anything else is written to by a process of its own (log/writer);
 *  - without that process by us, over a description of our own that does not
 *    wait, which pipes and terminals let be opened by those who may; and at
 *    the very last by us, when poll(2) says that there is room.
 *
 * Flags of standard error are never changed: others share it.
 */

#include <stdbool.h>

#include "log/channel.h"
#include "log/record.h"

enum sc_stderr_way {
    SC_STDERR_PATIENT, /* not detached yet */
    SC_STDERR_PLAIN,   /* it never makes anybody wait */
    SC_STDERR_CHANNEL, /* the socket that it is, or one to the writer */
    SC_STDERR_OWN,     /* opened anew */
    SC_STDERR_POLLED,
};

struct sc_stderr {
    struct sc_log_sink base;
    enum sc_stderr_way way;
    struct sc_channel channel;
    bool has_writer; /* at the channel's other end */
    bool in_journal; /* which takes a priority in front of a line */
    int own;         /* or -1 */
    char tag[SC_RECORD_TAG_MAX];
};

/* @journal is the value of JOURNAL_STREAM, or null. It cannot fail. */
void sc_stderr_init(struct sc_stderr *to, const char *tag, const char *journal);
void sc_stderr_fini(struct sc_stderr *to);

/*
 * From now on no line makes anybody wait. May fork, so there must be one
 * thread and no foreign descriptor; @confine is called in the child with
 * @context. Returns 0; or -errno when there is no process for it, and all is
 * done as well as it can be without.
 */
SC_MUST_CHECK int sc_stderr_detach(struct sc_stderr *to, void (*confine)(void *context),
                                   void *context);

#endif
