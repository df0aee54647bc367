/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs that all nouns of the server share. None of them decides what
 * becomes of a client or a connection.
 */
#include "server/common.h"

#include <stdarg.h>
#include <stdio.h>

#include "io/peer.h"

void sc_common_warn(struct sc_common *common, enum sc_notice notice, const char *format, ...)
{
    char text[SC_LOG_TEXT_MAX + 1];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    sc_log_limited(common->log, &common->notices[notice], sc_loop_now(common->loop), SC_WARNING,
                   "%s", text);
}

void sc_common_close(struct sc_common *common, int fd, uint8_t nature, int64_t user)
{
    sc_closer_take(common->closer, fd, nature, user);
}

void sc_common_close_unknown(struct sc_common *common, int fd, int64_t user)
{
    uint8_t nature = sc_peer_nature(fd);

    sc_closer_expect(common->closer, nature);
    sc_common_close(common, fd, nature, user);
}

void sc_common_reap(struct sc_common *common)
{
    struct sc_reaped reaped;

    while (sc_store_reap(common->store, &reaped))
        sc_common_close(common, reaped.fd, reaped.nature, reaped.user);
}

void sc_common_note_sizes(struct sc_common *common)
{
    struct sc_store_sizes sizes = sc_store_sizes(common->store);

    sc_interval_note(&common->interval, SC_PEAK_DOMAINS, sizes.destinations);
    sc_interval_note(&common->interval, SC_PEAK_ADDRESSES, sizes.endpoints);
    sc_interval_note(&common->interval, SC_PEAK_CONNECTIONS, sizes.connections);
}

bool sc_common_fit_store(struct sc_common *common)
{
    const struct sc_store_limits *now = sc_store_limits(common->store);
    size_t allowed = sc_budget_connections(&common->budget, sc_closer_pending(common->closer),
                                           common->lingering);

    if (allowed == 0)
        return false;
    size_t configured = common->settings.limits.session_limit;
    size_t connections = configured > 0 && configured < allowed ? configured : allowed;
    if (now->session_limit != connections) {
        struct sc_store_limits limits = common->settings.limits;
        limits.session_limit = connections;
        sc_store_set_limits(common->store, &limits);
    }
    return true;
}
