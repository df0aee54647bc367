/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words between the processes of scache-tls; and that nonsense is no word,
 * since a worker may say anything.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "relay/link.h"
#include "support/random.h"

enum { ROUNDS = 20000 };

struct wire {
    int ends[2];
};

static int wire_setup(void **state)
{
    struct wire *wire = calloc(1, sizeof(*wire));

    assert_non_null(wire);
    assert_int_equal(sc_link_open(wire->ends), 0);
    *state = wire;
    return 0;
}

static int wire_teardown(void **state)
{
    struct wire *wire = *state;

    close(wire->ends[0]);
    close(wire->ends[1]);
    free(wire);
    return 0;
}

static void a_word_comes_as_it_was_said(void **state)
{
    const struct wire *wire = *state;
    struct sc_link_message said = {.word = SC_LINK_COUNTS, .callers = 7, .heeded_sessions = 2};
    struct sc_link_message heard;
    int carried;

    said.counts = (struct sc_relay_counts){.askers = 1, .sessions = 2, .handshakes = 3};
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), -EAGAIN);
    assert_int_equal(sc_link_say(wire->ends[0], &said, -1), 0);
    said = (struct sc_link_message){.word = SC_LINK_LOG};
    said.log.severity = SC_WARNING;
    memset(said.log.text, 'x', SC_LOG_TEXT_MAX);
    assert_int_equal(sc_link_say(wire->ends[0], &said, -1), 0);
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), 0);
    assert_int_equal(heard.word, SC_LINK_COUNTS);
    assert_int_equal(heard.callers, 7);
    assert_int_equal(heard.heeded_sessions, 2);
    assert_int_equal(heard.counts.handshakes, 3);
    assert_int_equal(carried, -1);
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), 0);
    assert_int_equal(strlen(heard.log.text), SC_LOG_TEXT_MAX);
}

static void a_descriptor_comes_with_its_word(void **state)
{
    struct wire *wire = *state;
    const struct sc_link_message said = {.word = SC_LINK_CALLER};
    struct sc_link_message heard;
    int carried;
    int file = open("/dev/null", O_RDONLY | O_CLOEXEC);

    assert_int_equal(sc_link_say(wire->ends[0], &said, file), 0);
    close(file);
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), 0);
    assert_int_equal(heard.word, SC_LINK_CALLER);
    assert_true(carried >= 0);
    assert_int_equal(fcntl(carried, F_GETFD), FD_CLOEXEC);
    close(carried);
    close(wire->ends[0]);
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), -EPIPE);
    wire->ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Bytes of any length and content are either a whole message or none. */
static void nonsense_is_no_word(void **state)
{
    const struct wire *wire = *state;
    struct random random = {.state = number_from_environment("SCACHE_SEED", 1)};
    struct sc_link_message heard;
    int carried;

    for (int round = 0; round < ROUNDS; round++) {
        union {
            struct sc_link_message message;
            unsigned char bytes[sizeof(struct sc_link_message) + 16];
        } said;
        size_t length = 1 + random_below(&random, sizeof(said) - 1);
        for (size_t i = 0; i < length; i++)
            said.bytes[i] = (unsigned char)random_below(&random, 256);
        if (random_below(&random, 2) == 0)
            said.message.word = (enum sc_link_word)random_below(&random, 16);
        assert_int_equal(send(wire->ends[0], &said, length, 0), length);
        int error = sc_link_hear(wire->ends[1], &heard, &carried);
        assert_true(error == 0 || error == -EPROTO);
        if (error == 0 && heard.word == SC_LINK_LOG)
            assert_true(strlen(heard.log.text) <= SC_LOG_TEXT_MAX);
        assert_int_equal(carried, -1);
    }
}

static void several_descriptors_are_closed(void **state)
{
    const struct wire *wire = *state;
    struct sc_link_message said = {.word = SC_LINK_CALLER};
    struct sc_link_message heard;
    int pair[2], carried;
    char byte;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(2 * sizeof(int))];
    } control = {.header = {CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec vector = {&said, offsetof(struct sc_link_message, settings)};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_LEN(2 * sizeof(int))};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    memcpy(CMSG_DATA(&control.header), (int[]){pair[0], pair[0]}, 2 * sizeof(int));
    assert_true(sendmsg(wire->ends[0], &message, 0) > 0);
    close(pair[0]);
    assert_int_equal(sc_link_hear(wire->ends[1], &heard, &carried), -EPROTO);
    assert_int_equal(carried, -1);
    assert_int_equal(recv(pair[1], &byte, 1, 0), 0); /* nobody has the other end */
    close(pair[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_word_comes_as_it_was_said, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(a_descriptor_comes_with_its_word, wire_setup,
                                        wire_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_no_word, wire_setup, wire_teardown),
        cmocka_unit_test_setup_teardown(several_descriptors_are_closed, wire_setup, wire_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
