/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_REQUEST_H
#define SC_CTL_REQUEST_H

/*
 * A request to the control socket, grown attribute by attribute: names and
 * values in turn, all texts borrowed. It must not be moved.
 */

/* More than any request has. */
enum { SC_CTL_REQUEST_MOST = 32 };

struct sc_ctl_request {
    const char *attributes[SC_CTL_REQUEST_MOST + 1];
    int count;
    char limit[12];
};

void sc_ctl_request_init(struct sc_ctl_request *request, const char *name);

/* A null value adds nothing. */
void sc_ctl_request_add(struct sc_ctl_request *request, const char *name, const char *value);

/* No more than so many records; a negative number adds nothing. */
void sc_ctl_request_add_limit(struct sc_ctl_request *request, int limit);

#endif
