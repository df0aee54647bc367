/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hears all that clients and server say, and keeps the books of what each descriptor is and whose:
 * the model that the server must agree with. It never talks to the server.
 */
#include "witness.h"

#include "fuzz.h"

void witness_init(struct witness *witness)
{
    *witness = (struct witness){0};
    SLIST_INIT(&witness->deeds);
    SLIST_INIT(&witness->bindings);
    SLIST_INIT(&witness->texts);
    SLIST_INIT(&witness->spoiled);
}

/* Frees the entries of a list. */
#define free_all(head)                                                                             \
    while (!SLIST_EMPTY(head)) {                                                                   \
        void *first = SLIST_FIRST(head);                                                           \
        SLIST_REMOVE_HEAD(head, link);                                                             \
        free(first);                                                                               \
    }

void witness_fini(struct witness *witness)
{
    free_all(&witness->deeds);
    free_all(&witness->bindings);
    free_all(&witness->texts);
    free_all(&witness->spoiled);
}

void witness_client_init(struct witness_client *client, struct witness *witness, int64_t space,
                         bool is_greeted)
{
    *client = (struct witness_client){
        .witness = witness,
        .space = space,
        .has_greeting = !is_greeted,
    };
    STAILQ_INIT(&client->asked);
    sc_buf_init(&client->saying);
    sc_buf_init(&client->hearing);
}

static void answered(struct witness_client *client)
{
    struct witness_asked *first = STAILQ_FIRST(&client->asked);

    if (client->saving == first)
        client->saving = NULL;
    STAILQ_REMOVE_HEAD(&client->asked, link);
    free(first);
}

void witness_client_fini(struct witness_client *client)
{
    while (!STAILQ_EMPTY(&client->asked))
        answered(client);
    sc_buf_fini(&client->saying);
    sc_buf_fini(&client->hearing);
}

static void *new_zeroed(size_t size)
{
    void *fresh = calloc(1, size);

    require(fresh);
    return fresh;
}

static struct sc_bytes keep(struct witness *witness, struct sc_bytes bytes)
{
    struct witness_text *text = new_zeroed(sizeof(*text) + bytes.length + 1);

    if (bytes.length > 0)
        memcpy(text->bytes, bytes.data, bytes.length);
    SLIST_INSERT_HEAD(&witness->texts, text, link);
    return (struct sc_bytes){text->bytes, bytes.length};
}

void witness_spoil(struct witness *witness, uint64_t identity)
{
    struct witness_spoiled *spoiled = new_zeroed(sizeof(*spoiled));

    *spoiled = (struct witness_spoiled){.identity = identity, .step = ++witness->step};
    SLIST_INSERT_HEAD(&witness->spoiled, spoiled, link);
}

static bool was_spoiled(const struct witness *witness, uint64_t identity, uint64_t before)
{
    const struct witness_spoiled *spoiled;

    SLIST_FOREACH (spoiled, &witness->spoiled, link)
        if (spoiled->identity == identity && spoiled->step < before)
            return true;
    return false;
}

/* What was said. */

static bool is_find(enum sc_request_kind kind)
{
    return kind == SC_REQUEST_FIND_ENDP || kind == SC_REQUEST_FIND_DEST;
}

static struct witness_asked *ask(struct witness_client *client, const struct sc_request *request,
                                 int64_t now)
{
    struct witness_asked *asked = new_zeroed(sizeof(*asked));

    asked->request = *request;
    asked->at = now;
    asked->step = ++client->witness->step;
    STAILQ_INSERT_TAIL(&client->asked, asked, link);
    return asked;
}

/* The descriptor may be saved by this request. */
static void attach(struct witness_client *client, struct witness_deed *deed,
                   struct witness_asked *asked)
{
    int64_t ttl = asked->request.ttl * 1000;

    require(deed->count < SC_COUNT_OF(deed->places));
    if (ttl > client->witness->ttl_limit)
        ttl = client->witness->ttl_limit;
    deed->places[deed->count++] = (struct witness_place){
        .label = asked->request.endpoint,
        .property = asked->request.endpoint_property,
        .ttl = ttl,
    };
    asked->deed = deed;
}

static void bind(struct witness_client *client, const struct sc_request *request)
{
    struct witness_binding *binding = new_zeroed(sizeof(*binding));

    *binding = (struct witness_binding){
        .space = client->space,
        .destination = request->destination,
        .property = request->destination_property,
        .endpoint = request->endpoint,
    };
    SLIST_INSERT_HEAD(&client->witness->bindings, binding, link);
}

static void said_request(struct witness_client *client, struct sc_bytes list, int64_t now)
{
    struct sc_request request = sc_request_parse(keep(client->witness, list));

    if (request.kind == SC_REQUEST_NONE)
        return;
    if (list.length > client->witness->limit)
        request.malformed = true;
    struct witness_asked *asked = ask(client, &request, now);
    if (request.malformed)
        return;
    if (request.kind == SC_REQUEST_SAVE_ENDP)
        client->saving = asked;
    if (request.kind == SC_REQUEST_PUT && client->carried)
        attach(client, client->carried, asked);
    if (request.kind == SC_REQUEST_SAVE_DEST || request.has_binding)
        bind(client, &request);
}

static void said_list(struct witness_client *client, struct sc_bytes list, int64_t now)
{
    struct witness_asked *asked;

    STAILQ_FOREACH (asked, &client->asked, link)
        if (is_find(asked->request.kind))
            asked->has_more = true;
    if (!client->is_announced)
        said_request(client, list, now);
    client->is_announced = false;
    client->carried = NULL;
    sc_buf_clear(&client->saying, 0);
}

/* A list that is too long is answered before its end. */
static void announce(struct witness_client *client, int64_t now)
{
    const struct sc_request request = {
        .kind = sc_request_kind_of(sc_buf_bytes(&client->saying)),
        .malformed = true,
    };

    client->is_announced = true;
    if (request.kind != SC_REQUEST_NONE)
        ask(client, &request, now);
}

/* All up to the next NUL, which is within one list; the first byte if that is all there is to it.
 */
static struct sc_bytes next_piece(struct sc_bytes bytes, bool is_one_byte)
{
    const char *nul = memchr(bytes.data, '\0', bytes.length);

    if (is_one_byte)
        bytes.length = 1;
    else if (nul)
        bytes.length = (size_t)(nul - bytes.data) + 1;
    return bytes;
}

static void said_piece(struct witness_client *client, struct sc_bytes piece,
                       struct witness_deed *deed, bool is_last, int64_t now)
{
    if (client->saving) {
        client->saving->has_more = true;
        if (deed)
            attach(client, deed, client->saving);
        client->saving = NULL;
        return;
    }
    if (deed && is_last)
        client->carried = deed;
    require(sc_buf_append(&client->saying, piece) == 0);
    struct sc_bytes bytes = sc_buf_bytes(&client->saying);
    size_t length = sc_list_scan(&client->said, bytes);
    if (length > 0)
        said_list(client, bytes, now);
    else if (bytes.length > client->witness->limit && !client->is_announced)
        announce(client, now);
}

void witness_said(struct witness_client *client, struct sc_bytes bytes, size_t descriptors,
                  uint64_t identity, int64_t now)
{
    struct witness_deed *deed = NULL;

    if (descriptors == 1) {
        deed = new_zeroed(sizeof(*deed));
        deed->identity = identity;
        deed->space = client->space;
        deed->saved_by = INT64_MAX;
        SLIST_INSERT_HEAD(&client->witness->deeds, deed, link);
    }
    for (bool is_first = true; bytes.length > 0; is_first = false) {
        struct sc_bytes piece = next_piece(bytes, client->saving);
        bool is_last = piece.length == bytes.length;
        bytes.data += piece.length;
        bytes.length -= piece.length;
        said_piece(client, piece, is_first || is_last ? deed : NULL, is_last, now);
    }
}

/* What was heard. */

static bool is_bound(const struct witness *witness, int64_t space, struct sc_bytes destination,
                     struct sc_bytes property, struct sc_bytes endpoint)
{
    const struct witness_binding *binding;

    SLIST_FOREACH (binding, &witness->bindings, link)
        if (binding->space == space && sc_bytes_equal(binding->destination, destination) &&
            sc_bytes_equal(binding->property, property) &&
            sc_bytes_equal(binding->endpoint, endpoint))
            return true;
    return false;
}

/* Whether a connection of that label, with what comes with it, answers a request. */
static bool is_wanted(const struct witness_client *client, const struct witness_asked *asked,
                      struct sc_bytes label)
{
    struct sc_request request = asked->request;
    struct sc_bytes property = asked->found.destination_property;
    struct sc_bytes endpoint;

    if (request.kind == SC_REQUEST_FIND_ENDP)
        return sc_bytes_equal(label, request.endpoint);
    if (request.kind == SC_REQUEST_TAKE && !sc_bytes_equal(label, asked->found.endpoint))
        return false;
    if (request.destination.length > 0 &&
        is_bound(client->witness, client->space, request.destination, property, label))
        return true;
    while (request.kind == SC_REQUEST_TAKE && sc_request_next_endpoint(&request, &endpoint))
        if (sc_bytes_equal(endpoint, label))
            return property.length == 0;
    return false;
}

/* When a deed expires, if one of its places answers the request; else negative. */
static int64_t expiry_for(const struct witness_client *client, const struct witness_asked *asked,
                          const struct witness_deed *deed)
{
    int64_t expiry = -1;

    for (size_t i = 0; i < deed->count; i++) {
        const struct witness_place *place = &deed->places[i];
        if (!is_wanted(client, asked, place->label) ||
            !sc_bytes_equal(place->property, asked->found.endpoint_property))
            continue;
        int64_t at = deed->saved_by == INT64_MAX ? INT64_MAX : deed->saved_by + place->ttl;
        if (at > expiry)
            expiry = at;
    }
    return expiry > asked->at ? expiry : -1;
}

/*
 * A descriptor was handed out. When it was saved several times under equal
 * names, the one that expires first counts as gone, which is lenient.
 */
static void handed_out(struct witness_client *client, const struct witness_asked *asked)
{
    struct witness *witness = client->witness;
    struct witness_deed *best = NULL;
    struct witness_deed *deed;
    int64_t best_expiry = 0;

    SLIST_FOREACH (deed, &witness->deeds, link) {
        if (deed->is_over || deed->identity != client->got || deed->space != client->space)
            continue;
        int64_t expiry = expiry_for(client, asked, deed);
        if (expiry >= 0 && (!best || expiry < best_expiry)) {
            best = deed;
            best_expiry = expiry;
        }
    }
    require(best);
    require(!witness->checks_peer || !was_spoiled(witness, client->got, asked->step));
    best->is_over = true;
    client->got = 0;
}

/* Which of a descriptor's places it has got, or has not. */
static void saved(struct witness_asked *asked, enum sc_status status, int64_t now)
{
    struct witness_deed *deed = asked->deed;
    size_t kept = 0;

    require(status == SC_STATUS_FAILED || (status == SC_STATUS_DONE && deed));
    if (!deed)
        return;
    for (size_t i = 0; i < deed->count; i++) {
        bool is_this = deed->places[i].label.data == asked->request.endpoint.data;
        if (is_this == (status == SC_STATUS_DONE))
            deed->places[kept++] = deed->places[i];
    }
    deed->count = kept;
    require(kept > 0 || status != SC_STATUS_DONE);
    if (status == SC_STATUS_DONE)
        deed->saved_by = now;
}

static void heard_final(struct witness_client *client, struct witness_asked *asked,
                        const struct sc_response *response, int64_t now)
{
    switch (asked->request.kind) {
    case SC_REQUEST_SAVE_ENDP:
        require(asked->is_promised && asked->has_more);
        saved(asked, response->status, now);
        break;
    case SC_REQUEST_PUT:
        saved(asked, response->status, now);
        break;
    case SC_REQUEST_SAVE_DEST:
        require(response->status != SC_STATUS_MALFORMED);
        break;
    default:
        require(response->status != SC_STATUS_MALFORMED && !response->is_bare);
        asked->found = response->found;
        if (response->status == SC_STATUS_DONE && asked->request.kind == SC_REQUEST_TAKE)
            handed_out(client, asked);
        else if (response->status == SC_STATUS_DONE)
            asked->is_promised = true;
    }
}

static void heard_reply(struct witness_client *client, struct sc_bytes list, int64_t now)
{
    struct witness_asked *asked = STAILQ_FIRST(&client->asked);
    enum sc_request_kind kind = asked->request.kind;
    struct sc_response response;

    if (kind == SC_REQUEST_SAVE_ENDP && !asked->request.malformed && !asked->is_promised) {
        require(sc_response_is_dummy(list));
        asked->is_promised = true;
        return;
    }
    if (kind == SC_REQUEST_UNKNOWN)
        kind = SC_REQUEST_SAVE_DEST; /* whose reply is the status alone */
    require(sc_response_parse(list, kind, &response));
    if (asked->request.malformed) {
        bool finds = is_find(kind) || kind == SC_REQUEST_TAKE;
        require(response.status == SC_STATUS_MALFORMED && response.is_bare == !finds);
        answered(client);
        return;
    }
    heard_final(client, asked, &response, now);
    if (is_find(kind) && asked->is_promised) {
        asked->found.destination_property =
            keep(client->witness, response.found.destination_property);
        asked->found.endpoint_property = keep(client->witness, response.found.endpoint_property);
    } else {
        answered(client);
    }
}

static void heard_list(struct witness_client *client, struct sc_bytes list, int64_t now)
{
    if (client->is_refused && !client->has_greeting) {
        require(sc_response_is_refusal(list));
        client->is_refused = false; /* Nothing follows. */
    } else if (!client->has_greeting) {
        require(sc_response_is_greeting(list));
        client->has_greeting = true;
    } else {
        heard_reply(client, list, now);
    }
    /* What came with it was due. */
    require(client->got == 0);
    sc_buf_clear(&client->hearing, 0);
}

/* Whether the byte that carries a descriptor comes next. */
static bool is_promised(const struct witness_client *client)
{
    const struct witness_asked *asked = STAILQ_FIRST(&client->asked);

    return asked && is_find(asked->request.kind) && asked->is_promised;
}

static void heard_piece(struct witness_client *client, struct sc_bytes piece, int64_t now)
{
    struct witness_asked *asked = STAILQ_FIRST(&client->asked);

    require(asked || !client->has_greeting);
    if (is_promised(client)) {
        require(asked->has_more && *piece.data == '\0' && client->got != 0);
        handed_out(client, asked);
        answered(client);
        return;
    }
    require(sc_buf_append(&client->hearing, piece) == 0);
    struct sc_bytes bytes = sc_buf_bytes(&client->hearing);
    if (sc_list_scan(&client->heard, bytes) > 0)
        heard_list(client, bytes, now);
}

void witness_heard(struct witness_client *client, struct sc_bytes bytes, uint64_t identity,
                   int64_t now)
{
    while (bytes.length > 0) {
        struct sc_bytes piece = next_piece(bytes, is_promised(client));
        /* Nothing is ever joined behind the message that carries one. */
        if (piece.length == bytes.length && identity != 0) {
            require(client->got == 0);
            client->got = identity;
        }
        bytes.data += piece.length;
        bytes.length -= piece.length;
        heard_piece(client, piece, now);
    }
}

bool witness_is_settled(const struct witness_client *client)
{
    const struct witness_asked *asked = STAILQ_FIRST(&client->asked);

    if (!client->has_greeting)
        return false;
    return !asked || (asked->is_promised && !asked->has_more);
}
