/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_CHECK_H
#define SC_TESTS_CHECK_H

/*
 * Everything that cmocka's own header wants to see included before it, in the
 * one place where that has to be known. A unit test includes this first.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
