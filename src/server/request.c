/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "io/peer.h"
#include "server/internal.h"

enum { MS = 1000 };

static const struct sc_found nothing;

static int64_t request_time_to_live(const struct sc_server *server, int64_t seconds)
{
    int64_t limit = server->settings.ttl_limit;

    return seconds < limit / MS ? seconds * MS : limit;
}

void sc_server_note_sizes(struct sc_server *server)
{
    struct sc_store_sizes sizes = sc_store_sizes(server->store);
    uint64_t peaks[SC_PEAKS] = {
        [SC_PEAK_DOMAINS] = sizes.destinations,
        [SC_PEAK_ADDRESSES] = sizes.endpoints,
        [SC_PEAK_CONNECTIONS] = sizes.connections,
    };

    sc_stats_note_sizes(&server->stats, peaks);
}

static int request_reply(struct sc_client *client, const struct sc_request *request,
                         enum sc_status status)
{
    sc_trace_request(client, request, status);
    return sc_reply_status(&client->out, request->kind, status, nothing);
}

/* Whether a save that found no memory may find some now. */
static bool request_make_memory(struct sc_client *client, int error)
{
    struct sc_server *server = client->server;

    if (error != -ENOMEM ||
        !sc_store_evict(server->store, client->user->space, SC_END_OUT_OF_MEMORY))
        return false;
    sc_server_reap(server);
    return true;
}

static int request_save_connection(struct sc_client *client, const struct sc_request *request,
                                   int fd)
{
    struct sc_server *server = client->server;
    const struct sc_saving saving = {
        .ttl = request_time_to_live(server, request->ttl),
        .endpoint = request->endpoint,
        .property = request->endpoint_property,
        .fd = fd,
    };
    int error;

    if (!sc_server_make_room(server))
        return -ENOBUFS;
    do
        error = sc_store_save_connection(client->user->space, server->now, &saving);
    while (request_make_memory(client, error));
    return error;
}

static int request_save_binding(struct sc_client *client, const struct sc_request *request,
                                int64_t ttl)
{
    struct sc_server *server = client->server;
    int error;

    do
        error = sc_store_save_binding(client->user->space, server->now,
                                      request_time_to_live(server, ttl), request->destination,
                                      request->destination_property, request->endpoint);
    while (request_make_memory(client, error));
    return error;
}

static void request_warn_refused(struct sc_server *server, const struct sc_request *request,
                                 int error)
{
    sc_log_limited(server->log, &server->refused, server->now, SC_WARNING, "%s refused: %s",
                   sc_request_name(request->kind),
                   error == -ENOMEM ? "out of memory"
                                    : "no descriptor is free; too many wait to be closed");
}

/* Saves a connection, or closes it; the binding of a put goes first. */
static enum sc_status request_store_connection(struct sc_client *client,
                                               const struct sc_request *request, int fd)
{
    struct sc_server *server = client->server;
    int error = 0;

    /* Alone, a binding does no harm; a connection that is not found would. */
    if (request->has_binding)
        error = request_save_binding(client, request, request->binding_ttl);
    if (error == 0)
        error = request_save_connection(client, request, fd);
    if (error < 0) {
        sc_server_close_foreign(server, fd);
        request_warn_refused(server, request, error);
    }
    sc_server_reap(server);
    sc_server_note_sizes(server);
    return error < 0 ? SC_STATUS_FAILED : SC_STATUS_DONE;
}

/* The descriptor that came for this request, now the caller's. */
static int request_claim(struct sc_client *client, bool has_descriptor)
{
    return has_descriptor ? sc_client_take_received(client) : -1;
}

int sc_client_save(struct sc_client *client, const struct sc_request *request, bool has_descriptor)
{
    int fd = request_claim(client, has_descriptor);

    return request_reply(client, request,
                         fd < 0 ? SC_STATUS_FAILED : request_store_connection(client, request, fd));
}

static int request_start_save(struct sc_client *client)
{
    int error = sc_session_expect(&client->session);

    return error < 0 ? error : sc_reply_dummy(&client->out);
}

static int request_save_destination(struct sc_client *client, const struct sc_request *request)
{
    int error = request_save_binding(client, request, request->ttl);

    sc_server_note_sizes(client->server);
    sc_server_reap(client->server);
    if (error < 0)
        request_warn_refused(client->server, request, error);
    return request_reply(client, request, error < 0 ? SC_STATUS_FAILED : SC_STATUS_DONE);
}

static bool request_is_by_domain(const struct sc_request *request)
{
    return request->destination.length > 0;
}

/* Tries the destination, if there is one, and then each endpoint. */
static struct sc_connection *request_find(struct sc_client *client, struct sc_request *request,
                                          struct sc_bytes *property)
{
    struct sc_server *server = client->server;
    struct sc_space *space = client->user->space;
    struct sc_connection *found = NULL;
    struct sc_bytes endpoint = request->endpoint;

    *property = SC_BYTES("");
    if (request_is_by_domain(request))
        found = sc_store_find_destination(space, server->now, request->destination, property);
    if (request->kind == SC_REQUEST_FIND_ENDP)
        found = sc_store_find_endpoint(space, server->now, endpoint);
    while (!found && request->kind == SC_REQUEST_TAKE &&
           sc_request_next_endpoint(request, &endpoint))
        found = sc_store_find_endpoint(space, server->now, endpoint);
    sc_server_reap(server);
    return found;
}

/* A take without a label looks nothing up: it is how clients ask who we are. */
static bool request_asks_for_something(const struct sc_request *request)
{
    return request_is_by_domain(request) || request->kind != SC_REQUEST_TAKE ||
           request->endpoints.rest.length > 0;
}

static int request_miss(struct sc_client *client, const struct sc_request *request)
{
    sc_stats_count(&client->server->stats,
                   request_is_by_domain(request) ? SC_DOMAIN_MISSES : SC_ADDRESS_MISSES);
    return request_reply(client, request, SC_STATUS_FAILED);
}

/* Answers with what is held. Until it has been looked at, the answer may be taken back. */
static int request_answer_with_held(struct sc_client *client, const struct sc_request *request,
                                    struct sc_bytes property)
{
    struct sc_found found = {
        .endpoint = sc_connection_endpoint(client->held),
        .destination_property = property,
        .endpoint_property = sc_connection_property(client->held),
    };

    client->hit = request_is_by_domain(request) ? SC_DOMAIN_HITS : SC_ADDRESS_HITS;
    client->give_at = sc_buf_length(&client->out);
    int error = sc_reply_status(&client->out, request->kind, SC_STATUS_DONE, found);
    client->giving = error == 0 && request->kind == SC_REQUEST_TAKE;
    return error;
}

/* What is held is the client's to have. */
static void request_offer(struct sc_client *client)
{
    client->unseen = false;
    if (!client->giving)
        sc_session_offer(&client->session);
    if (client->server->log->verbosity > 0) {
        struct sc_request request = sc_session_request(&client->session);
        sc_trace_request(client, &request, SC_STATUS_DONE);
    }
}

/*
 * Finds, but does not look at what it found: that takes a system call, and
 * those of several clients are cheaper one after the other.
 */
static int request_start_find(struct sc_client *client, struct sc_request *request)
{
    struct sc_bytes property;

    if (!request_asks_for_something(request))
        return request_reply(client, request, SC_STATUS_FAILED);
    client->held = request_find(client, request, &property);
    client->held_is_socket = false;
    if (!client->held)
        return request_miss(client, request);
    int error = request_answer_with_held(client, request, property);
    client->unseen = error == 0;
    if (error == 0 && !client->server->settings.check_peer)
        request_offer(client);
    return error;
}

/* What was found is of no use: takes the answer back, and gives another. */
static int request_find_another(struct sc_client *client)
{
    enum sc_peer seen = SC_PEER_NONE;
    struct sc_request request;
    struct sc_bytes property;

    client->unseen = client->giving = false;
    sc_buf_truncate(&client->out, client->give_at);
    do {
        sc_connection_discard(client->held, SC_END_DEAD);
        request = sc_session_request(&client->session);
        client->held = request_find(client, &request, &property);
        if (client->held)
            seen = sc_peer_look_alone(sc_connection_descriptor(client->held));
    } while (client->held && seen == SC_PEER_GONE);
    client->held_is_socket = seen == SC_PEER_SILENT;
    if (!client->held)
        return request_miss(client, &request);
    int error = request_answer_with_held(client, &request, property);
    if (error == 0)
        request_offer(client);
    return error;
}

int sc_client_look(struct sc_client *client)
{
    enum sc_peer seen = sc_peer_look_alone(sc_connection_descriptor(client->held));

    if (seen == SC_PEER_GONE)
        return request_find_another(client);
    client->held_is_socket = seen == SC_PEER_SILENT;
    request_offer(client);
    return 0;
}

static int request_refuse_malformed(struct sc_client *client, const struct sc_request *request,
                                    bool has_descriptor)
{
    struct sc_server *server = client->server;
    int fd = request_claim(client, has_descriptor);

    if (fd >= 0)
        sc_server_close_foreign(server, fd);
    sc_log_limited(server->log, &server->malformed, server->now, SC_WARNING, "malformed %s request",
                   sc_request_name(request->kind));
    return request_reply(client, request, SC_STATUS_MALFORMED);
}

int sc_client_request(struct sc_client *client, struct sc_request *request, bool has_descriptor)
{
    struct sc_server *server = client->server;

    if (!server->had_request && server->host.first_request)
        server->host.first_request(server->host.context);
    server->had_request = true;
    if (request->malformed)
        return request_refuse_malformed(client, request, has_descriptor);
    switch (request->kind) {
    case SC_REQUEST_SAVE_ENDP:
        return request_start_save(client);
    case SC_REQUEST_SAVE_DEST:
        return request_save_destination(client, request);
    case SC_REQUEST_PUT:
        return sc_client_save(client, request, has_descriptor);
    case SC_REQUEST_FIND_ENDP:
    case SC_REQUEST_FIND_DEST:
    case SC_REQUEST_TAKE:
        return request_start_find(client, request);
    case SC_REQUEST_NONE:
    case SC_REQUEST_UNKNOWN:
        break;
    }
    return request_refuse_malformed(client, request, has_descriptor);
}
