/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FOREIGN_H
#define SC_TESTS_FOREIGN_H

/*
 * Descriptors such as strangers make: whose close lingers, or hangs for as
 * long as the test likes. Each comes with a far end, at which it can be seen
 * when the last copy was closed.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* One of these is given away, the other stays. */
struct foreign {
    int near;
    int far;
};

struct foreign foreign_socket(void);
struct foreign foreign_pipe(void);

/* A TCP socket with unsent data, whose last close takes so many seconds. */
struct foreign foreign_lingering(int seconds);

/* Waits until nobody has the near end any more; returns whether that came to be in time. */
bool foreign_is_closed(int far);

/* Whether somebody still has it. */
bool foreign_is_open(int far);

/*
 * A pipe whose lock is held by a thread that writes from memory that does not
 * come. Whoever makes the last close of its near end hangs, and no signal
 * helps, until it is let go.
 */
struct foreign_held {
    struct foreign pipe;
    pthread_t writer;
    int faults; /* userfaultfd(2) */
    char *page;
    size_t size;
};

/* Returns whether this kernel lets us. */
bool foreign_hold(struct foreign_held *held);
void foreign_let_go(struct foreign_held *held);

/* A socket in whose queue @fd lies, which is closed here; the far end is closed too. */
int foreign_wrap(int fd);

#endif
