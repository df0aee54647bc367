/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/dial against listeners that are there, full, dead or no listeners at all.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/dial.h"
#include "support/scene.h"

static int listening(const struct scene *scene, const char *name, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char path[PATH_MAX];

    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", scene_path(scene, name, path));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(fd, backlog), 0);
    return fd;
}

static int dial(const struct scene *scene, const char *name, int *fd)
{
    char path[PATH_MAX];

    return sc_dial_connect(scene_path(scene, name, path), fd);
}

static void a_listener_is_reached(void **state)
{
    int listener = listening(*state, "socket", 1);
    int fd = -1;

    assert_int_equal(dial(*state, "socket", &fd), 0);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    int there = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(there >= 0);
    assert_int_equal(send(fd, "x", 1, 0), 1);
    close(there);
    close(fd);
    close(listener);
}

static void a_full_queue_is_no_wait(void **state)
{
    int listener = listening(*state, "socket", 0);
    int fds[64], count = 0, error = 0;

    while (count < 64 && (error = dial(*state, "socket", &fds[count])) == 0)
        count++;
    assert_int_equal(error, -EAGAIN);
    while (count > 0)
        close(fds[--count]);
    close(listener);
}

static void nobody_there_is_an_error(void **state)
{
    int fd = -2;

    assert_int_equal(dial(*state, "nothing", &fd), -ENOENT);
    close(listening(*state, "dead", 1));
    assert_int_equal(dial(*state, "dead", &fd), -ECONNREFUSED);
    assert_int_equal(fd, -2);
}

static void the_longest_path_is_tried_and_no_longer(void **state)
{
    char path[SC_DIAL_PATH_MAX + 2];
    int fd;

    (void)state;
    memset(path, 'x', sizeof(path));
    path[SC_DIAL_PATH_MAX + 1] = '\0';
    assert_int_equal(sc_dial_connect(path, &fd), -ENAMETOOLONG);
    path[SC_DIAL_PATH_MAX] = '\0';
    assert_int_equal(sc_dial_connect(path, &fd), -ENOENT);
}

static void room_in_the_table_is_tried(void **state)
{
    const struct scene *scene = *state;
    struct rlimit before, full;
    int lowest = fcntl(scene->fd, F_DUPFD_CLOEXEC, 0);

    assert_true(lowest >= 0);
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    full = (struct rlimit){.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    assert_true(sc_dial_has_room(scene->fd));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
    assert_false(sc_dial_has_room(scene->fd));
    full.rlim_cur = (rlim_t)lowest + 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
    assert_true(sc_dial_has_room(scene->fd));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_false(sc_dial_has_room(-1));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_listener_is_reached),      TEST(a_full_queue_is_no_wait),
        TEST(nobody_there_is_an_error),   TEST(the_longest_path_is_tried_and_no_longer),
        TEST(room_in_the_table_is_tried),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
