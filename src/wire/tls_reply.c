/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies of scache-tls, written and read. What becomes of them, and the
 * descriptor that comes with one, is for others.
 */
#include "wire/tls_reply.h"

#include "wire/protocol.h"

#define RECORD_SESSION SC_BYTES("session")

/* The attributes of a record, in order. */
#define ATTR_AGE       "age_ms"
#define ATTR_CALLER    "caller_ms"
#define ATTR_FAR       "far_ms"
#define ATTR_LAST      "last"
#define ATTR_PEER      "peer"
#define ATTR_RECEIVED  "received"
#define ATTR_SENT      "sent"
#define ATTR_STATE     "state"
#define ATTR_UNDER_WAY "under_way"
#define ATTR_USER      "user"

int sc_tls_reply_greeting(struct sc_buf *out)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put(&list, SC_ATTR_PROTOCOL, SC_BYTES(SC_TLS_PROTOCOL_NAME));
    return sc_list_end(&list);
}

int sc_tls_reply_answer(struct sc_buf *out, const struct sc_tls_answer *answer)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, answer->status);
    sc_list_put(&list, SC_ATTR_REASON, answer->reason);
    sc_list_put(&list, SC_ATTR_TEXT, answer->text);
    sc_list_put(&list, SC_ATTR_SESSION, answer->session);
    sc_list_put(&list, SC_ATTR_REPORT, answer->report);
    sc_list_put(&list, SC_ATTR_POLICY, answer->policy);
    return sc_list_end(&list);
}

int sc_tls_reply_status(struct sc_buf *out, enum sc_tls_reason reason)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, sc_tls_status_of(reason));
    sc_list_put(&list, SC_ATTR_REASON, sc_bytes_of(sc_tls_reason_word(reason)));
    return sc_list_end(&list);
}

int sc_tls_reply_ping(struct sc_buf *out, struct sc_bytes policy)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, SC_TLS_DONE);
    sc_list_put(&list, SC_ATTR_POLICY, policy);
    return sc_list_end(&list);
}

int sc_tls_reply_end(struct sc_buf *out, enum sc_tls_end end, struct sc_bytes text)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put_number(&list, SC_ATTR_STATUS, SC_TLS_DONE);
    sc_list_put(&list, SC_ATTR_END, sc_bytes_of(sc_tls_end_word(end)));
    sc_list_put(&list, SC_ATTR_TEXT, text);
    return sc_list_end(&list);
}

/* A time that has not come is an empty value. */
static void tls_reply_put_time(struct sc_list_writer *list, const char *name, int64_t ms)
{
    if (ms < 0)
        sc_list_put(list, name, SC_BYTES(""));
    else
        sc_list_put_number(list, name, (uint64_t)ms);
}

int sc_tls_reply_record(struct sc_buf *out, const struct sc_tls_record *record)
{
    struct sc_list_writer list = sc_list_write(out);

    sc_list_put(&list, SC_ATTR_RECORD, RECORD_SESSION);
    sc_list_put(&list, SC_ATTR_SESSION, record->session);
    sc_list_put_number(&list, ATTR_USER, record->user);
    sc_list_put(&list, ATTR_PEER, record->peer);
    sc_list_put(&list, SC_ATTR_NAME, record->name);
    sc_list_put(&list, ATTR_STATE, record->state);
    tls_reply_put_time(&list, ATTR_AGE, record->age_ms);
    tls_reply_put_time(&list, ATTR_CALLER, record->caller_ms);
    tls_reply_put_time(&list, ATTR_FAR, record->far_ms);
    sc_list_put(&list, ATTR_LAST, record->far_was_last ? SC_BYTES("far") : SC_BYTES("caller"));
    sc_list_put_number(&list, ATTR_UNDER_WAY, record->under_way);
    sc_list_put_number(&list, ATTR_SENT, record->sent);
    sc_list_put_number(&list, ATTR_RECEIVED, record->received);
    return sc_list_end(&list);
}

static bool tls_response_expect_status(struct sc_list_reader *list, enum sc_tls_status *status)
{
    struct sc_bytes digit;

    if (!sc_list_expect(list, SC_ATTR_STATUS, &digit) || digit.length != 1 ||
        digit.data[0] < '0' + SC_TLS_DONE || digit.data[0] > '0' + SC_TLS_UNTRUSTED)
        return false;
    *status = (enum sc_tls_status)(digit.data[0] - '0');
    return true;
}

bool sc_tls_response_is_greeting(struct sc_bytes bytes)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes value;

    return sc_list_expect(&list, SC_ATTR_PROTOCOL, &value) &&
           sc_bytes_equal(value, SC_BYTES(SC_TLS_PROTOCOL_NAME));
}

bool sc_tls_response_answer(struct sc_bytes bytes, struct sc_tls_answer *answer)
{
    struct sc_list_reader list = sc_list_read(bytes);

    if (!tls_response_expect_status(&list, &answer->status) ||
        !sc_list_expect(&list, SC_ATTR_REASON, &answer->reason) ||
        !sc_list_expect(&list, SC_ATTR_TEXT, &answer->text) ||
        !sc_list_expect(&list, SC_ATTR_SESSION, &answer->session) ||
        !sc_list_expect(&list, SC_ATTR_REPORT, &answer->report) ||
        !sc_list_expect(&list, SC_ATTR_POLICY, &answer->policy))
        return false;
    return answer->status == SC_TLS_DONE ? answer->session.length > 0 && answer->report.length > 0
                                         : answer->session.length == 0;
}

bool sc_tls_response_ping(struct sc_bytes bytes, enum sc_tls_status *status,
                          struct sc_bytes *policy)
{
    struct sc_list_reader list = sc_list_read(bytes);

    *policy = SC_BYTES("");
    return tls_response_expect_status(&list, status) &&
           (*status != SC_TLS_DONE || sc_list_expect(&list, SC_ATTR_POLICY, policy));
}

bool sc_tls_response_end(struct sc_bytes bytes, enum sc_tls_status *status, enum sc_tls_end *end,
                         struct sc_bytes *text)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes word;

    *end = SC_TLS_END_ERROR;
    *text = SC_BYTES("");
    if (!tls_response_expect_status(&list, status))
        return false;
    if (*status != SC_TLS_DONE)
        return true;
    if (!sc_list_expect(&list, SC_ATTR_END, &word) || !sc_list_expect(&list, SC_ATTR_TEXT, text))
        return false;
    int known = sc_tls_end_named(word);
    *end = known < 0 ? SC_TLS_END_ERROR : (enum sc_tls_end)known;
    return known >= 0;
}

/* Decimal digits; none: -1. What is too large is the largest. */
static bool tls_response_number(struct sc_bytes digits, int64_t *number)
{
    *number = digits.length > 0 ? 0 : -1;
    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        int digit = digits.data[i] - '0';
        *number = *number > (INT64_MAX - digit) / 10 ? INT64_MAX : 10 * *number + digit;
    }
    return true;
}

static bool tls_response_expect_number(struct sc_list_reader *list, const char *name,
                                       int64_t *number)
{
    struct sc_bytes digits;

    return sc_list_expect(list, name, &digits) && tls_response_number(digits, number);
}

static bool tls_response_expect_count(struct sc_list_reader *list, const char *name,
                                      uint64_t *count)
{
    int64_t number;

    if (!tls_response_expect_number(list, name, &number) || number < 0)
        return false;
    *count = (uint64_t)number;
    return true;
}

bool sc_tls_response_record(struct sc_bytes bytes, struct sc_tls_record *record)
{
    struct sc_list_reader list = sc_list_read(bytes);
    struct sc_bytes kind, last;

    if (!sc_list_expect(&list, SC_ATTR_RECORD, &kind) || !sc_bytes_equal(kind, RECORD_SESSION))
        return false;
    if (!sc_list_expect(&list, SC_ATTR_SESSION, &record->session) ||
        !tls_response_expect_count(&list, ATTR_USER, &record->user) ||
        !sc_list_expect(&list, ATTR_PEER, &record->peer) ||
        !sc_list_expect(&list, SC_ATTR_NAME, &record->name) ||
        !sc_list_expect(&list, ATTR_STATE, &record->state) ||
        !tls_response_expect_number(&list, ATTR_AGE, &record->age_ms) ||
        !tls_response_expect_number(&list, ATTR_CALLER, &record->caller_ms) ||
        !tls_response_expect_number(&list, ATTR_FAR, &record->far_ms) ||
        !sc_list_expect(&list, ATTR_LAST, &last) ||
        !tls_response_expect_count(&list, ATTR_UNDER_WAY, &record->under_way) ||
        !tls_response_expect_count(&list, ATTR_SENT, &record->sent) ||
        !tls_response_expect_count(&list, ATTR_RECEIVED, &record->received))
        return false;
    record->far_was_last = sc_bytes_equal(last, SC_BYTES("far"));
    return true;
}

bool sc_tls_response_status(struct sc_bytes bytes, enum sc_tls_status *status,
                            struct sc_bytes *reason)
{
    struct sc_list_reader list = sc_list_read(bytes);

    return tls_response_expect_status(&list, status) &&
           sc_list_expect(&list, SC_ATTR_REASON, reason);
}
