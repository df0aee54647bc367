/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cache in this process: the engine that the server has too, and what that
 * leaves to others. Nobody else is asked, and nothing waits.
 */
#include "lib/local.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

#include "cache/cache.h"
#include "io/peer.h"

enum { BINDINGS_MAX = 10000, BINDINGS_OF_DESTINATION_MAX = 100 };

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
        .session_limit = max_connections,
        .binding_limit = BINDINGS_MAX,
        .destination_binding_limit = BINDINGS_OF_DESTINATION_MAX,
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
    struct sc_reaped reaped;

    while (sc_store_reap(local->store, &reaped))
        close(reaped.fd);
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

/* A descriptor is judged here only when it is taken, so of its nature it is enough to know that. */
static enum scache_reason local_save(struct sc_local *local, int64_t now, struct sc_call *call)
{
    struct sc_saving saving = {.fd = call->saving};

    if (saving.fd >= 0)
        saving.nature = sc_peer_nature(saving.fd);
    struct sc_cache_saved saved =
        sc_cache_save(local->space, now, INT64_MAX, &call->request, &saving);
    if (saved.error < 0)
        return SCACHE_REASON_NO_MEMORY;
    call->saving = -1;
    return SCACHE_REASON_NONE;
}

static struct sc_bytes local_add_text(struct sc_buf *texts, struct sc_bytes text)
{
    struct sc_bytes copy = {texts->data + texts->end, text.length};

    sc_buf_add(texts, text);
    sc_buf_add(texts, SC_BYTES("\0"));
    return copy;
}

/* Copies the texts, each with a NUL behind it, so that they outlast the connection. */
static int local_copy_texts(struct sc_local *local, struct sc_found *found)
{
    size_t length = found->endpoint.length + found->destination_property.length +
                    found->endpoint_property.length + 3;

    sc_buf_clear(&local->texts, 0);
    int error = sc_buf_reserve(&local->texts, length);
    if (error < 0)
        return error;
    *found = (struct sc_found){
        .endpoint = local_add_text(&local->texts, found->endpoint),
        .destination_property = local_add_text(&local->texts, found->destination_property),
        .endpoint_property = local_add_text(&local->texts, found->endpoint_property),
    };
    return 0;
}

static bool local_is_dead(const struct sc_connection *connection)
{
    int fd = sc_connection_descriptor(connection);
    bool dead = false;

    if ((sc_connection_nature(connection) & SC_PEER_JUDGEABLE) != 0)
        sc_peer_look(&fd, 1, &dead);
    return dead;
}

static enum scache_reason local_find(struct sc_local *local, int64_t now, struct sc_call *call)
{
    enum scache_reason reason = SCACHE_REASON_EMPTY;
    struct sc_connection *connection;
    struct sc_found found;

    while ((connection = sc_cache_find(local->space, now, &call->request, &found)) &&
           local_is_dead(connection)) {
        sc_connection_discard(connection, SC_END_DEAD);
        reason = SCACHE_REASON_DEAD;
    }
    if (!connection)
        return reason;
    if (local_copy_texts(local, &found) < 0) {
        sc_connection_put_back(connection, now);
        return SCACHE_REASON_NO_MEMORY;
    }
    sc_call_take_found(call, found, sc_connection_steal(connection, now));
    return SCACHE_REASON_NONE;
}

static enum scache_reason local_run(struct sc_local *local, int64_t now, struct sc_call *call)
{
    if (!sc_cache_finds(call->request.kind))
        return local_save(local, now, call);
    return sc_call_is_ping(call) ? SCACHE_REASON_NONE : local_find(local, now, call);
}

enum scache_reason sc_local_run(struct sc_local *local, int64_t now, struct sc_call *call)
{
    enum scache_reason reason = local_run(local, now, call);

    local_reap(local);
    return reason;
}
