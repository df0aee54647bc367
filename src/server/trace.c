/* SPDX-License-Identifier: BSD-2-Clause */
#include "server/internal.h"

/*
 * What the server is doing, for those who asked for it with -v: clients and
 * requests; twice: the attributes of each request too.
 */

void sc_trace_client(struct sc_client *client, const char *what)
{
    if (client->server->log->verbosity > 0)
        sc_log(client->server->log, SC_INFO, "client %d: %s", client->input.fd, what);
}

static void trace_attribute(struct sc_client *client, const char *name, struct sc_bytes value)
{
    if (value.length > 0)
        sc_log(client->server->log, SC_INFO, "client %d: %s = %.*s", client->input.fd, name,
               SC_LOG_VIEW(value));
}

static const char *trace_outcome(const struct sc_request *request, enum sc_status status)
{
    bool is_find = request->kind == SC_REQUEST_FIND_ENDP || request->kind == SC_REQUEST_FIND_DEST ||
                   request->kind == SC_REQUEST_TAKE;

    if (status == SC_STATUS_MALFORMED)
        return "malformed";
    if (is_find)
        return status == SC_STATUS_DONE ? "found" : "not found";
    return status == SC_STATUS_DONE ? "saved" : "not saved";
}

void sc_trace_request(struct sc_client *client, const struct sc_request *request,
                      enum sc_status status)
{
    const struct sc_log *log = client->server->log;

    if (log->verbosity > 0)
        sc_log(client->server->log, SC_INFO, "client %d: %s: %s (status %d)", client->input.fd,
               sc_request_name(request->kind), trace_outcome(request, status), (int)status);
    if (log->verbosity < 2 || request->malformed)
        return;
    trace_attribute(client, "destination label", request->destination);
    trace_attribute(client, "destination property", request->destination_property);
    trace_attribute(client, "endpoint label", request->endpoint);
    trace_attribute(client, "endpoint property", request->endpoint_property);
}
