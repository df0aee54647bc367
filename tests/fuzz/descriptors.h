/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_DESCRIPTORS_H
#define SC_TESTS_FUZZ_DESCRIPTORS_H

/*
 * Descriptors as a fuzz target handles them: passed in any number, known
 * again by the open file that they stand for, and counted, so that one that
 * was leaked is found after the input that leaked it.
 *
 * Nothing here blocks. What is received is the caller's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/bytes.h"

enum {
    DESCRIPTORS_MOST = 1024, /* that this process may have open while an input is played */
    PASSED_MOST = 253,       /* the kernel's limit for one message */
};

enum descriptor_kind {
    DESCRIPTOR_STREAM,   /* one end of a pair of stream sockets */
    DESCRIPTOR_DATAGRAM, /* one end of a pair of datagram sockets */
    DESCRIPTOR_PIPE,     /* the end to read from */
    DESCRIPTOR_KINDS
};

struct passed {
    ssize_t length; /* 0: end of file; -1: nothing is there, or the socket is broken */
    size_t count;
    bool lost; /* descriptors came that did not fit */
    int fds[PASSED_MOST];
};

/* So many descriptors may be open from now on, at most DESCRIPTORS_MOST. */
void descriptors_limit(size_t most);

size_t descriptors_open(void);

/* Makes a pair; false if that fails. */
bool descriptor_pair(enum descriptor_kind kind, int *near, int *far);

/* Tells one open file from another; never zero. */
uint64_t descriptor_identity(int fd);

/* Closes one, if it is one, and makes it none. */
void descriptor_close(int *fd);

/* Sends with @count copies of a descriptor on the first byte. Returns the length or -1. */
ssize_t descriptors_send(int socket, struct sc_bytes bytes, int fd, size_t count);

void descriptors_receive(int socket, char *bytes, size_t size, struct passed *passed);

#endif
