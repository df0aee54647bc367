/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes what the server says. Which reply is due, and when, the caller decides; a list that there
 * is no memory for leaves the buffer as it was.
 */
#include "wire/reply.h"

int sc_reply_greeting(struct sc_buf *out)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put(&list, SC_ATTR_PROTOCOL, SC_BYTES(SC_PROTOCOL_NAME));
    return sc_list_end(&list);
}

int sc_reply_dummy(struct sc_buf *out)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put(&list, SC_ATTR_DUMMY, SC_BYTES(""));
    return sc_list_end(&list);
}

int sc_reply_refusal(struct sc_buf *out)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, SC_STATUS_REFUSED);
    sc_list_put(&list, SC_ATTR_REASON, SC_BYTES("this user may not connect"));
    return sc_list_end(&list);
}

int sc_reply_status(struct sc_buf *out, enum sc_request_kind kind, enum sc_status status,
                    struct sc_found found)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, status);
    if (kind == SC_REQUEST_TAKE)
        sc_list_put(&list, SC_ATTR_LABEL, found.endpoint);
    if (kind == SC_REQUEST_TAKE || kind == SC_REQUEST_FIND_DEST)
        sc_list_put(&list, SC_ATTR_PROPERTY, found.destination_property);
    if (kind == SC_REQUEST_TAKE || kind == SC_REQUEST_FIND_DEST || kind == SC_REQUEST_FIND_ENDP)
        sc_list_put(&list, SC_ATTR_PROPERTY, found.endpoint_property);
    return sc_list_end(&list);
}
