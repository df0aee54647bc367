/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Log records of what the server does, for -v. It decides nothing, and looks
 * at nothing that it is not handed.
 */
#include "server/trace.h"

#include <stdio.h>

#include "cache/cache.h"

enum { NAME_SIZE = 64 };

static const char *const ends[SC_ENDS] = {
    [SC_END_REUSED] = "reused",
    [SC_END_EXPIRED] = "expired",
    [SC_END_DEAD] = "dead: its far end has left or spoken",
    [SC_END_DROPPED] = "dropped",
    [SC_END_CLOSED] = "closed at the end of the server",
    [SC_END_HANDED_OVER] = "handed over to the next server",
    [SC_END_SESSION_LIMIT] = "displaced: connection_cache_session_limit",
    [SC_END_ENDPOINT_LIMIT] = "displaced: connection_cache_endpoint_session_limit",
    [SC_END_USER_LIMIT] = "displaced: connection_cache_user_session_limit",
    [SC_END_MEMORY_LIMIT] = "displaced: connection_cache_memory_limit",
    [SC_END_DESCRIPTORS] = "displaced: out of descriptors",
    [SC_END_OUT_OF_MEMORY] = "displaced: out of memory",
    [SC_END_LIFETIME] = "over connection_cache_lifetime_limit",
    [SC_END_USE_LIMIT] = "over connection_cache_use_limit",
    [SC_END_DESTINATION_LIMIT] = "displaced: connection_cache_destination_binding_limit",
    [SC_END_BINDING_LIMIT] = "displaced: connection_cache_binding_limit",
};

static const char *trace_name(const struct sc_caller *caller, char name[NAME_SIZE])
{
    if (caller->user < 0)
        snprintf(name, NAME_SIZE, "client");
    else
        snprintf(name, NAME_SIZE, "client %lld (user %lld)", (long long)caller->process,
                 (long long)caller->user);
    return name;
}

void sc_trace_client(struct sc_common *common, const struct sc_caller *caller, const char *what)
{
    char name[NAME_SIZE];

    if (sc_common_is_verbose(common))
        sc_log(common->log, SC_INFO, "%s: %s", trace_name(caller, name), what);
}

static void trace_property(struct sc_common *common, const char *name, const char *what,
                           struct sc_bytes value)
{
    if (value.length > 0)
        sc_log(common->log, SC_INFO, "%s: %s = %.*s", name, what, SC_LOG_VIEW(value));
}

static const char *trace_outcome(const struct sc_request *request, enum sc_status status)
{
    if (status == SC_STATUS_MALFORMED)
        return "malformed";
    if (sc_cache_is_probe(request))
        return "only asked who is here";
    if (sc_cache_finds(request->kind))
        return status == SC_STATUS_DONE ? "found" : "not found";
    return status == SC_STATUS_DONE ? "saved" : "not saved";
}

void sc_trace_request(struct sc_common *common, const struct sc_caller *caller,
                      const struct sc_request *request, enum sc_status status)
{
    struct sc_request labels = *request;
    struct sc_bytes endpoint = {0};
    char name[NAME_SIZE];

    if (!sc_common_is_verbose(common))
        return;
    trace_name(caller, name);
    if (request->malformed) {
        sc_log(common->log, SC_INFO, "%s: %s: malformed", name, sc_request_name(request->kind));
        return;
    }
    if (request->kind != SC_REQUEST_TAKE)
        endpoint = request->endpoint;
    else if (!sc_request_next_endpoint(&labels, &endpoint))
        endpoint = (struct sc_bytes){0};
    bool both = request->destination.length > 0 && endpoint.length > 0;
    sc_log(common->log, SC_INFO, "%s: %s %.*s%s%.*s: %s", name, sc_request_name(request->kind),
           SC_LOG_VIEW(request->destination), both ? " | " : "", SC_LOG_VIEW(endpoint),
           trace_outcome(request, status));
    if (common->log->verbosity < 2)
        return;
    trace_property(common, name, "destination property", request->destination_property);
    trace_property(common, name, "endpoint property", request->endpoint_property);
}

void sc_trace_end(struct sc_common *common, const struct sc_connection *connection, enum sc_end end)
{
    struct sc_bytes label = sc_connection_endpoint(connection);

    if (sc_common_is_verbose(common) && end != SC_END_REUSED)
        sc_log(common->log, SC_INFO, "connection %llu to %.*s: %s",
               (unsigned long long)sc_connection_id(connection), SC_LOG_VIEW(label), ends[end]);
}
