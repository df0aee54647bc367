/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A handle of libscache. It belongs to one thread at a time, and says so if
 * two try. While it waits for a server the interpreter's lock is released; a
 * cache in this process waits for nobody and keeps it.
 */
#include "types.h"

#include <stdbool.h>
#include <unistd.h>

#include <scache.h>

#include "put.h"

struct handle {
    PyObject_HEAD struct scache *cache; /* null: closed */
    bool is_local;
    bool is_busy; /* some thread is in a call */
};

/* Begins a call: no other thread may be in one. */
static bool handle_enter(struct handle *self)
{
    if (!self->cache)
        PyErr_SetString(PyExc_ValueError, "the cache is closed");
    else if (self->is_busy)
        PyErr_SetString(PyExc_RuntimeError, "another thread uses this handle");
    if (PyErr_Occurred())
        return false;
    self->is_busy = true;
    return true;
}

static void handle_leave(struct handle *self)
{
    self->is_busy = false;
}

/* Evaluates a call of the library, with the interpreter's lock released if it can wait. */
#define HANDLE_CALL(self, outcome, call)                                                           \
    do {                                                                                           \
        PyThreadState *state = (self)->is_local ? NULL : PyEval_SaveThread();                      \
        (outcome) = (call);                                                                        \
        if (state)                                                                                 \
            PyEval_RestoreThread(state);                                                           \
    } while (0)

/* True for done, False for a miss. */
static PyObject *handle_tell(struct handle *self, int outcome)
{
    handle_leave(self);
    return outcome < 0 ? value_raise(outcome) : PyBool_FromLong(outcome == SCACHE_DONE);
}

/* (descriptor, endpoint, property, destination's property); without memory it is closed. */
static PyObject *handle_new_found(struct handle *self, int fd)
{
    PyObject *endpoint = value_new_text(scache_found_endpoint(self->cache));
    PyObject *property = value_new_text(scache_found_property(self->cache));
    PyObject *destination = value_new_text(scache_found_destination_property(self->cache));
    PyObject *found = NULL;

    if (endpoint && property && destination)
        found = Py_BuildValue("iOOO", fd, endpoint, property, destination);
    Py_XDECREF(endpoint);
    Py_XDECREF(property);
    Py_XDECREF(destination);
    if (!found)
        close(fd);
    return found;
}

/* What was found, or None. */
static PyObject *handle_tell_found(struct handle *self, int outcome, int fd)
{
    PyObject *found = outcome == SCACHE_DONE ? handle_new_found(self, fd) : NULL;

    handle_leave(self);
    if (outcome < 0)
        return value_raise(outcome);
    if (outcome == SCACHE_DONE)
        return found;
    Py_RETURN_NONE;
}

static PyObject *handle_new(PyTypeObject *type, PyObject *args, PyObject *words)
{
    static char *names[] = {"path", "local", NULL};
    PyObject *path = NULL;
    int is_local = 0;

    if (!PyArg_ParseTupleAndKeywords(args, words, "|O&p", names, value_convert_text, &path,
                                     &is_local))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    struct handle *self = (struct handle *)allocate(type, 0);
    if (self) {
        self->is_local = is_local != 0;
        self->cache = is_local ? scache_open_local() : scache_open(value_text(path));
    }
    Py_XDECREF(path);
    if (self && !self->cache) {
        PyErr_SetFromErrno(PyExc_OSError);
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *handle_close(struct handle *self, PyObject *none)
{
    (void)none;
    if (self->is_busy) {
        PyErr_SetString(PyExc_RuntimeError, "another thread uses this handle");
        return NULL;
    }
    scache_close(self->cache);
    self->cache = NULL;
    Py_RETURN_NONE;
}

static void handle_dealloc(struct handle *self)
{
    PyTypeObject *type = Py_TYPE(self);

    scache_close(self->cache);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

static PyObject *handle_set_option(struct handle *self, PyObject *args)
{
    int option;
    long value;

    if (!PyArg_ParseTuple(args, "il", &option, &value) || !handle_enter(self))
        return NULL;
    int error = scache_set_option(self->cache, (enum scache_option)option, value);
    handle_leave(self);
    if (error == 0)
        Py_RETURN_NONE;
    PyErr_SetString(PyExc_ValueError, "no such setting, or out of its range");
    return NULL;
}

static PyObject *handle_get_option(struct handle *self, PyObject *args)
{
    int option;
    long value;

    if (!PyArg_ParseTuple(args, "i", &option) || !handle_enter(self))
        return NULL;
    int error = scache_get_option(self->cache, (enum scache_option)option, &value);
    handle_leave(self);
    if (error == 0)
        return PyLong_FromLong(value);
    PyErr_SetString(PyExc_ValueError, "no such setting");
    return NULL;
}

/* The array for a take, of a tuple of bytes that outlives it; or null. */
static const char **handle_new_endpoints(PyObject *tuple)
{
    Py_ssize_t count = PyTuple_Size(tuple);

    if (count < 0)
        return NULL;
    const char **endpoints = PyMem_Calloc((size_t)count + 1, sizeof(*endpoints));
    for (Py_ssize_t i = 0; endpoints && i < count; i++) {
        endpoints[i] = PyBytes_AsString(PyTuple_GetItem(tuple, i));
        if (!endpoints[i]) {
            PyMem_Free(endpoints);
            return NULL;
        }
    }
    return endpoints ? endpoints : (const char **)PyErr_NoMemory();
}

/* What a take is called with: a destination or None, and a tuple of endpoints. */
static bool handle_parse_take(struct handle *self, PyObject *args, PyObject **destination,
                              const char ***endpoints)
{
    PyObject *tuple;

    *destination = NULL;
    if (!PyArg_ParseTuple(args, "O&O", value_convert_text, destination, &tuple))
        return false;
    *endpoints = handle_new_endpoints(tuple);
    if (*endpoints && handle_enter(self))
        return true;
    PyMem_Free(*endpoints);
    Py_XDECREF(*destination);
    return false;
}

static PyObject *handle_take(struct handle *self, PyObject *args)
{
    PyObject *destination;
    const char **endpoints;
    int outcome;
    int fd = -1;

    if (!handle_parse_take(self, args, &destination, &endpoints))
        return NULL;
    HANDLE_CALL(self, outcome,
                scache_take_any(self->cache, &fd, value_text(destination), endpoints));
    PyMem_Free(endpoints);
    Py_XDECREF(destination);
    return handle_tell_found(self, outcome, fd);
}

static PyObject *handle_find(struct handle *self, PyObject *args,
                             int (*find)(struct scache *, int *, const char *))
{
    PyObject *label = NULL;
    int outcome;
    int fd = -1;

    if (!PyArg_ParseTuple(args, "O&", value_convert_text, &label))
        return NULL;
    bool is_entered = handle_enter(self);
    if (is_entered)
        HANDLE_CALL(self, outcome, find(self->cache, &fd, value_text(label)));
    Py_XDECREF(label);
    return is_entered ? handle_tell_found(self, outcome, fd) : NULL;
}

static PyObject *handle_find_endpoint(struct handle *self, PyObject *args)
{
    return handle_find(self, args, scache_find_endpoint);
}

static PyObject *handle_find_destination(struct handle *self, PyObject *args)
{
    return handle_find(self, args, scache_find_destination);
}

/* Takes the arguments of a put; the descriptor is closed if that fails. */
static bool handle_parse_put(struct handle *self, PyObject *args, struct put *put)
{
    if (!put_init(put, args))
        return false;
    if (handle_enter(self))
        return true;
    put_drop(put);
    put_fini(put);
    return false;
}

static int handle_run_put(struct scache *cache, const struct put *put)
{
    const char *endpoint = value_text(put->endpoint);
    const char *property = value_text(put->property);

    if (!put->destination)
        return scache_put(cache, put->fd, endpoint, property, put->ttl);
    return scache_put_bound(cache, put->fd, endpoint, property, put->ttl,
                            value_text(put->destination), value_text(put->destination_property),
                            put->destination_ttl);
}

static PyObject *handle_put(struct handle *self, PyObject *args)
{
    struct put put;
    int outcome;

    if (!handle_parse_put(self, args, &put))
        return NULL;
    HANDLE_CALL(self, outcome, handle_run_put(self->cache, &put));
    put_fini(&put);
    return handle_tell(self, outcome);
}

static PyObject *handle_save_endpoint(struct handle *self, PyObject *args)
{
    struct put put;
    int outcome;

    if (!handle_parse_put(self, args, &put))
        return NULL;
    HANDLE_CALL(self, outcome,
                scache_save_endpoint(self->cache, put.fd, value_text(put.endpoint),
                                     value_text(put.property), put.ttl));
    put_fini(&put);
    return handle_tell(self, outcome);
}

static PyObject *handle_save_destination(struct handle *self, PyObject *args)
{
    PyObject *destination = NULL;
    PyObject *property = NULL;
    PyObject *endpoint = NULL;
    int ttl;
    int outcome;

    if (!PyArg_ParseTuple(args, "O&O&O&i", value_convert_text, &destination, value_convert_text,
                          &property, value_convert_text, &endpoint, &ttl))
        return NULL;
    bool is_entered = handle_enter(self);
    if (is_entered)
        HANDLE_CALL(self, outcome,
                    scache_save_destination(self->cache, value_text(destination),
                                            value_text(property), value_text(endpoint), ttl));
    Py_XDECREF(destination);
    Py_XDECREF(property);
    Py_XDECREF(endpoint);
    return is_entered ? handle_tell(self, outcome) : NULL;
}

static PyObject *handle_ping(struct handle *self, PyObject *none)
{
    int outcome;

    (void)none;
    if (!handle_enter(self))
        return NULL;
    HANDLE_CALL(self, outcome, scache_ping(self->cache));
    return handle_tell(self, outcome);
}

static PyObject *handle_miss(struct handle *self, PyObject *none)
{
    (void)none;
    if (!handle_enter(self))
        return NULL;
    PyObject *text = value_new_text(scache_miss_text(self->cache));
    PyObject *miss =
        text ? Py_BuildValue("sO", scache_reason_name(scache_miss_reason(self->cache)), text)
             : NULL;
    Py_XDECREF(text);
    handle_leave(self);
    return miss;
}

/* None: a request is under way. */
static PyObject *handle_tell_started(struct handle *self, int error)
{
    handle_leave(self);
    if (error < 0)
        return value_raise(error);
    Py_RETURN_NONE;
}

static PyObject *handle_start_take(struct handle *self, PyObject *args)
{
    PyObject *destination;
    const char **endpoints;

    if (!handle_parse_take(self, args, &destination, &endpoints))
        return NULL;
    int error = scache_start_take_any(self->cache, value_text(destination), endpoints);
    PyMem_Free(endpoints);
    Py_XDECREF(destination);
    return handle_tell_started(self, error);
}

static PyObject *handle_start_put(struct handle *self, PyObject *args)
{
    struct put put;
    int error;

    if (!handle_parse_put(self, args, &put))
        return NULL;
    const char *endpoint = value_text(put.endpoint);
    const char *property = value_text(put.property);
    if (put.destination)
        error = scache_start_put_bound(self->cache, put.fd, endpoint, property, put.ttl,
                                       value_text(put.destination),
                                       value_text(put.destination_property), put.destination_ttl);
    else
        error = scache_start_put(self->cache, put.fd, endpoint, property, put.ttl);
    put_fini(&put);
    return handle_tell_started(self, error);
}

static PyObject *handle_start_ping(struct handle *self, PyObject *none)
{
    (void)none;
    return handle_enter(self) ? handle_tell_started(self, scache_start_ping(self->cache)) : NULL;
}

static PyObject *handle_wait(struct handle *self, PyObject *none)
{
    (void)none;
    if (!handle_enter(self))
        return NULL;
    PyObject *wait = Py_BuildValue("iii", scache_wait_fd(self->cache),
                                   scache_wait_events(self->cache), scache_wait_ms(self->cache));
    handle_leave(self);
    return wait;
}

static PyObject *handle_dispatch(struct handle *self, PyObject *none)
{
    (void)none;
    if (!handle_enter(self))
        return NULL;
    int outcome = scache_dispatch(self->cache);
    handle_leave(self);
    return outcome < 0 ? value_raise(outcome) : PyLong_FromLong(outcome);
}

static PyObject *handle_steal(struct handle *self, PyObject *none)
{
    (void)none;
    if (!handle_enter(self))
        return NULL;
    int fd = scache_steal_fd(self->cache);
    return handle_tell_found(self, fd < 0 ? SCACHE_MISS : SCACHE_DONE, fd);
}

static PyObject *handle_cancel(struct handle *self, PyObject *none)
{
    (void)none;
    if (!handle_enter(self))
        return NULL;
    scache_cancel(self->cache);
    handle_leave(self);
    Py_RETURN_NONE;
}

static PyObject *handle_get_path(struct handle *self, void *none)
{
    const char *path = self->cache ? scache_path(self->cache) : NULL;

    (void)none;
    if (path)
        return value_new_text(path);
    Py_RETURN_NONE;
}

static PyMethodDef handle_methods[] = {
    VALUE_METHOD("close", handle_close, METH_NOARGS, "Close the handle and all that it holds."),
    VALUE_METHOD("set_option", handle_set_option, METH_VARARGS, "Set one of the OPT_ settings."),
    VALUE_METHOD("get_option", handle_get_option, METH_VARARGS, "Read one of the OPT_ settings."),
    VALUE_METHOD("take", handle_take, METH_VARARGS,
                 "Take by a destination, or of the first endpoint that has one; or None."),
    VALUE_METHOD("find_endpoint", handle_find_endpoint, METH_VARARGS, "Take, as Postfix asks."),
    VALUE_METHOD("find_destination", handle_find_destination, METH_VARARGS,
                 "Take by a destination, as Postfix asks."),
    VALUE_METHOD("put", handle_put, METH_VARARGS, "Save a descriptor, which is consumed."),
    VALUE_METHOD("save_endpoint", handle_save_endpoint, METH_VARARGS, "Save, as Postfix asks."),
    VALUE_METHOD("save_destination", handle_save_destination, METH_VARARGS,
                 "Bind a destination to an endpoint."),
    VALUE_METHOD("ping", handle_ping, METH_NOARGS, "Whether a server answers."),
    VALUE_METHOD("miss", handle_miss, METH_NOARGS,
                 "Why the request that ended last was a miss: in a word, and in a sentence."),
    VALUE_METHOD("start_take", handle_start_take, METH_VARARGS, "As take(), without waiting."),
    VALUE_METHOD("start_put", handle_start_put, METH_VARARGS, "As put(), without waiting."),
    VALUE_METHOD("start_ping", handle_start_ping, METH_NOARGS, "As ping(), without waiting."),
    VALUE_METHOD("wait", handle_wait, METH_NOARGS,
                 "What to wait for: a descriptor or -1, events, and milliseconds or -1."),
    VALUE_METHOD("dispatch", handle_dispatch, METH_NOARGS, "Go on, without waiting."),
    VALUE_METHOD("steal", handle_steal, METH_NOARGS, "What the look-up that ended last found."),
    VALUE_METHOD("cancel", handle_cancel, METH_NOARGS, "Give up the request under way."),
    VALUE_METHOD(NULL, NULL, 0, NULL),
};

static PyGetSetDef handle_attributes[] = {
    {"path", (getter)handle_get_path, NULL, "The server that was tried last, or None.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot handle_slots[] = {
    {Py_tp_doc, "A handle of libscache; for one thread at a time."},
    {Py_tp_new, handle_new},
    {Py_tp_dealloc, handle_dealloc},
    {Py_tp_methods, handle_methods},
    {Py_tp_getset, handle_attributes},
    {0, NULL},
};

PyType_Spec handle_spec = {"scache._scache.Handle", sizeof(struct handle), 0, Py_TPFLAGS_DEFAULT,
                           handle_slots};
