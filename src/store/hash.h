/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_HASH_H
#define SC_STORE_HASH_H

/* The keyed hash of a label, by which it stands in a table. */

#include "store/entry.h"

uint32_t sc_hash_label(const struct sc_store *store, struct sc_bytes label);

#endif
