/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/local.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "io/peer.h"
#include "store/store.h"
#include "wire/response.h"

enum { BINDINGS_MAX = 10000, BINDINGS_OF_DESTINATION_MAX = 100, MS_PER_SECOND = 1000 };

static int local_random_key(unsigned char key[SC_STORE_KEY_LENGTH])
{
    ssize_t length;

    do {
        length = getrandom(key, SC_STORE_KEY_LENGTH, 0);
    } while (length < 0 && errno == EINTR);
    if (length < 0)
        return -errno;
    return length == SC_STORE_KEY_LENGTH ? 0 : -EIO;
}

static struct sc_store_limits local_limits(size_t max_connections)
{
    return (struct sc_store_limits){
        .connections = max_connections,
        .bindings = BINDINGS_MAX,
        .bindings_of_destination = BINDINGS_OF_DESTINATION_MAX,
    };
}

int sc_local_init(struct sc_local *local, size_t max_connections)
{
    const struct sc_store_limits limits = local_limits(max_connections);
    unsigned char key[SC_STORE_KEY_LENGTH];

    *local = (struct sc_local){0};
    sc_buf_init(&local->texts);
    int error = local_random_key(key);
    if (error < 0)
        return error;
    error = sc_store_new(&local->store, key, &limits, NULL);
    if (error < 0)
        return error;
    error = sc_space_new(&local->space, local->store, 0);
    if (error < 0)
        sc_store_free(local->store);
    return error;
}

static void local_reap(struct sc_local *local)
{
    uint8_t nature;
    int fd;

    while ((fd = sc_store_reap(local->store, &nature)) >= 0)
        close(fd);
}

void sc_local_set_max(struct sc_local *local, size_t max_connections)
{
    const struct sc_store_limits limits = local_limits(max_connections);

    sc_store_set_limits(local->store, &limits);
    (void)sc_store_settle(local->store, INT64_MIN, SIZE_MAX);
    local_reap(local);
}

void sc_local_clear(struct sc_local *local)
{
    sc_store_clear(local->store, SC_END_CLOSED);
    local_reap(local);
}

void sc_local_fini(struct sc_local *local)
{
    sc_local_clear(local);
    sc_space_free(local->space);
    sc_store_free(local->store);
    sc_buf_fini(&local->texts);
}

void sc_local_expire(struct sc_local *local, int64_t now)
{
    (void)sc_store_expire(local->store, now, SIZE_MAX);
    local_reap(local);
}

int64_t sc_local_next_expiry(const struct sc_local *local)
{
    return sc_store_next_expiry(local->store);
}

static int local_save_connection(struct sc_local *local, int64_t now, struct sc_call *call)
{
    const struct sc_request *request = &call->request;
    const struct sc_saving saving = {
        .ttl = request->ttl * MS_PER_SECOND,
        .endpoint = request->endpoint,
        .property = request->endpoint_property,
        .fd = call->saving,
    };

    if (sc_store_save_connection(local->space, now, &saving) < 0)
        return 1;
    call->saving = -1;
    return 0;
}

static int local_save_binding(struct sc_local *local, int64_t now, const struct sc_request *request,
                              int64_t ttl)
{
    return sc_store_save_binding(local->space, now, ttl * MS_PER_SECOND, request->destination,
                                 request->destination_property, request->endpoint) < 0;
}

static int local_put(struct sc_local *local, int64_t now, struct sc_call *call)
{
    int outcome = local_save_connection(local, now, call);

    if (outcome == 0 && call->request.has_binding)
        (void)local_save_binding(local, now, &call->request, call->request.binding_ttl);
    return outcome;
}

/* Copies the texts in the form of a reply, which is how they are read too. */
static int local_copy_texts(struct sc_local *local, struct sc_connection *connection,
                            struct sc_bytes destination_property, struct sc_found *found)
{
    const struct sc_found texts = {
        .endpoint = sc_connection_endpoint(connection),
        .destination_property = destination_property,
        .endpoint_property = sc_connection_property(connection),
    };
    struct sc_response response;

    sc_buf_clear(&local->texts, 0);
    int error = sc_reply_status(&local->texts, SC_REQUEST_TAKE, SC_STATUS_DONE, texts);
    if (error < 0)
        return error;
    if (!sc_response_parse(sc_buf_bytes(&local->texts), SC_REQUEST_TAKE, &response))
        return -EPROTO;
    *found = response.found;
    return 0;
}

/* The next one, whether it is alive or not. */
static struct sc_connection *local_find_any(struct sc_local *local, int64_t now,
                                            struct sc_request request, struct sc_bytes *property)
{
    struct sc_connection *connection = NULL;

    *property = SC_BYTES("");
    if (request.destination.length > 0)
        connection = sc_store_find_destination(local->space, now, request.destination, property);
    if (!connection && request.kind == SC_REQUEST_FIND_ENDP)
        connection = sc_store_find_endpoint(local->space, now, request.endpoint);
    while (!connection && request.kind == SC_REQUEST_TAKE &&
           sc_request_next_endpoint(&request, &request.endpoint))
        connection = sc_store_find_endpoint(local->space, now, request.endpoint);
    return connection;
}

static int local_find(struct sc_local *local, int64_t now, struct sc_call *call)
{
    struct sc_connection *connection;
    struct sc_bytes property;
    struct sc_found found;

    while ((connection = local_find_any(local, now, call->request, &property)) &&
           sc_peer_look_alone(sc_connection_descriptor(connection)) == SC_PEER_GONE)
        sc_connection_discard(connection, SC_END_DEAD);
    if (!connection)
        return 1;
    if (local_copy_texts(local, connection, property, &found) < 0) {
        sc_connection_put_back(connection, now);
        return 1;
    }
    sc_call_take_found(call, found, sc_connection_steal(connection, now));
    return 0;
}

static int local_run(struct sc_local *local, int64_t now, struct sc_call *call)
{
    switch (call->request.kind) {
    case SC_REQUEST_SAVE_ENDP:
        return local_save_connection(local, now, call);
    case SC_REQUEST_SAVE_DEST:
        return local_save_binding(local, now, &call->request, call->request.ttl);
    case SC_REQUEST_PUT:
        return local_put(local, now, call);
    case SC_REQUEST_FIND_ENDP:
    case SC_REQUEST_FIND_DEST:
    case SC_REQUEST_TAKE:
        return sc_call_is_ping(call) ? 0 : local_find(local, now, call);
    case SC_REQUEST_NONE:
    case SC_REQUEST_UNKNOWN:
        break;
    }
    return 1;
}

int sc_local_run(struct sc_local *local, int64_t now, struct sc_call *call)
{
    int outcome = local_run(local, now, call);

    local_reap(local);
    return outcome;
}
