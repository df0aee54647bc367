/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings of malloc(3), and the reserve of the event loop. The only state of
 * a program that lies in no structure, because libev gives its allocator none.
 */
#include "cmd/memory.h"

#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#include <ev.h>

/* The reserve costs nothing until it is used; and how often, a millisecond apart, more is tried. */
enum { MEMORY_RESERVE_SIZE = 1024 * 1024, MEMORY_TRIES = 1000, MEMORY_LARGE = 128 * 1024 };

static void *memory_reserve;

/* Gives up the reserve, or waits for what others give back. */
static void memory_make_room(void)
{
    static const struct timespec pause = {.tv_nsec = 1000000};

    if (!memory_reserve)
        nanosleep(&pause, NULL);
    free(memory_reserve);
    memory_reserve = NULL;
}

/*
 * The event loop's memory. libev ends the process when it gets none, so there
 * is a reserve for it; beyond that, what others give back is waited for.
 */
static void *memory_allocate_for_loop(void *block, long size)
{
    if (size == 0) {
        free(block);
        return NULL;
    }

    void *fresh = NULL;
    for (int i = 0; !fresh && i <= MEMORY_TRIES; i++) {
        if (i > 0)
            memory_make_room();
        fresh = realloc(block, (size_t)size);
    }
    if (!memory_reserve)
        memory_reserve = malloc(MEMORY_RESERVE_SIZE);
    return fresh;
}

void sc_memory_prepare(void)
{
    /*
     * Large blocks go back to the system when they are freed, and a large
     * table costs nothing until it is touched, only if this does not adapt.
     */
    mallopt(M_MMAP_THRESHOLD, MEMORY_LARGE);
    ev_set_allocator(memory_allocate_for_loop);
}
