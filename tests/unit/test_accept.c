/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/accept with real listeners, among them such as somebody has told to pass
 * along more than descriptors.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/accept.h"
#include "io/pass.h"
#include "support/scene.h"

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

enum { STRANGER = 40001 };

struct place {
    struct sockaddr_un address;
    socklen_t size;
    int listener;
};

/* A listener whose name the kernel chooses. */
static struct place listening(void)
{
    struct place place = {.address.sun_family = AF_UNIX, .size = sizeof(place.address)};

    place.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_true(place.listener >= 0);
    assert_int_equal(bind(place.listener, (struct sockaddr *)&place.address, sizeof(sa_family_t)),
                     0);
    assert_int_equal(getsockname(place.listener, (struct sockaddr *)&place.address, &place.size),
                     0);
    assert_int_equal(listen(place.listener, 4), 0);
    return place;
}

static int connected(const struct place *place)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&place->address, place->size), 0);
    return fd;
}

static void nobody_is_there(void **state)
{
    struct place place = listening();

    (void)state;
    assert_int_equal(sc_accept_client(place.listener), -EAGAIN);
    close(place.listener);
    assert_int_equal(sc_accept_client(place.listener), -EBADF);
}

static void a_client_is_ours_alone(void **state)
{
    struct place place = listening();
    int there = connected(&place);
    int here = sc_accept_client(place.listener);
    int64_t user, process;

    (void)state;
    assert_true(here >= 0);
    assert_true(fcntl(here, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(here, F_GETFD) & FD_CLOEXEC);
    sc_accept_peer(here, &user, &process);
    assert_int_equal(user, geteuid());
    assert_int_equal(process, getpid());
    assert_int_equal(sc_accept_client(place.listener), -EAGAIN);
    close(there);
    close(here);
    close(place.listener);
}

static int option(int fd, int name)
{
    int value = -1;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

static void nothing_else_is_passed_along(void **state)
{
    static const int options[] = {SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD};
    struct place place = listening();
    size_t before = scene_open_descriptors();
    struct sc_received received;
    const int on = 1;
    char byte;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(options); i++)
        (void)setsockopt(place.listener, SOL_SOCKET, options[i], &on, sizeof(on));
    int there = connected(&place);
    assert_int_equal(send(there, "x", 1, 0), 1); /* before it is accepted */
    int here = sc_accept_client(place.listener);
    assert_true(here >= 0);
    for (size_t i = 0; i < SC_COUNT_OF(options); i++)
        assert_true(option(here, options[i]) <= 0);
    assert_true(option(here, SO_OOBINLINE) == 1);
    assert_int_equal(sc_pass_receive(here, &byte, 1, &received), 0);
    assert_int_equal(received.fd, -1);
    assert_false(received.bad);
    close(there);
    close(here);
    assert_int_equal(scene_open_descriptors(), before);
    close(place.listener);
}

static int be_a_stranger(void *context)
{
    const struct place *place = context;

    if (setgid(STRANGER) < 0 || setuid(STRANGER) < 0)
        return 1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(fd, (const struct sockaddr *)&place->address, place->size) == 0 ? 0 : 1;
}

/* Who connected counts, also when he has gone. */
static void a_stranger_is_known(void **state)
{
    struct place place = listening();
    int64_t user, process;

    (void)state;
    if (geteuid() != 0) {
        close(place.listener);
        skip();
    }
    assert_int_equal(scene_in_child(be_a_stranger, &place), 0);
    int here = sc_accept_client(place.listener);
    assert_true(here >= 0);
    sc_accept_peer(here, &user, &process);
    assert_int_equal(user, STRANGER);
    close(here);
    close(place.listener);
    sc_accept_peer(-1, &user, &process);
    assert_int_equal(user, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_there),
        cmocka_unit_test(a_client_is_ours_alone),
        cmocka_unit_test(nothing_else_is_passed_along),
        cmocka_unit_test(a_stranger_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
