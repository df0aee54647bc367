/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Putting together what several processes know. Who may see it is decided by
 * who asks.
 */
#include "relay/roll.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/pass.h"
#include "relay/link.h"
#include "relay/relay.h"
#include "wire/tls_reply.h"

enum { PATIENCE_MS = 2000, RECORD_MAX = 4096, RECORDS_A_TURN = 256 };

static void roll_close(struct sc_roll *roll)
{
    if (roll->fd < 0)
        return;
    sc_watch_want(&roll->watch, SC_WATCH_NONE);
    close(roll->fd);
    roll->fd = -1;
    sc_timer_stop(&roll->timer);
    roll->asker = NULL;
}

void sc_roll_finish(struct sc_roll *roll, struct sc_asker *asker)
{
    if (roll->asker == asker)
        roll_close(roll);
    sc_asker_answer(asker, sc_tls_reply_status(sc_asker_out(asker), SC_TLS_REASON_NONE));
}

void sc_roll_forget(struct sc_roll *roll, const struct sc_asker *asker)
{
    if (roll->asker == asker)
        roll_close(roll);
}

/* One message is one record, whole. */
static bool roll_is_record(struct sc_bytes message)
{
    struct sc_list_scanner scanner = {0};
    struct sc_tls_record record;

    return sc_list_scan(&scanner, message) == message.length &&
           sc_tls_response_record(message, &record);
}

static void roll_on_message(struct sc_watch *watch, int events)
{
    struct sc_roll *roll = SC_CONTAINER_OF(watch, struct sc_roll, watch);
    char bytes[RECORD_MAX];
    struct sc_received received;

    (void)events;
    for (int i = 0; i < RECORDS_A_TURN; i++) {
        int error = sc_pass_receive(roll->fd, bytes, sizeof(bytes), &received);
        if (error == -EAGAIN || error == -EINTR)
            return;
        if (received.fd >= 0 && error == 0)
            close(received.fd);
        for (size_t j = 0; j < received.surplus_count && error == 0; j++)
            close(received.surplus[j]);
        struct sc_bytes message = {bytes, error == 0 ? received.length : 0};
        bool is_good = message.length > 0 && roll_is_record(message);
        if (is_good)
            error = sc_buf_append(sc_asker_out(roll->asker), message);
        if (error < 0 || message.length == 0) {
            sc_roll_finish(roll, roll->asker);
            return;
        }
    }
}

static void roll_on_timer(struct sc_timer *timer)
{
    struct sc_roll *roll = SC_CONTAINER_OF(timer, struct sc_roll, timer);

    sc_roll_finish(roll, roll->asker);
}

int sc_roll_init(struct sc_roll *roll, struct sc_loop *loop)
{
    *roll = (struct sc_roll){.loop = loop, .fd = -1, .told = -1};
    sc_buf_init(&roll->rest);
    return sc_timer_init(&roll->timer, loop, roll_on_timer);
}

int sc_roll_call(struct sc_roll *roll, struct sc_asker *asker, int *theirs)
{
    int ends[2];

    if (roll->fd >= 0)
        return -EBUSY;
    int error = sc_link_open(ends);
    if (error < 0)
        return error;
    roll->fd = ends[0];
    roll->asker = asker;
    *theirs = ends[1];
    sc_watch_init(&roll->watch, roll->loop, roll->fd, roll_on_message);
    sc_watch_want(&roll->watch, SC_WATCH_READ);
    sc_timer_set(&roll->timer, sc_loop_now(roll->loop) + PATIENCE_MS);
    return 0;
}

/* --- the other side --------------------------------------------------------- */

static void roll_stop_telling(struct sc_roll *roll)
{
    if (roll->told >= 0) {
        sc_watch_want(&roll->told_watch, SC_WATCH_NONE);
        close(roll->told);
    }
    roll->told = -1;
    sc_buf_clear(&roll->rest, 0);
}

/* Tells what still is to be told, as far as it is taken. */
static void roll_tell(struct sc_roll *roll)
{
    while (sc_buf_length(&roll->rest) > 0) {
        struct sc_list_scanner scanner = {0};
        struct sc_bytes rest = sc_buf_bytes(&roll->rest);
        size_t length = sc_list_scan(&scanner, rest);
        ssize_t sent = sc_pass_send(roll->told, (struct sc_bytes){rest.data, length}, -1);
        if (sent == -EAGAIN) {
            sc_watch_want(&roll->told_watch, SC_WATCH_WRITE);
            return;
        }
        if (sent < 0 && sent != -EINTR)
            break;
        if (sent > 0)
            sc_buf_consume(&roll->rest, length);
    }
    roll_stop_telling(roll);
}

static void roll_on_told(struct sc_watch *watch, int events)
{
    (void)events;
    roll_tell(SC_CONTAINER_OF(watch, struct sc_roll, told_watch));
}

void sc_roll_answer(struct sc_roll *roll, struct sc_relay *relay, int fd)
{
    roll_stop_telling(roll);
    roll->told = fd;
    sc_watch_init(&roll->told_watch, roll->loop, fd, roll_on_told);
    if (sc_relay_list(relay, SC_BYTES(""), &roll->rest) < 0)
        roll_stop_telling(roll);
    else
        roll_tell(roll);
}
