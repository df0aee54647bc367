/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hints about slow servers that outlive a process: what they say, for how long, and whose
 * are heeded. Time is made up; files are real.
 */
#include "support/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/hint.h"

/* Hints about slow servers: what they say, for how long, and whose are heeded. */

#define SERVER "/run/some/scache.sock"

enum { STRANGER = 4242 };

static const int64_t now = 5000000;

struct nook {
    char directory[40];
    struct sc_hints hints;
};

static int setup(void **state)
{
    struct nook *nook = calloc(1, sizeof(*nook));

    *state = nook;
    if (!nook)
        return -1;
    strcpy(nook->directory, "/tmp/scache-hint-XXXXXX");
    if (!mkdtemp(nook->directory))
        return -1;
    strcpy(nook->hints.directories[0], nook->directory);
    nook->hints.count = 1;
    return 0;
}

/* The one file in there, or null; in a buffer of its own. */
static const char *find_file(const struct nook *nook)
{
    static char path[400];
    DIR *directory = opendir(nook->directory);
    struct dirent *entry;
    size_t count = 0;

    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", nook->directory, entry->d_name);
        count++;
    }
    closedir(directory);
    assert_true(count <= 1);
    return count == 1 ? path : NULL;
}

static int teardown(void **state)
{
    struct nook *nook = *state;
    const char *file = find_file(nook);

    if (file)
        unlink(file);
    rmdir(nook->directory);
    free(nook);
    return 0;
}

static void expect(const struct nook *nook, int64_t at, int64_t until)
{
    assert_int_equal(sc_hints_find(&nook->hints, SERVER, at).until, until);
}

static void expect_none(const struct nook *nook)
{
    expect(nook, now, 0);
}

static void leave(const struct nook *nook, int64_t at)
{
    sc_hints_leave(&nook->hints, SERVER, at);
}

static void one_is_left_for_whoever_comes_later(void **state)
{
    struct nook *nook = *state;
    struct stat file;

    expect_none(nook);
    leave(nook, now);
    expect(nook, now, now + 1000);
    assert_int_equal(stat(find_file(nook), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(sc_hints_find(&nook->hints, SERVER "2", now).until, 0);
    sc_hints_remove(&nook->hints, SERVER);
    expect_none(nook);
    assert_null(find_file(nook));
    sc_hints_remove(&nook->hints, SERVER);
}

static void each_further_one_says_twice_as_long(void **state)
{
    static const int64_t delays[] = {1000, 2000, 4000, 8000, 10000, 10000};
    struct nook *nook = *state;
    int64_t at = now;

    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        leave(nook, at);
        expect(nook, at, at + delays[i]);
        at += delays[i] + 10;
    }
    sc_hints_remove(&nook->hints, SERVER);
    leave(nook, at);
    expect(nook, at, at + 1000);
}

/* Still told, so that the next one can be longer, and then forgotten. */
static void one_that_is_long_over_is_none(void **state)
{
    struct nook *nook = *state;

    leave(nook, now);
    expect(nook, now + 61000, now + 1000);
    expect(nook, now + 61001, 0);
    leave(nook, now + 61001);
    expect(nook, now + 61001, now + 62001);
}

/* As after a restart of the machine, on a file system that keeps it. */
static void one_from_another_time_is_none(void **state)
{
    struct nook *nook = *state;

    leave(nook, now);
    expect(nook, 100, 0);
    expect(nook, now - 9001, 0);
    expect(nook, now - 9000, now + 1000);
}

static void write_file(const struct nook *nook, const char *text, size_t length)
{
    leave(nook, now);
    int fd = open(find_file(nook), O_WRONLY | O_TRUNC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    close(fd);
}

static void what_makes_no_sense_is_none(void **state)
{
    static const char *const texts[] = {
        "",
        "\n",
        SERVER,
        SERVER "\n",
        SERVER "\n5001000\n",
        SERVER "\n5001000 1000",
        SERVER "\n5001000 1000 \n",
        SERVER "\n5001000 1000\n\n",
        SERVER "\n5001000 0\n",
        SERVER "\n5001000 -1\n",
        SERVER "\n5001000 10001\n",
        SERVER "\n5010001 1000\n",
        SERVER "\n-1 1000\n",
        SERVER "2\n5001000 1000\n",
        "x" SERVER "\n5001000 1000\n",
    };
    struct nook *nook = *state;
    char much[4000];

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(nook, texts[i], strlen(texts[i]));
        expect_none(nook);
    }
    write_file(nook, SERVER "\n5001000 1000\n", strlen(SERVER "\n5001000 1000\n"));
    expect(nook, now, 5001000);
    memset(much, '1', sizeof(much));
    write_file(nook, much, sizeof(much));
    expect_none(nook);
    write_file(nook, "\0" SERVER, 10);
    expect_none(nook);
}

static void what_others_could_have_written_is_none(void **state)
{
    struct nook *nook = *state;

    leave(nook, now);
    assert_int_equal(chmod(find_file(nook), 0620), 0);
    expect_none(nook);
    assert_int_equal(chmod(find_file(nook), 0602), 0);
    expect_none(nook);
    if (geteuid() == 0) {
        assert_int_equal(chmod(find_file(nook), 0600), 0);
        assert_int_equal(chown(find_file(nook), STRANGER, (gid_t)-1), 0);
        expect_none(nook);
    }
    /* The next one is ours again, whatever was there. */
    leave(nook, now);
    expect(nook, now, now + 1000);
}

static void what_is_no_plain_file_is_none(void **state)
{
    struct nook *nook = *state;
    char name[400];
    char elsewhere[] = "/tmp/scache-hint-file-XXXXXX";
    int fd = mkstemp(elsewhere);

    assert_int_equal(dprintf(fd, SERVER "\n%lld 1000\n", (long long)now + 500) > 0, 1);
    leave(nook, now);
    strcpy(name, find_file(nook));
    assert_int_equal(unlink(name), 0);
    assert_int_equal(symlink(elsewhere, name), 0);
    expect_none(nook);
    leave(nook, now);
    expect(nook, now, now + 1000);
    /* Nothing was written through it. */
    assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)strlen(SERVER "\n5000500 1000\n"));
    assert_int_equal(unlink(name), 0);
    assert_int_equal(mkfifo(name, 0600), 0);
    expect_none(nook);
    close(fd);
    unlink(elsewhere);
}

static void where_others_may_write_there_are_none(void **state)
{
    struct nook *nook = *state;

    leave(nook, now);
    assert_int_equal(chmod(nook->directory, 0770), 0);
    expect_none(nook);
    assert_int_equal(chmod(nook->directory, 0707), 0);
    expect_none(nook);
    sc_hints_remove(&nook->hints, SERVER);
    assert_non_null(find_file(nook));
    assert_int_equal(chmod(nook->directory, 0700), 0);
    expect(nook, now, now + 1000);
    if (geteuid() != 0)
        return;
    /* Sticky and root's, as /dev/shm is. */
    assert_int_equal(chmod(nook->directory, 01777), 0);
    expect(nook, now, now + 1000);
    assert_int_equal(chown(nook->directory, STRANGER, (gid_t)-1), 0);
    expect_none(nook);
    assert_int_equal(chmod(nook->directory, 0700), 0);
    expect_none(nook);
}

static void the_first_directory_that_will_do_is_used(void **state)
{
    struct nook *nook = *state;

    nook->hints.count = 2;
    strcpy(nook->hints.directories[1], nook->directory);
    strcpy(nook->hints.directories[0], "/nowhere/at/all");
    leave(nook, now);
    expect(nook, now, now + 1000);
    nook->hints.count = 1;
    leave(nook, now);
    expect_none(nook);
    sc_hints_remove(&nook->hints, SERVER);
}

static void the_environment_says_where(void **state)
{
    struct sc_hints hints;
    char own[64];
    char much[300];

    (void)state;
    snprintf(own, sizeof(own), "/run/user/%u", (unsigned)geteuid());
    setenv("XDG_RUNTIME_DIR", "/somewhere", 1);
    sc_hints_init(&hints);
    assert_int_equal(hints.count, 3);
    assert_string_equal(hints.directories[0], "/somewhere");
    assert_string_equal(hints.directories[1], own);
    assert_string_equal(hints.directories[2], "/dev/shm");
    memset(much, 'x', sizeof(much));
    much[0] = '/';
    much[sizeof(much) - 1] = '\0';
    setenv("XDG_RUNTIME_DIR", much, 1);
    sc_hints_init(&hints);
    assert_int_equal(hints.count, 2);
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    sc_hints_init(&hints);
    assert_int_equal(hints.count, 2);
    unsetenv("XDG_RUNTIME_DIR");
    sc_hints_init(&hints);
    assert_int_equal(hints.count, 2);
}

#define NOOK(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NOOK(one_is_left_for_whoever_comes_later),
        NOOK(each_further_one_says_twice_as_long),
        NOOK(one_that_is_long_over_is_none),
        NOOK(one_from_another_time_is_none),
        NOOK(what_makes_no_sense_is_none),
        NOOK(what_others_could_have_written_is_none),
        NOOK(what_is_no_plain_file_is_none),
        NOOK(where_others_may_write_there_are_none),
        NOOK(the_first_directory_that_will_do_is_used),
        cmocka_unit_test(the_environment_says_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
