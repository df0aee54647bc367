/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_RANDOM_H
#define SC_TESTS_RANDOM_H

/*
 * Numbers for randomised tests that are the same for the same seed on every
 * machine, so that a failure can be played again. Not for secrets.
 */

#include <stdint.h>

struct random {
    uint64_t state; /* any value will do as a seed */
};

uint64_t random_next(struct random *random);

/* A number from zero to limit - 1; the limit is at least 1. */
uint32_t random_below(struct random *random, uint32_t limit);

/* A number in an environment variable; the fallback when it is not set. */
uint64_t number_from_environment(const char *name, uint64_t fallback);

#endif
