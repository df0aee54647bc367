/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a call takes over from its caller: copies, within the limit of a message, and nothing
 * that is malformed. No server is asked.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/call.h"
#include "scache.h"
#include "wire/response.h"

/* What a call takes over: copies, within the limit of a message, and nothing that is malformed. */

#define LABELS "label\0x\0label\0e\0"

static const struct sc_request whole[] = {
    {.kind = SC_REQUEST_SAVE_ENDP, .ttl = 1, .endpoint = {"e", 1}, .endpoint_property = {"ep", 2}},
    {.kind = SC_REQUEST_SAVE_ENDP, .ttl = 1234567890, .endpoint = {"e", 1}},
    {.kind = SC_REQUEST_FIND_ENDP, .endpoint = {"e", 1}},
    {.kind = SC_REQUEST_SAVE_DEST,
     .ttl = 10,
     .destination = {"d", 1},
     .destination_property = {"dp", 2},
     .endpoint = {"e", 1}},
    {.kind = SC_REQUEST_FIND_DEST, .destination = {"d", 1}},
    {.kind = SC_REQUEST_PUT, .ttl = 99, .endpoint = {"e", 1}, .endpoint_property = {"ep", 2}},
    {.kind = SC_REQUEST_PUT,
     .ttl = 9,
     .endpoint = {"e", 1},
     .endpoint_property = {"ep", 2},
     .has_binding = true,
     .binding_ttl = 100,
     .destination = {"d", 1},
     .destination_property = {"dp", 2}},
    {.kind = SC_REQUEST_TAKE},
    {.kind = SC_REQUEST_TAKE, .destination = {"d", 1}},
    {.kind = SC_REQUEST_TAKE, .endpoints = {.rest = {LABELS, sizeof(LABELS) - 1}}},
};

static int setup(void **state)
{
    struct sc_call *call = malloc(sizeof(*call));

    *state = call;
    if (!call)
        return -1;
    sc_call_init(call);
    return 0;
}

static int teardown(void **state)
{
    sc_call_fini(*state);
    free(*state);
    return 0;
}

static void write_list(struct sc_buf *list, const struct sc_request *request)
{
    sc_buf_clear(list, 0);
    assert_int_equal(sc_request_write(list, request), 0);
}

static void what_is_kept_is_what_was_asked(void **state)
{
    struct sc_call *call = *state;
    struct sc_buf asked;
    struct sc_buf kept;

    sc_buf_init(&asked);
    sc_buf_init(&kept);
    for (size_t i = 0; i < SC_COUNT_OF(whole); i++) {
        write_list(&asked, &whole[i]);
        assert_int_equal(sc_call_set(call, &whole[i], -1), 0);
        write_list(&kept, &call->request);
        assert_true(sc_bytes_equal(sc_buf_bytes(&asked), sc_buf_bytes(&kept)));
        assert_ptr_not_equal(call->request.endpoint.data, whole[i].endpoint.data);
        assert_int_equal(sc_call_is_ping(call), i == 7);
    }
    sc_buf_fini(&asked);
    sc_buf_fini(&kept);
}

/* Makes one text of a request longer, so that the request is as long on the wire as it may be. */
static void fill(struct sc_request *request, struct sc_bytes *text, char *filler)
{
    struct sc_buf list;

    sc_buf_init(&list);
    write_list(&list, request);
    text->length += SCACHE_MESSAGE_MAX - sc_buf_length(&list);
    text->data = filler;
    sc_buf_fini(&list);
}

static void a_message_may_be_as_long_as_it_may_and_no_longer(void **state)
{
    char *filler = malloc(SCACHE_MESSAGE_MAX + 1);

    assert_non_null(filler);
    memset(filler, 'x', SCACHE_MESSAGE_MAX + 1);
    for (size_t i = 0; i < SC_COUNT_OF(whole); i++) {
        struct sc_request request = whole[i];
        struct sc_bytes *text =
            request.endpoint.length > 0 ? &request.endpoint : &request.destination;
        fill(&request, text, filler);
        assert_int_equal(sc_call_set(*state, &request, -1), 0);
        text->length++;
        assert_int_equal(sc_call_set(*state, &request, -1), -EMSGSIZE);
    }
    free(filler);
}

static void expect_malformed(struct sc_call *call, struct sc_request request)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_int_equal(sc_call_set(call, &request, fd), -EINVAL);
    assert_int_equal(call->saving, -1);
    assert_int_equal(close(fd), 0);
}

static void what_lacks_something_is_refused(void **state)
{
    static const char empty_label[] = "label\0x\0label\0\0";
    struct sc_request request;

    for (size_t i = 0; i < SC_COUNT_OF(whole); i++) {
        request = whole[i];
        request.endpoint.length = 0;
        if (whole[i].endpoint.length > 0)
            expect_malformed(*state, request);
        request = whole[i];
        request.destination.length = 0;
        if (whole[i].destination.length > 0 && whole[i].kind != SC_REQUEST_TAKE)
            expect_malformed(*state, request);
        request = whole[i];
        request.ttl = 0;
        if (whole[i].ttl > 0)
            expect_malformed(*state, request);
        request.ttl = -1;
        if (whole[i].ttl > 0)
            expect_malformed(*state, request);
        request = whole[i];
        request.binding_ttl = 0;
        if (whole[i].has_binding)
            expect_malformed(*state, request);
    }
    request = (struct sc_request){
        .kind = SC_REQUEST_TAKE,
        .destination = {"d", 1},
        .endpoints = {.rest = {empty_label, sizeof(empty_label) - 1}},
    };
    expect_malformed(*state, request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_kept_is_what_was_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_may_be_as_long_as_it_may_and_no_longer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_lacks_something_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
