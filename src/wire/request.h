/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_REQUEST_H
#define SC_WIRE_REQUEST_H

/*
 * What a complete attribute list asks for, and the list that asks for it. The order of attributes
 * is fixed; what comes after the last one wanted is ignored; anything else amiss makes the request
 * malformed, and then only its kind is to be used. All views are of the bytes that were parsed.
 */

#include <stdbool.h>
#include <stdint.h>

#include "wire/list.h"
#include "wire/protocol.h"

/* Longer times to live are this long: whoever stores them has a limit too. */
#define SC_TTL_MAX INT64_C(1000000000) /* seconds */

struct sc_request {
    enum sc_request_kind kind;
    bool malformed;
    bool too_long;    /* and therefore malformed */
    bool has_binding; /* of a put */
    int64_t ttl;      /* seconds, at least 1: of what is saved, of a put the connection */
    int64_t binding_ttl;
    struct sc_bytes destination;
    struct sc_bytes destination_property;
    struct sc_bytes endpoint;
    struct sc_bytes endpoint_property;
    struct sc_list_reader endpoints; /* of a take: its labels, and no more */
};

struct sc_request sc_request_parse(struct sc_bytes list);

/*
 * The same of bytes that start with a list and may end before it does or go
 * on behind it. Returns how many of them make the request, a number of whole
 * attributes that the list goes on or ends behind; or 0, if they make none
 * that can be answered, and then only the whole list can tell.
 */
SC_MUST_CHECK size_t sc_request_parse_ahead(struct sc_request *request, struct sc_bytes bytes);

/*
 * The kind of request that the beginning of a list makes, when the list is
 * too long to be kept.
 */
enum sc_request_kind sc_request_kind_of(struct sc_bytes beginning);

/*
 * Appends the list that sc_request_parse() reads as this request, which must
 * be of a known kind. Returns 0, or -ENOMEM with the buffer as it was.
 */
SC_MUST_CHECK int sc_request_write(struct sc_buf *out, const struct sc_request *request);

/* The next endpoint that a take asks for; false when there is no more. */
SC_MUST_CHECK bool sc_request_next_endpoint(struct sc_request *request, struct sc_bytes *endpoint);

#endif
