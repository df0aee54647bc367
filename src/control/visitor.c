/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A control client's conversation: what it says, and that it is answered. Who
 * is let in, and when a slice may be made, is not decided here.
 */
#include "control/visitor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/pass.h"
#include "io/peer.h"

/* The longest request, and what may wait before another slice is made. */
enum { REQUEST_MOST = 16 * 1024, SLICE_BELOW = 16 * 1024 };

static void visitor_wait_for_slice(struct sc_visitor *visitor)
{
    if (!visitor->waits)
        TAILQ_INSERT_TAIL(visitor->visit.waiting, visitor, slice);
    visitor->waits = true;
}

static void visitor_end_waiting(struct sc_visitor *visitor)
{
    if (visitor->waits)
        TAILQ_REMOVE(visitor->visit.waiting, visitor, slice);
    visitor->waits = false;
}

static void visitor_note_busy(struct sc_visitor *visitor)
{
    bool busy = !sc_visitor_is_idle(visitor);

    if (visitor->guest.busy != busy)
        sc_guest_set_busy(&visitor->guest, busy, sc_desk_now(visitor->visit.desk));
}

/* --- answers -------------------------------------------------------------- */

static int visitor_say(struct sc_visitor *visitor, enum sc_control_status status, uint64_t count,
                       const char *reason)
{
    return sc_record_status(sc_stream_out(&visitor->stream), status, count, reason);
}

static int visitor_set(struct sc_visitor *visitor, const struct sc_ask *ask)
{
    char why[SC_OVERRIDE_WHY] = "";
    int error = sc_overrides_set(visitor->visit.overrides, &visitor->who, ask->name, ask->value,
                                 ask->seconds, why);

    switch (error) {
    case 0:
        return visitor_say(visitor, SC_CONTROL_DONE, 1, NULL);
    case -ENOENT:
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0, "there is no such parameter");
    case -EPERM:
        return visitor_say(visitor, SC_CONTROL_FORBIDDEN, 0,
                           "this parameter cannot be changed while the server runs");
    case -EINVAL:
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0, why);
    default:
        return error;
    }
}

static int visitor_unset(struct sc_visitor *visitor, const struct sc_ask *ask)
{
    if (sc_overrides_unset(visitor->visit.overrides, &visitor->who, ask->name) < 0)
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0, "it has no other value for a time");
    return visitor_say(visitor, SC_CONTROL_DONE, 1, NULL);
}

static int visitor_params(struct sc_visitor *visitor, const struct sc_ask *ask)
{
    uint64_t count = 0;
    int error = sc_overrides_tell(visitor->visit.overrides, ask->name,
                                  sc_stream_out(&visitor->stream), &count);

    return error < 0 ? error : visitor_say(visitor, SC_CONTROL_DONE, count, NULL);
}

static void visitor_on_written(struct sc_watching *watching)
{
    struct sc_visitor *visitor = SC_CONTAINER_OF(watching, struct sc_visitor, watching);

    /* It is sent at the end of the turn, with all else that is to be watched by then. */
    visitor_wait_for_slice(visitor);
}

static int visitor_watch(struct sc_visitor *visitor, struct sc_bytes request)
{
    return sc_watching_start(&visitor->watching, visitor->visit.watchers, &visitor->who, request,
                             sc_stream_out(&visitor->stream), visitor_on_written);
}

static int visitor_start_job(struct sc_visitor *visitor, struct sc_bytes request)
{
    int state = sc_job_start(&visitor->job, visitor->visit.desk, &visitor->who, request,
                             sc_stream_out(&visitor->stream));

    visitor->works = state == SC_JOB_MORE;
    if (visitor->works)
        visitor_wait_for_slice(visitor);
    return state < 0 ? state : 0;
}

static int visitor_look_back(struct sc_visitor *visitor, const struct sc_ask *ask,
                             struct sc_bytes request)
{
    if (!sc_history_is_kept(visitor->visit.desk->source.history))
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0, "this server keeps no history");
    if (ask->kind == SC_ASK_ADVISE && ask->user >= 0)
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0,
                           "there is advice for all users together only");
    return visitor_start_job(visitor, request);
}

static int visitor_answer(struct sc_visitor *visitor, struct sc_bytes request)
{
    const struct sc_ask ask = sc_ask_parse(request);

    if (ask.malformed)
        return visitor_say(visitor, SC_CONTROL_MALFORMED, 0, ask.problem);
    if (!sc_who_may(&visitor->who, &ask))
        return visitor_say(visitor, SC_CONTROL_FORBIDDEN, 0, "this is not for you to ask");
    if (ask.has_instance && ask.instance != visitor->visit.desk->instance)
        return visitor_say(visitor, SC_CONTROL_IMPOSSIBLE, 0,
                           "ids of another instance: the server was started again since");
    switch (ask.kind) {
    case SC_ASK_SET:
        return visitor_set(visitor, &ask);
    case SC_ASK_UNSET:
        return visitor_unset(visitor, &ask);
    case SC_ASK_PARAMS:
        return visitor_params(visitor, &ask);
    case SC_ASK_WATCH:
        return visitor_watch(visitor, request);
    case SC_ASK_SHOW:
    case SC_ASK_ADVISE:
        return visitor_look_back(visitor, &ask, request);
    default:
        return visitor_start_job(visitor, request);
    }
}

/* --- the conversation ------------------------------------------------------- */

/* Answers requests as long as there is a whole one and nothing else to do. */
static int visitor_go_through(struct sc_visitor *visitor)
{
    while (!visitor->works && !visitor->ends) {
        struct sc_bytes bytes = sc_buf_bytes(&visitor->in);
        size_t length = sc_list_scan(&visitor->scanner, bytes);
        if (length == 0 && bytes.length <= REQUEST_MOST)
            return 0;
        int error;
        if (length == 0 || length > REQUEST_MOST) {
            visitor->ends = true;
            error = visitor_say(visitor, SC_CONTROL_MALFORMED, 0,
                                "the request is too long: longer labels by id");
        } else if (visitor->watching.watchers) {
            visitor->ends = true; /* Whoever watches has said that he only listens from now on. */
            error = visitor_say(visitor, SC_CONTROL_DONE, 0, "no longer watched");
        } else {
            error = visitor_answer(visitor, (struct sc_bytes){bytes.data, length});
        }
        if (error < 0)
            return error;
        sc_buf_consume(&visitor->in, length);
    }
    return 0;
}

/* Answers what there is, and sends. The visitor may be gone afterwards. */
static void visitor_go_on(struct sc_visitor *visitor)
{
    int error = visitor_go_through(visitor);

    if (error == 0)
        error = sc_stream_flush(&visitor->stream);
    if (error < 0 || (visitor->ends && sc_stream_waiting(&visitor->stream) == 0)) {
        sc_visitor_free(visitor);
        return;
    }
    sc_stream_read(&visitor->stream, !visitor->works && !visitor->ends);
    visitor_note_busy(visitor);
}

static void visitor_on_readable(struct sc_stream *stream)
{
    struct sc_visitor *visitor = SC_CONTAINER_OF(stream, struct sc_visitor, stream);
    struct sc_desk *desk = visitor->visit.desk;
    struct sc_received received;
    char bytes[4096];

    int error = sc_pass_receive(sc_watch_fd(&stream->watch), bytes, sizeof(bytes), &received);
    if (error == -EAGAIN || error == -EINTR)
        return;
    /* Nothing that is passed along is wanted here. */
    if (error == 0 && received.fd >= 0)
        sc_closer_take(desk->closer, received.fd, sc_peer_nature(received.fd), visitor->who.user);
    for (size_t i = 0; error == 0 && i < received.surplus_count; i++)
        sc_closer_take(desk->closer, received.surplus[i], sc_peer_nature(received.surplus[i]),
                       visitor->who.user);
    if (error == 0 && received.length == 0)
        error = -ECONNRESET;
    if (error == 0)
        error = sc_buf_append(&visitor->in, (struct sc_bytes){bytes, received.length});
    if (error < 0)
        sc_visitor_free(visitor);
    else
        visitor_go_on(visitor);
}

static void visitor_on_drained(struct sc_stream *stream)
{
    struct sc_visitor *visitor = SC_CONTAINER_OF(stream, struct sc_visitor, stream);

    if (visitor->works)
        visitor_wait_for_slice(visitor);
    visitor_go_on(visitor);
}

static void visitor_on_lost(struct sc_stream *stream, int error)
{
    (void)error; /* Whatever it was, nobody is there any more. */
    sc_visitor_free(SC_CONTAINER_OF(stream, struct sc_visitor, stream));
}

void sc_visitor_work(struct sc_visitor *visitor)
{
    visitor_end_waiting(visitor);
    if (visitor->works && sc_stream_waiting(&visitor->stream) < SLICE_BELOW) {
        int state =
            sc_job_go_on(&visitor->job, visitor->visit.desk, sc_stream_out(&visitor->stream));
        if (state < 0) {
            sc_visitor_free(visitor);
            return;
        }
        visitor->works = state == SC_JOB_MORE;
        if (visitor->works)
            visitor_wait_for_slice(visitor);
    }
    visitor_go_on(visitor);
}

/* --- coming and going ---------------------------------------------------------- */

static int visitor_greet(struct sc_visitor *visitor, const char *mode)
{
    struct sc_list_writer greeting = sc_list_write(sc_stream_out(&visitor->stream));
    char instance[32];

    snprintf(instance, sizeof(instance), "%" PRIu64, visitor->visit.desk->instance);
    sc_list_put(&greeting, "protocol", SC_BYTES("connection_cache_control"));
    sc_list_put(&greeting, "version", SC_BYTES("1"));
    sc_list_put(&greeting, "access", sc_bytes_of(sc_who_access_name(visitor->who.access)));
    sc_list_put(&greeting, "instance", sc_bytes_of(instance));
    sc_list_put_number(&greeting, "pid", (uint64_t)getpid());
    sc_list_put(&greeting, "mode", sc_bytes_of(mode));
    sc_list_put(&greeting, "program", SC_BYTES("scache " SC_VERSION));
    int error = sc_list_end(&greeting);
    if (error == 0 && visitor->who.access == SC_ACCESS_NONE) {
        visitor->ends = true;
        error = visitor_say(visitor, SC_CONTROL_FORBIDDEN, 0,
                            "this user is in none of connection_cache_control_users, "
                            "connection_cache_stats_users and connection_cache_authorized_users");
    }
    return error;
}

int sc_visitor_new(const struct sc_visit *visit, struct sc_user *user, const struct sc_who *who,
                   int socket, const char *mode)
{
    static const struct sc_stream_calls calls = {
        .readable = visitor_on_readable,
        .drained = visitor_on_drained,
        .lost = visitor_on_lost,
    };
    struct sc_visitor *visitor = calloc(1, sizeof(*visitor));
    int error =
        visitor ? sc_stream_init(&visitor->stream, visit->desk->loop, socket, &calls) : -ENOMEM;

    if (error < 0) {
        free(visitor);
        sc_closer_take(visit->desk->closer, socket, SC_PEER_SOCKET, who->user);
        return error;
    }
    visitor->visit = *visit;
    visitor->who = *who;
    sc_buf_init(&visitor->in);
    sc_guest_join(&visitor->guest, user, sc_desk_now(visit->desk));
    error = visitor_greet(visitor, mode);
    if (error < 0) {
        sc_visitor_free(visitor);
        return error;
    }
    visitor_go_on(visitor);
    return 0;
}

void sc_visitor_free(struct sc_visitor *visitor)
{
    struct sc_desk *desk = visitor->visit.desk;
    int socket = sc_watch_fd(&visitor->stream.watch);

    visitor_end_waiting(visitor);
    sc_watching_stop(&visitor->watching);
    sc_job_fini(&visitor->job);
    sc_guest_leave(&visitor->guest);
    sc_stream_fini(&visitor->stream);
    sc_buf_fini(&visitor->in);
    sc_closer_take(desk->closer, socket, SC_PEER_SOCKET, visitor->who.user);
    free(visitor);
}
