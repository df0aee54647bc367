/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The label builder. Each call returns the builder, so that calls can be
 * joined, and raises at once what the library would keep.
 */
#include "types.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <scache.h>

struct label {
    PyObject_HEAD struct scache_label *label;
};

static PyObject *label_new(PyTypeObject *type, PyObject *args, PyObject *words)
{
    static char *names[] = {NULL};

    if (!PyArg_ParseTupleAndKeywords(args, words, "", names))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct label *self = (struct label *)allocate(type, 0);
    if (self)
        self->label = scache_label_new();
    return (PyObject *)self;
}

static void label_dealloc(struct label *self)
{
    PyTypeObject *type = Py_TYPE(self);

    scache_label_free(self->label);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

/* The builder itself, so that calls can be joined; or what went wrong. */
static PyObject *label_told(struct label *self)
{
    int error = scache_label_error(self->label);

    if (error < 0)
        return value_raise(error);
    Py_INCREF(self);
    return (PyObject *)self;
}

static PyObject *label_add(struct label *self, PyObject *args)
{
    const char *name;
    const char *value;
    Py_ssize_t length;

    if (!PyArg_ParseTuple(args, "sy#", &name, &value, &length))
        return NULL;
    scache_label_add_bytes(self->label, name, value, (size_t)length);
    return label_told(self);
}

static PyObject *label_add_host(struct label *self, PyObject *args)
{
    const char *host;
    const char *port;

    if (!PyArg_ParseTuple(args, "ss", &host, &port))
        return NULL;
    scache_label_add_host(self->label, host, port);
    return label_told(self);
}

static PyObject *label_add_peer(struct label *self, PyObject *args)
{
    int fd;

    if (!PyArg_ParseTuple(args, "i", &fd))
        return NULL;
    scache_label_add_address(self->label, fd, NULL, 0);
    return label_told(self);
}

static PyObject *label_add_internet(struct label *self, PyObject *args)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    const char *address;
    unsigned short port;
    unsigned scope = 0;
    int fd = -1;

    if (!PyArg_ParseTuple(args, "sH|Ii", &address, &port, &scope, &fd))
        return NULL;
    if (inet_pton(AF_INET, address, &four.sin_addr) == 1) {
        four.sin_port = htons(port);
        scache_label_add_address(self->label, fd, (struct sockaddr *)&four, sizeof(four));
    } else if (inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        six.sin6_port = htons(port);
        six.sin6_scope_id = scope;
        scache_label_add_address(self->label, fd, (struct sockaddr *)&six, sizeof(six));
    } else {
        PyErr_SetString(PyExc_ValueError, "the address is not numeric");
        return NULL;
    }
    return label_told(self);
}

static PyObject *label_add_local(struct label *self, PyObject *args)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    const char *path;
    Py_ssize_t length;

    if (!PyArg_ParseTuple(args, "y#", &path, &length))
        return NULL;
    if (length < 1 || (size_t)length > sizeof(local.sun_path)) {
        PyErr_SetString(PyExc_ValueError, "too long for the path of a socket, or empty");
        return NULL;
    }
    memcpy(local.sun_path, path, (size_t)length);
    scache_label_add_address(self->label, -1, (struct sockaddr *)&local,
                             offsetof(struct sockaddr_un, sun_path) + (size_t)length);
    return label_told(self);
}

static PyObject *label_bytes(struct label *self, PyObject *none)
{
    const char *text = scache_label_text(self->label);
    int error = scache_label_error(self->label);

    (void)none;
    return text ? PyBytes_FromString(text) : value_raise(error < 0 ? error : -EINVAL);
}

static PyMethodDef label_methods[] = {
    VALUE_METHOD("add", label_add, METH_VARARGS, "Add a field: a name, and a value of any bytes."),
    VALUE_METHOD("add_host", label_add_host, METH_VARARGS, "Add a place by its name."),
    VALUE_METHOD("add_peer", label_add_peer, METH_VARARGS,
                 "Add the far end of a socket's descriptor."),
    VALUE_METHOD("add_internet", label_add_internet, METH_VARARGS,
                 "Add a numeric address and a port."),
    VALUE_METHOD("add_local", label_add_local, METH_VARARGS, "Add a UNIX-domain socket."),
    VALUE_METHOD("__bytes__", label_bytes, METH_NOARGS, "The label."),
    VALUE_METHOD(NULL, NULL, 0, NULL),
};

static PyType_Slot label_slots[] = {
    {Py_tp_doc, "Joins named fields to a label, so that no two lists of fields give the same."},
    {Py_tp_new, label_new},
    {Py_tp_dealloc, label_dealloc},
    {Py_tp_methods, label_methods},
    {0, NULL},
};

PyType_Spec label_spec = {"scache._scache.Label", sizeof(struct label), 0, Py_TPFLAGS_DEFAULT,
                          label_slots};
