/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a connection can be kept, with real sockets: what was not read or taken, who spoke
 * last, and who has left. Looking changes nothing.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/talk.h"
#include "scache.h"

/* Whether a connection is at rest, on real ones: what makes it so is awaited, never slept for. */

struct line {
    int near; /* what is looked at */
    int far;
};

static void make_tcp(struct line *line)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    line->near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(line->near, (struct sockaddr *)&address, sizeof(address)), 0);
    line->far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(line->far >= 0);
    close(listener);
}

static void make_local(struct line *line)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    line->near = pair[0];
    line->far = pair[1];
}

static void hang_up(struct line *line)
{
    if (line->near >= 0)
        close(line->near);
    if (line->far >= 0)
        close(line->far);
}

static int setup_tcp(void **state)
{
    *state = calloc(1, sizeof(struct line));
    make_tcp(*state);
    return 0;
}

static int setup_local(void **state)
{
    *state = calloc(1, sizeof(struct line));
    make_local(*state);
    return 0;
}

static int teardown(void **state)
{
    hang_up(*state);
    free(*state);
    return 0;
}

/* One word from one end to the other, read there. */
static void say(int from, int to)
{
    char word = 'w';

    assert_int_equal(send(from, &word, 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(to, &word, 1, 0), 1);
}

static void becomes_quiet_for(int fd, bool heard, uint32_t ms)
{
    struct sc_talk talk;

    do {
        assert_int_equal(poll(NULL, 0, 1), 0);
        assert_int_equal(sc_talk_read(fd, &talk), 0);
        assert_int_equal(talk.kind, SC_TALK_TCP);
    } while ((heard ? talk.heard_ago : talk.said_ago) < ms);
}

static uint32_t long_enough(void)
{
    return 2 * sc_talk_tick() + 2;
}

static void a_question_that_was_answered_is_at_rest(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    say(line->far, line->near);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_IDLE);
    say(line->near, line->far);
    becomes_quiet_for(line->near, false, long_enough());
    say(line->far, line->near);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_IDLE);
}

/* Where the clock can tell, nobody waits. */
static void a_clear_case_takes_no_waiting(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    becomes_quiet_for(line->near, false, long_enough());
    say(line->far, line->near);
    becomes_quiet_for(line->near, true, 10);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_NO_WAIT), SCACHE_LOOK_IDLE);
    say(line->near, line->far);
    /* The far end's kernel may take a moment to acknowledge it. */
    int look = scache_look(line->near, SCACHE_LOOK_NO_WAIT);
    assert_true(look == SCACHE_LOOK_AWAITED || look == SCACHE_LOOK_UNSENT);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_AWAITED);
}

static void what_cannot_be_told_at_once_is_unknown(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    say(line->far, line->near);
    int look = scache_look(line->near, SCACHE_LOOK_NO_WAIT);
    /* A machine that stops for a tick in between has made it clear. */
    assert_true(look == SCACHE_LOOK_UNKNOWN || look == SCACHE_LOOK_IDLE);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_IDLE);
}

static void an_answer_is_awaited(void **state)
{
    struct line *line = *state;

    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_AWAITED);
    say(line->near, line->far);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_AWAITED);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_NO_WAIT), SCACHE_LOOK_AWAITED);
}

/* Question, answer, question, all within a tick: the clock says that all is well. */
static void the_answer_to_a_second_question_is_awaited_too(void **state)
{
    for (int i = 0; i < 20; i++) {
        struct line line;
        make_tcp(&line);
        say(line.near, line.far);
        say(line.far, line.near);
        say(line.near, line.far);
        assert_int_equal(scache_look(line.near, 0), SCACHE_LOOK_AWAITED);
        hang_up(&line);
    }
    (void)state;
}

static void what_was_not_read_is_seen(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    assert_int_equal(send(line->far, "a", 1, 0), 1);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_UNREAD);
    char byte;
    assert_int_equal(recv(line->near, &byte, 1, 0), 1);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_IDLE);
}

/* As much as goes in is on its way, and nobody at the far end reads it. */
static void what_was_not_taken_is_seen(void **state)
{
    struct line *line = *state;
    char much[65536] = {0};

    while (send(line->near, much, sizeof(much), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
        ;
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_UNSENT);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET | SCACHE_LOOK_NO_WAIT),
                     SCACHE_LOOK_UNSENT);
}

static void a_far_end_that_has_left_is_seen(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    say(line->far, line->near);
    close(line->far);
    line->far = -1;
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_CLOSED);
}

static void a_far_end_that_will_say_no_more_is_seen(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    say(line->far, line->near);
    assert_int_equal(shutdown(line->far, SHUT_WR), 0);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_CLOSED);
}

static void a_side_that_was_shut_for_writing_is_seen(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    say(line->far, line->near);
    assert_false(sc_talk_is_shut(line->near));
    assert_int_equal(shutdown(line->near, SHUT_WR), 0);
    assert_true(sc_talk_is_shut(line->near));
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_CLOSED);
}

static void a_connection_that_was_refused_is_closed(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), -1);
    assert_true(sc_talk_is_shut(fd));
    assert_int_equal(scache_look(fd, 0), SCACHE_LOOK_CLOSED);
    close(fd);
}

static void of_a_local_stream_one_must_be_told(void **state)
{
    struct line *line = *state;

    say(line->near, line->far);
    assert_int_equal(scache_look(line->near, 0), SCACHE_LOOK_UNKNOWN);
    assert_int_equal(scache_look(line->near, SCACHE_LOOK_QUIET), SCACHE_LOOK_IDLE);
}

static void of_others_it_cannot_be_told(void **state)
{
    int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    int datagrams = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int others[] = {file, datagrams, listener};
    int pair[2];

    (void)state;
    assert_int_equal(listen(listener, 1), 0);
    for (size_t i = 0; i < SC_COUNT_OF(others); i++) {
        assert_int_equal(scache_look(others[i], SCACHE_LOOK_QUIET), SCACHE_LOOK_UNKNOWN);
        assert_false(sc_talk_is_shut(others[i]));
        close(others[i]);
    }
    assert_int_equal(scache_look(file, 0), -EBADF);
    assert_int_equal(scache_look(-1, 0), -EBADF);
    /* Being asked must not send it anything, not even nothing. */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(scache_look(pair[0], SCACHE_LOOK_QUIET), SCACHE_LOOK_UNKNOWN);
    assert_false(sc_talk_is_shut(pair[0]));
    struct pollfd far = {.fd = pair[1], .events = POLLIN};
    assert_int_equal(poll(&far, 1, 0), 0);
    close(pair[0]);
    close(pair[1]);
}

static void looking_changes_nothing(void **state)
{
    struct line *line = *state;
    struct pollfd far = {.fd = line->far, .events = POLLIN | POLLRDHUP};

    say(line->near, line->far);
    for (int i = 0; i < 3; i++)
        assert_true(scache_look(line->near, SCACHE_LOOK_QUIET | SCACHE_LOOK_NO_WAIT) >= 0);
    assert_int_equal(poll(&far, 1, 0), 0);
    say(line->far, line->near);
    say(line->near, line->far);
    assert_int_equal(fcntl(line->near, F_GETFL) & O_NONBLOCK, 0);
}

static void each_look_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(scache_look_name(SCACHE_LOOK_IDLE), "idle");
    assert_string_equal(scache_look_name(SCACHE_LOOK_CLOSED), "closed");
    assert_string_equal(scache_look_name(SCACHE_LOOK_UNREAD), "unread");
    assert_string_equal(scache_look_name(SCACHE_LOOK_UNSENT), "unsent");
    assert_string_equal(scache_look_name(SCACHE_LOOK_AWAITED), "awaited");
    assert_string_equal(scache_look_name(SCACHE_LOOK_UNKNOWN), "unknown");
    assert_string_equal(scache_look_name((enum scache_look)99), "unknown");
}

#define TCP(test)   cmocka_unit_test_setup_teardown(test, setup_tcp, teardown)
#define LOCAL(test) cmocka_unit_test_setup_teardown(test, setup_local, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TCP(a_question_that_was_answered_is_at_rest),
        TCP(a_clear_case_takes_no_waiting),
        TCP(what_cannot_be_told_at_once_is_unknown),
        TCP(an_answer_is_awaited),
        TCP(the_answer_to_a_second_question_is_awaited_too),
        TCP(what_was_not_read_is_seen),
        TCP(what_was_not_taken_is_seen),
        TCP(a_far_end_that_has_left_is_seen),
        TCP(a_far_end_that_will_say_no_more_is_seen),
        TCP(a_side_that_was_shut_for_writing_is_seen),
        TCP(looking_changes_nothing),
        LOCAL(what_was_not_read_is_seen),
        LOCAL(what_was_not_taken_is_seen),
        LOCAL(a_far_end_that_has_left_is_seen),
        LOCAL(a_far_end_that_will_say_no_more_is_seen),
        LOCAL(a_side_that_was_shut_for_writing_is_seen),
        LOCAL(looking_changes_nothing),
        LOCAL(of_a_local_stream_one_must_be_told),
        cmocka_unit_test(a_connection_that_was_refused_is_closed),
        cmocka_unit_test(of_others_it_cannot_be_told),
        cmocka_unit_test(each_look_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
