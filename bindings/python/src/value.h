/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCACHE_PYTHON_VALUE_H
#define SCACHE_PYTHON_VALUE_H

/*
 * Values on their way between Python and libscache: texts in both directions,
 * and mistakes as exceptions. Includes Python.h for everybody, on the stable
 * ABI of 3.9.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03090000
#include <Python.h>

/* A member of a table of methods, whatever the call takes. */
#define VALUE_METHOD(name, call, flags, text)                                                      \
    {                                                                                              \
        name, (PyCFunction)(void (*)(void))(call), flags, text                                     \
    }

/* Raises what a negative answer of the library stands for. Returns null. */
PyObject *value_raise(int error);

/* Texts are any bytes but NUL; what is not UTF-8 comes as surrogates, as file names do. */
PyObject *value_new_text(const char *text);

/*
 * A converter for "O&": str or bytes, without NUL, to bytes that are the
 * caller's to release; None to null, which the library takes for a mistake
 * where it must not be.
 */
int value_convert_text(PyObject *given, void *result);

/* The bytes as a string, or null. */
const char *value_text(PyObject *bytes);

#endif
