/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sizes and limits read off where they are kept. It changes nothing, and
 * decides nothing.
 */
#include "server/gauge.h"

enum { MS = 1000 };

static void gauge_crowd(const struct sc_common *common, uint64_t gauges[SC_GAUGES])
{
    const struct sc_guest *guest;
    uint64_t busy = 0;

    TAILQ_FOREACH (guest, &common->crowd.busy, line)
        busy++;
    gauges[SC_GAUGE_CLIENTS_BUSY] = busy;
    gauges[SC_GAUGE_CLIENTS_IDLE] = common->crowd.guests - busy;
    gauges[SC_GAUGE_CLIENTS_LIMIT] = common->budget.clients;
    gauges[SC_GAUGE_REQUEST_BYTES] = common->crowd.bytes;
    gauges[SC_GAUGE_USERS] = common->crowd.user_count;
    gauges[SC_GAUGE_UNREAD] = common->unread;
    gauges[SC_GAUGE_LINGERING] = common->lingering;
}

static void gauge_store(const struct sc_common *common, uint64_t gauges[SC_GAUGES])
{
    struct sc_store_sizes sizes = sc_store_sizes(common->store);

    gauges[SC_GAUGE_CONNECTIONS] = sizes.connections;
    gauges[SC_GAUGE_CONNECTIONS_HELD] = sizes.held;
    gauges[SC_GAUGE_BINDINGS] = sizes.bindings;
    gauges[SC_GAUGE_DESTINATIONS] = sizes.destinations;
    gauges[SC_GAUGE_ENDPOINTS] = sizes.endpoints;
    gauges[SC_GAUGE_KNOWN] = sizes.known;
    gauges[SC_GAUGE_TEXT_BYTES] = sizes.text;
    gauges[SC_GAUGE_STORE_BYTES] = sizes.bytes;
    gauges[SC_GAUGE_HISTORY_PLACES] = common->history.shelf.count;
}

static void gauge_limits(const struct sc_common *common, uint64_t gauges[SC_GAUGES])
{
    const struct sc_store_limits *limits = &common->settings.limits;
    size_t closing = sc_closer_pending(common->closer);
    size_t allowed = sc_budget_connections(&common->budget, closing, common->lingering);
    bool configured = limits->session_limit > 0 && limits->session_limit < allowed;

    gauges[SC_GAUGE_CONNECTIONS_LIMIT] = configured ? limits->session_limit : allowed;
    gauges[SC_GAUGE_BINDINGS_LIMIT] = limits->binding_limit;
    gauges[SC_GAUGE_TEXT_LIMIT] = limits->memory_limit;
    gauges[SC_GAUGE_TTL_LIMIT] = (uint64_t)(common->settings.ttl_limit / MS);
    gauges[SC_GAUGE_CLOSING] = closing;
}

void sc_gauge_fill(const struct sc_common *common, uint64_t gauges[SC_GAUGES])
{
    gauge_crowd(common, gauges);
    gauge_store(common, gauges);
    gauge_limits(common, gauges);
}
