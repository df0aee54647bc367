/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same numbers for the same seed, everywhere. Good enough to choose what a test does, and for
 * nothing else; a test's seed comes from the environment, so that a failure can be played again.
 */
#include "support/random.h"

#include <stdlib.h>

/* The step of SplitMix64: a counter whose bits are then well mixed. */
uint64_t random_next(struct random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15U;

    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

uint32_t random_below(struct random *random, uint32_t limit)
{
    return (uint32_t)(((random_next(random) >> 32) * limit) >> 32);
}

uint64_t number_from_environment(const char *name, uint64_t fallback)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 0) : fallback;
}
