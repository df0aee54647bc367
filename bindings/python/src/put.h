/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCACHE_PYTHON_PUT_H
#define SCACHE_PYTHON_PUT_H

/*
 * What a connection is put with, taken from the arguments of a call. From then
 * on the descriptor is not the caller's any more, whatever happens: it is
 * either given to the library, which consumes it, or closed here.
 */

#include <stdbool.h>

#include "value.h"

struct put {
    int fd;
    PyObject *endpoint;
    PyObject *property;
    int ttl;
    PyObject *destination; /* null: none */
    PyObject *destination_property;
    int destination_ttl;
};

/*
 * Takes (descriptor, endpoint, property, ttl) and perhaps (destination, its
 * property, its ttl). Returns false with an exception raised, and the
 * descriptor closed if there was one.
 */
bool put_init(struct put *put, PyObject *args);

/* Closes the descriptor, which nobody can be given. */
void put_drop(struct put *put);

/* Releases the texts. The descriptor is the library's by now. */
void put_fini(struct put *put);

#endif
