/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashing with the store's secret key, because strangers choose labels. No
 * table is touched here.
 */
#include "store/hash.h"

#include <sodium/crypto_shorthash.h>

static_assert(SC_STORE_KEY_LENGTH == crypto_shorthash_KEYBYTES, "the key is SipHash's");

uint32_t sc_hash_label(const struct sc_store *store, struct sc_bytes label)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint32_t folded;

    crypto_shorthash(hash, (const unsigned char *)label.data, label.length, store->key);
    memcpy(&folded, hash, sizeof(folded));
    return folded;
}
