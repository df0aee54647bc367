/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Takes what a server said for an answer only if it is exactly what the request calls for. It
 * neither waits nor sees a descriptor.
 */
#include "wire/response.h"

static bool response_expect_status(struct sc_list_reader *list, enum sc_status *status)
{
    struct sc_bytes digit;

    if (!sc_list_expect(list, SC_ATTR_STATUS, &digit) || digit.length != 1)
        return false;
    if (digit.data[0] < '0' + SC_STATUS_DONE || digit.data[0] > '0' + SC_STATUS_FAILED)
        return false;
    *status = (enum sc_status)(digit.data[0] - '0');
    return true;
}

/* Only the NUL that ends the list is left. */
static bool response_is_at_end(const struct sc_list_reader *list)
{
    return list->rest.length <= 1;
}

static bool response_expect_found(struct sc_list_reader *list, enum sc_request_kind kind,
                                  struct sc_found *found)
{
    if (kind == SC_REQUEST_TAKE && !sc_list_expect(list, SC_ATTR_LABEL, &found->endpoint))
        return false;
    if (kind != SC_REQUEST_FIND_ENDP &&
        !sc_list_expect(list, SC_ATTR_PROPERTY, &found->destination_property))
        return false;
    return sc_list_expect(list, SC_ATTR_PROPERTY, &found->endpoint_property);
}

static bool response_is_empty(const struct sc_found *found)
{
    return found->endpoint.length == 0 && found->destination_property.length == 0 &&
           found->endpoint_property.length == 0;
}

bool sc_response_parse(struct sc_bytes bytes, enum sc_request_kind kind,
                       struct sc_response *response)
{
    struct sc_list_reader list = sc_list_read(bytes);
    bool finds =
        kind == SC_REQUEST_FIND_ENDP || kind == SC_REQUEST_FIND_DEST || kind == SC_REQUEST_TAKE;

    *response = (struct sc_response){
        .found = {SC_BYTES(""), SC_BYTES(""), SC_BYTES("")},
    };
    if (!response_expect_status(&list, &response->status))
        return false;
    response->is_bare = response_is_at_end(&list);
    if (response->is_bare)
        return !finds || response->status != SC_STATUS_DONE;
    if (!finds || !response_expect_found(&list, kind, &response->found) ||
        !response_is_at_end(&list))
        return false;
    return response->status == SC_STATUS_DONE || response_is_empty(&response->found);
}

bool sc_response_is_dummy(struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes value;

    return sc_list_expect(&list, SC_ATTR_DUMMY, &value) && value.length == 0 &&
           response_is_at_end(&list);
}

bool sc_response_is_refusal(struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes status;

    return sc_list_expect(&list, SC_ATTR_STATUS, &status) && status.length == 1 &&
           status.data[0] == '0' + SC_STATUS_REFUSED;
}

bool sc_response_is_greeting(struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes value;

    return sc_list_expect(&list, SC_ATTR_PROTOCOL, &value) &&
           sc_bytes_equal(value, SC_BYTES(SC_PROTOCOL_NAME));
}
