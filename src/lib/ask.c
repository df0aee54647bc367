/* SPDX-License-Identifier: BSD-2-Clause */
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

/* The outcome of a request that was started, and what it has found. */
static int ask_finish(struct scache *cache, int error, struct scache_result *result)
{
    if (error < 0)
        return error;
    int outcome = sc_handle_wait(cache);
    if (result)
        (void)scache_get_result(cache, result);
    return outcome;
}

/* A look-up without room for its result would lose a connection. */
static int ask_begin_result(struct scache_result *result)
{
    if (!result)
        return -EINVAL;
    *result = (struct scache_result){-1, "", "", ""};
    return 0;
}

int scache_start_save_endpoint(struct scache *cache, int ttl, const char *endpoint,
                               const char *property, int fd)
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

int scache_save_endpoint(struct scache *cache, int ttl, const char *endpoint, const char *property,
                         int fd)
{
    return ask_finish(cache, scache_start_save_endpoint(cache, ttl, endpoint, property, fd), NULL);
}

int scache_start_find_endpoint(struct scache *cache, const char *endpoint)
{
    const struct sc_request request = {
        .kind = SC_REQUEST_FIND_ENDP,
        .endpoint = ask_label(endpoint),
    };
    return sc_handle_start(cache, &request, -1);
}

int scache_find_endpoint(struct scache *cache, const char *endpoint, struct scache_result *result)
{
    int error = ask_begin_result(result);

    if (error == 0)
        error = scache_start_find_endpoint(cache, endpoint);
    return ask_finish(cache, error, result);
}

int scache_start_save_destination(struct scache *cache, int ttl, const char *destination,
                                  const char *property, const char *endpoint)
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

int scache_save_destination(struct scache *cache, int ttl, const char *destination,
                            const char *property, const char *endpoint)
{
    return ask_finish(
        cache, scache_start_save_destination(cache, ttl, destination, property, endpoint), NULL);
}

int scache_start_find_destination(struct scache *cache, const char *destination)
{
    const struct sc_request request = {
        .kind = SC_REQUEST_FIND_DEST,
        .destination = ask_label(destination),
    };
    return sc_handle_start(cache, &request, -1);
}

int scache_find_destination(struct scache *cache, const char *destination,
                            struct scache_result *result)
{
    int error = ask_begin_result(result);

    if (error == 0)
        error = scache_start_find_destination(cache, destination);
    return ask_finish(cache, error, result);
}

int scache_start_put(struct scache *cache, int fd, int ttl, const char *endpoint,
                     const char *property, const struct scache_binding *binding)
{
    if (!property || (binding && !binding->property))
        return ask_refuse(fd);
    struct sc_request request = {
        .kind = SC_REQUEST_PUT,
        .ttl = ttl,
        .endpoint = ask_label(endpoint),
        .endpoint_property = sc_bytes_of(property),
    };
    if (binding) {
        request.has_binding = true;
        request.binding_ttl = binding->ttl;
        request.destination = ask_label(binding->destination);
        request.destination_property = sc_bytes_of(binding->property);
    }
    return sc_handle_start(cache, &request, fd);
}

int scache_put(struct scache *cache, int fd, int ttl, const char *endpoint, const char *property,
               const struct scache_binding *binding)
{
    return ask_finish(cache, scache_start_put(cache, fd, ttl, endpoint, property, binding), NULL);
}

/* Makes a list of labels, as a request keeps them. Returns 0 or -ENOMEM. */
static int ask_write_labels(struct sc_buf *out, const char *const *endpoints)
{
    struct sc_list_writer list = sc_list_write(out);

    while (endpoints && *endpoints)
        sc_list_put(&list, SC_ATTR_LABEL, sc_bytes_of(*endpoints++));
    return sc_list_end(&list);
}

int scache_start_take(struct scache *cache, const char *destination, const char *const *endpoints)
{
    struct sc_request request = {
        .kind = SC_REQUEST_TAKE,
        .destination = ask_label(destination),
    };
    struct sc_buf labels;

    if (request.destination.length == 0 && (!endpoints || !*endpoints))
        return -EINVAL;
    sc_buf_init(&labels);
    bool has_memory = ask_write_labels(&labels, endpoints) == 0;
    request.endpoints = sc_list_read(sc_buf_bytes(&labels));
    int error = sc_handle_start(cache, has_memory ? &request : NULL, -1);
    sc_buf_fini(&labels);
    return error;
}

int scache_take(struct scache *cache, const char *destination, const char *const *endpoints,
                struct scache_result *result)
{
    int error = ask_begin_result(result);

    if (error == 0)
        error = scache_start_take(cache, destination, endpoints);
    return ask_finish(cache, error, result);
}
