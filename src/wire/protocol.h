/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_WIRE_PROTOCOL_H
#define SC_WIRE_PROTOCOL_H

/*
 * The words of the connection cache protocol, in both directions.
 */

#define SC_PROTOCOL_NAME "connection_cache_protocol"

#define SC_ATTR_DUMMY    "dummy"
#define SC_ATTR_LABEL    "label"
#define SC_ATTR_PROPERTY "property"
#define SC_ATTR_PROTOCOL "protocol"
#define SC_ATTR_REASON   "reason"
#define SC_ATTR_REQUEST  "request"
#define SC_ATTR_STATUS   "status"
#define SC_ATTR_TTL      "ttl"

enum sc_request_kind {
    SC_REQUEST_NONE, /* not a request at all: skipped without a reply */
    SC_REQUEST_UNKNOWN,
    SC_REQUEST_SAVE_ENDP,
    SC_REQUEST_FIND_ENDP,
    SC_REQUEST_SAVE_DEST,
    SC_REQUEST_FIND_DEST,
    SC_REQUEST_PUT,
    SC_REQUEST_TAKE,
};

enum sc_status {
    SC_STATUS_DONE = 0,
    SC_STATUS_MALFORMED = 1,
    SC_STATUS_FAILED = 2, /* not found, no descriptor, no room */
    SC_STATUS_REFUSED = 3 /* not permitted; said in place of a greeting only */
};

/* Has a static life; "unknown" for what is none of the requests. */
const char *sc_request_name(enum sc_request_kind kind);

#endif
