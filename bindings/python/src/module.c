/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Python's way to libscache, as thin as can be, on the stable ABI. Sockets,
 * context managers and the choice of a handle for each thread are written in
 * Python, around this module.
 */
#include "types.h"

#include <scache.h>

static PyObject *module_look(PyObject *module, PyObject *args)
{
    int fd;
    int flags = 0;
    int look;

    (void)module;
    if (!PyArg_ParseTuple(args, "i|i", &fd, &flags))
        return NULL;
    Py_BEGIN_ALLOW_THREADS look = scache_look(fd, flags);
    Py_END_ALLOW_THREADS return look < 0
        ? value_raise(look)
        : PyUnicode_FromString(scache_look_name((enum scache_look)look));
}

static PyObject *module_version(PyObject *module, PyObject *none)
{
    (void)module;
    (void)none;
    return PyUnicode_FromString(scache_version());
}

static PyMethodDef module_methods[] = {
    VALUE_METHOD("look", module_look, METH_VARARGS, "Whether a connection is at rest, in a word."),
    VALUE_METHOD("version", module_version, METH_NOARGS, "The version of libscache."),
    VALUE_METHOD(NULL, NULL, 0, NULL),
};

static int module_add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);

    if (type && PyModule_AddObject(module, name, type) == 0)
        return 0;
    Py_XDECREF(type);
    return -1;
}

static int module_exec(PyObject *module)
{
    static const struct {
        const char *name;
        long value;
    } numbers[] = {
        {"DONE", SCACHE_DONE},
        {"MISS", SCACHE_MISS},
        {"PENDING", SCACHE_PENDING},
        {"IDLE", SCACHE_IDLE},
        {"OPT_DEADLINE_MS", SCACHE_OPT_DEADLINE_MS},
        {"OPT_BACKOFF_MIN_MS", SCACHE_OPT_BACKOFF_MIN_MS},
        {"OPT_BACKOFF_MAX_MS", SCACHE_OPT_BACKOFF_MAX_MS},
        {"OPT_GREETING", SCACHE_OPT_GREETING},
        {"OPT_CLASSIC", SCACHE_OPT_CLASSIC},
        {"OPT_MAX_CONNECTIONS", SCACHE_OPT_MAX_CONNECTIONS},
        {"OPT_HINTS", SCACHE_OPT_HINTS},
        {"LOOK_QUIET", SCACHE_LOOK_QUIET},
        {"LOOK_NO_WAIT", SCACHE_LOOK_NO_WAIT},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (PyModule_AddIntConstant(module, numbers[i].name, numbers[i].value) < 0)
            return -1;
    if (module_add_type(module, "Handle", &handle_spec) < 0)
        return -1;
    return module_add_type(module, "Label", &label_spec);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "scache._scache",
    .m_doc = "libscache, as it is; see the package around it.",
    .m_size = 0,
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__scache(void);
PyMODINIT_FUNC PyInit__scache(void)
{
    return PyModuleDef_Init(&module_definition);
}
