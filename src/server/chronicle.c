/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events on their way from server and store to the history. What they mean
 * for a place, the history knows.
 */
#include "server/chronicle.h"

#include <assert.h>

#include "cache/cache.h"

static_assert(SC_MISS_DOMAIN_UNKNOWN - SC_MISS_DOMAIN_DEAD == SC_MISS_UNKNOWN &&
                  SC_MISS_ADDRESS_UNKNOWN - SC_MISS_ADDRESS_DEAD == SC_MISS_UNKNOWN &&
                  (int)SC_HISTORY_LIMITS >= (int)SC_ENDS &&
                  (int)SC_SHELF_KEY_LENGTH == (int)SC_STORE_KEY_LENGTH,
              "reasons are counted in their order, and limits called by what they end with");

static int64_t chronicle_now(const struct sc_common *common)
{
    return sc_loop_now(common->loop);
}

void sc_chronicle_begin(struct sc_common *common, const unsigned char key[SC_STORE_KEY_LENGTH])
{
    sc_history_init(&common->history, key, chronicle_now(common));
    sc_chronicle_configure(common);
}

void sc_chronicle_configure(struct sc_common *common)
{
    const struct sc_server_settings *settings = &common->settings;

    sc_history_configure(&common->history, &settings->history,
                         settings->limits.reuse_order == SC_REUSE_NEWEST, chronicle_now(common));
}

/* --- the store's entries -------------------------------------------------- */

static struct sc_place_name chronicle_endpoint(const struct sc_connection *connection)
{
    return (struct sc_place_name){
        .kind = SC_PLACE_ENDPOINT,
        .user = sc_space_user(sc_connection_space(connection)),
        .label = sc_connection_endpoint(connection),
        .slot = sc_connection_endpoint_place(connection),
    };
}

static struct sc_place_name chronicle_bound_from(const struct sc_binding *binding)
{
    return (struct sc_place_name){
        .kind = SC_PLACE_DESTINATION,
        .user = sc_space_user(sc_binding_space(binding)),
        .label = sc_binding_destination(binding),
        .slot = sc_binding_destination_place(binding),
    };
}

static struct sc_place_name chronicle_bound_to(const struct sc_binding *binding)
{
    return (struct sc_place_name){
        .kind = SC_PLACE_ENDPOINT,
        .user = sc_space_user(sc_binding_space(binding)),
        .label = sc_binding_endpoint(binding),
        .slot = sc_binding_endpoint_place(binding),
    };
}

/* Ages and uses have limits too. At the end of the server nobody misses anything any more. */
static struct sc_loss chronicle_loss(enum sc_end end)
{
    switch (end) {
    case SC_END_EXPIRED:
        return (struct sc_loss){.reason = SC_MISS_EXPIRED};
    case SC_END_DEAD:
        return (struct sc_loss){.reason = SC_MISS_DEAD};
    case SC_END_DROPPED:
        return (struct sc_loss){.reason = SC_MISS_DROPPED};
    case SC_END_REUSED:
    case SC_END_CLOSED:
    case SC_END_HANDED_OVER:
        return (struct sc_loss){.reason = SC_MISS_UNKNOWN};
    default:
        return (struct sc_loss){
            .reason = SC_MISS_EVICTED,
            .limit = (uint8_t)end,
            .own = end == SC_END_ENDPOINT_LIMIT || end == SC_END_DESTINATION_LIMIT,
        };
    }
}

void sc_chronicle_saved(struct sc_common *common, const struct sc_connection *connection)
{
    const struct sc_place_name endpoint = chronicle_endpoint(connection);

    if (sc_history_is_kept(&common->history))
        sc_history_saved(&common->history, chronicle_now(common), &endpoint);
}

void sc_chronicle_ended(struct sc_common *common, const struct sc_connection *connection,
                        enum sc_end end)
{
    const struct sc_place_name endpoint = chronicle_endpoint(connection);

    if (!sc_history_is_kept(&common->history))
        return;
    if (end == SC_END_REUSED)
        sc_history_taken(&common->history, &endpoint);
    else
        sc_history_lost(&common->history, &endpoint, chronicle_loss(end));
}

void sc_chronicle_bound(struct sc_common *common, const struct sc_binding *binding, bool renewed)
{
    const struct sc_place_name destination = chronicle_bound_from(binding);
    const struct sc_place_name endpoint = chronicle_bound_to(binding);

    if (sc_history_is_kept(&common->history))
        sc_history_bound(&common->history, chronicle_now(common), &destination, &endpoint, renewed);
}

void sc_chronicle_unbound(struct sc_common *common, const struct sc_binding *binding,
                          enum sc_end end)
{
    const struct sc_place_name destination = chronicle_bound_from(binding);

    if (sc_history_is_kept(&common->history))
        sc_history_unbound(&common->history, &destination, chronicle_loss(end));
}

/* --- a client's look-ups -------------------------------------------------- */

static void chronicle_end(struct sc_common *common, struct sc_acquisition *acquisition, bool reused)
{
    if (sc_acquisition_end(acquisition, &common->history, reused))
        sc_stats_count(&common->stats, reused ? SC_ACQUISITIONS_REUSED : SC_ACQUISITIONS_MISSED);
}

void sc_chronicle_asked(struct sc_common *common, struct sc_acquisition *acquisition,
                        const struct sc_request *request)
{
    if (request->kind != SC_REQUEST_FIND_ENDP)
        chronicle_end(common, acquisition, false);
    if (sc_cache_finds(request->kind) && !acquisition->open)
        sc_acquisition_begin(acquisition);
}

/* The next label that a request looks for; false: there is no more. */
static bool chronicle_next(struct sc_request *rest, struct sc_place_name *name)
{
    name->slot = NULL;
    if (rest->destination.length > 0) {
        name->kind = SC_PLACE_DESTINATION;
        name->label = rest->destination;
        rest->destination.length = 0;
        return true;
    }
    name->kind = SC_PLACE_ENDPOINT;
    if (rest->kind == SC_REQUEST_TAKE)
        return sc_request_next_endpoint(rest, &name->label);
    name->label = rest->endpoint;
    rest->endpoint.length = 0;
    return rest->kind == SC_REQUEST_FIND_ENDP && name->label.length > 0;
}

void sc_chronicle_found(struct sc_common *common, struct sc_acquisition *acquisition,
                        const struct sc_request *request, const struct sc_connection *connection)
{
    struct sc_history *history = &common->history;
    struct sc_place_name at = chronicle_endpoint(connection);
    struct sc_place_name name = {.user = at.user};
    struct sc_request rest = *request;

    if (!sc_history_is_kept(history))
        return;
    if (sc_cache_is_by_destination(request)) {
        if (chronicle_next(&rest, &name))
            sc_history_look(history, chronicle_now(common), acquisition, &name, true);
        sc_history_reach(history, chronicle_now(common), &at);
        return;
    }
    while (chronicle_next(&rest, &name) && !sc_bytes_equal(name.label, at.label))
        sc_history_look(history, chronicle_now(common), acquisition, &name, false);
    sc_history_look(history, chronicle_now(common), acquisition, &at, true);
}

void sc_chronicle_missed(struct sc_common *common, struct sc_acquisition *acquisition,
                         struct sc_space *space, const struct sc_request *request)
{
    struct sc_place_name name = {.user = sc_space_user(space)};
    struct sc_request rest = *request;
    enum sc_miss reason = SC_MISS_UNKNOWN;

    while (sc_history_is_kept(&common->history) && chronicle_next(&rest, &name)) {
        enum sc_miss its =
            sc_history_look(&common->history, chronicle_now(common), acquisition, &name, false);
        reason = its < reason ? its : reason;
    }
    int first = sc_cache_is_by_destination(request) ? SC_MISS_DOMAIN_DEAD : SC_MISS_ADDRESS_DEAD;
    sc_stats_count(&common->stats, (enum sc_counter)(first + (int)reason));
}

void sc_chronicle_delivered(struct sc_common *common, struct sc_acquisition *acquisition,
                            enum sc_counter hit)
{
    if (hit == SC_DOMAIN_HITS)
        sc_acquisition_note_hit(acquisition, &common->history);
    chronicle_end(common, acquisition, true);
}

void sc_chronicle_left(struct sc_common *common, struct sc_acquisition *acquisition)
{
    chronicle_end(common, acquisition, false);
}
