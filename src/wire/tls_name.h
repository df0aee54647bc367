/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_TLS_NAME_H
#define SC_WIRE_TLS_NAME_H

/*
 * Whom a TLS session is to be with, in the one form in which it is verified,
 * reported and compared: a DNS name in lower case without a dot at its end,
 * or an address as inet_ntop(3) writes it. Nothing else is a name: no
 * pattern, no empty label, no text that some library would read as an
 * address written otherwise.
 */

#include <stdbool.h>

#include "base/bytes.h"
#include "base/util.h"

enum { SC_TLS_NAME_MAX = 253 };

struct sc_tls_name {
    char text[SC_TLS_NAME_MAX + 1];
    bool is_address;
};

/* Returns 0, or -EINVAL: that is neither a DNS name nor an address. */
SC_MUST_CHECK int sc_tls_name_set(struct sc_tls_name *name, struct sc_bytes text);

#endif
