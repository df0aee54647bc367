/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/listen against real files and sockets: modes and owners, what is stale
 * and what is not, and what others have put in the place of its files.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/dial.h"
#include "io/listen.h"
#include "support/scene.h"

enum { STRANGER = 40001 };

static int open_at(struct sc_listen *listener, const char *path, mode_t mode)
{
    const struct sc_listen_options options = {
        .path = path, .mode = mode, .owner = (uid_t)-1, .group = (gid_t)-1};

    return sc_listen_open(listener, &options);
}

static int open_in(const struct scene *scene, struct sc_listen *listener, const char *name)
{
    char path[PATH_MAX];

    return open_at(listener, scene_path(scene, name, path), 0600);
}

static struct stat look_at(const struct scene *scene, const char *name)
{
    struct stat status;

    assert_int_equal(fstatat(scene->fd, name, &status, AT_SYMLINK_NOFOLLOW), 0);
    return status;
}

static bool exists(const struct scene *scene, const char *name)
{
    return faccessat(scene->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Whether somebody answers there. */
static bool is_served(const struct scene *scene, const char *name)
{
    char path[PATH_MAX];
    int fd;

    if (sc_dial_connect(scene_path(scene, name, path), &fd) < 0)
        return false;
    close(fd);
    return true;
}

/* A server that was killed: its socket file is there, and nobody behind it. */
static void leave_socket(const struct scene *scene, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char path[PATH_MAX];

    snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", scene_path(scene, name, path));
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

static void leave_file(const struct scene *scene, const char *name, mode_t mode)
{
    int fd = openat(scene->fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);

    assert_true(fd >= 0);
    close(fd);
}

static void it_listens_and_leaves_nothing(void **state)
{
    struct sc_listen listener;

    assert_int_equal(open_in(*state, &listener, "socket"), 0);
    assert_int_equal(sc_listen_check(&listener), SC_LISTEN_WHOLE);
    assert_true(fcntl(listener.fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(listener.fd, F_GETFD) & FD_CLOEXEC);
    assert_true(is_served(*state, "socket"));
    sc_listen_close(&listener);
    assert_false(exists(*state, "socket"));
    assert_false(exists(*state, "socket.lock"));
    sc_listen_close(&listener);
    assert_int_equal(sc_listen_check(&listener), SC_LISTEN_WHOLE);
}

/* Whatever mask the process was started with, and it is the same afterwards. */
static void the_mode_is_as_wanted(void **state)
{
    static const mode_t modes[] = {0, 0600, 0666, 0770, 0777, 0111};
    static const mode_t masks[] = {0, 022, 077, 0777};
    char path[PATH_MAX];

    for (size_t i = 0; i < SC_COUNT_OF(modes); i++)
        for (size_t n = 0; n < SC_COUNT_OF(masks); n++) {
            struct sc_listen listener;
            mode_t before = umask(masks[n]);
            int error = open_at(&listener, scene_path(*state, "socket", path), modes[i]);
            assert_int_equal(umask(before), masks[n]);
            assert_int_equal(error, 0);
            assert_int_equal(look_at(*state, "socket").st_mode & 07777, modes[i]);
            sc_listen_close(&listener);
        }
}

static void owner_and_group_are_as_wanted(void **state)
{
    struct sc_listen listener;
    char path[PATH_MAX];
    const struct sc_listen_options options = {
        .path = scene_path(*state, "socket", path), .mode = 0660, .owner = STRANGER, .group = 7};

    if (geteuid() != 0)
        skip();
    assert_int_equal(sc_listen_open(&listener, &options), 0);
    const struct stat made = look_at(*state, "socket");
    assert_int_equal(made.st_uid, STRANGER);
    assert_int_equal(made.st_gid, 7);
    assert_int_equal(made.st_mode & 07777, 0660);
    sc_listen_close(&listener);
    assert_false(exists(*state, "socket"));
}

static void a_relative_path_is_where_we_are(void **state)
{
    const struct scene *scene = *state;
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct sc_listen listener;

    assert_true(here >= 0);
    assert_int_equal(fchdir(scene->fd), 0);
    assert_int_equal(open_at(&listener, "socket", 0600), 0);
    assert_int_equal(chdir("/"), 0);
    assert_true(is_served(scene, "socket"));
    assert_int_equal(sc_listen_check(&listener), SC_LISTEN_WHOLE);
    sc_listen_close(&listener); /* also from somewhere else */
    assert_false(exists(scene, "socket"));
    assert_int_equal(fchdir(here), 0);
    close(here);
}

static void bad_paths_are_refused(void **state)
{
    struct sc_listen listener;
    char path[PATH_MAX], longest[SC_LISTEN_PATH_MAX + 1];

    memset(longest, 'x', sizeof(longest));
    longest[SC_LISTEN_PATH_MAX] = '\0';
    assert_int_equal(open_at(&listener, longest, 0600), -ENAMETOOLONG);
    assert_int_equal(open_at(&listener, scene_path(*state, "", path), 0600), -EISDIR);
    assert_int_equal(open_at(&listener, scene_path(*state, "no/socket", path), 0600), -ENOENT);
    assert_int_equal(listener.fd, -1);
}

static void what_is_stale_is_replaced(void **state)
{
    struct sc_listen listener;

    leave_socket(*state, "socket");
    leave_file(*state, "socket.lock", 0600);
    assert_int_equal(open_in(*state, &listener, "socket"), 0);
    assert_true(is_served(*state, "socket"));
    sc_listen_close(&listener);
    leave_socket(*state, "socket"); /* Its lock file was removed after it had ended. */
    assert_int_equal(open_in(*state, &listener, "socket"), 0);
    sc_listen_close(&listener);
}

static void what_is_no_socket_is_let_be(void **state)
{
    struct sc_listen listener;

    leave_file(*state, "socket", 0600);
    assert_int_equal(open_in(*state, &listener, "socket"), -EEXIST);
    assert_true(S_ISREG(look_at(*state, "socket").st_mode));
    assert_false(exists(*state, "socket.lock"));
}

static void a_live_server_keeps_its_name(void **state)
{
    const struct scene *scene = *state;
    struct sc_listen one, other;

    assert_int_equal(open_in(scene, &one, "socket"), 0);
    assert_int_equal(open_in(scene, &other, "socket"), -EADDRINUSE);
    assert_int_equal(other.lock.holder, getpid());
    assert_int_equal(sc_listen_check(&one), SC_LISTEN_WHOLE);
    /* A cleaner takes the lock file away, not the server's life. */
    assert_int_equal(unlinkat(scene->fd, "socket.lock", 0), 0);
    assert_int_equal(sc_listen_check(&one), SC_LISTEN_UNLOCKED);
    assert_int_equal(open_in(scene, &other, "socket"), -EADDRINUSE);
    assert_true(other.lock.fresh);
    assert_int_equal(other.lock.holder, 0);
    assert_true(is_served(scene, "socket"));
    assert_false(exists(scene, "socket.lock"));
    sc_listen_close(&one);
    assert_false(exists(scene, "socket"));
}

/* Both files taken away, and a successor there: its files are not touched. */
static void what_is_somebody_elses_stays(void **state)
{
    const struct scene *scene = *state;
    struct sc_listen one, other;

    assert_int_equal(open_in(scene, &one, "socket"), 0);
    assert_int_equal(unlinkat(scene->fd, "socket.lock", 0), 0);
    assert_int_equal(unlinkat(scene->fd, "socket", 0), 0);
    assert_int_equal(sc_listen_check(&one), SC_LISTEN_UNNAMED);
    assert_int_equal(open_in(scene, &other, "socket"), 0);
    assert_int_equal(sc_listen_check(&one), SC_LISTEN_UNNAMED);
    sc_listen_close(&one);
    assert_int_equal(sc_listen_check(&other), SC_LISTEN_WHOLE);
    assert_true(is_served(scene, "socket"));
    sc_listen_close(&other);
}

/* The directory goes elsewhere and a link to a precious one takes its place. */
static void a_directory_that_was_exchanged_does_not_matter(void **state)
{
    const struct scene *scene = *state;
    struct sc_listen listener;
    char elsewhere[PATH_MAX];

    assert_int_equal(mkdirat(scene->fd, "place", 0755), 0);
    assert_int_equal(mkdirat(scene->fd, "precious", 0755), 0);
    assert_int_equal(open_in(scene, &listener, "place/socket"), 0);
    leave_socket(scene, "precious/socket");
    assert_int_equal(renameat(scene->fd, "place", scene->fd, "moved"), 0);
    scene_path(scene, "precious", elsewhere);
    assert_int_equal(symlinkat(elsewhere, scene->fd, "place"), 0);
    assert_int_equal(sc_listen_check(&listener), SC_LISTEN_WHOLE);
    sc_listen_close(&listener);
    assert_true(exists(scene, "precious/socket"));
    assert_false(exists(scene, "moved/socket"));
}

/* In a directory of a stranger's it is bound from within. */
static void it_listens_in_a_directory_of_others(void **state)
{
    const struct scene *scene = *state;
    struct sc_listen listener;
    char path[PATH_MAX];

    assert_int_equal(mkdirat(scene->fd, "theirs", 0777), 0);
    assert_int_equal(chmod(scene_path(scene, "theirs", path), 0777), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, STRANGER, STRANGER), 0);
    assert_int_equal(open_in(scene, &listener, "theirs/socket"), 0);
    assert_true(is_served(scene, "theirs/socket"));
    assert_int_equal(look_at(scene, "theirs/socket").st_mode & 07777, 0600);
    sc_listen_close(&listener);
    assert_false(exists(scene, "theirs/socket"));
}

static int meet_obstacle(void *context)
{
    struct sc_listen listener;
    char path[PATH_MAX];

    if (setgid(STRANGER) < 0 || setuid(STRANGER) < 0)
        return 2;
    if (open_at(&listener, scene_path(context, "socket", path), 0600) != -EACCES)
        return 3;
    return strcmp(listener.obstacle, strcat(path, ".lock")) == 0 && listener.obstacle_owner == 0
               ? 0
               : 4;
}

static void whose_file_is_in_the_way_is_told(void **state)
{
    if (geteuid() != 0)
        skip();
    leave_file(*state, "socket.lock", 0600);
    assert_int_equal(scene_in_child(meet_obstacle, *state), 0);
}

static void a_listener_is_adopted(void **state)
{
    struct sc_listen listener;
    int pair[2];

    assert_int_equal(open_in(*state, &listener, "socket"), 0);
    int copy = dup(listener.fd);
    assert_int_equal(sc_listen_adopt(copy), 0);
    assert_true(fcntl(copy, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(copy, F_GETFL) & O_NONBLOCK);
    close(copy);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(sc_listen_adopt(pair[0]), -ENOTSOCK);
    assert_int_equal(sc_listen_adopt(((struct scene *)*state)->fd), -ENOTSOCK);
    assert_int_equal(sc_listen_adopt(-1), -ENOTSOCK);
    close(pair[0]);
    close(pair[1]);
    sc_listen_close(&listener);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_listens_and_leaves_nothing),
        TEST(the_mode_is_as_wanted),
        TEST(owner_and_group_are_as_wanted),
        TEST(a_relative_path_is_where_we_are),
        TEST(bad_paths_are_refused),
        TEST(what_is_stale_is_replaced),
        TEST(what_is_no_socket_is_let_be),
        TEST(a_live_server_keeps_its_name),
        TEST(what_is_somebody_elses_stays),
        TEST(a_directory_that_was_exchanged_does_not_matter),
        TEST(it_listens_in_a_directory_of_others),
        TEST(whose_file_is_in_the_way_is_told),
        TEST(a_listener_is_adopted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
