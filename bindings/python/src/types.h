/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCACHE_PYTHON_TYPES_H
#define SCACHE_PYTHON_TYPES_H

/* The types of the module, each in the file of its name. */

#include "value.h"

extern PyType_Spec handle_spec;
extern PyType_Spec label_spec;

#endif
