/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting, and what is counted as what. Who is told of it is not known here.
 */
#include "relay/tally.h"

static const struct sc_tally_about abouts[] = {
#define SC_TALLY(id, family, labels, help) [SC_##id] = {family, labels, help},
#include "relay/tally.def"
#undef SC_TALLY
};

/* What each reason for having no session counts as. */
static const enum sc_tally_counter refusals[] = {
    [SC_TLS_REASON_NONE] = SC_TALLY_HANDSHAKE_OTHER,
    [SC_TLS_REASON_REQUEST] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_LEVEL] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_NAME] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_SNI] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_ALPN_LIST] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_PROTOCOLS] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_PEM] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_PINS] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_HANDSHAKE_MS] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_DESCRIPTOR] = SC_TALLY_REFUSED_MALFORMED,
    [SC_TLS_REASON_LIMIT] = SC_TALLY_REFUSED_LIMIT,
    [SC_TLS_REASON_MEMORY] = SC_TALLY_REFUSED_MEMORY,
    [SC_TLS_REASON_FORBIDDEN] = SC_TALLY_REFUSED_FORBIDDEN,
    [SC_TLS_REASON_STOPPING] = SC_TALLY_REFUSED_STOPPING,
    [SC_TLS_REASON_UNKNOWN] = SC_TALLY_HANDSHAKE_OTHER,
    [SC_TLS_REASON_ALERT] = SC_TALLY_HANDSHAKE_ALERT,
    [SC_TLS_REASON_PROTOCOL] = SC_TALLY_HANDSHAKE_PROTOCOL,
    [SC_TLS_REASON_LOST] = SC_TALLY_HANDSHAKE_LOST,
    [SC_TLS_REASON_TIME] = SC_TALLY_HANDSHAKE_TIME,
    [SC_TLS_REASON_ALPN] = SC_TALLY_HANDSHAKE_ALPN,
    [SC_TLS_REASON_OTHER_NAME] = SC_TALLY_HANDSHAKE_NAME,
    [SC_TLS_REASON_AUTHORITY] = SC_TALLY_HANDSHAKE_AUTHORITY,
    [SC_TLS_REASON_EXPIRED] = SC_TALLY_HANDSHAKE_EXPIRED,
    [SC_TLS_REASON_PIN] = SC_TALLY_HANDSHAKE_PIN,
};

_Static_assert(SC_COUNT_OF(refusals) == SC_TLS_REASONS, "every reason counts as something");

static const enum sc_tally_counter endings[] = {
    [SC_TUNNEL_CAUSE_NONE] = SC_TALLY_ENDED_CALLER,
    [SC_TUNNEL_CAUSE_CALLER] = SC_TALLY_ENDED_CALLER,
    [SC_TUNNEL_CAUSE_FAR] = SC_TALLY_ENDED_FAR,
    [SC_TUNNEL_CAUSE_TRUNCATED] = SC_TALLY_ENDED_TRUNCATED,
    [SC_TUNNEL_CAUSE_FAILED] = SC_TALLY_ENDED_FAILED,
    [SC_TUNNEL_CAUSE_MEMORY] = SC_TALLY_ENDED_MEMORY,
    [SC_TUNNEL_CAUSE_HANDSHAKE_TIME] = SC_TALLY_ENDED_FAILED,
    [SC_TUNNEL_CAUSE_IDLE] = SC_TALLY_ENDED_IDLE,
    [SC_TUNNEL_CAUSE_LIFETIME] = SC_TALLY_ENDED_LIFETIME,
    [SC_TUNNEL_CAUSE_CLOSE_TIME] = SC_TALLY_ENDED_CLOSE_TIME,
    [SC_TUNNEL_CAUSE_STOPPED] = SC_TALLY_ENDED_STOPPED,
    [SC_TUNNEL_CAUSE_LIMIT] = SC_TALLY_ENDED_LIMIT,
};

_Static_assert(SC_COUNT_OF(endings) == SC_TUNNEL_CAUSES, "every cause counts as something");

const struct sc_tally_about *sc_tally_about(enum sc_tally_counter counter)
{
    return &abouts[counter];
}

void sc_tally_refusal(struct sc_tally *tally, enum sc_tls_reason reason)
{
    sc_tally_add(tally, refusals[reason], 1);
}

void sc_tally_handshake(struct sc_tally *tally, int64_t took_ms)
{
    static const int64_t bounds[] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500};
    size_t at = 0;

    while (at < SC_COUNT_OF(bounds) && took_ms > bounds[at])
        at++;
    sc_tally_add(tally, SC_TALLY_HANDSHAKE_DONE, 1);
    sc_tally_add(tally, (enum sc_tally_counter)(SC_TALLY_TOOK_5 + at), 1);
    sc_tally_add(tally, SC_TALLY_TOOK_MS, (uint64_t)took_ms);
}

void sc_tally_ending(struct sc_tally *tally, const struct sc_tunnel *tunnel)
{
    sc_tally_add(tally, endings[tunnel->cause], 1);
    sc_tally_add(tally, SC_TALLY_BYTES_UP, tunnel->up.bytes);
    sc_tally_add(tally, SC_TALLY_BYTES_DOWN, tunnel->down.bytes);
}

void sc_tally_merge(struct sc_tally *tally, const struct sc_tally *other)
{
    for (size_t i = 0; i < SC_TALLIES; i++)
        tally->counters[i] += other->counters[i];
}

void sc_tally_subtract(struct sc_tally *tally, const struct sc_tally *earlier)
{
    for (size_t i = 0; i < SC_TALLIES; i++)
        tally->counters[i] -= earlier->counters[i];
}
