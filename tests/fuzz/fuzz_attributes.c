/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The attribute codec, in both directions. The first byte says how the rest
 * is cut; the rest is lists, one after the other. Of each:
 *
 * - its end is where a slow and simple search finds it, however it is cut;
 * - what is read of it, attribute by attribute, and written again is the list;
 * - a request, and a reply to every kind of request, that was understood is
 *   the same when it is written and read once more.
 *
 * Every list lies in memory of its own, so that a sanitizer sees whoever
 * looks behind its end.
 */

#include "fuzz.h"

#include "wire/response.h"

static const struct sc_found nothing;

/* A copy for the sanitizer's sake; to be freed. */
static struct sc_bytes own(struct sc_bytes bytes)
{
    char *copy = malloc(bytes.length > 0 ? bytes.length : 1);

    require(copy);
    if (bytes.length > 0)
        memcpy(copy, bytes.data, bytes.length);
    return (struct sc_bytes){copy, bytes.length};
}

static void disown(struct sc_bytes bytes)
{
    free((void *)(uintptr_t)bytes.data);
}

/* The length of the list at the front, found token by token; 0: it has no end. */
static size_t end_of_list(struct sc_bytes bytes)
{
    size_t token = 0;
    bool is_name = true;

    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.data[i] != '\0')
            continue;
        if (is_name && i == token)
            return i + 1;
        is_name = !is_name;
        token = i + 1;
    }
    return 0;
}

/* Shows the scanner the bytes in pieces of which none is looked at twice. */
static size_t scan_in_pieces(struct sc_bytes bytes, uint32_t seed)
{
    struct sc_list_scanner scanner = {0};
    size_t shown = 0;
    size_t length = 0;

    while (length == 0 && shown < bytes.length) {
        seed = seed * 1664525 + 1013904223;
        shown += 1 + (seed >> 16) % 7;
        if (shown > bytes.length)
            shown = bytes.length;
        length = sc_list_scan(&scanner, (struct sc_bytes){bytes.data, shown});
        require(length <= shown);
    }
    return length;
}

/* The same, but what was shown goes away, as of a list that is too long. */
static size_t scan_and_skip(struct sc_bytes bytes)
{
    struct sc_list_scanner scanner = {0};

    for (size_t i = 0; i < bytes.length; i++) {
        size_t length = sc_list_scan(&scanner, (struct sc_bytes){bytes.data + i, 1});
        require(length <= 1);
        if (length == 1)
            return i + 1;
        sc_list_skip_seen(&scanner);
    }
    return 0;
}

static void check_reader(struct sc_bytes list)
{
    struct sc_list_reader reader = sc_list_read(list);
    struct sc_attribute attribute;
    struct sc_buf copy;

    sc_buf_init(&copy);
    struct sc_list_writer writer = sc_list_write(&copy);
    while (sc_list_next(&reader, &attribute)) {
        require(attribute.name.data[attribute.name.length] == '\0');
        require(attribute.value.data[attribute.value.length] == '\0');
        sc_list_put(&writer, attribute.name.data, attribute.value);
    }
    require(sc_list_end(&writer) == 0);
    require(sc_bytes_equal(sc_buf_bytes(&copy), list));
    sc_buf_fini(&copy);
}

static void check_same_request(struct sc_request one, struct sc_request other)
{
    struct sc_bytes first;
    struct sc_bytes second;

    require(one.kind == other.kind && !other.malformed);
    require(one.has_binding == other.has_binding);
    require(one.ttl == other.ttl && one.binding_ttl == other.binding_ttl);
    require(sc_bytes_equal(one.destination, other.destination));
    require(sc_bytes_equal(one.destination_property, other.destination_property));
    require(sc_bytes_equal(one.endpoint, other.endpoint));
    require(sc_bytes_equal(one.endpoint_property, other.endpoint_property));
    if (one.kind != SC_REQUEST_TAKE)
        return;
    while (sc_request_next_endpoint(&one, &first)) {
        require(sc_request_next_endpoint(&other, &second));
        require(sc_bytes_equal(first, second) && first.length > 0);
    }
    require(!sc_request_next_endpoint(&other, &second));
}

static void check_request(struct sc_bytes list)
{
    struct sc_request request = sc_request_parse(list);
    struct sc_request ahead;
    struct sc_buf first;
    struct sc_buf second;

    require(sc_request_kind_of(list) == request.kind);
    require(request.kind != SC_REQUEST_UNKNOWN || request.malformed);
    size_t read = sc_request_parse_ahead(&ahead, list);
    if (request.kind == SC_REQUEST_NONE || request.malformed) {
        require(read == 0);
        return;
    }
    require(read > 0 && read < list.length);
    check_same_request(request, ahead);
    sc_buf_init(&first);
    sc_buf_init(&second);
    require(sc_request_write(&first, &request) == 0);
    struct sc_bytes written = own(sc_buf_bytes(&first));
    require(end_of_list(written) == written.length);
    struct sc_request again = sc_request_parse(written);
    check_same_request(request, again);
    require(sc_request_write(&second, &again) == 0);
    require(sc_bytes_equal(sc_buf_bytes(&second), written));
    disown(written);
    sc_buf_fini(&first);
    sc_buf_fini(&second);
}

static void check_same_response(const struct sc_response *one, const struct sc_response *other)
{
    require(one->status == other->status);
    require(sc_bytes_equal(one->found.endpoint, other->found.endpoint));
    require(sc_bytes_equal(one->found.destination_property, other->found.destination_property));
    require(sc_bytes_equal(one->found.endpoint_property, other->found.endpoint_property));
}

static void check_response(struct sc_bytes list, enum sc_request_kind kind)
{
    struct sc_response response;
    struct sc_response again;
    struct sc_buf buf;

    if (!sc_response_parse(list, kind, &response))
        return;
    sc_buf_init(&buf);
    require(sc_reply_status(&buf, kind, response.status, response.found) == 0);
    struct sc_bytes written = own(sc_buf_bytes(&buf));
    require(end_of_list(written) == written.length);
    require(sc_response_parse(written, kind, &again));
    check_same_response(&response, &again);
    /* What is not bare has no room for another way to write it. */
    require(response.is_bare || sc_bytes_equal(written, list));
    disown(written);
    sc_buf_fini(&buf);
}

static void check_words(struct sc_bytes list)
{
    struct sc_buf buf;

    sc_buf_init(&buf);
    require(sc_reply_dummy(&buf) == 0);
    require(sc_response_is_dummy(list) == sc_bytes_equal(sc_buf_bytes(&buf), list));
    sc_buf_clear(&buf, 0);
    require(sc_reply_greeting(&buf) == 0);
    require(sc_response_is_greeting(sc_buf_bytes(&buf)));
    if (sc_bytes_equal(sc_buf_bytes(&buf), list))
        require(sc_response_is_greeting(list));
    sc_buf_clear(&buf, 0);
    require(sc_reply_status(&buf, SC_REQUEST_TAKE, SC_STATUS_FAILED, nothing) == 0);
    sc_buf_fini(&buf);
}

static void check_list(struct sc_bytes bytes)
{
    struct sc_bytes list = own(bytes);

    check_reader(list);
    check_request(list);
    for (int kind = SC_REQUEST_SAVE_ENDP; kind <= SC_REQUEST_TAKE; kind++)
        check_response(list, (enum sc_request_kind)kind);
    check_words(list);
    (void)sc_response_is_greeting(list);
    disown(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    uint32_t seed = script_byte(&script);
    struct sc_bytes rest = script_bytes(&script, script.size);

    while (rest.length > 0) {
        struct sc_list_scanner scanner = {0};
        struct sc_bytes all = own(rest);
        size_t length = sc_list_scan(&scanner, all);
        require(length == end_of_list(all));
        require(length == scan_in_pieces(all, seed));
        require(length == scan_and_skip(all));
        /* A beginning must not be looked behind either. */
        (void)sc_request_kind_of(all);
        disown(all);
        if (length == 0)
            break;
        check_list((struct sc_bytes){rest.data, length});
        rest.data += length;
        rest.length -= length;
    }
    return 0;
}
