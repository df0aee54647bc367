/* SPDX-License-Identifier: BSD-2-Clause */
/* Options and flags that a program sets on a connection: put back, or told. */

#include "support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/settings.h"

enum { VALUE_SIZE = 32 };

static const struct timeval moment = {.tv_sec = 1, .tv_usec = 500000};
static const struct linger lingering = {.l_onoff = 1, .l_linger = 3};
static const int one = 1, seven = 7, all = -1;
static const char reno[] = "reno";

static const struct {
    int family; /* 0: any */
    int level, name;
    const void *value;
    socklen_t length;
} settings[] = {
    {0, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof(moment)},
    {0, SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof(moment)},
    {0, SOL_SOCKET, SO_LINGER, &lingering, sizeof(lingering)},
    {AF_INET, SOL_SOCKET, SO_RCVLOWAT, &seven, sizeof(seven)},
    {AF_INET, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one)},
    {AF_INET, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)},
    {0, SOL_SOCKET, SO_PRIORITY, &one, sizeof(one)},
    {0, SOL_SOCKET, SO_TIMESTAMP, &one, sizeof(one)},
    {AF_INET, SOL_SOCKET, SO_MAX_PACING_RATE, &seven, sizeof(seven)},
    {AF_UNIX, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)},
    {AF_UNIX, SOL_SOCKET, SO_PEEK_OFF, &seven, sizeof(seven)},
    {AF_INET, IPPROTO_TCP, TCP_CORK, &one, sizeof(one)},
    {AF_INET, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)},
    {AF_INET, IPPROTO_TCP, TCP_USER_TIMEOUT, &seven, sizeof(seven)},
    {AF_INET, IPPROTO_TCP, TCP_KEEPIDLE, &seven, sizeof(seven)},
    {AF_INET, IPPROTO_TCP, TCP_KEEPCNT, &seven, sizeof(seven)},
    {AF_INET, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &all, sizeof(all)},
    {AF_INET, IPPROTO_TCP, TCP_CONGESTION, reno, sizeof(reno) - 1},
    {AF_INET, IPPROTO_IP, IP_TOS, &(const int){0x10}, sizeof(int)},
    {AF_INET, IPPROTO_IP, IP_TTL, &seven, sizeof(seven)},
    {AF_INET, IPPROTO_IP, IP_RECVERR, &one, sizeof(one)},
};

/* A connection of TCP or of a pair of UNIX-domain sockets. */
struct pair {
    int near, far;
};

static struct pair pair_of_tcp(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair pair = {.near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    assert_int_equal(connect(pair.near, (struct sockaddr *)&address, length), 0);
    pair.far = accept(listener, NULL, NULL);
    assert_true(pair.far >= 0);
    close(listener);
    return pair;
}

static struct pair pair_new(int family)
{
    int fds[2];

    if (family == AF_INET)
        return pair_of_tcp();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    return (struct pair){fds[0], fds[1]};
}

static void pair_close(struct pair pair)
{
    close(pair.near);
    close(pair.far);
}

struct value {
    char bytes[VALUE_SIZE];
    socklen_t length;
};

static struct value value_of(int fd, size_t i)
{
    struct value value = {.length = VALUE_SIZE};

    assert_int_equal(
        getsockopt(fd, settings[i].level, settings[i].name, value.bytes, &value.length), 0);
    /* How long it would linger is kept, and means nothing while it does not. */
    if (settings[i].name == SO_LINGER && value.bytes[0] == 0)
        memset(value.bytes, 0, sizeof(value.bytes));
    return value;
}

static void check_option(int family, size_t i)
{
    struct pair pair = pair_new(family);
    struct value before = value_of(pair.near, i);

    assert_int_equal(setsockopt(pair.near, settings[i].level, settings[i].name, settings[i].value,
                                settings[i].length),
                     0);
    struct value changed = value_of(pair.near, i);
    bool is_changed = memcmp(&before, &changed, sizeof(before)) != 0;
    assert_true(is_changed || settings[i].name == TCP_CONGESTION);
    assert_true(sc_ctl_settings_reset(pair.near));
    struct value after = value_of(pair.near, i);
    assert_memory_equal(&before, &after, sizeof(before));
    pair_close(pair);
}

static void test_options(void **state)
{
    static const int families[] = {AF_INET, AF_UNIX};

    (void)state;
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        for (size_t f = 0; f < 2; f++)
            if (settings[i].family == 0 || settings[i].family == families[f])
                check_option(families[f], i);
}

static void test_untouched(void **state)
{
    struct pair pair = pair_of_tcp();

    (void)state;
    assert_true(sc_ctl_settings_reset(pair.near));
    assert_int_equal(send(pair.near, "x", 1, 0), 1);
    pair_close(pair);
}

static void test_flags(void **state)
{
    struct pair pair = pair_of_tcp();

    (void)state;
    assert_int_equal(fcntl(pair.near, F_SETFL, O_NONBLOCK | O_ASYNC), 0);
    assert_int_equal(fcntl(pair.near, F_SETOWN, getpid()), 0);
    assert_int_equal(fcntl(pair.near, F_SETSIG, SIGUSR1), 0);
    assert_true(sc_ctl_settings_reset(pair.near));
    assert_int_equal(fcntl(pair.near, F_GETFL) & (O_NONBLOCK | O_ASYNC), 0);
    assert_int_equal(fcntl(pair.near, F_GETOWN), 0);
    assert_int_equal(fcntl(pair.near, F_GETSIG), 0);
    pair_close(pair);
}

/* A filter that lets nothing through; from then on the next program would hear nothing. */
static void set_filter(int fd, bool is_locked)
{
    static struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
    const struct sock_fprog program = {.len = 1, .filter = &nothing};

    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, (socklen_t)sizeof(program)), 0);
    if (is_locked)
        assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)), 0);
}

static void test_filter(void **state)
{
    struct pair pair = pair_of_tcp();
    char byte;

    (void)state;
    set_filter(pair.near, false);
    assert_true(sc_ctl_settings_reset(pair.near));
    assert_int_equal(send(pair.far, "x", 1, 0), 1);
    assert_int_equal(recv(pair.near, &byte, 1, 0), 1);
    pair_close(pair);
    pair = pair_of_tcp();
    set_filter(pair.near, true);
    assert_false(sc_ctl_settings_reset(pair.near));
    pair_close(pair);
}

static void test_no_socket(void **state)
{
    int fds[2];

    (void)state;
    assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    assert_true(sc_ctl_settings_reset(fds[0]));
    assert_int_equal(fcntl(fds[0], F_GETFL) & O_NONBLOCK, 0);
    close(fds[0]);
    close(fds[1]);
    assert_false(sc_ctl_settings_reset(fds[0]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),   cmocka_unit_test(test_untouched),
        cmocka_unit_test(test_flags),     cmocka_unit_test(test_filter),
        cmocka_unit_test(test_no_socket),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
