/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests for sessions, and what becomes of them. What goes through a
 * session afterwards is its tunnel's affair.
 */
#include "relay/opening.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/pair.h"
#include "io/remote.h"
#include "relay/room.h"
#include "wire/field.h"
#include "wire/tls_reply.h"

static struct sc_relay *opening_relay_of(const struct sc_relayed *relayed)
{
    return relayed->options.owner;
}

static void opening_note_change(struct sc_relay *relay)
{
    relay->options.changed(relay->options.context);
}

/* --- answers -------------------------------------------------------------- */

static void opening_answer(struct sc_asker *asker, enum sc_tls_reason reason, const char *text)
{
    const struct sc_tls_answer answer = {
        .status = sc_tls_status_of(reason),
        .reason = sc_bytes_of(sc_tls_reason_word(reason)),
        .text = sc_bytes_of(text),
        .session = SC_BYTES(""),
        .report = SC_BYTES(""),
        .policy = SC_BYTES(""),
    };

    sc_asker_answer(asker, sc_tls_reply_answer(sc_asker_out(asker), &answer));
}

static void opening_refuse(struct sc_relay *relay, struct sc_asker *asker,
                           enum sc_tls_reason reason, const char *text)
{
    sc_tally_refusal(&relay->tally, reason);
    if (relay->options.log->verbosity > 0)
        sc_log(relay->options.log, SC_INFO, "user %" PRId64 ": no session: %s: %s",
               relay->options.user, sc_tls_reason_word(reason), text);
    opening_answer(asker, reason, text);
}

static int opening_add(struct sc_buf *report, const char *name, const char *value)
{
    return sc_field_append(report, sc_bytes_of(name), sc_bytes_of(value));
}

/* A name counts as verified only if authorities have vouched for it. */
static int opening_report(const struct sc_relayed *relayed, struct sc_buf *report)
{
    int error = opening_add(report, "peer", relayed->peer);

    if (error == 0)
        error = opening_add(report, "level", sc_level_name(relayed->level));
    if (error == 0)
        error = opening_add(report, "verified_name",
                            relayed->level == SC_LEVEL_VERIFY ? relayed->name : "");
    if (error == 0)
        error = relayed->engine->verbs->report(relayed->engine, report);
    if (error == 0)
        error = opening_add(report, "session", relayed->id);
    return error;
}

static int opening_write_gift(struct sc_relay *relay, const struct sc_relayed *relayed,
                              struct sc_buf *out)
{
    struct sc_engines *engines = relay->options.engines;
    struct sc_buf report;

    sc_buf_init(&report);
    int error = opening_report(relayed, &report);
    if (error == 0) {
        const struct sc_tls_answer answer = {
            .status = SC_TLS_DONE,
            .reason = SC_BYTES(""),
            .text = SC_BYTES(""),
            .session = sc_bytes_of(relayed->id),
            .report = sc_buf_bytes(&report),
            .policy = engines->verbs->policy(engines),
        };
        error = sc_tls_reply_answer(out, &answer);
    }
    sc_buf_fini(&report);
    return error;
}

/* --- the end of a session --------------------------------------------------- */

static void opening_remove(struct sc_relay *relay, struct sc_relayed *relayed)
{
    if (!relayed->begun)
        TAILQ_REMOVE(&relay->waiting, relayed, link);
    else
        TAILQ_REMOVE(&relay->sessions, relayed, link);
    if (relayed->begun && !relayed->given)
        relay->shaking--;
    if (relayed->counted)
        relay->counts.sessions--;
    if (!relayed->given)
        relay->counts.handshakes--;
    relay->total--;
    sc_relayed_free(relayed);
    sc_opening_go_on(relay);
    opening_note_change(relay);
}

static const char *opening_cause_text(enum sc_tunnel_cause cause)
{
    switch (cause) {
    case SC_TUNNEL_CAUSE_CALLER:
        return "the caller closed it first";
    case SC_TUNNEL_CAUSE_MEMORY:
        return "out of memory";
    case SC_TUNNEL_CAUSE_IDLE:
        return "it was idle for too long";
    case SC_TUNNEL_CAUSE_LIFETIME:
        return "its life was over";
    case SC_TUNNEL_CAUSE_CLOSE_TIME:
        return "what was left was not taken in time";
    case SC_TUNNEL_CAUSE_STOPPED:
        return "the server ended";
    case SC_TUNNEL_CAUSE_LIMIT:
        return "it made room for another";
    default:
        return "";
    }
}

/* Why a session that was never given failed. */
static enum sc_tls_reason opening_explain(const struct sc_relayed *relayed, char *text, size_t size)
{
    const struct sc_engine *engine = relayed->engine;

    switch (relayed->tunnel.cause) {
    case SC_TUNNEL_CAUSE_FAILED:
        return engine->verbs->explain(engine, text, size);
    case SC_TUNNEL_CAUSE_HANDSHAKE_TIME:
        snprintf(text, size, "the far end took too long");
        return SC_TLS_REASON_TIME;
    case SC_TUNNEL_CAUSE_STOPPED:
        snprintf(text, size, "the server ends");
        return SC_TLS_REASON_STOPPING;
    default:
        snprintf(text, size, "out of memory");
        return SC_TLS_REASON_MEMORY;
    }
}

static void opening_remember(struct sc_relay *relay, const struct sc_relayed *relayed)
{
    const struct sc_tunnel *tunnel = &relayed->tunnel;
    char text[SC_TLS_TEXT_MAX + 1] = "";
    enum sc_tls_end end = sc_tunnel_end(tunnel);

    if (end == SC_TLS_END_ERROR && tunnel->cause == SC_TUNNEL_CAUSE_FAILED)
        (void)relayed->engine->verbs->explain(relayed->engine, text, sizeof(text));
    else if (end == SC_TLS_END_ERROR)
        snprintf(text, sizeof(text), "%s", opening_cause_text(tunnel->cause));
    sc_past_add(&relay->past, relayed->id, end, text, sc_relay_now(relay));
    sc_tally_ending(&relay->tally, tunnel);
    if (relay->options.log->verbosity > 0)
        sc_log(relay->options.log, SC_INFO, "session %s: ended: %s %s", relayed->id,
               sc_tls_end_word(end), text);
}

static void opening_on_over(struct sc_relayed *relayed)
{
    struct sc_relay *relay = opening_relay_of(relayed);
    struct sc_asker *asker = relayed->asker;
    char text[SC_TLS_TEXT_MAX + 1] = "";

    if (relayed->given)
        opening_remember(relay, relayed);
    if (asker) {
        enum sc_tls_reason reason = opening_explain(relayed, text, sizeof(text));
        asker->awaits = NULL;
        opening_refuse(relay, asker, reason, text);
    }
    opening_remove(relay, relayed);
}

void sc_opening_abandon(struct sc_relay *relay, struct sc_relayed *relayed)
{
    relayed->asker = NULL;
    sc_tally_add(&relay->tally, SC_TALLY_HANDSHAKE_ABANDONED, 1);
    opening_remove(relay, relayed);
}

void sc_opening_stop(struct sc_relay *relay)
{
    struct sc_relayed *relayed;

    while ((relayed = TAILQ_FIRST(&relay->waiting))) {
        struct sc_asker *asker = relayed->asker;
        asker->awaits = relayed->asker = NULL;
        opening_refuse(relay, asker, SC_TLS_REASON_STOPPING, "the server ends");
        opening_remove(relay, relayed);
    }
}

/* --- the gift ------------------------------------------------------------- */

static void opening_count(struct sc_relay *relay, const struct sc_relayed *relayed,
                          struct sc_bytes answer)
{
    struct sc_bytes version = SC_BYTES("\nversion=TLSv1.3\n");
    bool is_new = memmem(answer.data, answer.length, version.data, version.length) != NULL;

    sc_tally_handshake(&relay->tally, sc_relay_now(relay) - relayed->began_at);
    sc_tally_add(&relay->tally, is_new ? SC_TALLY_OPENED_1_3 : SC_TALLY_OPENED_1_2, 1);
    if (relay->options.log->verbosity > 0)
        sc_log(relay->options.log, SC_INFO, "session %s: user %" PRId64 ": to %s, %s %s",
               relayed->id, relay->options.user, relayed->peer, sc_level_name(relayed->level),
               relayed->name);
}

static void opening_on_ready(struct sc_relayed *relayed)
{
    struct sc_relay *relay = opening_relay_of(relayed);
    struct sc_asker *asker = relayed->asker;
    struct sc_pair pair;
    struct sc_buf answer;

    sc_buf_init(&answer);
    int error = opening_write_gift(relay, relayed, &answer);
    if (error == 0)
        error = sc_pair_open(&pair);
    if (error < 0) {
        sc_buf_fini(&answer);
        asker->awaits = relayed->asker = NULL;
        opening_refuse(relay, asker, SC_TLS_REASON_MEMORY, strerror(-error));
        opening_remove(relay, relayed);
        return;
    }
    opening_count(relay, relayed, sc_buf_bytes(&answer));
    relayed->given = true;
    relay->shaking--;
    relay->counts.handshakes--;
    asker->awaits = relayed->asker = NULL;
    sc_relayed_open(relayed, pair.kept);
    sc_asker_give(asker, &answer, pair.given);
    sc_opening_go_on(relay);
    opening_note_change(relay);
}

const struct sc_relayed_calls sc_opening_calls = {
    .ready = opening_on_ready,
    .over = opening_on_over,
};

/* --- requests --------------------------------------------------------------- */

void sc_opening_go_on(struct sc_relay *relay)
{
    struct sc_relayed *relayed;

    while (!relay->stopping && relay->shaking < relay->allowance.handshakes &&
           (relayed = TAILQ_FIRST(&relay->waiting))) {
        TAILQ_REMOVE(&relay->waiting, relayed, link);
        TAILQ_INSERT_TAIL(&relay->sessions, relayed, link);
        relay->shaking++;
        relayed->began_at = sc_relay_now(relay);
        sc_relayed_begin(relayed);
    }
}

static enum sc_tls_reason opening_examine(int fd, char peer[SC_REMOTE_PEER_SIZE], char *text,
                                          size_t size)
{
    int error = fd < 0 ? -EBADF : sc_remote_examine(fd, peer);

    if (error == 0)
        return SC_TLS_REASON_NONE;
    snprintf(text, size, "the connection: %s", fd < 0 ? "none came" : strerror(-error));
    return SC_TLS_REASON_DESCRIPTOR;
}

/* An engine that is as is wished, or why there is none. */
static enum sc_tls_reason opening_prepare(struct sc_relay *relay, struct sc_relayed *relayed,
                                          const struct sc_wishes *wishes, const char *peer,
                                          char *text, size_t size)
{
    struct sc_engines *engines = relay->options.engines;
    struct sc_engine *engine;

    relayed->peer = strdup(peer);
    relayed->name = strdup(wishes->name.text);
    relayed->level = wishes->level;
    snprintf(relayed->id, sizeof(relayed->id), "%016" PRIx64 "-%" PRIu64, relay->options.instance,
             ++relay->last_id);
    if (!relayed->peer || !relayed->name) {
        snprintf(text, size, "out of memory");
        return SC_TLS_REASON_MEMORY;
    }
    enum sc_tls_reason reason = engines->verbs->make(engines, relay->options.user, wishes,
                                                     &relayed->far.base, &engine, text, size);
    if (reason == SC_TLS_REASON_NONE)
        sc_relayed_prepare(relayed, engine, wishes->handshake_ms);
    return reason;
}

static void opening_begin(struct sc_relay *relay, struct sc_asker *asker,
                          struct sc_relayed *relayed)
{
    relayed->asker = asker;
    asker->awaits = relayed;
    relayed->counted = true;
    relay->counts.sessions++;
    relay->counts.handshakes++;
    relay->total++;
    TAILQ_INSERT_TAIL(&relay->waiting, relayed, link);
    sc_opening_go_on(relay);
    opening_note_change(relay);
}

/* The first reason against it, if there is one; else the descriptor is the session's. */
static enum sc_tls_reason opening_try(struct sc_relay *relay, struct sc_asker *asker,
                                      const struct sc_tls_request *request, int *fd, char *text,
                                      size_t size)
{
    char peer[SC_REMOTE_PEER_SIZE];
    struct sc_wishes wishes;
    enum sc_tls_reason reason = sc_wishes_understand(&wishes, request);

    if (reason == SC_TLS_REASON_NONE)
        reason = opening_examine(*fd, peer, text, size);
    if (reason == SC_TLS_REASON_NONE && relay->stopping)
        reason = SC_TLS_REASON_STOPPING;
    if (reason == SC_TLS_REASON_NONE && !sc_room_for_session(relay, asker))
        reason = SC_TLS_REASON_LIMIT;
    if (reason != SC_TLS_REASON_NONE)
        return reason;
    struct sc_relayed *relayed = sc_relayed_new(&relay->session_options, *fd);
    *fd = -1;
    reason =
        relayed ? opening_prepare(relay, relayed, &wishes, peer, text, size) : SC_TLS_REASON_MEMORY;
    if (reason == SC_TLS_REASON_NONE)
        opening_begin(relay, asker, relayed);
    else if (relayed)
        sc_relayed_free(relayed);
    explicit_bzero(&wishes, sizeof(wishes));
    return reason;
}

static const char *opening_text_of(enum sc_tls_reason reason)
{
    switch (reason) {
    case SC_TLS_REASON_REQUEST:
        return "an attribute is missing or out of its place";
    case SC_TLS_REASON_LIMIT:
        return "there are too many sessions, and all are in use";
    case SC_TLS_REASON_MEMORY:
        return "out of memory";
    case SC_TLS_REASON_STOPPING:
        return "the server ends";
    default:
        return "this value is not understood";
    }
}

void sc_opening_request(struct sc_relay *relay, struct sc_asker *asker,
                        const struct sc_tls_request *request, int fd)
{
    char text[SC_TLS_TEXT_MAX + 1] = "";
    enum sc_tls_reason reason = opening_try(relay, asker, request, &fd, text, sizeof(text));

    if (fd >= 0)
        sc_remote_close(fd);
    if (reason != SC_TLS_REASON_NONE)
        opening_refuse(relay, asker, reason, text[0] != '\0' ? text : opening_text_of(reason));
}
