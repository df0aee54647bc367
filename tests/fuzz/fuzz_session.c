/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole conversation, played twice: once in the pieces that the input asks
 * for and once a byte at a time, the descriptors on the same bytes. Whatever
 * the bytes are, both must make the same events.
 *
 * The input is three bytes and then what the client says:
 *
 *     0   the limit: 48 and twice so many bytes, or none worth mentioning
 *         when the highest bit is set
 *     1   the seed of the cuts; small numbers cut often
 *     2   the seed of the marks; zero: none
 *
 * When a list is too long, how it was cut may decide how it is told, and a
 * descriptor that is one too many ends a conversation at once, a little earlier
 * when the pieces are larger. Then only what must hold in any case is looked at.
 *
 * A server stands in that expects what is to be saved, and offers what a
 * label that starts with an h asks for.
 */

#include "fuzz.h"

#include <errno.h>
#include <stdbool.h>

#include "wire/session.h"

enum { HEADER = 3, NO_LIMIT = 1 << 20, SHORTEST_LIMIT = 48 };

struct play {
    struct sc_session session;
    uint64_t transcript; /* a hash of all events */
    size_t events;
    size_t descriptors; /* that are held for the session: 0 or 1 */
    bool has_surplus;   /* a descriptor came before another's request was whole */
    bool is_over;
};

static uint32_t step(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

static void note(struct play *play, const void *data, size_t length)
{
    const unsigned char *bytes = data;

    for (size_t i = 0; i < length; i++)
        play->transcript = (play->transcript ^ bytes[i]) * UINT64_C(0x100000001b3);
}

static void note_number(struct play *play, int64_t number)
{
    note(play, &number, sizeof(number));
}

/* Every byte of a view is read, so that a sanitizer sees whether it may be. */
static void note_view(struct play *play, struct sc_bytes view)
{
    note_number(play, (int64_t)view.length);
    note(play, view.data, view.length);
    require(view.length == 0 || !memchr(view.data, '\0', view.length));
}

static void check_request(const struct sc_request *request)
{
    bool has_ttl = request->kind == SC_REQUEST_SAVE_ENDP || request->kind == SC_REQUEST_SAVE_DEST ||
                   request->kind == SC_REQUEST_PUT;

    require(request->kind != SC_REQUEST_UNKNOWN);
    if (has_ttl)
        require(request->ttl >= 1 && request->ttl <= SC_TTL_MAX && request->endpoint.length > 0);
    if (request->kind == SC_REQUEST_FIND_ENDP)
        require(request->endpoint.length > 0);
    if (request->kind == SC_REQUEST_FIND_DEST || request->kind == SC_REQUEST_SAVE_DEST)
        require(request->destination.length > 0);
    if (request->has_binding)
        require(request->binding_ttl >= 1 && request->binding_ttl <= SC_TTL_MAX &&
                request->destination.length > 0);
}

/* The one cargo that travels. */
enum { CARGO = 7 };

static void note_request(struct play *play, struct sc_request request, bool has_descriptor)
{
    struct sc_bytes endpoint;

    require(request.kind != SC_REQUEST_NONE);
    require(play->descriptors >= has_descriptor);
    play->descriptors -= has_descriptor;
    note_number(play, request.kind);
    note_number(play, request.malformed);
    note_number(play, has_descriptor);
    if (request.malformed)
        return;
    check_request(&request);
    note_number(play, request.ttl);
    note_number(play, request.binding_ttl);
    note_view(play, request.destination);
    note_view(play, request.destination_property);
    note_view(play, request.endpoint);
    note_view(play, request.endpoint_property);
    while (request.kind == SC_REQUEST_TAKE && sc_request_next_endpoint(&request, &endpoint)) {
        require(endpoint.length > 0);
        note_view(play, endpoint);
    }
}

static void answer(struct play *play, const struct sc_request *request)
{
    const struct sc_bytes *label =
        request->kind == SC_REQUEST_FIND_ENDP ? &request->endpoint : &request->destination;

    if (request->malformed)
        return;
    if (request->kind == SC_REQUEST_SAVE_ENDP)
        require(sc_session_expect(&play->session) == 0);
    else if ((request->kind == SC_REQUEST_FIND_ENDP || request->kind == SC_REQUEST_FIND_DEST) &&
             label->data[0] == 'h')
        sc_session_offer(&play->session);
}

/* One event; false when there is no more. */
static bool play_event(struct play *play)
{
    struct sc_request request;
    int cargo = -1;
    enum sc_event event = sc_session_next(&play->session, &request, &cargo);
    bool has_descriptor = cargo >= 0;

    if (event == SC_EVENT_MORE)
        return false;
    note_number(play, event);
    play->events++;
    switch (event) {
    case SC_EVENT_REQUEST:
        require(!has_descriptor || request.kind == SC_REQUEST_PUT);
        note_request(play, request, has_descriptor);
        answer(play, &request);
        return true;
    case SC_EVENT_SAVE:
        require(request.kind == SC_REQUEST_SAVE_ENDP && !request.malformed);
        note_request(play, request, has_descriptor);
        return true;
    case SC_EVENT_READY:
        sc_session_delivered(&play->session);
        return true;
    case SC_EVENT_VIOLATION:
    case SC_EVENT_MORE:
        break;
    }
    play->is_over = true;
    return false;
}

/* A piece in memory of its own, of which nothing may be looked at later. */
static void feed(struct play *play, struct sc_bytes bytes, enum sc_passed passed)
{
    char *copy = malloc(bytes.length);

    require(copy);
    memcpy(copy, bytes.data, bytes.length);
    if (passed != SC_PASSED_NONE && play->session.passed != SC_PASSED_NONE)
        play->has_surplus = true;
    int error = sc_session_feed(&play->session, (struct sc_bytes){copy, bytes.length}, passed,
                                passed == SC_PASSED_ONE ? CARGO : -1);
    require(error == 0 || (error == -EPROTO && play->has_surplus));
    play->descriptors += passed == SC_PASSED_ONE && error == 0;
    while (play_event(play))
        require(play->events <= 1 << 20);
    require(play->is_over || !play->has_surplus);
    require(!play->is_over ||
            sc_session_steal_cargo(&play->session) == (play->descriptors > 0 ? CARGO : -1));
    if (!play->is_over) {
        require(sc_session_keep(&play->session) == 0);
        require(play->descriptors == (play->session.passed == SC_PASSED_ONE));
        require(sc_buf_length(&play->session.input) <= play->session.limit);
    }
    free(copy);
}

static void feed_by_bytes(struct play *play, struct sc_bytes bytes, enum sc_passed passed)
{
    for (size_t i = 0; i < bytes.length && !play->is_over; i++)
        feed(play, (struct sc_bytes){bytes.data + i, 1},
             i + 1 < bytes.length ? SC_PASSED_NONE : passed);
}

/* The marks are rare, so that conversations get on. */
static enum sc_passed mark(uint8_t seed, uint32_t *state)
{
    uint32_t chance = step(state) % 16;

    if (seed == 0 || chance > 3)
        return SC_PASSED_NONE;
    return chance == 3 ? SC_PASSED_BAD : SC_PASSED_ONE;
}

static void play_in_pieces(struct play *play, const uint8_t *header, struct sc_bytes said,
                           bool by_bytes)
{
    uint32_t cuts = header[1];
    uint32_t marks = header[2];
    bool has_limit = header[0] < 128;

    *play = (struct play){.transcript = UINT64_C(0xcbf29ce484222325)};
    sc_session_init(&play->session,
                    has_limit ? SHORTEST_LIMIT + 2 * (size_t)header[0] : (size_t)NO_LIMIT);
    while (said.length > 0 && !play->is_over) {
        size_t piece = 1 + step(&cuts) % (1 + (uint32_t)header[1]);
        if (piece > said.length)
            piece = said.length;
        enum sc_passed passed = mark(header[2], &marks);
        if (by_bytes)
            feed_by_bytes(play, (struct sc_bytes){said.data, piece}, passed);
        else
            feed(play, (struct sc_bytes){said.data, piece}, passed);
        said.data += piece;
        said.length -= piece;
    }
    sc_session_fini(&play->session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct play first;
    struct play second;

    if (size <= HEADER)
        return 0;
    struct sc_bytes said = {(const char *)data + HEADER, size - HEADER};
    play_in_pieces(&first, data, said, false);
    play_in_pieces(&second, data, said, true);
    if (data[0] < 128 || first.has_surplus)
        return 0;
    require(first.transcript == second.transcript);
    require(first.events == second.events);
    require(first.is_over == second.is_over);
    return 0;
}
