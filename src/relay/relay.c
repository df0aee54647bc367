/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The relay of one user: lets in who asks, hands requests on, and answers
 * those that are about sessions there are. New ones are opening's.
 */
#include "relay/relay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "relay/opening.h"
#include "relay/room.h"
#include "session/deadline.h"
#include "wire/tls_reply.h"

/* --- what there is -------------------------------------------------------- */

/* So long ago; a time that has not come is -1. */
static int64_t relay_ago(const struct sc_relay *relay, int64_t when)
{
    return when < 0 ? -1 : sc_relay_now(relay) - when;
}

static struct sc_bytes relay_state_of(const struct sc_relayed *relayed)
{
    if (!relayed->given)
        return SC_BYTES("handshake");
    if (relayed->tunnel.phase == SC_TUNNEL_LINGER || sc_tunnel_has_let_go(&relayed->tunnel))
        return SC_BYTES("ending");
    return sc_tunnel_end(&relayed->tunnel) == SC_TLS_END_OPEN ? SC_BYTES("open")
                                                              : SC_BYTES("ended");
}

static int relay_write_record(const struct sc_relay *relay, const struct sc_relayed *relayed,
                              struct sc_buf *out)
{
    const struct sc_tunnel *tunnel = &relayed->tunnel;
    const struct sc_tls_record record = {
        .session = sc_bytes_of(relayed->id),
        .user = (uint64_t)relay->options.user,
        .peer = sc_bytes_of(relayed->peer),
        .name = sc_bytes_of(relayed->name),
        .state = relay_state_of(relayed),
        .age_ms = relay_ago(relay, relayed->began_at),
        .caller_ms = relay_ago(relay, tunnel->up.spoke_at),
        .far_ms = relay_ago(relay, tunnel->down.spoke_at),
        .far_was_last = tunnel->far_was_last,
        .under_way = sc_relayed_under_way(relayed),
        .sent = tunnel->up.bytes,
        .received = tunnel->down.bytes,
    };

    return sc_tls_reply_record(out, &record);
}

/* The session of an id, or null. */
static struct sc_relayed *relay_find(const struct sc_relay *relay, struct sc_bytes id)
{
    struct sc_relayed *relayed;

    TAILQ_FOREACH (relayed, &relay->sessions, link)
        if (sc_bytes_equal(id, sc_bytes_of(relayed->id)))
            return relayed;
    return NULL;
}

/*
 * Words that have come and that nobody has looked at yet would make what is
 * told untrue; so a session that is asked for by its id goes on first.
 */
int sc_relay_list(struct sc_relay *relay, struct sc_bytes id, struct sc_buf *out)
{
    struct sc_relayed *relayed = relay_find(relay, id);
    int error = 0;

    if (id.length > 0) {
        if (relayed)
            sc_relayed_go_on(relayed);
        relayed = relay_find(relay, id); /* That may have been its end. */
        return relayed ? relay_write_record(relay, relayed, out) : 0;
    }
    TAILQ_FOREACH (relayed, &relay->sessions, link)
        if (error == 0)
            error = relay_write_record(relay, relayed, out);
    return error;
}

static void relay_answer_list(struct sc_relay *relay, struct sc_asker *asker, struct sc_bytes id)
{
    struct sc_buf *out = sc_asker_out(asker);
    int error = sc_relay_list(relay, id, out);

    if (error == 0 && id.length == 0 && relay->options.list_others) {
        relay->options.list_others(relay->options.context, asker);
        return;
    }
    if (error == 0)
        error = sc_tls_reply_status(out, SC_TLS_REASON_NONE);
    sc_asker_answer(asker, error);
}

static void relay_answer_end(struct sc_relay *relay, struct sc_asker *asker, struct sc_bytes id)
{
    struct sc_buf *out = sc_asker_out(asker);
    struct sc_relayed *relayed = relay_find(relay, id);
    struct sc_bytes text = SC_BYTES("");
    enum sc_tls_end end = relayed ? sc_tunnel_end(&relayed->tunnel) : SC_TLS_END_OPEN;
    char why[SC_TLS_TEXT_MAX + 1];

    if (relayed && end == SC_TLS_END_ERROR && relayed->tunnel.cause == SC_TUNNEL_CAUSE_FAILED) {
        (void)relayed->engine->verbs->explain(relayed->engine, why, sizeof(why));
        text = sc_bytes_of(why);
    }
    int past = relayed ? (int)end : sc_past_find(&relay->past, id, sc_relay_now(relay), &text);
    sc_asker_answer(asker, past < 0 ? sc_tls_reply_status(out, SC_TLS_REASON_UNKNOWN)
                                    : sc_tls_reply_end(out, (enum sc_tls_end)past, text));
}

static void relay_on_request(struct sc_asker *asker, const struct sc_tls_request *request, int fd)
{
    struct sc_relay *relay = asker->owner;
    struct sc_engines *engines = relay->options.engines;
    struct sc_buf *out = sc_asker_out(asker);

    if (request->kind == SC_TLS_KIND_CLIENT)
        sc_opening_request(relay, asker, request, fd);
    else if (request->malformed)
        sc_asker_answer(asker, sc_tls_reply_status(out, SC_TLS_REASON_REQUEST));
    else if (request->kind == SC_TLS_KIND_PING)
        sc_asker_answer(asker, sc_tls_reply_ping(out, engines->verbs->policy(engines)));
    else if (request->kind == SC_TLS_KIND_LIST)
        relay_answer_list(relay, asker, request->session);
    else
        relay_answer_end(relay, asker, request->session);
}

static void relay_on_left(struct sc_asker *asker)
{
    struct sc_relay *relay = asker->owner;

    if (asker->awaits)
        sc_opening_abandon(relay, asker->awaits);
    relay->options.left(relay->options.context, asker);
    TAILQ_REMOVE(&relay->askers, asker, link);
    sc_asker_free(asker);
    relay->counts.askers--;
    relay->options.changed(relay->options.context);
}

static const struct sc_asker_calls asker_calls = {
    .request = relay_on_request,
    .left = relay_on_left,
};

/* --- the relay ------------------------------------------------------------ */

int sc_relay_init(struct sc_relay *relay, const struct sc_relay_options *options)
{
    *relay = (struct sc_relay){
        .options = *options,
        .allowance = {.handshakes = options->settings.handshake_limit,
                      .sessions = true,
                      .askers = true},
        .session_options =
            {
                .loop = options->loop,
                .limits = &relay->options.settings.times,
                .calls = &sc_opening_calls,
                .scratch = malloc(SC_TUNNEL_DOWN_MAX),
                .owner = relay,
            },
    };
    TAILQ_INIT(&relay->askers);
    TAILQ_INIT(&relay->sessions);
    TAILQ_INIT(&relay->waiting);
    sc_past_init(&relay->past);
    return relay->session_options.scratch ? 0 : -ENOMEM;
}

static void relay_free_all(struct sc_relayed_list *list)
{
    struct sc_relayed *relayed;

    while ((relayed = TAILQ_FIRST(list))) {
        TAILQ_REMOVE(list, relayed, link);
        sc_relayed_free(relayed);
    }
}

void sc_relay_fini(struct sc_relay *relay)
{
    struct sc_asker *asker;

    while ((asker = TAILQ_FIRST(&relay->askers))) {
        TAILQ_REMOVE(&relay->askers, asker, link);
        sc_asker_free(asker);
    }
    relay_free_all(&relay->waiting);
    relay_free_all(&relay->sessions);
    sc_past_fini(&relay->past);
    if (relay->session_options.scratch)
        explicit_bzero(relay->session_options.scratch, SC_TUNNEL_DOWN_MAX);
    free(relay->session_options.scratch);
}

void sc_relay_configure(struct sc_relay *relay, const struct sc_relay_settings *settings)
{
    relay->options.settings = *settings;
    sc_opening_go_on(relay);
}

void sc_relay_allow(struct sc_relay *relay, const struct sc_relay_allowance *allowance)
{
    relay->allowance = *allowance;
    sc_opening_go_on(relay);
}

void sc_relay_welcome(struct sc_relay *relay, int fd)
{
    struct sc_asker *asker = NULL;

    if (!sc_room_for_asker(relay)) {
        sc_tally_add(&relay->tally, SC_TALLY_CLIENTS_REFUSED, 1);
        sc_log_limited(relay->options.log, &relay->limited, sc_relay_now(relay), SC_WARNING,
                       "user %lld: no place for another client: refused",
                       (long long)relay->options.user);
        close(fd);
        return;
    }
    asker = sc_asker_new(relay->options.loop, fd, &asker_calls, relay);
    if (!asker)
        return;
    TAILQ_INSERT_TAIL(&relay->askers, asker, link);
    relay->counts.askers++;
    sc_tally_add(&relay->tally, SC_TALLY_CLIENTS, 1);
    relay->options.changed(relay->options.context);
}

/* Handshakes have not begun anything that anybody relies on. */
void sc_relay_stop(struct sc_relay *relay)
{
    struct sc_relayed *relayed, *next;

    relay->stopping = true;
    sc_opening_stop(relay);
    for (relayed = TAILQ_FIRST(&relay->sessions); relayed; relayed = next) {
        next = TAILQ_NEXT(relayed, link);
        if (relayed->given)
            sc_relayed_drain(relayed);
        else
            sc_relayed_dismiss(relayed, SC_TUNNEL_CAUSE_STOPPED);
    }
}

bool sc_relay_is_over(const struct sc_relay *relay)
{
    const struct sc_asker *asker;

    TAILQ_FOREACH (asker, &relay->askers, link)
        if (!sc_asker_is_idle(asker))
            return false;
    return relay->stopping && relay->total == 0;
}

bool sc_relay_is_idle(const struct sc_relay *relay)
{
    return relay->counts.askers == 0 && relay->total == 0 &&
           sc_past_until(&relay->past) <= sc_relay_now(relay);
}
