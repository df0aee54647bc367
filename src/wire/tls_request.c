/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to scache-tls, read and written by one table, so that the two
 * cannot differ. What a value means is not looked at.
 */
#include "wire/tls_request.h"

#include "wire/protocol.h"

struct tls_field {
    const char *name;
    size_t offset;
};

#define FIELD(name, member)                                                                        \
    {                                                                                              \
        name, offsetof(struct sc_tls_request, member)                                              \
    }

static const struct tls_field client_fields[] = {
    FIELD(SC_ATTR_LEVEL, level),
    FIELD(SC_ATTR_NAME, name),
    FIELD(SC_ATTR_SNI, sni),
    FIELD(SC_ATTR_ALPN, alpn),
    FIELD(SC_ATTR_PROTOCOLS, protocols),
    FIELD(SC_ATTR_CA_PEM, ca_pem),
    FIELD(SC_ATTR_CLIENT_PEM, client_pem),
    FIELD(SC_ATTR_PINS, pins),
    FIELD(SC_ATTR_HANDSHAKE_MS, handshake_ms),
};

static const struct tls_field session_fields[] = {FIELD(SC_ATTR_SESSION, session)};

/* The attributes of a kind, and how many there are. */
static const struct tls_field *tls_request_fields(enum sc_tls_kind kind, size_t *count)
{
    *count = 0;
    switch (kind) {
    case SC_TLS_KIND_CLIENT:
        *count = SC_COUNT_OF(client_fields);
        return client_fields;
    case SC_TLS_KIND_LIST:
    case SC_TLS_KIND_END:
        *count = SC_COUNT_OF(session_fields);
        return session_fields;
    case SC_TLS_KIND_NONE:
    case SC_TLS_KIND_UNKNOWN:
    case SC_TLS_KIND_PING:
        break;
    }
    return NULL;
}

struct sc_tls_request sc_tls_request_parse(struct sc_bytes bytes)
{
    struct sc_tls_request request = {.kind = SC_TLS_KIND_NONE};
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes name;
    size_t count;

    if (!sc_list_expect(&list, SC_ATTR_REQUEST, &name))
        return request;
    int kind = sc_tls_kind_named(name);
    request.kind = kind < 0 ? SC_TLS_KIND_UNKNOWN : (enum sc_tls_kind)kind;
    request.malformed = kind < 0;
    const struct tls_field *fields = tls_request_fields(request.kind, &count);
    for (size_t i = 0; i < count && !request.malformed; i++) {
        struct sc_bytes *value = (void *)((char *)&request + fields[i].offset);
        request.malformed = !sc_list_expect(&list, fields[i].name, value);
    }
    return request;
}

int sc_tls_request_write(struct sc_buf *out, const struct sc_tls_request *request)
{
    struct sc_list_writer list = sc_list_write(out);
    size_t count;
    const struct tls_field *fields = tls_request_fields(request->kind, &count);

    sc_list_put(&list, SC_ATTR_REQUEST, sc_bytes_of(sc_tls_kind_name(request->kind)));
    for (size_t i = 0; i < count; i++) {
        const struct sc_bytes *value = (const void *)((const char *)request + fields[i].offset);
        sc_list_put(&list, fields[i].name, *value);
    }
    return sc_list_end(&list);
}
