/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lists ask for: every kind of request, every attribute missing, strange or in the wrong
 * place, every number; each against guard pages.
 */
#include "support/check.h"

#include <stdio.h>
#include <string.h>

#include "support/guarded.h"
#include "support/spell.h"
#include "wire/request.h"

enum { LONGEST = 4096 };

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
    static const char *const lists[] = {
        ".",
        "dummy= .",
        "label=x .",
        "label=x request=find_endp label=x .",
        "Request=find_endp label=x .",
        "request%20=find_endp label=x .",
        "reques=find_endp label=x .",
        "requests=find_endp label=x .",
        "%0arequest=find_endp label=x .",
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        assert_parsed(spell(lists[i]), SC_REQUEST_NONE, false);
}

static void what_is_not_known_is_unknown(void **state)
{
    static const char *const lists[] = {
        "request= .",
        "request=frobnicate .",
        "request=frobnicate label=x .",
        "request=find_end label=x .",
        "request=find_endpp label=x .",
        "request=FIND_ENDP label=x .",
        "request=%20find_endp label=x .",
        "request=find_endp%0a label=x .",
        /* Names that we use ourselves, but nobody may ask by. */
        "request=none .",
        "request=unknown .",
        "request=dummy .",
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++)
        assert_parsed(spell(lists[i]), SC_REQUEST_UNKNOWN, true);
}

static void what_is_amiss_is_malformed(void **state)
{
    static const struct {
        enum sc_request_kind kind;
        const char *list;
    } cases[] = {
        /* Missing, one by one. */
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 label=e ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp label=e property=p ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 property=p ."},
        {SC_REQUEST_FIND_ENDP, "request=find_endp ."},
        {SC_REQUEST_FIND_DEST, "request=find_dest ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 label=d ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 label=d property=p ."},
        {SC_REQUEST_PUT, "request=put ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl=5 ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl=5 label=d ."},
        {SC_REQUEST_TAKE, "request=take ."},
        /* Out of order, twice, or with a stranger in between. */
        {SC_REQUEST_SAVE_ENDP, "request=save_endp label=e ttl=5 property=p ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 property=p label=e ."},
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 ttl=5 label=e property=p ."},
        {SC_REQUEST_FIND_ENDP, "request=find_endp x=y label=e ."},
        {SC_REQUEST_FIND_DEST, "request=find_dest property=x label=d ."},
        {SC_REQUEST_FIND_DEST, "request=find_dest request=find_dest label=d ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 label=d label=e property=p ."},
        {SC_REQUEST_TAKE, "request=take x=y label=d ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl=5 property=p label=d ."},
        /* Labels that name nothing. */
        {SC_REQUEST_SAVE_ENDP, "request=save_endp ttl=5 label= property=p ."},
        {SC_REQUEST_FIND_ENDP, "request=find_endp label= ."},
        {SC_REQUEST_FIND_DEST, "request=find_dest label= ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 label= property=p label=e ."},
        {SC_REQUEST_SAVE_DEST, "request=save_dest ttl=5 label=d property=p label= ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label= property=p ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl=5 label= property=p ."},
        {SC_REQUEST_TAKE, "request=take label=d label= ."},
        {SC_REQUEST_TAKE, "request=take label= label=e label= ."},
        /* Bad second times to live. */
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl=0 label=d property=p ."},
        {SC_REQUEST_PUT, "request=put ttl=5 label=e property=p ttl= label=d property=p ."},
    };

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++)
        assert_parsed(spell(cases[i].list), cases[i].kind, true);
}

static int64_t parsed_ttl(const char *request, struct sc_bytes ttl, const char *rest)
{
    struct sc_bytes more = spell(rest);
    char list[LONGEST];
    size_t length = (size_t)snprintf(list, sizeof(list), "request%c%s%cttl%c", 0, request, 0, 0);

    memcpy(list + length, ttl.data, ttl.length);
    list[length + ttl.length] = '\0';
    length += ttl.length + 1;
    memcpy(list + length, more.data, more.length);
    struct sc_request parsed = sc_request_parse((struct sc_bytes){list, length + more.length});
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
    static const char endpoint[] = "label=e property=p .";
    static const char binding[] = "label=d property=p label=e .";

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        struct sc_bytes text = sc_bytes_of(cases[i].text);
        assert_int_equal(parsed_ttl("save_endp", text, endpoint), cases[i].ttl);
        assert_int_equal(parsed_ttl("put", text, endpoint), cases[i].ttl);
        assert_int_equal(parsed_ttl("save_dest", text, binding), cases[i].ttl);
    }
}

static void only_digits_are_digits(void **state)
{
    static const char endpoint[] = "label=e property=p .";

    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char text[] = {'5', (char)byte, '5'};
        bool is_digit = byte >= '0' && byte <= '9';
        assert_int_equal(parsed_ttl("put", (struct sc_bytes){text, 3}, endpoint),
                         is_digit ? 505 + 10 * (byte - '0') : -1);
    }
}

static void save_endp_and_finds_show_what_they_say(void **state)
{
    struct sc_request request;

    (void)state;
    request = sc_request_parse(spell("request=save_endp ttl=5 label=e%0a%ff property= more=x ."));
    assert_int_equal(request.kind, SC_REQUEST_SAVE_ENDP);
    assert_false(request.malformed);
    assert_int_equal(request.ttl, 5);
    assert_view(request.endpoint, SC_BYTES("e\n\xff"));
    assert_view(request.endpoint_property, SC_BYTES(""));
    request = sc_request_parse(spell("request=find_endp label=e label= ."));
    assert_false(request.malformed);
    assert_view(request.endpoint, SC_BYTES("e"));
    assert_view(request.destination, SC_BYTES(""));
    request = sc_request_parse(spell("request=find_dest label=d more=x ."));
    assert_false(request.malformed);
    assert_view(request.destination, SC_BYTES("d"));
    assert_view(request.endpoint, SC_BYTES(""));
}

static void save_dest_shows_what_it_says(void **state)
{
    struct sc_request request = sc_request_parse(
        spell("request=save_dest ttl=7 label=d property=dp label=e property=no ."));

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
    request = sc_request_parse(
        spell("request=put ttl=5 label=e property=ep ttl=6 label=d property=dp ttl=0 ."));
    assert_false(request.malformed);
    assert_true(request.has_binding);
    assert_int_equal(request.ttl, 5);
    assert_int_equal(request.binding_ttl, 6);
    assert_view(request.endpoint, SC_BYTES("e"));
    assert_view(request.endpoint_property, SC_BYTES("ep"));
    assert_view(request.destination, SC_BYTES("d"));
    assert_view(request.destination_property, SC_BYTES("dp"));
    request = sc_request_parse(spell("request=put ttl=5 label=e property=ep more=x ttl=0 ."));
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
    assert_take(spell("request=take label= ."), "", "");
    assert_take(spell("request=take label=d ."), "d", "");
    assert_take(spell("request=take label= label=e1 label=e2 ."), "", "e1;e2;");
    assert_take(spell("request=take label=d label=e label=e ."), "d", "e;e;");
    assert_take(spell("request=take label=d label=e more=x label=no ."), "d", "e;");
    assert_take(spell("request=take label=d more=x label= ."), "d", "");
}

/* The list of endpoints may be a null view, of which nothing is read. */
static void only_a_take_has_endpoints(void **state)
{
    struct sc_request request = sc_request_parse(spell("request=find_dest label=d ."));
    struct sc_bytes endpoint;

    (void)state;
    assert_false(sc_request_next_endpoint(&request, &endpoint));
    request = (struct sc_request){.kind = SC_REQUEST_TAKE};
    assert_false(sc_request_next_endpoint(&request, &endpoint));
}

/* Of the beginning of a list, once the request's name is whole. */
static void the_kind_is_known_from_the_beginning(void **state)
{
    struct sc_bytes list = spell("request=save_endp ttl=5 label=e property=p");
    size_t name_end = spell("request=save_endp").length - 1;
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
    static const char *const lists[] = {
        "request=save_endp ttl=50 label=e property= .",
        "request=save_endp ttl=50 label= property=p .",
        "request=save_dest ttl=5 label=d property=p label=e .",
        "request=find_endp label=e more=x .",
        "request=find_endp .",
        "request=find_dest label=d .",
        "request=put ttl=5 label=e property=p .",
        "request=put ttl=5 label=e property=p ttl=60 label=d property=q .",
        "request=take label= .",
        "request=take label=d label=e label=f .",
        "request=nonsense .",
        ".",
    };
    struct sc_bytes next = spell("label=x request=take label=y .");
    struct guarded guarded;
    char both[LONGEST];

    (void)state;
    guarded_init(&guarded, LONGEST);
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        struct sc_bytes list = spell(lists[i]);
        struct sc_request whole = sc_request_parse(list);
        bool makes_sense = whole.kind != SC_REQUEST_NONE && !whole.malformed;
        struct sc_request ahead;

        assert_true((sc_request_parse_ahead(&ahead, list) > 0) == makes_sense);
        memcpy(both, list.data, list.length);
        memcpy(both + list.length, next.data, next.length);
        for (size_t length = 0; length <= list.length + next.length; length++) {
            struct sc_bytes cut = {both, length};
            assert_ahead(list, guarded_copy(&guarded, cut, GUARDED_AT_END), list.length - 1);
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
