/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/peer against real sockets of many kinds, alive, dead and dying, and
 * against one whose lock is held for as long as the test likes.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/peer.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* How long a thing that cannot happen at once is awaited. */
enum { AWAITED_MS = 20000 };

static bool is_dead(int fd)
{
    bool dead;

    sc_peer_look(&fd, 1, &dead);
    return dead;
}

/* What a far end does is seen a little later on loopback: awaited, never slept for. */
static void await_dead(int fd)
{
    struct pollfd watched = {.fd = fd, .events = POLLIN | POLLRDHUP};

    assert_int_equal(poll(&watched, 1, AWAITED_MS), 1);
    assert_true(is_dead(fd));
}

static int listening(int domain, int protocol, struct sockaddr_storage *address, socklen_t *size)
{
    int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol);

    memset(address, 0, sizeof(*address));
    address->ss_family = (sa_family_t)domain;
    if (domain == AF_INET)
        ((struct sockaddr_in *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    else if (domain == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_addr = in6addr_loopback;
    *size = domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
    if (domain == AF_UNIX)
        *size = sizeof(sa_family_t); /* a name of the kernel's choosing */
    if (fd < 0)
        return -1;
    if (bind(fd, (struct sockaddr *)address, *size) < 0 || listen(fd, 4) < 0) {
        close(fd);
        return -1;
    }
    *size = sizeof(*address);
    assert_int_equal(getsockname(fd, (struct sockaddr *)address, size), 0);
    return fd;
}

/* Returns whether the machine has such sockets. */
static bool make_connection(int domain, int protocol, int *near, int *far)
{
    struct sockaddr_storage address;
    socklen_t size;
    int listener = listening(domain, protocol, &address, &size);

    if (listener < 0)
        return false;
    *near = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, protocol);
    assert_true(*near >= 0);
    assert_int_equal(connect(*near, (struct sockaddr *)&address, size), 0);
    *far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(*far >= 0);
    close(listener);
    return true;
}

static const struct {
    int domain, protocol;
} streams[] = {
    {AF_UNIX, 0}, {AF_INET, 0}, {AF_INET6, 0}, {AF_INET, IPPROTO_MPTCP}, {AF_INET6, IPPROTO_MPTCP},
};

static const size_t stream_count = SC_COUNT_OF(streams);

static void what_is_no_socket(void **state)
{
    int pipes[2];
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const int event = eventfd(0, EFD_CLOEXEC);
    const int file = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)state;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    const int others[] = {pipes[0], pipes[1], epoll, event, file};
    for (size_t i = 0; i < SC_COUNT_OF(others); i++) {
        assert_int_equal(sc_peer_nature(others[i]), 0);
        assert_int_equal(sc_peer_cookie(others[i]), 0);
        close(others[i]);
        assert_int_equal(sc_peer_nature(others[i]), 0); /* nor is what is not open */
        assert_int_equal(sc_peer_cookie(others[i]), 0);
    }
}

static void sockets_that_cannot_be_judged(void **state)
{
    static const struct {
        int domain, type, protocol;
    } kinds[] = {
        {AF_UNIX, SOCK_DGRAM, 0},         {AF_UNIX, SOCK_SEQPACKET, 0},
        {AF_INET, SOCK_DGRAM, 0},         {AF_INET6, SOCK_DGRAM, 0},
        {AF_NETLINK, SOCK_RAW, 0},        {AF_NETLINK, SOCK_RAW, IPPROTO_TCP},
        {AF_INET, SOCK_RAW, IPPROTO_TCP}, {AF_INET, SOCK_STREAM, IPPROTO_SCTP},
        {AF_VSOCK, SOCK_STREAM, 0},
    };
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(kinds); i++) {
        int fd = socket(kinds[i].domain, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol);
        if (fd < 0)
            continue; /* Not every kernel has every kind. */
        tried++;
        assert_int_equal(sc_peer_nature(fd), SC_PEER_SOCKET);
        close(fd);
    }
    assert_true(tried >= 3);
}

static void a_listener_is_let_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < stream_count; i++) {
        struct sockaddr_storage address;
        socklen_t size;
        int fd = listening(streams[i].domain, streams[i].protocol, &address, &size);
        if (fd < 0)
            continue;
        assert_int_equal(sc_peer_nature(fd), SC_PEER_SOCKET);
        close(fd);
    }
}

static void a_silent_connection_is_alive(void **state)
{
    (void)state;
    for (size_t i = 0; i < stream_count; i++) {
        int near, far;
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        assert_int_equal(sc_peer_nature(near), SC_PEER_SOCKET | SC_PEER_JUDGEABLE);
        assert_int_equal(sc_peer_nature(far), SC_PEER_SOCKET | SC_PEER_JUDGEABLE);
        assert_false(is_dead(near));
        assert_false(is_dead(far));
        close(near);
        close(far);
    }
}

static void who_speaks_is_dead_and_keeps_its_word(void **state)
{
    char byte;

    (void)state;
    for (size_t i = 0; i < stream_count; i++) {
        int near, far;
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        assert_int_equal(send(far, "x", 1, 0), 1);
        await_dead(near);
        assert_false(is_dead(far));
        assert_int_equal(recv(near, &byte, 1, 0), 1);
        assert_false(is_dead(near));
        close(near);
        close(far);
    }
}

static void who_has_closed_is_dead(void **state)
{
    (void)state;
    for (size_t i = 0; i < stream_count; i++) {
        int near, far;
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        close(far);
        await_dead(near);
        close(near);
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        assert_int_equal(shutdown(far, SHUT_WR), 0);
        await_dead(near);
        close(near);
        close(far);
    }
}

/* Whatever the error, and the error stays for whoever asks for it. */
static void a_reset_is_dead(void **state)
{
    const struct linger at_once = {.l_onoff = 1};
    int near, far, error = 0;
    socklen_t size = sizeof(error);

    (void)state;
    assert_true(make_connection(AF_INET, 0, &near, &far));
    assert_int_equal(setsockopt(far, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)), 0);
    close(far);
    await_dead(near);
    assert_int_equal(getsockopt(near, SOL_SOCKET, SO_ERROR, &error, &size), 0);
    assert_int_equal(error, ECONNRESET);
    assert_true(is_dead(near)); /* also when the error has been asked for */
    close(near);
}

static void a_refused_connect_is_dead(void **state)
{
    struct sockaddr_storage address;
    socklen_t size;
    int listener = listening(AF_INET, 0, &address, &size);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)state;
    close(listener);
    assert_true(connect(fd, (struct sockaddr *)&address, size) < 0);
    assert_int_equal(sc_peer_nature(fd), SC_PEER_SOCKET | SC_PEER_JUDGEABLE);
    await_dead(fd);
    close(fd);
}

/* One that was never connected can be of use to nobody who looks for a connection. */
static void one_never_connected_is_dead(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int fd = socket(streams[i].domain, SOCK_STREAM | SOCK_CLOEXEC, streams[i].protocol);
        if (fd < 0)
            continue;
        assert_true(is_dead(fd));
        close(fd);
    }
}

static void its_own_reading_side_shut_is_dead(void **state)
{
    int near, far;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        assert_int_equal(shutdown(near, SHUT_RD), 0);
        assert_true(is_dead(near));
        close(near);
        close(far);
    }
}

static void many_are_looked_at_together(void **state)
{
    int fds[SC_PEER_LOOK_MAX], ends[SC_PEER_LOOK_MAX];
    bool dead[SC_PEER_LOOK_MAX];

    (void)state;
    for (size_t i = 0; i < SC_PEER_LOOK_MAX; i++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        fds[i] = pair[0];
        ends[i] = pair[1];
    }
    sc_peer_look(fds, SC_PEER_LOOK_MAX, dead);
    for (size_t i = 0; i < SC_PEER_LOOK_MAX; i++)
        assert_false(dead[i]);
    for (size_t i = 0; i < SC_PEER_LOOK_MAX; i += 3)
        assert_int_equal(send(ends[i], "x", 1, 0), 1);
    sc_peer_look(fds, SC_PEER_LOOK_MAX, dead);
    for (size_t i = 0; i < SC_PEER_LOOK_MAX; i++)
        assert_int_equal(dead[i], i % 3 == 0);
    sc_peer_look(fds, 0, dead);
    for (size_t i = 0; i < SC_PEER_LOOK_MAX; i++) {
        close(fds[i]);
        close(ends[i]);
    }
}

static void interrupt(int signal)
{
    (void)signal;
}

/* A signal that is pending does not make the dead alive. */
static void a_signal_does_not_disturb(void **state)
{
    struct sigaction action = {.sa_handler = interrupt};
    sigset_t alarm_only, before;
    int near, far;

    (void)state;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_true(make_connection(AF_UNIX, 0, &near, &far));
    close(far);
    for (int i = 0; i < 100; i++) {
        sigprocmask(SIG_BLOCK, &alarm_only, &before);
        raise(SIGALRM);
        sigprocmask(SIG_SETMASK, &before, NULL);
        assert_true(is_dead(near));
    }
    close(near);
}

static void cookies_tell_sockets_apart(void **state)
{
    int near, far;

    (void)state;
    assert_true(make_connection(AF_INET, 0, &near, &far));
    uint64_t cookie = sc_peer_cookie(near);
    assert_int_not_equal(cookie, 0);
    assert_int_not_equal(cookie, sc_peer_cookie(far));
    int copy = fcntl(near, F_DUPFD_CLOEXEC, 0);
    assert_true(sc_peer_cookie(copy) == cookie);
    close(copy);
    close(near);
    close(far);
}

/* A thread that is in recv(2), holds the socket's lock there and waits for a page. */
struct holder {
    pthread_t thread;
    int socket;
    int faults; /* userfaultfd(2): the page comes when the test says so */
    char *page;
    size_t size;
};

static void *hold_lock(void *context)
{
    struct holder *holder = context;

    (void)!recv(holder->socket, holder->page, 1, 0);
    return NULL;
}

/* Returns whether this kernel lets us hold up a system call. */
static bool holder_start(struct holder *holder, int socket)
{
    struct uffdio_api api = {.api = UFFD_API};
    struct uffd_msg fault;

    holder->socket = socket;
    holder->size = (size_t)sysconf(_SC_PAGESIZE);
    holder->faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    if (holder->faults < 0)
        return false;
    assert_int_equal(ioctl(holder->faults, UFFDIO_API, &api), 0);
    holder->page =
        mmap(NULL, holder->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(holder->page != MAP_FAILED);
    struct uffdio_register region = {
        .range = {.start = (uintptr_t)holder->page, .len = holder->size},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    assert_int_equal(ioctl(holder->faults, UFFDIO_REGISTER, &region), 0);
    assert_int_equal(pthread_create(&holder->thread, NULL, hold_lock, holder), 0);
    /* When the fault is reported, the receiver holds the lock. */
    assert_int_equal(read(holder->faults, &fault, sizeof(fault)), sizeof(fault));
    return true;
}

static void holder_stop(struct holder *holder)
{
    struct uffdio_zeropage zero = {
        .range = {.start = (uintptr_t)holder->page, .len = holder->size},
    };

    assert_int_equal(ioctl(holder->faults, UFFDIO_ZEROPAGE, &zero), 0);
    pthread_join(holder->thread, NULL);
    munmap(holder->page, holder->size);
    close(holder->faults);
}

/* The alarm ends the test if anything here waits for the lock. */
static void nothing_waits_for_a_lock(void **state)
{
    bool tried = false;

    (void)state;
    alarm(AWAITED_MS / 1000);
    for (size_t i = 0; i < stream_count; i++) {
        struct holder holder;
        int near, far;
        if (!make_connection(streams[i].domain, streams[i].protocol, &near, &far))
            continue;
        assert_int_equal(send(far, "x", 1, 0), 1);
        await_dead(near);
        if (!holder_start(&holder, near)) {
            close(near);
            close(far);
            break;
        }
        tried = true;
        assert_int_equal(sc_peer_nature(near), SC_PEER_SOCKET | SC_PEER_JUDGEABLE);
        assert_int_not_equal(sc_peer_cookie(near), 0);
        (void)is_dead(near);
        holder_stop(&holder);
        close(near);
        close(far);
    }
    alarm(0);
    if (!tried)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_socket),
        cmocka_unit_test(sockets_that_cannot_be_judged),
        cmocka_unit_test(a_listener_is_let_be),
        cmocka_unit_test(a_silent_connection_is_alive),
        cmocka_unit_test(who_speaks_is_dead_and_keeps_its_word),
        cmocka_unit_test(who_has_closed_is_dead),
        cmocka_unit_test(a_reset_is_dead),
        cmocka_unit_test(a_refused_connect_is_dead),
        cmocka_unit_test(one_never_connected_is_dead),
        cmocka_unit_test(its_own_reading_side_shut_is_dead),
        cmocka_unit_test(many_are_looked_at_together),
        cmocka_unit_test(a_signal_does_not_disturb),
        cmocka_unit_test(cookies_tell_sockets_apart),
        cmocka_unit_test(nothing_waits_for_a_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
