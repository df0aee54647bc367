/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests in both directions: tells what a list asks for and whether it is well formed, and writes
 * such lists. Order of attributes is strict; limits of length are the session's affair.
 */
#include "wire/request.h"

#include "base/util.h"

static const struct sc_bytes names[] = {
    [SC_REQUEST_NONE] = SC_BYTES_INIT("none"),
    [SC_REQUEST_UNKNOWN] = SC_BYTES_INIT("unknown"),
    [SC_REQUEST_SAVE_ENDP] = SC_BYTES_INIT("save_endp"),
    [SC_REQUEST_FIND_ENDP] = SC_BYTES_INIT("find_endp"),
    [SC_REQUEST_SAVE_DEST] = SC_BYTES_INIT("save_dest"),
    [SC_REQUEST_FIND_DEST] = SC_BYTES_INIT("find_dest"),
    [SC_REQUEST_PUT] = SC_BYTES_INIT("put"),
    [SC_REQUEST_TAKE] = SC_BYTES_INIT("take"),
};

const char *sc_request_name(enum sc_request_kind kind)
{
    return names[kind].data;
}

static enum sc_request_kind request_kind_named(struct sc_bytes name)
{
    for (size_t kind = SC_REQUEST_SAVE_ENDP; kind < SC_COUNT_OF(names); kind++)
        if (sc_bytes_equal(name, names[kind]))
            return (enum sc_request_kind)kind;
    return SC_REQUEST_UNKNOWN;
}

/* Decimal digits only; any number that is too large is the largest. */
static bool request_expect_ttl(struct sc_list_reader *list, int64_t *ttl)
{
    struct sc_bytes digits;
    int64_t number = 0;

    if (!sc_list_expect(list, SC_ATTR_TTL, &digits))
        return false;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        number = 10 * number + (digits.data[i] - '0');
        if (number > SC_TTL_MAX)
            number = SC_TTL_MAX;
    }
    *ttl = number;
    return number > 0;
}

static bool request_expect_label(struct sc_list_reader *list, struct sc_bytes *label)
{
    return sc_list_expect(list, SC_ATTR_LABEL, label) && label->length > 0;
}

static bool request_expect_property(struct sc_list_reader *list, struct sc_bytes *property)
{
    return sc_list_expect(list, SC_ATTR_PROPERTY, property);
}

static bool request_parse_endpoint(struct sc_list_reader *list, struct sc_request *request)
{
    return request_expect_ttl(list, &request->ttl) &&
           request_expect_label(list, &request->endpoint) &&
           request_expect_property(list, &request->endpoint_property);
}

static bool request_parse_save_dest(struct sc_list_reader *list, struct sc_request *request)
{
    return request_expect_ttl(list, &request->ttl) &&
           request_expect_label(list, &request->destination) &&
           request_expect_property(list, &request->destination_property) &&
           request_expect_label(list, &request->endpoint);
}

static bool request_parse_put(struct sc_list_reader *list, struct sc_request *request)
{
    struct sc_list_reader ahead;
    struct sc_bytes any;

    if (!request_parse_endpoint(list, request))
        return false;
    ahead = *list;
    request->has_binding = sc_list_expect(&ahead, SC_ATTR_TTL, &any);
    return !request->has_binding || (request_expect_ttl(list, &request->binding_ttl) &&
                                     request_expect_label(list, &request->destination) &&
                                     request_expect_property(list, &request->destination_property));
}

static bool request_parse_take(struct sc_list_reader *list, struct sc_request *request)
{
    struct sc_bytes label;

    if (!sc_list_expect(list, SC_ATTR_LABEL, &request->destination))
        return false;
    request->endpoints = *list;
    while (sc_list_expect(list, SC_ATTR_LABEL, &label))
        if (label.length == 0)
            return false;
    request->endpoints.rest.length -= list->rest.length;
    return true;
}

static bool request_parse_arguments(struct sc_list_reader *list, struct sc_request *request)
{
    switch (request->kind) {
    case SC_REQUEST_SAVE_ENDP:
        return request_parse_endpoint(list, request);
    case SC_REQUEST_FIND_ENDP:
        return request_expect_label(list, &request->endpoint);
    case SC_REQUEST_SAVE_DEST:
        return request_parse_save_dest(list, request);
    case SC_REQUEST_FIND_DEST:
        return request_expect_label(list, &request->destination);
    case SC_REQUEST_PUT:
        return request_parse_put(list, request);
    case SC_REQUEST_TAKE:
        return request_parse_take(list, request);
    case SC_REQUEST_NONE:
    case SC_REQUEST_UNKNOWN:
        break;
    }
    return false;
}

static struct sc_request request_parse(struct sc_list_reader *list)
{
    struct sc_request request = {.kind = SC_REQUEST_NONE};
    struct sc_bytes name;

    if (sc_list_expect(list, SC_ATTR_REQUEST, &name)) {
        request.kind = request_kind_named(name);
        request.malformed = !request_parse_arguments(list, &request);
    }
    return request;
}

struct sc_request sc_request_parse(struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);

    return request_parse(&list);
}

size_t sc_request_parse_ahead(struct sc_request *request, struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);

    *request = request_parse(&list);
    if (request->kind == SC_REQUEST_NONE || request->malformed || list.cut)
        return 0;
    return bytes.length - list.rest.length;
}

enum sc_request_kind sc_request_kind_of(struct sc_bytes beginning)
{
    struct sc_list_reader list = sc_list_read(beginning);
    struct sc_bytes name;

    return sc_list_expect(&list, SC_ATTR_REQUEST, &name) ? request_kind_named(name)
                                                         : SC_REQUEST_NONE;
}

bool sc_request_next_endpoint(struct sc_request *request, struct sc_bytes *endpoint)
{
    return sc_list_expect(&request->endpoints, SC_ATTR_LABEL, endpoint);
}

/* What is less than one second is malformed, however much less. */
static uint64_t request_ttl_number(int64_t ttl)
{
    return ttl > 0 ? (uint64_t)ttl : 0;
}

static void request_put_endpoint(struct sc_list_writer *list, const struct sc_request *request)
{
    sc_list_put_number(list, SC_ATTR_TTL, request_ttl_number(request->ttl));
    sc_list_put(list, SC_ATTR_LABEL, request->endpoint);
    sc_list_put(list, SC_ATTR_PROPERTY, request->endpoint_property);
}

static void request_put_destination(struct sc_list_writer *list, const struct sc_request *request,
                                    int64_t ttl)
{
    sc_list_put_number(list, SC_ATTR_TTL, request_ttl_number(ttl));
    sc_list_put(list, SC_ATTR_LABEL, request->destination);
    sc_list_put(list, SC_ATTR_PROPERTY, request->destination_property);
}

static void request_put_labels(struct sc_list_writer *list, const struct sc_request *request)
{
    struct sc_request rest = *request;
    struct sc_bytes endpoint;

    sc_list_put(list, SC_ATTR_LABEL, request->destination);
    while (sc_request_next_endpoint(&rest, &endpoint))
        sc_list_put(list, SC_ATTR_LABEL, endpoint);
}

int sc_request_write(struct sc_buf *out, const struct sc_request *request)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put(&list, SC_ATTR_REQUEST, sc_bytes_of(sc_request_name(request->kind)));
    switch (request->kind) {
    case SC_REQUEST_SAVE_ENDP:
        request_put_endpoint(&list, request);
        break;
    case SC_REQUEST_FIND_ENDP:
        sc_list_put(&list, SC_ATTR_LABEL, request->endpoint);
        break;
    case SC_REQUEST_SAVE_DEST:
        request_put_destination(&list, request, request->ttl);
        sc_list_put(&list, SC_ATTR_LABEL, request->endpoint);
        break;
    case SC_REQUEST_FIND_DEST:
        sc_list_put(&list, SC_ATTR_LABEL, request->destination);
        break;
    case SC_REQUEST_PUT:
        request_put_endpoint(&list, request);
        if (request->has_binding)
            request_put_destination(&list, request, request->binding_ttl);
        break;
    case SC_REQUEST_TAKE:
        request_put_labels(&list, request);
        break;
    case SC_REQUEST_NONE:
    case SC_REQUEST_UNKNOWN:
        break;
    }
    return sc_list_end(&list);
}
