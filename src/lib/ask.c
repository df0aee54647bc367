/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The requests of scache.h: each is made of its parameters and started, and
 * the form that blocks then waits for its outcome. What is wrong with the
 * texts is found out later, by whoever keeps them.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/handle.h"

/* A null text becomes an empty label, which is malformed. */
static struct sc_bytes ask_label(const char *text)
{
    return text ? sc_bytes_of(text) : SC_BYTES("");
}

/* A request that cannot be made; its descriptor is consumed all the same. */
static int ask_refuse(int fd)
{
    if (fd >= 0)
        close(fd);
    return -EINVAL;
}

/* The outcome of a request that was started. */
static int ask_finish(struct scache *cache, int error)
{
    return error < 0 ? error : sc_handle_wait(cache);
}

/* The same of a look-up, and what it has found. */
static int ask_finish_look_up(struct scache *cache, int error, int *fd)
{
    int outcome = ask_finish(cache, error);

    if (outcome == SCACHE_DONE)
        *fd = sc_call_steal_found(&cache->call);
    return outcome;
}

/* A look-up without a place for the descriptor would lose it. */
static int ask_begin_look_up(int *fd)
{
    if (!fd)
        return -EINVAL;
    *fd = -1;
    return 0;
}

int scache_start_save_endpoint(struct scache *cache, int fd, const char *endpoint,
                               const char *property, int ttl)
{
    if (!property)
        return ask_refuse(fd);
    const struct sc_request request = {
        .kind = SC_REQUEST_SAVE_ENDP,
        .ttl = ttl,
        .endpoint = ask_label(endpoint),
        .endpoint_property = sc_bytes_of(property),
    };
    return sc_handle_start(cache, &request, fd);
}

int scache_save_endpoint(struct scache *cache, int fd, const char *endpoint, const char *property,
                         int ttl)
{
    return ask_finish(cache, scache_start_save_endpoint(cache, fd, endpoint, property, ttl));
}

int scache_start_find_endpoint(struct scache *cache, const char *endpoint)
{
    const struct sc_request request = {
        .kind = SC_REQUEST_FIND_ENDP,
        .endpoint = ask_label(endpoint),
    };
    return sc_handle_start(cache, &request, -1);
}

int scache_find_endpoint(struct scache *cache, int *fd, const char *endpoint)
{
    int error = ask_begin_look_up(fd);

    if (error == 0)
        error = scache_start_find_endpoint(cache, endpoint);
    return ask_finish_look_up(cache, error, fd);
}

int scache_start_save_destination(struct scache *cache, const char *destination,
                                  const char *property, const char *endpoint, int ttl)
{
    if (!property)
        return -EINVAL;
    const struct sc_request request = {
        .kind = SC_REQUEST_SAVE_DEST,
        .ttl = ttl,
        .destination = ask_label(destination),
        .destination_property = sc_bytes_of(property),
        .endpoint = ask_label(endpoint),
    };
    return sc_handle_start(cache, &request, -1);
}

int scache_save_destination(struct scache *cache, const char *destination, const char *property,
                            const char *endpoint, int ttl)
{
    return ask_finish(cache,
                      scache_start_save_destination(cache, destination, property, endpoint, ttl));
}

int scache_start_find_destination(struct scache *cache, const char *destination)
{
    const struct sc_request request = {
        .kind = SC_REQUEST_FIND_DEST,
        .destination = ask_label(destination),
    };
    return sc_handle_start(cache, &request, -1);
}

int scache_find_destination(struct scache *cache, int *fd, const char *destination)
{
    int error = ask_begin_look_up(fd);

    if (error == 0)
        error = scache_start_find_destination(cache, destination);
    return ask_finish_look_up(cache, error, fd);
}

int scache_start_put(struct scache *cache, int fd, const char *endpoint, const char *property,
                     int ttl)
{
    if (!property)
        return ask_refuse(fd);
    const struct sc_request request = {
        .kind = SC_REQUEST_PUT,
        .ttl = ttl,
        .endpoint = ask_label(endpoint),
        .endpoint_property = sc_bytes_of(property),
    };
    return sc_handle_start(cache, &request, fd);
}

int scache_put(struct scache *cache, int fd, const char *endpoint, const char *property, int ttl)
{
    return ask_finish(cache, scache_start_put(cache, fd, endpoint, property, ttl));
}

int scache_start_put_bound(struct scache *cache, int fd, const char *endpoint, const char *property,
                           int ttl, const char *destination, const char *destination_property,
                           int destination_ttl)
{
    if (!property || !destination_property)
        return ask_refuse(fd);
    const struct sc_request request = {
        .kind = SC_REQUEST_PUT,
        .ttl = ttl,
        .endpoint = ask_label(endpoint),
        .endpoint_property = sc_bytes_of(property),
        .has_binding = true,
        .binding_ttl = destination_ttl,
        .destination = ask_label(destination),
        .destination_property = sc_bytes_of(destination_property),
    };
    return sc_handle_start(cache, &request, fd);
}

int scache_put_bound(struct scache *cache, int fd, const char *endpoint, const char *property,
                     int ttl, const char *destination, const char *destination_property,
                     int destination_ttl)
{
    return ask_finish(cache, scache_start_put_bound(cache, fd, endpoint, property, ttl, destination,
                                                    destination_property, destination_ttl));
}

/* Writes labels as a request keeps them: without the end of a list. Returns 0 or -ENOMEM. */
static int ask_write_labels(struct sc_buf *out, const char *const *endpoints)
{
    struct sc_list_writer list = sc_list_write(out);

    while (endpoints && *endpoints)
        sc_list_put(&list, SC_ATTR_LABEL, sc_bytes_of(*endpoints++));
    int error = sc_list_end(&list);
    if (error == 0)
        sc_buf_truncate(out, sc_buf_length(out) - 1);
    return error;
}

/* With neither destination nor endpoints it is for nothing: a ping. */
static int ask_start_take(struct scache *cache, const char *destination,
                          const char *const *endpoints)
{
    struct sc_request request = {
        .kind = SC_REQUEST_TAKE,
        .destination = ask_label(destination),
    };
    struct sc_buf labels;

    sc_buf_init(&labels);
    bool has_memory = ask_write_labels(&labels, endpoints) == 0;
    request.endpoints = sc_list_read(sc_buf_bytes(&labels));
    int error = sc_handle_start(cache, has_memory ? &request : NULL, -1);
    sc_buf_fini(&labels);
    return error;
}

int scache_start_take(struct scache *cache, const char *endpoint)
{
    const char *const endpoints[] = {endpoint, NULL};

    return endpoint ? ask_start_take(cache, NULL, endpoints) : -EINVAL;
}

int scache_take(struct scache *cache, int *fd, const char *endpoint)
{
    int error = ask_begin_look_up(fd);

    if (error == 0)
        error = scache_start_take(cache, endpoint);
    return ask_finish_look_up(cache, error, fd);
}

int scache_start_take_any(struct scache *cache, const char *destination,
                          const char *const *endpoints)
{
    bool has_destination = destination && *destination;

    if (!has_destination && (!endpoints || !*endpoints))
        return -EINVAL;
    return ask_start_take(cache, destination, endpoints);
}

int scache_take_any(struct scache *cache, int *fd, const char *destination,
                    const char *const *endpoints)
{
    int error = ask_begin_look_up(fd);

    if (error == 0)
        error = scache_start_take_any(cache, destination, endpoints);
    return ask_finish_look_up(cache, error, fd);
}

int scache_start_ping(struct scache *cache)
{
    return ask_start_take(cache, NULL, NULL);
}

int scache_ping(struct scache *cache)
{
    return ask_finish(cache, scache_start_ping(cache));
}
