/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lists ask for: every kind of request, every attribute missing, strange or in the wrong
 * place, every number; each against guard pages.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "support/guarded.h"
#include "wire/request.h"

enum { LONGEST = 4096 };

#define REQUEST(name)   "request\0" name "\0"
#define TTL(value)      "ttl\0" value "\0"
#define LABEL(value)    "label\0" value "\0"
#define PROPERTY(value) "property\0" value "\0"

/* Parses a copy against each guard page; what counts is the same. */
static enum sc_request_kind kind_and_health(struct sc_bytes list, bool *malformed)
{
    struct guarded guarded;

    guarded_init(&guarded, LONGEST);
    struct sc_request first = sc_request_parse(guarded_copy(&guarded, list, GUARDED_AT_START));
    struct sc_request last = sc_request_parse(guarded_copy(&guarded, list, GUARDED_AT_END));
    guarded_fini(&guarded);
    assert_int_equal(first.kind, last.kind);
    assert_int_equal(first.malformed, last.malformed);
    *malformed = last.malformed;
    return last.kind;
}

static void assert_parsed(struct sc_bytes list, enum sc_request_kind kind, bool malformed)
{
    bool is_malformed;

    assert_int_equal(kind_and_health(list, &is_malformed), kind);
    assert_int_equal(is_malformed, malformed);
    assert_int_equal(sc_request_kind_of(list), kind);
}

static void assert_view(struct sc_bytes view, struct sc_bytes expected)
{
    assert_true(sc_bytes_equal(view, expected));
}

static void requests_have_their_names(void **state)
{
    (void)state;
    assert_string_equal(sc_request_name(SC_REQUEST_NONE), "none");
    assert_string_equal(sc_request_name(SC_REQUEST_UNKNOWN), "unknown");
    assert_string_equal(sc_request_name(SC_REQUEST_SAVE_ENDP), "save_endp");
    assert_string_equal(sc_request_name(SC_REQUEST_FIND_ENDP), "find_endp");
    assert_string_equal(sc_request_name(SC_REQUEST_SAVE_DEST), "save_dest");
    assert_string_equal(sc_request_name(SC_REQUEST_FIND_DEST), "find_dest");
    assert_string_equal(sc_request_name(SC_REQUEST_PUT), "put");
    assert_string_equal(sc_request_name(SC_REQUEST_TAKE), "take");
}

static void what_does_not_start_with_request_is_none(void **state)
{
    static const struct sc_bytes lists[] = {
        SC_BYTES("\0"),
        SC_BYTES("dummy\0\0\0"),
        SC_BYTES("label\0x\0\0"),
        SC_BYTES("label\0x\0request\0find_endp\0label\0x\0\0"),
        SC_BYTES("Request\0find_endp\0label\0x\0\0"),
        SC_BYTES("request \0find_endp\0label\0x\0\0"),
        SC_BYTES("reques\0find_endp\0label\0x\0\0"),
        SC_BYTES("requests\0find_endp\0label\0x\0\0"),
        SC_BYTES("\nrequest\0find_endp\0label\0x\0\0"),
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        assert_parsed(lists[i], SC_REQUEST_NONE, false);
}

static void what_is_not_known_is_unknown(void **state)
{
    static const struct sc_bytes lists[] = {
        SC_BYTES("request\0\0\0"),
        SC_BYTES("request\0frobnicate\0\0"),
        SC_BYTES("request\0frobnicate\0label\0x\0\0"),
        SC_BYTES("request\0find_end\0label\0x\0\0"),
        SC_BYTES("request\0find_endpp\0label\0x\0\0"),
        SC_BYTES("request\0FIND_ENDP\0label\0x\0\0"),
        SC_BYTES("request\0 find_endp\0label\0x\0\0"),
        SC_BYTES("request\0find_endp\n\0label\0x\0\0"),
        /* Names that we use ourselves, but nobody may ask by. */
        SC_BYTES("request\0none\0\0"),
        SC_BYTES("request\0unknown\0\0"),
        SC_BYTES("request\0dummy\0\0"),
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        assert_parsed(lists[i], SC_REQUEST_UNKNOWN, true);
}

static void what_is_amiss_is_malformed(void **state)
{
    static const struct {
        enum sc_request_kind kind;
        struct sc_bytes list;
    } cases[] = {
        /* Missing, one by one. */
        {SC_REQUEST_SAVE_ENDP, SC_BYTES(REQUEST("save_endp") "\0")},
        {SC_REQUEST_SAVE_ENDP, SC_BYTES(REQUEST("save_endp") TTL("5") "\0")},
        {SC_REQUEST_SAVE_ENDP, SC_BYTES(REQUEST("save_endp") TTL("5") LABEL("e") "\0")},
        {SC_REQUEST_SAVE_ENDP, SC_BYTES(REQUEST("save_endp") LABEL("e") PROPERTY("p") "\0")},
        {SC_REQUEST_SAVE_ENDP, SC_BYTES(REQUEST("save_endp") TTL("5") PROPERTY("p") "\0")},
        {SC_REQUEST_FIND_ENDP, SC_BYTES(REQUEST("find_endp") "\0")},
        {SC_REQUEST_FIND_DEST, SC_BYTES(REQUEST("find_dest") "\0")},
        {SC_REQUEST_SAVE_DEST, SC_BYTES(REQUEST("save_dest") "\0")},
        {SC_REQUEST_SAVE_DEST, SC_BYTES(REQUEST("save_dest") TTL("5") "\0")},
        {SC_REQUEST_SAVE_DEST, SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("d") "\0")},
        {SC_REQUEST_SAVE_DEST,
         SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("d") PROPERTY("p") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("5") "\0")},
        {SC_REQUEST_PUT,
         SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("5") LABEL("d") "\0")},
        {SC_REQUEST_TAKE, SC_BYTES(REQUEST("take") "\0")},
        /* Out of order, twice, or with a stranger in between. */
        {SC_REQUEST_SAVE_ENDP,
         SC_BYTES(REQUEST("save_endp") LABEL("e") TTL("5") PROPERTY("p") "\0")},
        {SC_REQUEST_SAVE_ENDP,
         SC_BYTES(REQUEST("save_endp") TTL("5") PROPERTY("p") LABEL("e") "\0")},
        {SC_REQUEST_SAVE_ENDP,
         SC_BYTES(REQUEST("save_endp") TTL("5") TTL("5") LABEL("e") PROPERTY("p") "\0")},
        {SC_REQUEST_FIND_ENDP, SC_BYTES(REQUEST("find_endp") "x\0y\0" LABEL("e") "\0")},
        {SC_REQUEST_FIND_DEST, SC_BYTES(REQUEST("find_dest") PROPERTY("x") LABEL("d") "\0")},
        {SC_REQUEST_FIND_DEST, SC_BYTES(REQUEST("find_dest") REQUEST("find_dest") LABEL("d") "\0")},
        {SC_REQUEST_SAVE_DEST,
         SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("d") LABEL("e") PROPERTY("p") "\0")},
        {SC_REQUEST_TAKE, SC_BYTES(REQUEST("take") "x\0y\0" LABEL("d") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("5")
                                      PROPERTY("p") LABEL("d") "\0")},
        /* Labels that name nothing. */
        {SC_REQUEST_SAVE_ENDP,
         SC_BYTES(REQUEST("save_endp") TTL("5") LABEL("") PROPERTY("p") "\0")},
        {SC_REQUEST_FIND_ENDP, SC_BYTES(REQUEST("find_endp") LABEL("") "\0")},
        {SC_REQUEST_FIND_DEST, SC_BYTES(REQUEST("find_dest") LABEL("") "\0")},
        {SC_REQUEST_SAVE_DEST,
         SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("") PROPERTY("p") LABEL("e") "\0")},
        {SC_REQUEST_SAVE_DEST,
         SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("d") PROPERTY("p") LABEL("") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("") PROPERTY("p") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("5")
                                      LABEL("") PROPERTY("p") "\0")},
        {SC_REQUEST_TAKE, SC_BYTES(REQUEST("take") LABEL("d") LABEL("") "\0")},
        {SC_REQUEST_TAKE, SC_BYTES(REQUEST("take") LABEL("") LABEL("e") LABEL("") "\0")},
        /* Bad second times to live. */
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("0")
                                      LABEL("d") PROPERTY("p") "\0")},
        {SC_REQUEST_PUT, SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("")
                                      LABEL("d") PROPERTY("p") "\0")},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++)
        assert_parsed(cases[i].list, cases[i].kind, true);
}

static int64_t parsed_ttl(const char *request, struct sc_bytes ttl, const char *rest,
                          size_t rest_length)
{
    char list[LONGEST];
    size_t length = (size_t)snprintf(list, sizeof(list), "request%c%s%cttl%c", 0, request, 0, 0);

    memcpy(list + length, ttl.data, ttl.length);
    list[length + ttl.length] = '\0';
    length += ttl.length + 1;
    memcpy(list + length, rest, rest_length);
    struct sc_request parsed = sc_request_parse((struct sc_bytes){list, length + rest_length});
    return parsed.malformed ? -1 : parsed.ttl;
}

static void a_time_to_live_is_clamped_and_never_wrapped(void **state)
{
    static const struct {
        const char *text;
        int64_t ttl; /* -1: malformed */
    } cases[] = {
        {"1", 1},
        {"9", 9},
        {"007", 7},
        {"0000000000000000000000000000000000000000001", 1},
        {"999999999", 999999999},
        {"1000000000", SC_TTL_MAX},
        {"1000000001", SC_TTL_MAX},
        {"2147483647", SC_TTL_MAX},
        {"2147483648", SC_TTL_MAX},
        {"4294967296", SC_TTL_MAX},
        {"4294967297", SC_TTL_MAX},
        {"9223372036854775807", SC_TTL_MAX},
        {"9223372036854775808", SC_TTL_MAX},
        {"18446744073709551616", SC_TTL_MAX},
        {"18446744073709551617", SC_TTL_MAX},
        {"100000000000000000000000000000000000000000000000000000000000", SC_TTL_MAX},
        {"", -1},
        {"0", -1},
        {"0000", -1},
        {"-1", -1},
        {"+5", -1},
        {" 5", -1},
        {"5 ", -1},
        {"5\n", -1},
        {"5s", -1},
        {"0x5", -1},
        {"1e3", -1},
        {"1.5", -1},
        {"\xd9\xa1", -1},
        {"99999999999999999999999999x", -1},
        {":", -1},
        {"/", -1},
    };
    static const char endpoint[] = LABEL("e") PROPERTY("p");
    static const char binding[] = LABEL("d") PROPERTY("p") LABEL("e");

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_bytes text = sc_bytes_of(cases[i].text);
        assert_int_equal(parsed_ttl("save_endp", text, endpoint, sizeof(endpoint)), cases[i].ttl);
        assert_int_equal(parsed_ttl("put", text, endpoint, sizeof(endpoint)), cases[i].ttl);
        assert_int_equal(parsed_ttl("save_dest", text, binding, sizeof(binding)), cases[i].ttl);
    }
}

static void only_digits_are_digits(void **state)
{
    static const char endpoint[] = LABEL("e") PROPERTY("p");

    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char text[] = {'5', (char)byte, '5'};
        bool is_digit = byte >= '0' && byte <= '9';
        assert_int_equal(parsed_ttl("put", (struct sc_bytes){text, 3}, endpoint, sizeof(endpoint)),
                         is_digit ? 505 + 10 * (byte - '0') : -1);
    }
}

static void save_endp_and_finds_show_what_they_say(void **state)
{
    struct sc_request request;

    (void)state;
    request = sc_request_parse(
        SC_BYTES(REQUEST("save_endp") TTL("5") LABEL("e\n\xff") PROPERTY("") "more\0x\0\0"));
    assert_int_equal(request.kind, SC_REQUEST_SAVE_ENDP);
    assert_false(request.malformed);
    assert_int_equal(request.ttl, 5);
    assert_view(request.endpoint, SC_BYTES("e\n\xff"));
    assert_view(request.endpoint_property, SC_BYTES(""));
    request = sc_request_parse(SC_BYTES(REQUEST("find_endp") LABEL("e") LABEL("") "\0"));
    assert_false(request.malformed);
    assert_view(request.endpoint, SC_BYTES("e"));
    assert_view(request.destination, SC_BYTES(""));
    request = sc_request_parse(SC_BYTES(REQUEST("find_dest") LABEL("d") "more\0x\0\0"));
    assert_false(request.malformed);
    assert_view(request.destination, SC_BYTES("d"));
    assert_view(request.endpoint, SC_BYTES(""));
}

static void save_dest_shows_what_it_says(void **state)
{
    struct sc_request request = sc_request_parse(SC_BYTES(
        REQUEST("save_dest") TTL("7") LABEL("d") PROPERTY("dp") LABEL("e") PROPERTY("no") "\0"));

    (void)state;
    assert_false(request.malformed);
    assert_int_equal(request.ttl, 7);
    assert_view(request.destination, SC_BYTES("d"));
    assert_view(request.destination_property, SC_BYTES("dp"));
    assert_view(request.endpoint, SC_BYTES("e"));
    assert_view(request.endpoint_property, SC_BYTES(""));
}

static void a_put_may_have_a_binding(void **state)
{
    struct sc_request request;

    (void)state;
    request = sc_request_parse(SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("ep") TTL("6")
                                            LABEL("d") PROPERTY("dp") TTL("0") "\0"));
    assert_false(request.malformed);
    assert_true(request.has_binding);
    assert_int_equal(request.ttl, 5);
    assert_int_equal(request.binding_ttl, 6);
    assert_view(request.endpoint, SC_BYTES("e"));
    assert_view(request.endpoint_property, SC_BYTES("ep"));
    assert_view(request.destination, SC_BYTES("d"));
    assert_view(request.destination_property, SC_BYTES("dp"));
    request = sc_request_parse(
        SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("ep") "more\0x\0" TTL("0") "\0"));
    assert_false(request.malformed);
    assert_false(request.has_binding);
}

static void assert_take(struct sc_bytes list, const char *destination, const char *endpoints)
{
    struct sc_request request = sc_request_parse(list);
    struct sc_bytes endpoint;
    char all[64] = "";

    assert_int_equal(request.kind, SC_REQUEST_TAKE);
    assert_false(request.malformed);
    assert_view(request.destination, sc_bytes_of(destination));
    while (sc_request_next_endpoint(&request, &endpoint)) {
        strncat(all, endpoint.data, endpoint.length);
        strcat(all, ";");
    }
    assert_string_equal(all, endpoints);
    assert_false(sc_request_next_endpoint(&request, &endpoint));
}

static void a_take_shows_its_endpoints_in_order(void **state)
{
    (void)state;
    assert_take(SC_BYTES(REQUEST("take") LABEL("") "\0"), "", "");
    assert_take(SC_BYTES(REQUEST("take") LABEL("d") "\0"), "d", "");
    assert_take(SC_BYTES(REQUEST("take") LABEL("") LABEL("e1") LABEL("e2") "\0"), "", "e1;e2;");
    assert_take(SC_BYTES(REQUEST("take") LABEL("d") LABEL("e") LABEL("e") "\0"), "d", "e;e;");
    assert_take(SC_BYTES(REQUEST("take") LABEL("d") LABEL("e") "more\0x\0" LABEL("no") "\0"), "d",
                "e;");
    assert_take(SC_BYTES(REQUEST("take") LABEL("d") "more\0x\0" LABEL("") "\0"), "d", "");
}

/* The list of endpoints may be a null view, of which nothing is read. */
static void only_a_take_has_endpoints(void **state)
{
    struct sc_request request = sc_request_parse(SC_BYTES(REQUEST("find_dest") LABEL("d") "\0"));
    struct sc_bytes endpoint;

    (void)state;
    assert_false(sc_request_next_endpoint(&request, &endpoint));
    request = (struct sc_request){.kind = SC_REQUEST_TAKE};
    assert_false(sc_request_next_endpoint(&request, &endpoint));
}

/* Of the beginning of a list, once the request's name is whole. */
static void the_kind_is_known_from_the_beginning(void **state)
{
    static const struct sc_bytes list =
        SC_BYTES(REQUEST("save_endp") TTL("5") LABEL("e") PROPERTY("p"));
    static const size_t name_end = sizeof("request\0save_endp") - 1;
    struct guarded guarded;

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t length = 0; length <= list.length; length++) {
        enum sc_request_kind kind = sc_request_kind_of(
            guarded_copy(&guarded, (struct sc_bytes){list.data, length}, GUARDED_AT_END));
        if (length <= strlen("request"))
            assert_int_equal(kind, SC_REQUEST_NONE);
        else
            assert_int_equal(kind, length < name_end ? SC_REQUEST_UNKNOWN : SC_REQUEST_SAVE_ENDP);
    }
    guarded_fini(&guarded);
}

static void assert_ahead(struct sc_bytes list, struct sc_bytes cut, size_t read_at_most)
{
    struct sc_request whole = sc_request_parse(list);
    struct sc_request ahead;
    struct sc_list_scanner scanner = {0};
    size_t read = sc_request_parse_ahead(&ahead, cut);

    assert_true(read <= read_at_most);
    if (read == 0)
        return;
    assert_int_equal(ahead.kind, whole.kind);
    assert_false(whole.malformed);
    sc_list_scan_from(&scanner, read);
    size_t end = sc_list_scan(&scanner, cut);
    assert_true(end == list.length || (end == 0 && cut.length < list.length));
    if (end == 0)
        return; /* What is read now does not count, and may differ. */
    assert_int_equal(ahead.ttl, whole.ttl);
    assert_int_equal(ahead.has_binding, whole.has_binding);
    assert_int_equal(ahead.binding_ttl, whole.binding_ttl);
    assert_true(sc_bytes_equal(ahead.destination, whole.destination));
    assert_true(sc_bytes_equal(ahead.destination_property, whole.destination_property));
    assert_true(sc_bytes_equal(ahead.endpoint, whole.endpoint));
    assert_true(sc_bytes_equal(ahead.endpoint_property, whole.endpoint_property));
    struct sc_bytes one, other;
    while (sc_request_next_endpoint(&whole, &one)) {
        assert_true(sc_request_next_endpoint(&ahead, &other));
        assert_true(sc_bytes_equal(one, other));
    }
    assert_false(sc_request_next_endpoint(&ahead, &other));
}

/* Wherever the bytes end: before the list does, with it, or in the next one. */
static void a_request_is_read_before_its_end_is_known(void **state)
{
    static const struct sc_bytes lists[] = {
        SC_BYTES(REQUEST("save_endp") TTL("50") LABEL("e") PROPERTY("") "\0"),
        SC_BYTES(REQUEST("save_endp") TTL("50") LABEL("") PROPERTY("p") "\0"),
        SC_BYTES(REQUEST("save_dest") TTL("5") LABEL("d") PROPERTY("p") LABEL("e") "\0"),
        SC_BYTES(REQUEST("find_endp") LABEL("e") "more\0x\0\0"),
        SC_BYTES(REQUEST("find_endp") "\0"),
        SC_BYTES(REQUEST("find_dest") LABEL("d") "\0"),
        SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") "\0"),
        SC_BYTES(REQUEST("put") TTL("5") LABEL("e") PROPERTY("p") TTL("60") LABEL("d")
                     PROPERTY("q") "\0"),
        SC_BYTES(REQUEST("take") LABEL("") "\0"),
        SC_BYTES(REQUEST("take") LABEL("d") LABEL("e") LABEL("f") "\0"),
        SC_BYTES(REQUEST("nonsense") "\0"),
        SC_BYTES("\0"),
    };
    static const struct sc_bytes next = SC_BYTES(LABEL("x") REQUEST("take") LABEL("y") "\0");
    struct guarded guarded;
    char both[LONGEST];

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        struct sc_request whole = sc_request_parse(lists[i]);
        bool makes_sense = whole.kind != SC_REQUEST_NONE && !whole.malformed;
        struct sc_request ahead;

        assert_true((sc_request_parse_ahead(&ahead, lists[i]) > 0) == makes_sense);
        memcpy(both, lists[i].data, lists[i].length);
        memcpy(both + lists[i].length, next.data, next.length);
        for (size_t length = 0; length <= lists[i].length + next.length; length++) {
            struct sc_bytes cut = {both, length};
            assert_ahead(lists[i], guarded_copy(&guarded, cut, GUARDED_AT_END),
                         lists[i].length - 1);
        }
    }
    guarded_fini(&guarded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_have_their_names),
        cmocka_unit_test(what_does_not_start_with_request_is_none),
        cmocka_unit_test(what_is_not_known_is_unknown),
        cmocka_unit_test(what_is_amiss_is_malformed),
        cmocka_unit_test(a_time_to_live_is_clamped_and_never_wrapped),
        cmocka_unit_test(only_digits_are_digits),
        cmocka_unit_test(save_endp_and_finds_show_what_they_say),
        cmocka_unit_test(save_dest_shows_what_it_says),
        cmocka_unit_test(a_put_may_have_a_binding),
        cmocka_unit_test(a_take_shows_its_endpoints_in_order),
        cmocka_unit_test(only_a_take_has_endpoints),
        cmocka_unit_test(the_kind_is_known_from_the_beginning),
        cmocka_unit_test(a_request_is_read_before_its_end_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
