/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_FUZZ_H
#define SC_TESTS_FUZZ_H

/*
 * What all fuzz targets share: how one fails, and how one reads its input as
 * a script. A script never ends in the middle of anything: what is not there
 * is zero or empty, so that every input is a valid one and short ones too
 * get somewhere.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert(3) it is always on, and it says what did not hold. */
#define require(condition)                                                                         \
    ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, __func__, #condition))

__attribute__((noreturn)) static inline void fuzz_fail(const char *file, int line,
                                                       const char *function, const char *condition)
{
    fprintf(stderr, "%s:%d: %s: does not hold: %s\n", file, line, function, condition);
    abort();
}

struct script {
    const uint8_t *data;
    size_t size;
};

static inline uint8_t script_byte(struct script *script)
{
    if (script->size == 0)
        return 0;
    script->size--;
    return *script->data++;
}

/* A number below @limit. */
static inline size_t script_below(struct script *script, size_t limit)
{
    return script_byte(script) % limit;
}

/* So many bytes, or all that are left; views of the input. */
static inline struct sc_bytes script_bytes(struct script *script, size_t length)
{
    struct sc_bytes bytes = {(const char *)script->data, length};

    if (bytes.length > script->size)
        bytes.length = script->size;
    script->data += bytes.length;
    script->size -= bytes.length;
    return bytes;
}

#endif
