/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_STORE_H
#define SC_STORE_STORE_H

/*
 * The store, for all who use it. What the room offers is said in one place;
 * the files that do it include that one and not this, since store.c stands on
 * all of them.
 */

#include "store/interface.h"

#endif
