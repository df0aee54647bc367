/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which library this is. A program was compiled with a header that may be of
 * another version: comparing the two is up to the program.
 */
#include "scache.h"

const char *scache_version(void)
{
    return SCACHE_VERSION;
}

int scache_version_number(void)
{
    return SCACHE_VERSION_NUMBER;
}
