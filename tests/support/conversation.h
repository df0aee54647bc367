/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_CONVERSATION_H
#define SC_TESTS_CONVERSATION_H

/*
 * One client's part in a recorded conversation (tests/scenario, files .vec):
 * all that it sent and all that it was answered, the greeting aside, each as
 * one run of bytes. The byte that carries a descriptor to the client stands
 * in the answers as the NUL that it is.
 *
 * Pauses and the order in which clients took turns are left out: to the wire
 * they make no difference.
 */

#include <stdbool.h>

#include "base/buf.h"

enum { CONVERSATION_NAME = 96, CONVERSATION_MESSAGES = 256 };

/* One of the client's calls of sendmsg. */
struct conversation_message {
    size_t start;
    size_t length;
    int descriptors; /* on its first byte */
    bool has_waited; /* for an answer to what was sent before */
};

struct conversation {
    char name[CONVERSATION_NAME]; /* file and client */
    struct sc_buf sent;
    struct sc_buf answered;
    size_t answered_before; /* the last message */
    bool is_shut_down;      /* by the client itself */
    bool is_refused;        /* in the end the server closed it */
    size_t count;
    struct conversation_message messages[CONVERSATION_MESSAGES];
};

/*
 * Reads all .vec files of a directory. Returns how many conversations, of
 * which there must be at least one. conversation_free() frees them.
 */
size_t conversation_load(const char *directory, struct conversation **conversations);
void conversation_free(struct conversation *conversations, size_t count);

#endif
