/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What was asked of the library, checked and kept, and what was found. How it
 * is carried out is not known here.
 */
#include "lib/call.h"

#include <errno.h>
#include <unistd.h>

#include "scache.h"
#include "wire/protocol.h"

/* Kept between calls; longer ones are rare and given back. */
enum { TEXTS_KEPT = 4096 };

static const struct sc_found nothing = {{"", 0}, {"", 0}, {"", 0}};

void sc_call_init(struct sc_call *call)
{
    *call = (struct sc_call){.saving = -1, .found_fd = -1, .found = nothing};
    sc_buf_init(&call->texts);
}

void sc_call_fini(struct sc_call *call)
{
    sc_call_settle(call);
    sc_call_drop_found(call);
    sc_buf_fini(&call->texts);
}

static bool call_saves_connection(const struct sc_request *request)
{
    return request->kind == SC_REQUEST_SAVE_ENDP || request->kind == SC_REQUEST_PUT;
}

static bool call_has_binding(const struct sc_request *request)
{
    return request->kind == SC_REQUEST_SAVE_DEST || request->has_binding;
}

static bool call_names_endpoint(const struct sc_request *request)
{
    return call_saves_connection(request) || request->kind == SC_REQUEST_SAVE_DEST ||
           request->kind == SC_REQUEST_FIND_ENDP;
}

static bool call_names_destination(const struct sc_request *request)
{
    return call_has_binding(request) || request->kind == SC_REQUEST_FIND_DEST;
}

/* Whether it has all that it needs. A take may name no destination, but no empty endpoint. */
static bool call_is_whole(const struct sc_request *request)
{
    struct sc_request rest = *request;
    struct sc_bytes label;

    if (call_names_endpoint(request) && request->endpoint.length == 0)
        return false;
    if (call_names_destination(request) && request->destination.length == 0)
        return false;
    if (request->kind == SC_REQUEST_SAVE_DEST || call_saves_connection(request))
        if (request->ttl < 1 || (request->has_binding && request->binding_ttl < 1))
            return false;
    while (request->kind == SC_REQUEST_TAKE && sc_request_next_endpoint(&rest, &label))
        if (label.length == 0)
            return false;
    return true;
}

/* An attribute on the wire: both of its texts, each with a NUL behind it. */
static size_t call_attribute_length(const char *name, size_t value_length)
{
    return strlen(name) + 1 + value_length + 1;
}

static size_t call_ttl_length(int64_t ttl)
{
    size_t digits = 1;

    for (; ttl >= 10; ttl /= 10)
        digits++;
    return call_attribute_length(SC_ATTR_TTL, digits);
}

/* How long the list is that the request is asked with. */
static size_t call_length_on_wire(const struct sc_request *request)
{
    size_t length =
        call_attribute_length(SC_ATTR_REQUEST, strlen(sc_request_name(request->kind))) + 1;

    if (call_names_endpoint(request))
        length += call_attribute_length(SC_ATTR_LABEL, request->endpoint.length);
    if (call_saves_connection(request))
        length += call_ttl_length(request->ttl) +
                  call_attribute_length(SC_ATTR_PROPERTY, request->endpoint_property.length);
    if (call_names_destination(request) || request->kind == SC_REQUEST_TAKE)
        length += call_attribute_length(SC_ATTR_LABEL, request->destination.length);
    if (call_has_binding(request))
        length += call_ttl_length(request->has_binding ? request->binding_ttl : request->ttl) +
                  call_attribute_length(SC_ATTR_PROPERTY, request->destination_property.length);
    if (request->kind == SC_REQUEST_TAKE)
        length += request->endpoints.rest.length;
    return length;
}

/* Of all copies, each with a NUL behind it. */
static size_t call_texts_length(const struct sc_request *request)
{
    return request->endpoint.length + request->endpoint_property.length +
           request->destination.length + request->destination_property.length +
           request->endpoints.rest.length + 5;
}

/* Room for it was reserved. */
static struct sc_bytes call_keep_text(struct sc_call *call, struct sc_bytes text)
{
    struct sc_bytes copy = {call->texts.data + call->texts.end, text.length};

    sc_buf_add(&call->texts, text);
    sc_buf_add(&call->texts, SC_BYTES("\0"));
    return copy;
}

int sc_call_set(struct sc_call *call, const struct sc_request *request, int fd)
{
    if (!call_is_whole(request))
        return -EINVAL;
    if (call_length_on_wire(request) > SCACHE_MESSAGE_MAX)
        return -EMSGSIZE;
    sc_buf_clear(&call->texts, TEXTS_KEPT);
    int error = sc_buf_reserve(&call->texts, call_texts_length(request));
    if (error < 0)
        return error;
    call->request = *request;
    call->request.endpoint = call_keep_text(call, request->endpoint);
    call->request.endpoint_property = call_keep_text(call, request->endpoint_property);
    call->request.destination = call_keep_text(call, request->destination);
    call->request.destination_property = call_keep_text(call, request->destination_property);
    call->request.endpoints = sc_list_read(call_keep_text(call, request->endpoints.rest));
    call->saving = fd;
    return 0;
}

bool sc_call_is_ping(const struct sc_call *call)
{
    const struct sc_request *asked = &call->request;

    return asked->kind == SC_REQUEST_TAKE && asked->destination.length == 0 &&
           asked->endpoints.rest.length == 0;
}

void sc_call_settle(struct sc_call *call)
{
    if (call->saving >= 0)
        close(call->saving);
    call->saving = -1;
}

void sc_call_take_found(struct sc_call *call, struct sc_found found, int fd)
{
    call->found = found;
    call->found_fd = fd;
}

int sc_call_steal_found(struct sc_call *call)
{
    int fd = call->found_fd;

    call->found_fd = -1;
    return fd;
}

void sc_call_drop_found(struct sc_call *call)
{
    int fd = sc_call_steal_found(call);

    if (fd >= 0)
        close(fd);
    call->found = nothing;
}
