/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts and mistakes between Python and libscache. Nothing is asked of a cache
 * here.
 */
#include "value.h"

#include <errno.h>
#include <string.h>

PyObject *value_raise(int error)
{
    switch (-error) {
    case EINVAL:
        PyErr_SetString(PyExc_ValueError, "an empty label, a time to live below 1, or nothing to "
                                          "look for");
        break;
    case EMSGSIZE:
        PyErr_SetString(PyExc_ValueError, "labels and properties are too long together");
        break;
    case EBUSY:
        PyErr_SetString(PyExc_RuntimeError, "a request is under way on this handle");
        break;
    default:
        errno = -error;
        PyErr_SetFromErrno(PyExc_OSError);
        break;
    }
    return NULL;
}

PyObject *value_new_text(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "surrogateescape");
}

int value_convert_text(PyObject *given, void *result)
{
    PyObject **bytes = result;
    char *data;
    Py_ssize_t length;

    if (!given) {
        Py_CLEAR(*bytes);
        return 1;
    }
    *bytes = NULL;
    if (given == Py_None)
        return 1;
    if (PyBytes_Check(given)) {
        Py_INCREF(given);
        *bytes = given;
    } else if (PyUnicode_Check(given)) {
        *bytes = PyUnicode_AsEncodedString(given, "utf-8", "surrogateescape");
    } else {
        PyErr_SetString(PyExc_TypeError, "a label or property is str or bytes");
        return 0;
    }
    if (!*bytes || PyBytes_AsStringAndSize(*bytes, &data, &length) < 0)
        return 0;
    if (strlen(data) == (size_t)length)
        return Py_CLEANUP_SUPPORTED;
    PyErr_SetString(PyExc_ValueError, "a label or property cannot have a NUL in it");
    Py_CLEAR(*bytes);
    return 0;
}

const char *value_text(PyObject *bytes)
{
    return bytes ? PyBytes_AsString(bytes) : NULL;
}
