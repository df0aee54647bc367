/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of the protocol of scache-tls, and which status each reason
 * belongs to. Lists are read and written elsewhere (tls_request, tls_reply).
 */
#include "wire/tls.h"

static const struct {
    enum sc_tls_status status;
    const char *word;
} reasons[] = {
    [SC_TLS_REASON_NONE] = {SC_TLS_DONE, ""},
    [SC_TLS_REASON_REQUEST] = {SC_TLS_MALFORMED, "request"},
    [SC_TLS_REASON_LEVEL] = {SC_TLS_MALFORMED, "level"},
    [SC_TLS_REASON_NAME] = {SC_TLS_MALFORMED, "name"},
    [SC_TLS_REASON_SNI] = {SC_TLS_MALFORMED, "sni"},
    [SC_TLS_REASON_ALPN_LIST] = {SC_TLS_MALFORMED, "alpn"},
    [SC_TLS_REASON_PROTOCOLS] = {SC_TLS_MALFORMED, "protocols"},
    [SC_TLS_REASON_PEM] = {SC_TLS_MALFORMED, "pem"},
    [SC_TLS_REASON_PINS] = {SC_TLS_MALFORMED, "pins"},
    [SC_TLS_REASON_HANDSHAKE_MS] = {SC_TLS_MALFORMED, "handshake_ms"},
    [SC_TLS_REASON_DESCRIPTOR] = {SC_TLS_MALFORMED, "descriptor"},
    [SC_TLS_REASON_LIMIT] = {SC_TLS_FAILED, "limit"},
    [SC_TLS_REASON_MEMORY] = {SC_TLS_FAILED, "memory"},
    [SC_TLS_REASON_FORBIDDEN] = {SC_TLS_FAILED, "forbidden"},
    [SC_TLS_REASON_STOPPING] = {SC_TLS_FAILED, "stopping"},
    [SC_TLS_REASON_UNKNOWN] = {SC_TLS_FAILED, "unknown"},
    [SC_TLS_REASON_ALERT] = {SC_TLS_HANDSHAKE, "alert"},
    [SC_TLS_REASON_PROTOCOL] = {SC_TLS_HANDSHAKE, "protocol"},
    [SC_TLS_REASON_LOST] = {SC_TLS_HANDSHAKE, "lost"},
    [SC_TLS_REASON_TIME] = {SC_TLS_HANDSHAKE, "time"},
    [SC_TLS_REASON_ALPN] = {SC_TLS_HANDSHAKE, "alpn"},
    [SC_TLS_REASON_OTHER_NAME] = {SC_TLS_UNTRUSTED, "name"},
    [SC_TLS_REASON_AUTHORITY] = {SC_TLS_UNTRUSTED, "authority"},
    [SC_TLS_REASON_EXPIRED] = {SC_TLS_UNTRUSTED, "expired"},
    [SC_TLS_REASON_PIN] = {SC_TLS_UNTRUSTED, "pin"},
};

_Static_assert(SC_COUNT_OF(reasons) == SC_TLS_REASONS, "every reason has a status and a word");

static const char *const kinds[] = {
    [SC_TLS_KIND_NONE] = "none",         [SC_TLS_KIND_UNKNOWN] = "unknown",
    [SC_TLS_KIND_CLIENT] = "tls_client", [SC_TLS_KIND_PING] = "tls_ping",
    [SC_TLS_KIND_LIST] = "tls_list",     [SC_TLS_KIND_END] = "tls_end",
};

static const char *const ends[] = {
    [SC_TLS_END_OPEN] = "open",
    [SC_TLS_END_CLEAN] = "clean",
    [SC_TLS_END_TRUNCATED] = "truncated",
    [SC_TLS_END_ERROR] = "error",
};

enum sc_tls_status sc_tls_status_of(enum sc_tls_reason reason)
{
    return reasons[reason].status;
}

const char *sc_tls_reason_word(enum sc_tls_reason reason)
{
    return reasons[reason].word;
}

const char *sc_tls_kind_name(enum sc_tls_kind kind)
{
    return kinds[kind];
}

const char *sc_tls_end_word(enum sc_tls_end end)
{
    return ends[end];
}

static int tls_find_word(const char *const words[], size_t from, size_t count,
                         struct sc_bytes wanted)
{
    for (size_t i = from; i < count; i++)
        if (sc_bytes_equal(wanted, sc_bytes_of(words[i])))
            return (int)i;
    return -1;
}

int sc_tls_kind_named(struct sc_bytes name)
{
    return tls_find_word(kinds, SC_TLS_KIND_CLIENT, SC_COUNT_OF(kinds), name);
}

int sc_tls_end_named(struct sc_bytes word)
{
    return tls_find_word(ends, 0, SC_COUNT_OF(ends), word);
}
