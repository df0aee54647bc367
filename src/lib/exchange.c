/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said between the library and a server, step by step. Each function
 * does one thing and says what comes next; none of them waits.
 */
#include "lib/exchange.h"

#include <errno.h>

#include "io/dial.h"
#include "wire/response.h"

/* Nobody saves anything under it. */
#define PING_LABEL "libscache ping"

int sc_exchange_init(struct sc_exchange *exchange, const char *path)
{
    *exchange = (struct sc_exchange){.phase = SC_PHASE_IDLE};
    sc_link_init(&exchange->link);
    return sc_place_init(&exchange->place, path);
}

void sc_exchange_fini(struct sc_exchange *exchange)
{
    sc_link_fini(&exchange->link);
}

void sc_exchange_drop(struct sc_exchange *exchange)
{
    sc_link_close(&exchange->link);
    exchange->dialect = SC_DIALECT_UNKNOWN;
    exchange->has_greeted = false;
}

static int exchange_wait_for(struct sc_exchange *exchange, enum sc_wait wait)
{
    exchange->wait = wait;
    return SC_PROGRESS_WAIT;
}

static int exchange_enter(struct sc_exchange *exchange, enum sc_phase phase)
{
    exchange->phase = phase;
    return SC_PROGRESS_ON;
}

static int exchange_miss(struct sc_exchange *exchange, enum scache_reason reason)
{
    exchange->reason = reason;
    return SC_PROGRESS_MISSED;
}

/* What it means that there was this error, in the phase that it came in. */
static enum scache_reason exchange_reason_of(const struct sc_exchange *exchange, int error)
{
    if (exchange->phase == SC_PHASE_CONNECT)
        return exchange->place.reason;
    if (error == -ENOMEM || error == -EMFILE || error == -ENFILE || error == -ENOBUFS)
        return SCACHE_REASON_NO_MEMORY;
    /* Whoever may not connect is told so, or closed before a word. */
    if (exchange->phase == SC_PHASE_GREETING && (error == -EACCES || error == -ECONNRESET))
        return SCACHE_REASON_REFUSED;
    return SCACHE_REASON_BROKEN;
}

static bool exchange_finds(enum sc_request_kind kind)
{
    return kind == SC_REQUEST_FIND_ENDP || kind == SC_REQUEST_FIND_DEST || kind == SC_REQUEST_TAKE;
}

/* Sends a request; its descriptor, if it is a put, goes with its first byte. */
static int exchange_say(struct sc_exchange *exchange, const struct sc_request *request)
{
    struct sc_link *link = &exchange->link;

    /* With a full table the answer would be lost, and the connection with it. */
    if (exchange_finds(request->kind) && !sc_dial_has_room(link->socket))
        return exchange_miss(exchange, SCACHE_REASON_NO_MEMORY);
    sc_link_forget_list(link);
    int error = sc_request_write(&link->out, request);
    if (error < 0)
        return error;
    exchange->current = *request;
    if (request->kind == SC_REQUEST_PUT)
        link->passing = exchange->call->saving;
    return exchange_enter(exchange, request->kind == SC_REQUEST_SAVE_ENDP ? SC_PHASE_GO_AHEAD
                                                                          : SC_PHASE_REPLY);
}

/* The request, or the first of those that it takes. */
static int exchange_ask(struct sc_exchange *exchange)
{
    static const struct sc_request nobody = {
        .kind = SC_REQUEST_FIND_ENDP,
        .endpoint = {PING_LABEL, sizeof(PING_LABEL) - 1},
    };
    const struct sc_request *asked = &exchange->call->request;
    struct sc_request first;

    sc_classic_begin(&exchange->sequence, asked);
    if (exchange->dialect == SC_DIALECT_MODERN)
        return exchange_say(exchange, asked);
    if (sc_call_is_ping(exchange->call))
        return exchange_say(exchange, &nobody);
    return sc_classic_next(&exchange->sequence, &first)
               ? exchange_say(exchange, &first)
               : exchange_miss(exchange, SCACHE_REASON_EMPTY);
}

/* The next of the requests that a call takes; false when the last one was the end of it. */
static bool exchange_has_next(struct sc_exchange *exchange, struct sc_request *next)
{
    return exchange->dialect != SC_DIALECT_MODERN && sc_classic_next(&exchange->sequence, next);
}

static int exchange_probe(struct sc_exchange *exchange)
{
    static const struct sc_request nothing = {
        .kind = SC_REQUEST_TAKE,
        .destination = {"", 0},
    };

    sc_link_forget_list(&exchange->link);
    int error = sc_request_write(&exchange->link.out, &nothing);

    return error < 0 ? error : exchange_enter(exchange, SC_PHASE_PROBE);
}

/* The server can be asked now. */
static int exchange_is_ready(struct sc_exchange *exchange)
{
    enum sc_request_kind kind = exchange->call->request.kind;
    bool must_know = kind == SC_REQUEST_PUT || kind == SC_REQUEST_TAKE;

    if (exchange->is_classic || exchange->options->classic)
        exchange->dialect = SC_DIALECT_CLASSIC;
    if (must_know && exchange->dialect == SC_DIALECT_UNKNOWN)
        return exchange_probe(exchange);
    return exchange_ask(exchange);
}

static int exchange_try_to_connect(struct sc_exchange *exchange)
{
    int socket;
    int error = sc_place_dial(&exchange->place, exchange->began, &socket);

    if (error == -EAGAIN)
        return exchange_wait_for(exchange, SC_WAIT_TIME);
    if (error < 0)
        return error;
    sc_link_open(&exchange->link, socket);
    return exchange_enter(exchange,
                          exchange->options->greeting ? SC_PHASE_GREETING : SC_PHASE_READY);
}

static int exchange_on_probed(struct sc_exchange *exchange, struct sc_bytes list)
{
    struct sc_response response;

    if (!sc_response_parse(list, SC_REQUEST_TAKE, &response) || response.status == SC_STATUS_DONE)
        return -EPROTO;
    if (response.is_bare && response.status != SC_STATUS_MALFORMED)
        return -EPROTO;
    exchange->dialect = response.is_bare ? SC_DIALECT_CLASSIC : SC_DIALECT_MODERN;
    exchange->is_classic = response.is_bare;
    return sc_call_is_ping(exchange->call) ? SC_PROGRESS_DONE : exchange_ask(exchange);
}

static int exchange_on_saved(struct sc_exchange *exchange, enum sc_status status)
{
    struct sc_request next;

    if (exchange->current.kind == SC_REQUEST_SAVE_DEST && exchange->is_saved)
        return SC_PROGRESS_DONE;
    if (status != SC_STATUS_DONE)
        return exchange_miss(exchange, SCACHE_REASON_REFUSED);
    if (exchange->current.kind == SC_REQUEST_SAVE_DEST)
        return SC_PROGRESS_DONE;
    exchange->is_saved = true;
    sc_call_settle(exchange->call);
    return exchange_has_next(exchange, &next) ? exchange_say(exchange, &next) : SC_PROGRESS_DONE;
}

/* Whether what take has found is what was asked for. */
static bool exchange_was_asked_for(const struct sc_request *asked, const struct sc_found *found)
{
    struct sc_request rest = *asked;
    struct sc_bytes endpoint;

    if (found->endpoint.length == 0)
        return false;
    /* A destination may lead to any endpoint, by a property that may be empty. */
    if (asked->destination.length > 0)
        return true;
    while (sc_request_next_endpoint(&rest, &endpoint))
        if (sc_bytes_equal(endpoint, found->endpoint))
            return found->destination_property.length == 0;
    return false;
}

static int exchange_on_taken(struct sc_exchange *exchange, struct sc_found found)
{
    if (exchange->link.received < 0 || !exchange_was_asked_for(&exchange->current, &found))
        return -EPROTO;
    sc_call_take_found(exchange->call, found, sc_link_steal_received(&exchange->link));
    return SC_PROGRESS_DONE;
}

static int exchange_say_dummy(struct sc_exchange *exchange, enum sc_phase phase)
{
    int error = sc_reply_dummy(&exchange->link.out);

    return error < 0 ? error : exchange_enter(exchange, phase);
}

static int exchange_on_missed(struct sc_exchange *exchange, enum sc_status status)
{
    struct sc_request next;

    if (exchange->link.received >= 0)
        return -EPROTO;
    if (sc_call_is_ping(exchange->call))
        return SC_PROGRESS_DONE;
    if (exchange_has_next(exchange, &next))
        return exchange_say(exchange, &next);
    return exchange_miss(exchange,
                         status == SC_STATUS_FAILED ? SCACHE_REASON_EMPTY : SCACHE_REASON_REFUSED);
}

static int exchange_on_reply(struct sc_exchange *exchange, struct sc_bytes list)
{
    enum sc_request_kind kind = exchange->current.kind;
    struct sc_response response;

    if (!sc_response_parse(list, kind, &response))
        return -EPROTO;
    if (!exchange_finds(kind))
        return exchange_on_saved(exchange, response.status);
    if (response.status != SC_STATUS_DONE)
        return exchange_on_missed(exchange, response.status);
    if (kind == SC_REQUEST_TAKE)
        return exchange_on_taken(exchange, response.found);
    exchange->call->found = response.found;
    if (kind == SC_REQUEST_FIND_ENDP)
        exchange->call->found.endpoint = exchange->current.endpoint;
    return exchange_say_dummy(exchange, SC_PHASE_DESCRIPTOR);
}

/* The reply to save_endp: go on, or a status that says why not. */
static int exchange_on_go_ahead(struct sc_exchange *exchange, struct sc_bytes list)
{
    struct sc_response response;

    if (sc_response_is_dummy(list)) {
        sc_link_forget_list(&exchange->link);
        exchange->link.passing = exchange->call->saving;
        int error = sc_buf_append(&exchange->link.out, SC_BYTES("\0"));
        return error < 0 ? error : exchange_enter(exchange, SC_PHASE_REPLY);
    }
    if (!sc_response_parse(list, SC_REQUEST_SAVE_ENDP, &response) ||
        response.status == SC_STATUS_DONE)
        return -EPROTO;
    return exchange_miss(exchange, SCACHE_REASON_REFUSED);
}

static int exchange_receive_descriptor(struct sc_exchange *exchange)
{
    struct sc_found found = exchange->call->found;
    int error = sc_link_receive_descriptor(&exchange->link);

    if (error == -EAGAIN)
        return exchange_wait_for(exchange, SC_WAIT_READ);
    if (error < 0)
        return error;
    sc_call_take_found(exchange->call, found, sc_link_steal_received(&exchange->link));
    return exchange_say_dummy(exchange, SC_PHASE_FAREWELL);
}

static int exchange_on_list(struct sc_exchange *exchange, struct sc_bytes list)
{
    if (!exchange->has_greeted) {
        exchange->has_greeted = true;
        /* One that was not waited for may be joined to the first reply. */
        if (sc_response_is_greeting(list) && exchange->phase != SC_PHASE_GREETING) {
            sc_link_forget_list(&exchange->link);
            return SC_PROGRESS_ON;
        }
    }
    if (sc_link_has_surplus(&exchange->link))
        return -EPROTO;
    switch (exchange->phase) {
    case SC_PHASE_GREETING:
        if (sc_response_is_refusal(list))
            return -EACCES;
        return sc_response_is_greeting(list) ? exchange_is_ready(exchange) : -EPROTO;
    case SC_PHASE_PROBE:
        return exchange_on_probed(exchange, list);
    case SC_PHASE_GO_AHEAD:
        return exchange_on_go_ahead(exchange, list);
    case SC_PHASE_REPLY:
        return exchange_on_reply(exchange, list);
    default:
        return -EPROTO;
    }
}

static int exchange_receive(struct sc_exchange *exchange)
{
    bool may_carry = exchange->phase == SC_PHASE_REPLY && exchange->current.kind == SC_REQUEST_TAKE;
    struct sc_bytes list;
    int error = sc_link_receive_list(&exchange->link, may_carry, &list);

    if (error == -EAGAIN)
        return exchange_wait_for(exchange, SC_WAIT_READ);
    return error < 0 ? error : exchange_on_list(exchange, list);
}

static int exchange_step(struct sc_exchange *exchange)
{
    if (exchange->phase == SC_PHASE_CONNECT)
        return exchange_try_to_connect(exchange);
    if (exchange->phase == SC_PHASE_READY)
        return exchange_is_ready(exchange);
    int error = sc_link_flush(&exchange->link);
    if (error == -EAGAIN)
        return exchange_wait_for(exchange, SC_WAIT_WRITE);
    if (error == -ETOOMANYREFS)
        return exchange_wait_for(exchange, SC_WAIT_TIME);
    if (error < 0)
        return error;
    if (exchange->phase == SC_PHASE_FAREWELL)
        return SC_PROGRESS_DONE;
    if (exchange->phase == SC_PHASE_DESCRIPTOR)
        return exchange_receive_descriptor(exchange);
    return exchange_receive(exchange);
}

void sc_exchange_begin(struct sc_exchange *exchange, const struct sc_options *options, int64_t now,
                       struct sc_call *call)
{
    exchange->began = now;
    exchange->call = call;
    exchange->options = options;
    exchange->is_saved = false;
    exchange->reason = SCACHE_REASON_NONE;
    exchange->wait = SC_WAIT_NOTHING;
    exchange->phase = SC_PHASE_CONNECT;
    if (!sc_link_is_open(&exchange->link))
        return;
    sc_link_forget_list(&exchange->link);
    if (!sc_link_is_quiet(&exchange->link)) {
        sc_exchange_drop(exchange); /* The server was restarted, most likely. */
        return;
    }
    exchange->phase = SC_PHASE_READY;
}

int sc_exchange_advance(struct sc_exchange *exchange)
{
    int progress;

    do {
        progress = exchange_step(exchange);
    } while (progress == SC_PROGRESS_ON);
    if (progress >= 0)
        return progress;
    exchange->reason = exchange_reason_of(exchange, progress);
    sc_exchange_drop(exchange);
    /* What has come, or was kept, is not undone by what is lost after it. */
    return exchange->call->found_fd >= 0 || exchange->is_saved ? SC_PROGRESS_DONE : progress;
}

void sc_exchange_end(struct sc_exchange *exchange)
{
    exchange->call = NULL;
    exchange->phase = SC_PHASE_IDLE;
    exchange->wait = SC_WAIT_NOTHING;
}
