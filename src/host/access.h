/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_ACCESS_H
#define SC_HOST_ACCESS_H

/*
 * Who may connect to a server that stands alone, and whose labels are whose.
 * The kernel says who a client is. Root and the server's own user may always
 * connect, and have a space of their own like everybody else; those who are
 * named as sharing have one space together. There may be several such sets,
 * set apart by semicolons; who is in two belongs to the first.
 *
 * A client whose identity stands for nobody (host/mapping) is never let in.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "base/util.h"
#include "config/diag.h"
#include "config/params.h"
#include "host/mapping.h"
#include "host/roster.h"

enum { SC_ACCESS_REFUSED_MOST = 256, SC_ACCESS_TEXT_MAX = SC_DIAG_TEXT_MAX };

struct sc_access {
    struct sc_roster authorized;
    struct sc_roster *sharing; /* owned */
    size_t sharing_count;
    struct sc_mapping users, groups;
    const char *parameter; /* who may connect is named by */
    uid_t own;             /* the server's user, now unless its host says otherwise */
    uid_t refused[SC_ACCESS_REFUSED_MOST]; /* users who were named in the log */
    size_t refused_count;
    struct sc_log_limit refusals; /* of more than those */
};

/*
 * Looks up all names in the parameters' two lists. Returns 0; -EINVAL with the
 * problem described in @text, of SC_ACCESS_TEXT_MAX bytes; or -ENOMEM.
 */
SC_MUST_CHECK int sc_access_init(struct sc_access *access, const struct sc_params *params,
                                 char *text);
void sc_access_fini(struct sc_access *access);

/* Whether somebody is to share labels who may not connect; then that is described in @text. */
bool sc_access_has_idle_sharer(const struct sc_access *access, const struct sc_params *params,
                               char *text);

/* The space of a client's labels, who is at the other end of @socket; -1: he may not connect. */
int64_t sc_access_admit(const struct sc_access *access, int socket, uid_t user);

/* Logs that a user may not connect and why, each user once. @now: as for sc_log_limited(). */
void sc_access_log_refusal(struct sc_access *access, struct sc_log *log, int64_t now, uid_t user);

#endif
