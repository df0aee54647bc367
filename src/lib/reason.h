/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_LIB_REASON_H
#define SC_LIB_REASON_H

/*
 * Why a request was a miss, in words. Pure; what was cut off at the end of
 * the room that there is, is lost.
 */

#include <stddef.h>

#include "scache.h"

/* Writes a sentence for a person. @path: of the server; @detail: what is known; or null. */
void sc_reason_explain(char *text, size_t size, enum scache_reason reason, const char *path,
                       const char *detail);

#endif
