/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_PEER_H
#define SC_CTL_PEER_H

/*
 * The two ends of a connection by name, as the kernel knows them: numbers of
 * TCP, or a path. False, each time: it has no such name.
 */

#include <stdbool.h>
#include <stddef.h>

enum { SC_CTL_PEER_SIZE = 160 }; /* room for each text that is made here */

/* Of TCP, numeric. */
struct sc_ctl_address {
    char host[64]; /* room for a zone behind an address of IPv6 */
    char port[8];
};

bool sc_ctl_peer_address(int fd, struct sc_ctl_address *address);
bool sc_ctl_peer_local_address(int fd, struct sc_ctl_address *address);

/* The path that a UNIX-domain connection leads to. */
bool sc_ctl_peer_path(int fd, char *text, size_t size);

/* The far end as `run --to` takes it: tcp:HOST:PORT or unix:PATH. */
bool sc_ctl_peer_name(int fd, char *text, size_t size);

#endif
