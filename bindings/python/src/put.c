/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The arguments of a put, and the promise that its descriptor is consumed.
 */
#include "put.h"

#include <unistd.h>

void put_fini(struct put *put)
{
    Py_XDECREF(put->endpoint);
    Py_XDECREF(put->property);
    Py_XDECREF(put->destination);
    Py_XDECREF(put->destination_property);
}

void put_drop(struct put *put)
{
    if (put->fd >= 0)
        close(put->fd);
    put->fd = -1;
}

/* The descriptor, found before anything else can go wrong; -1: there is none. */
static int put_first(PyObject *args)
{
    PyObject *first = PyTuple_Size(args) > 0 ? PyTuple_GetItem(args, 0) : NULL;
    long fd = first && PyLong_Check(first) ? PyLong_AsLong(first) : -1;

    return fd >= 0 && fd <= INT_MAX ? (int)fd : -1;
}

bool put_init(struct put *put, PyObject *args)
{
    *put = (struct put){.fd = put_first(args)};
    if (PyErr_Occurred())
        return false;
    if (PyArg_ParseTuple(args, "iO&O&i|O&O&i", &put->fd, value_convert_text, &put->endpoint,
                         value_convert_text, &put->property, &put->ttl, value_convert_text,
                         &put->destination, value_convert_text, &put->destination_property,
                         &put->destination_ttl))
        return true;
    put_drop(put);
    return false;
}
