/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays bytes to a session as a server would and writes the transcript. The rules of descriptors
 * are asserted here; what the transcript should be is not known.
 */
#include "support/check.h"

#include "support/player.h"

#include <errno.h>

#include <inttypes.h>
#include <stdlib.h>

#include "wire/reply.h"

enum { LARGEST_PIECE = 1 << 20 };

/* The one cargo that travels in these conversations. */
enum { PLAYER_CARGO = 7 };

static void open_transcript(struct player *player)
{
    player->transcript_file = open_memstream(&player->transcript, &player->transcript_length);
    assert_non_null(player->transcript_file);
    assert_int_equal(fflush(player->transcript_file), 0);
}

static void close_transcript(struct player *player)
{
    fclose(player->transcript_file);
    free(player->transcript);
}

void player_init(struct player *player, size_t limit)
{
    *player = (struct player){.side = GUARDED_AT_END};
    guarded_init(&player->guarded, LARGEST_PIECE);
    sc_session_init(&player->session, limit);
    open_transcript(player);
}

void player_fini(struct player *player)
{
    sc_session_fini(&player->session);
    guarded_fini(&player->guarded);
    close_transcript(player);
}

void player_restart(struct player *player)
{
    size_t limit = player->session.limit;

    sc_session_fini(&player->session);
    sc_session_init(&player->session, limit);
    player->has_answers = false;
    player->holds_descriptor = false;
    player->is_over = false;
    close_transcript(player);
    open_transcript(player);
}

void player_answer_from(struct player *player, struct sc_bytes answers)
{
    player->has_answers = true;
    player->answers = answers;
}

static void write_view(struct player *player, const char *name, struct sc_bytes view)
{
    fprintf(player->transcript_file, " %s=", name);
    for (size_t i = 0; i < view.length; i++) {
        unsigned char byte = (unsigned char)view.data[i];
        if (byte > ' ' && byte <= '~')
            fputc(byte, player->transcript_file);
        else
            fprintf(player->transcript_file, "\\x%02x", byte);
    }
}

static void write_fields(struct player *player, struct sc_request request)
{
    struct sc_bytes endpoint;

    if (request.ttl > 0)
        fprintf(player->transcript_file, " ttl=%" PRId64, request.ttl);
    if (request.has_binding)
        fprintf(player->transcript_file, " binding_ttl=%" PRId64, request.binding_ttl);
    write_view(player, "d", request.destination);
    write_view(player, "dp", request.destination_property);
    write_view(player, "e", request.endpoint);
    write_view(player, "ep", request.endpoint_property);
    while (request.kind == SC_REQUEST_TAKE && sc_request_next_endpoint(&request, &endpoint))
        write_view(player, "or", endpoint);
}

static void write_event(struct player *player, const char *event, const struct sc_request *request,
                        bool has_descriptor)
{
    fprintf(player->transcript_file, "%s %s", event, sc_request_name(request->kind));
    if (request->malformed)
        fprintf(player->transcript_file, " malformed");
    else
        write_fields(player, *request);
    fprintf(player->transcript_file, "%s\n", has_descriptor ? " fd" : "");
}

static struct sc_bytes next_answer(struct player *player)
{
    struct sc_list_scanner scanner = {0};
    size_t length = sc_list_scan(&scanner, player->answers);
    struct sc_bytes answer = {player->answers.data, length};

    assert_true(length > 0);
    player->answers.data += length;
    player->answers.length -= length;
    return answer;
}

static void assert_reply(struct sc_buf *reply, struct sc_bytes expected)
{
    assert_true(sc_bytes_equal(sc_buf_bytes(reply), expected));
    sc_buf_fini(reply);
}

/* The recorded answer to a request must be what this project would say. */
static int recorded_status(struct player *player, const struct sc_request *request)
{
    struct sc_bytes answer = next_answer(player);
    struct sc_list_reader list = sc_list_read(answer);
    struct sc_found found = {0};
    struct sc_bytes text;
    struct sc_buf reply;

    sc_buf_init(&reply);
    if (sc_list_expect(&list, SC_ATTR_DUMMY, &text)) {
        assert_int_equal(sc_reply_dummy(&reply), 0);
        assert_reply(&reply, answer);
        return -1;
    }
    assert_true(sc_list_expect(&list, SC_ATTR_STATUS, &text));
    assert_int_equal(text.length, 1);
    int status = text.data[0] - '0';
    assert_int_equal(request->malformed, status == SC_STATUS_MALFORMED);
    if (request->kind == SC_REQUEST_TAKE)
        assert_true(sc_list_expect(&list, SC_ATTR_LABEL, &found.endpoint));
    if (request->kind == SC_REQUEST_TAKE || request->kind == SC_REQUEST_FIND_DEST)
        assert_true(sc_list_expect(&list, SC_ATTR_PROPERTY, &found.destination_property));
    if (list.rest.length > 1)
        assert_true(sc_list_expect(&list, SC_ATTR_PROPERTY, &found.endpoint_property));
    assert_int_equal(sc_reply_status(&reply, request->kind, (enum sc_status)status, found), 0);
    assert_reply(&reply, answer);
    return status;
}

static bool is_hit(const struct sc_request *request)
{
    const struct sc_bytes *label =
        request->kind == SC_REQUEST_FIND_ENDP ? &request->endpoint : &request->destination;

    return label->length >= 3 && memcmp(label->data, "hit", 3) == 0;
}

/* The status that a request is answered with, or -1: a dummy. */
static int answer(struct player *player, const struct sc_request *request)
{
    if (player->has_answers)
        return recorded_status(player, request);
    if (request->malformed)
        return SC_STATUS_MALFORMED;
    if (request->kind == SC_REQUEST_SAVE_ENDP)
        return -1;
    return is_hit(request) ? SC_STATUS_DONE : SC_STATUS_FAILED;
}

static void on_request(struct player *player, const struct sc_request *request)
{
    int status = answer(player, request);

    assert_int_not_equal(request->kind, SC_REQUEST_NONE);
    assert_false(sc_session_wants_one_byte(&player->session));
    if (status < 0) {
        assert_int_equal(request->kind, SC_REQUEST_SAVE_ENDP);
        assert_int_equal(sc_session_expect(&player->session), 0);
    } else if (status == SC_STATUS_DONE &&
               (request->kind == SC_REQUEST_FIND_ENDP || request->kind == SC_REQUEST_FIND_DEST)) {
        sc_session_offer(&player->session);
    }
}

static void on_save(struct player *player, bool has_descriptor)
{
    struct sc_buf reply;

    if (!player->has_answers)
        return;
    sc_buf_init(&reply);
    assert_int_equal(sc_reply_status(&reply, SC_REQUEST_SAVE_ENDP,
                                     has_descriptor ? SC_STATUS_DONE : SC_STATUS_FAILED,
                                     (struct sc_found){0}),
                     0);
    assert_reply(&reply, next_answer(player));
}

static void on_ready(struct player *player)
{
    fprintf(player->transcript_file, "ready\n");
    if (player->has_answers) {
        assert_true(player->answers.length > 0);
        assert_int_equal(player->answers.data[0], '\0');
        player->answers.data++;
        player->answers.length--;
    }
    if (!player->keeps_giving)
        sc_session_delivered(&player->session);
}

static void take_descriptor(struct player *player, bool has_descriptor)
{
    if (has_descriptor)
        assert_true(player->holds_descriptor);
    if (has_descriptor)
        player->holds_descriptor = false;
}

/* What nobody claimed is still there to be closed. */
static void end_by_violation(struct player *player)
{
    bool left = sc_session_steal_cargo(&player->session) >= 0;

    assert_int_equal(left, player->holds_descriptor);
    fprintf(player->transcript_file, "violation\n");
    player->is_over = true;
    player->holds_descriptor = false;
}

static bool play_event(struct player *player)
{
    struct sc_request request;
    int cargo = -1;
    enum sc_event event = sc_session_next(&player->session, &request, &cargo);
    bool has_descriptor = cargo >= 0;

    if (has_descriptor)
        assert_int_equal(cargo, PLAYER_CARGO);
    switch (event) {
    case SC_EVENT_MORE:
        return false;
    case SC_EVENT_REQUEST:
        if (has_descriptor)
            assert_int_equal(request.kind, SC_REQUEST_PUT);
        take_descriptor(player, has_descriptor);
        write_event(player, "request", &request, has_descriptor);
        on_request(player, &request);
        return true;
    case SC_EVENT_SAVE:
        assert_int_equal(request.kind, SC_REQUEST_SAVE_ENDP);
        assert_false(request.malformed);
        take_descriptor(player, has_descriptor);
        write_event(player, "save", &request, has_descriptor);
        on_save(player, has_descriptor);
        return true;
    case SC_EVENT_READY:
        on_ready(player);
        return true;
    case SC_EVENT_VIOLATION:
        break;
    }
    end_by_violation(player);
    return false;
}

static void play_events(struct player *player)
{
    while (play_event(player))
        continue;
    assert_int_equal(fflush(player->transcript_file), 0);
    if (!player->is_over)
        assert_int_equal(player->holds_descriptor, player->session.passed == SC_PASSED_ONE);
}

void player_feed(struct player *player, struct sc_bytes bytes, enum sc_passed passed)
{
    struct sc_bytes copy = guarded_copy(&player->guarded, bytes, player->side);

    if (player->is_over)
        return;
    int error = sc_session_feed(&player->session, copy, passed,
                                passed == SC_PASSED_ONE ? PLAYER_CARGO : -1);
    if (error == -EPROTO) {
        end_by_violation(player);
        assert_int_equal(fflush(player->transcript_file), 0);
    } else {
        assert_int_equal(error, 0);
        if (passed == SC_PASSED_ONE)
            player->holds_descriptor = true;
        play_events(player);
    }
    if (!player->is_over)
        assert_int_equal(sc_session_keep(&player->session), 0);
    guarded_spoil(&player->guarded, copy);
}

void player_feed_by(struct player *player, struct sc_bytes bytes, enum sc_passed passed,
                    size_t piece)
{
    while (bytes.length > piece) {
        player_feed(player, (struct sc_bytes){bytes.data, piece}, SC_PASSED_NONE);
        bytes.data += piece;
        bytes.length -= piece;
    }
    if (bytes.length > 0)
        player_feed(player, bytes, passed);
}

void player_give(struct player *player)
{
    assert_int_equal(player->session.state, SC_SESSION_GIVING);
    sc_session_delivered(&player->session);
    play_events(player);
    if (!player->is_over)
        assert_int_equal(sc_session_keep(&player->session), 0);
}
