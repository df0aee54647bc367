/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_SCRIPTED_H
#define SC_TESTS_SCRIPTED_H

/*
 * A server that says what a script tells it, byte for byte, to a handle of
 * the library, in one thread: the handle is driven by its event-loop calls,
 * and both ends of the socket are here. So nothing is a matter of timing. The
 * handle's clock stands still but for clock_advance().
 *
 * The server can be told to die or fall silent after so many bytes, which is
 * how every way to break off is tried. It has a treasure, one end of a stream
 * socket pair, to hand out; whatever descriptor it is given it closes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/util.h"
#include "scache.h"

/* What is heard and said is spelt, see spell.h; null is nothing. */
struct turn {
    const char *hears; /* comes from the client */
    int takes;         /* descriptors with it */
    const char *says;  /* then this goes to the client */
    int gives;         /* descriptors, on its first byte */
};

enum { SCRIPTED_DEADLINE = 1000 };

enum ending { SPEAKS_ON, DIES, FALLS_SILENT };

struct scripted {
    struct scache *cache;
    char directory[32];
    char path[48];
    int listener;
    int peer;     /* -1: nobody is connected */
    int treasure; /* what is handed out */
    int far_end;  /* of the treasure */
    int saved;    /* one end of another pair, for the client to save; its to close */
    int saved_far_end;
    size_t budget; /* bytes until the ending */
    enum ending ending;
    bool by_bytes; /* one at a time */
};

/* The handle has SCRIPTED_DEADLINE. */
void scripted_open(struct scripted *server);
void scripted_close(struct scripted *server);

/*
 * Plays turns until the handle has an outcome, and returns it. The ending
 * comes with the first turn in which not all can be said any more.
 */
int scripted_play(struct scripted *server, const struct turn *turns, size_t count);

/* Dispatches until there is an outcome; fails when there is none. */
int scripted_outcome(struct scripted *server);

/* Sends what is spelt with @gives copies of the treasure. */
void scripted_say(struct scripted *server, const char *says, int gives);

/* Takes what has come, of which there may be none. Returns the length; -1: end of file. */
ssize_t scripted_hear(struct scripted *server, char *bytes, size_t size, int *descriptors);

/* Accepts a client, which must be there. */
void scripted_accept(struct scripted *server);

/* Whether a client waits to be accepted. */
bool scripted_is_called(struct scripted *server);

/* Starts to look for endpoint "e". Returns what starting it returned. */
int scripted_ask(struct scripted *server);

/* The same, answered: a miss, on the link that is there or on a new one. */
void scripted_answer(struct scripted *server);

/* cmocka's fixture. */

int scripted_setup(void **state);
int scripted_teardown(void **state);

void scripted_hang_up(struct scripted *server);

void clock_advance(int64_t ms);

/* How many descriptors this process has open. */
size_t count_descriptors(void);

/* Whether all ends that face this one are closed. */
bool is_at_end(int fd);

/* Whether two descriptors are the same open socket. */
bool is_same(int one, int other);

#endif
