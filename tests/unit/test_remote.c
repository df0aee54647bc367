/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections that clients bring, and the pairs that they get for them.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "io/pair.h"
#include "io/remote.h"

static int listen_at_loopback(int family, struct sockaddr_in6 *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);
    int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || bind(listener, family == AF_INET ? (void *)&v4 : (void *)&v6, length) < 0)
        return -1;
    assert_int_equal(listen(listener, 5), 0);
    length = sizeof(*address);
    assert_int_equal(getsockname(listener, (struct sockaddr *)address, &length), 0);
    return listener;
}

static void check_family(int family, const char *host)
{
    struct sockaddr_in6 address;
    int listener = listen_at_loopback(family, &address);
    char peer[SC_REMOTE_PEER_SIZE], expected[SC_REMOTE_PEER_SIZE];
    int value;
    socklen_t size = sizeof(value);

    if (listener < 0)
        return; /* Not every machine has IPv6. */
    assert_int_equal(sc_remote_examine(listener, peer), -ENOTCONN);
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(sc_remote_examine(fd, peer), -ENOTCONN);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(sc_remote_examine(fd, peer), 0);
    snprintf(expected, sizeof(expected), "%s:%u", host, ntohs(address.sin6_port));
    assert_string_equal(peer, expected);
    sc_remote_hurry(fd);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    assert_true(value != 0);
    close(fd);
    close(listener);
}

static void a_connection_tells_where_it_leads(void **state)
{
    (void)state;
    check_family(AF_INET, "127.0.0.1");
    check_family(AF_INET6, "[::1]");
}

static void what_is_no_connection_is_refused(void **state)
{
    char peer[SC_REMOTE_PEER_SIZE];
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(sc_remote_examine(ends[0], peer), -ENOTSOCK);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    assert_int_equal(sc_remote_examine(ends[0], peer), -EPROTOTYPE);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    assert_int_equal(sc_remote_examine(ends[0], peer), -EPROTOTYPE);
    close(ends[0]);
    close(ends[1]);
    int file = open("/dev/null", O_RDWR | O_CLOEXEC);
    assert_int_equal(sc_remote_examine(file, peer), -ENOTSOCK);
    close(file);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(sc_remote_examine(ends[0], peer), 0);
    assert_string_equal(peer, "unix");
    close(ends[0]);
    close(ends[1]);
}

static void a_connection_is_closed_without_lingering(void **state)
{
    struct sockaddr_in6 address;
    int listener = listen_at_loopback(AF_INET, &address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct linger longest = {1, 100};
    static char much[1000000];
    struct timespec before, after;

    (void)state;
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &longest, sizeof(longest)), 0);
    while (send(fd, much, sizeof(much), MSG_DONTWAIT) > 0)
        continue;
    assert_true(sc_remote_unacknowledged(fd) > 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    sc_remote_close(fd);
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_true(after.tv_sec - before.tv_sec < 50);
    close(listener);
}

static void a_pair_knows_when_it_is_alone(void **state)
{
    struct sc_pair pair;
    char byte;

    (void)state;
    assert_int_equal(sc_pair_open(&pair), 0);
    assert_false(sc_pair_is_alone(pair.kept));
    assert_int_equal(sc_pair_unread(pair.kept), 0);
    assert_int_equal(send(pair.given, "abc", 3, 0), 3);
    assert_int_equal(sc_pair_unread(pair.kept), 3);
    shutdown(pair.given, SHUT_WR);
    assert_false(sc_pair_is_alone(pair.kept));
    sc_pair_end_output(pair.kept);
    assert_int_equal(recv(pair.given, &byte, 1, 0), 0);
    close(pair.given);
    assert_true(sc_pair_is_alone(pair.kept));
    close(pair.kept);
}

/* Whatever is done to the end that is given away, the other one is as it was. */
static void the_given_end_blocks_and_the_kept_one_is_its_own(void **state)
{
    struct sc_pair pair;

    (void)state;
    assert_int_equal(sc_pair_open(&pair), 0);
    assert_int_equal(fcntl(pair.given, F_GETFL) & O_NONBLOCK, 0);
    assert_int_equal(fcntl(pair.given, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(pair.given, F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(pair.kept, F_GETFL) & O_NONBLOCK, 0);
    close(pair.given);
    close(pair.kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_connection_tells_where_it_leads),
        cmocka_unit_test(what_is_no_connection_is_refused),
        cmocka_unit_test(a_connection_is_closed_without_lingering),
        cmocka_unit_test(a_pair_knows_when_it_is_alone),
        cmocka_unit_test(the_given_end_blocks_and_the_kept_one_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
