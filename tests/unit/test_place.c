/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which server is used when nobody names one: ours, root's, or the service's own, and never
 * one that somebody else could have put there.
 */
#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/place.h"

/* Where a server is looked for, and who is trusted there. */

enum { STRANGER = 4242 };

struct room {
    char directory[32];
    char path[64];
    int listener;
};

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, path);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 5), 0);
    return listener;
}

static int setup(void **state)
{
    struct room *room = calloc(1, sizeof(*room));

    *state = room;
    if (!room)
        return -1;
    strcpy(room->directory, "/tmp/scache-place-XXXXXX");
    if (!mkdtemp(room->directory))
        return -1;
    snprintf(room->path, sizeof(room->path), "%s/scache.sock", room->directory);
    room->listener = listen_at(room->path);
    return 0;
}

static int teardown(void **state)
{
    struct room *room = *state;

    close(room->listener);
    unlink(room->path);
    rmdir(room->directory);
    free(room);
    return 0;
}

/* A place that nobody has named, at these paths. */
static struct sc_place unnamed(const char *first, const char *second)
{
    struct sc_place place = {.count = second ? 2 : 1};

    snprintf(place.paths[0], sizeof(place.paths[0]), "%s", first);
    if (second)
        snprintf(place.paths[1], sizeof(place.paths[1]), "%s", second);
    return place;
}

static void expect_reached(struct sc_place *place, const char *path)
{
    int socket = -1;

    assert_int_equal(sc_place_dial(place, 0, &socket), 0);
    assert_true(socket > 2);
    assert_string_equal(sc_place_path(place), path);
    assert_int_equal(place->reason, SCACHE_REASON_NONE);
    close(socket);
}

static void expect_missed(struct sc_place *place, enum scache_reason reason, const char *detail)
{
    int socket = -1;

    assert_true(sc_place_dial(place, 0, &socket) < 0);
    assert_int_equal(socket, -1);
    assert_int_equal(place->reason, reason);
    assert_string_equal(place->detail, detail);
}

static void what_is_ours_is_used(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed(room->path, NULL);

    expect_reached(&place, room->path);
}

static void where_others_may_write_nothing_is_used(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed(room->path, NULL);

    assert_int_equal(chmod(room->directory, 0702), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "others may write to its directory");
    assert_int_equal(chmod(room->directory, 01777), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "others may write to its directory");
    assert_int_equal(chmod(room->directory, 0720), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "others may write to its directory");
    assert_int_equal(chmod(room->directory, 0755), 0);
    expect_reached(&place, room->path);
}

static void a_strangers_directory_is_not_used(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed(room->path, NULL);

    if (geteuid() != 0)
        skip();
    assert_int_equal(chown(room->directory, STRANGER, (gid_t)-1), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "its directory belongs to user 4242");
    assert_int_equal(chown(room->directory, 65534, (gid_t)-1), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "its directory belongs to user 65534");
}

/* Listens as somebody else, until the other end of the pipe is closed. */
static pid_t stranger_listens(const char *path, int wait_for, int others)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child > 0)
        return child;
    close(others);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, path);
    bool is_up = bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
                 setuid(STRANGER) == 0 && listen(listener, 5) == 0;
    char byte = is_up ? 'u' : 'd';
    if (write(wait_for, &byte, 1) != 1 || read(wait_for, &byte, 1) != 0)
        _exit(1);
    _exit(0);
}

static void a_strangers_server_is_not_used(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed(room->path, NULL);
    int pair[2];
    char byte;

    if (geteuid() != 0)
        skip();
    assert_int_equal(unlink(room->path), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t child = stranger_listens(room->path, pair[1], pair[0]);
    close(pair[1]);
    assert_int_equal(read(pair[0], &byte, 1), 1);
    assert_int_equal(byte, 'u');
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "the server there is user 4242's");
    close(pair[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Runs as somebody else; its check must come to true there. */
static void as_stranger(const struct room *room, uid_t user, bool (*check)(const struct room *room))
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(setuid(user) == 0 && check(room) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool reaches(const struct room *room)
{
    struct sc_place place = unnamed(room->path, NULL);
    int socket;

    return sc_place_dial(&place, 0, &socket) == 0;
}

static bool distrusts(const struct room *room)
{
    struct sc_place place = unnamed(room->path, NULL);
    int socket;

    return sc_place_dial(&place, 0, &socket) < 0 && place.reason == SCACHE_REASON_DISTRUSTED;
}

static void what_is_roots_is_used_by_everybody(void **state)
{
    struct room *room = *state;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(room->directory, 0755), 0);
    assert_int_equal(chmod(room->path, 0666), 0);
    as_stranger(room, STRANGER, reaches);
}

/* Who has no number in this namespace shares one with everybody else who has none. */
static void the_overflow_user_is_not_us(void **state)
{
    struct room *room = *state;

    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(room->directory, 0755), 0);
    assert_int_equal(chmod(room->path, 0666), 0);
    assert_int_equal(chown(room->directory, 65534, (gid_t)-1), 0);
    as_stranger(room, 65534, distrusts);
}

static void what_is_named_is_taken_as_it_is(void **state)
{
    struct room *room = *state;
    struct sc_place place;

    assert_int_equal(chmod(room->directory, 0777), 0);
    assert_int_equal(sc_place_init(&place, room->path), 0);
    expect_reached(&place, room->path);
    setenv("SCACHE_SOCKET", room->path, 1);
    assert_int_equal(sc_place_init(&place, NULL), 0);
    expect_reached(&place, room->path);
    assert_int_equal(sc_place_init(&place, "/nowhere/at/all"), 0);
    unsetenv("SCACHE_SOCKET");
    expect_missed(&place, SCACHE_REASON_AWAY, "");
    assert_string_equal(sc_place_path(&place), "/nowhere/at/all");
}

static void the_first_that_answers_is_used(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed("/nowhere/scache.sock", room->path);

    expect_reached(&place, room->path);
    place = unnamed(room->path, "/nowhere/scache.sock");
    expect_reached(&place, room->path);
}

static void distrust_says_more_than_absence(void **state)
{
    struct room *room = *state;
    struct sc_place place = unnamed(room->path, "/nowhere/scache.sock");

    assert_int_equal(chmod(room->directory, 0777), 0);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "others may write to its directory");
    assert_string_equal(sc_place_path(&place), room->path);
    place = unnamed("/nowhere/scache.sock", room->path);
    expect_missed(&place, SCACHE_REASON_DISTRUSTED, "others may write to its directory");
    assert_string_equal(sc_place_path(&place), room->path);
}

static void a_server_that_may_not_be_reached_refuses(void **state)
{
    struct room *room = *state;
    struct sc_place place;

    if (geteuid() == 0) {
        assert_int_equal(chmod(room->directory, 0755), 0);
        assert_int_equal(chmod(room->path, 0600), 0);
        pid_t child = fork();
        int status;
        if (child == 0) {
            int socket;
            bool is_init = setuid(STRANGER) == 0 && sc_place_init(&place, room->path) == 0;
            _exit(is_init && sc_place_dial(&place, 0, &socket) == -EACCES &&
                          place.reason == SCACHE_REASON_REFUSED
                      ? 0
                      : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        return;
    }
    assert_int_equal(chmod(room->path, 0), 0);
    assert_int_equal(sc_place_init(&place, room->path), 0);
    expect_missed(&place, SCACHE_REASON_REFUSED, "");
}

static void the_places_are_those_of_the_manual(void **state)
{
    struct sc_place place;
    char own[64];

    (void)state;
    snprintf(own, sizeof(own), "/run/user/%u/scache.sock", (unsigned)geteuid());
    setenv("XDG_RUNTIME_DIR", "/somewhere", 1);
    assert_int_equal(sc_place_init(&place, NULL), 0);
    assert_int_equal(place.count, 3);
    assert_string_equal(sc_place_path(&place), "/somewhere/scache.sock");
    assert_string_equal(place.paths[1], own);
    assert_string_equal(place.paths[2], SCACHE_DEFAULT_PATH);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    assert_int_equal(sc_place_init(&place, NULL), 0);
    assert_int_equal(place.count, 2);
    assert_string_equal(sc_place_path(&place), own);
    unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(sc_place_init(&place, NULL), 0);
    assert_int_equal(place.count, 2);
    assert_string_equal(sc_place_path(&place), own);
    assert_string_equal(place.paths[1], SCACHE_DEFAULT_PATH);
}

static void a_runtime_directory_that_is_too_long_is_none(void **state)
{
    struct sc_place place;
    char long_one[200];

    (void)state;
    memset(long_one, 'x', sizeof(long_one));
    long_one[0] = '/';
    long_one[sizeof(long_one) - 1] = '\0';
    setenv("XDG_RUNTIME_DIR", long_one, 1);
    assert_int_equal(sc_place_init(&place, NULL), 0);
    unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(place.count, 2);
    assert_int_equal(sc_place_init(&place, long_one), -ENAMETOOLONG);
    assert_int_equal(sc_place_init(&place, ""), -EINVAL);
}

#define ROOM(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROOM(what_is_ours_is_used),
        ROOM(where_others_may_write_nothing_is_used),
        ROOM(a_strangers_directory_is_not_used),
        ROOM(a_strangers_server_is_not_used),
        ROOM(what_is_roots_is_used_by_everybody),
        ROOM(the_overflow_user_is_not_us),
        ROOM(what_is_named_is_taken_as_it_is),
        ROOM(the_first_that_answers_is_used),
        ROOM(distrust_says_more_than_absence),
        ROOM(a_server_that_may_not_be_reached_refuses),
        cmocka_unit_test(the_places_are_those_of_the_manual),
        cmocka_unit_test(a_runtime_directory_that_is_too_long_is_none),
    };

    unsetenv("SCACHE_SOCKET");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
