/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_DOOR_H
#define SC_EXPORTER_DOOR_H

/*
 * The socket that the exporter listens on, in the words of its command line:
 * ADDRESS:PORT, the address in digits and one of IPv6 in brackets; or
 * unix:PATH. No name is looked up.
 */

struct sc_door {
    int socket;       /* -1: none */
    const char *path; /* of a socket file that goes with the door, borrowed; null: none */
};

/*
 * Opens it. A socket file that nobody listens on any more is replaced, any
 * other is not. Returns 0 or -errno; -EINVAL: the words are none of these.
 */
__attribute__((warn_unused_result)) int sc_door_open(struct sc_door *door, const char *where);

/* Closes what still is ours, and removes the socket file. */
void sc_door_close(struct sc_door *door);

/* Where it listens, as an address to be given to others; port 0 is told as the real one. */
void sc_door_tell(const struct sc_door *door, char *text, int size);

#endif
