/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a configuration file is opened: nothing that could be waited for, and with care in
 * directories where others may write.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "config/file.h"

enum { NOBODY = 65534, MOST = 1000 };

/* A directory of ours, which is the working directory, with one of somebody else's in it. */
static char place[] = "/tmp/sc-test-file-XXXXXX";

static void make_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(place, "/tmp/sc-test-file-XXXXXX");
    assert_non_null(mkdtemp(place));
    assert_int_equal(chdir(place), 0);
    assert_int_equal(mkdir("theirs", 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(chown("theirs", NOBODY, NOBODY), 0);
    make_file("ours", "text\n");
    return 0;
}

static int tear_down(void **state)
{
    char command[100];

    (void)state;
    assert_int_equal(chdir("/"), 0);
    snprintf(command, sizeof(command), "rm -r %s", place);
    return system(command);
}

static void assert_reads(const char *path, const char *text)
{
    struct sc_buf buf;

    sc_buf_init(&buf);
    int error = sc_file_read(path, MOST, &buf);
    if (error < 0)
        fail_msg("%s: %s", path, sc_file_error(error));
    assert_int_equal(sc_buf_length(&buf), strlen(text));
    assert_memory_equal(sc_buf_bytes(&buf).data, text, strlen(text));
    sc_buf_fini(&buf);
}

static void assert_refuses(const char *path, int error)
{
    struct sc_buf buf;

    sc_buf_init(&buf);
    assert_int_equal(sc_file_read(path, MOST, &buf), error);
    assert_true(strlen(sc_file_error(error)) > 5);
    sc_buf_fini(&buf);
}

static void a_file_is_read_by_any_of_its_paths(void **state)
{
    char path[PATH_MAX];

    (void)state;
    assert_reads("ours", "text\n");
    assert_reads("./ours", "text\n");
    assert_reads("theirs/..//ours", "text\n");
    snprintf(path, sizeof(path), "%s/ours", place);
    assert_reads(path, "text\n");
    snprintf(path, sizeof(path), "/..//%s/./theirs/../ours", place);
    assert_reads(path, "text\n");
    make_file("empty", "");
    assert_reads("empty", "");
}

static void it_is_appended(void **state)
{
    struct sc_buf buf;

    (void)state;
    sc_buf_init(&buf);
    assert_int_equal(sc_file_read("ours", MOST, &buf), 0);
    assert_int_equal(sc_file_read("ours", 5, &buf), 0);
    assert_memory_equal(sc_buf_bytes(&buf).data, "text\ntext\n", 10);
    assert_int_equal(sc_file_read("ours", 4, &buf), -EFBIG);
    sc_buf_fini(&buf);
}

/* Nothing here may be waited for: a pipe without a writer, a socket, a device. */
static void only_regular_files_are_read(void **state)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_refuses("pipe", -EINVAL);
    assert_int_equal(symlink("pipe", "link"), 0);
    assert_refuses("link", -EINVAL);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    assert_refuses("socket", geteuid() == 0 ? -EINVAL : -ENXIO);
    assert_refuses("/dev/zero", -EINVAL);
    assert_refuses("/dev/null", -EINVAL);
    assert_refuses("theirs", -EISDIR);
    assert_refuses("/", -EISDIR);
    assert_refuses(".", -EISDIR);
}

static void what_is_not_there_is_said(void **state)
{
    char path[PATH_MAX + 10];

    (void)state;
    assert_refuses("", -ENOENT);
    assert_refuses("nowhere", -ENOENT);
    assert_refuses("nowhere/ours", -ENOENT);
    assert_refuses("ours/further", -ENOTDIR);
    assert_int_equal(symlink("two", "one"), 0);
    assert_int_equal(symlink("one", "two"), 0);
    assert_refuses("one", -ELOOP);
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_refuses(path, -ENAMETOOLONG);
    path[NAME_MAX + 1] = '\0';
    assert_refuses(path, -ENAMETOOLONG);
}

static void links_are_followed(void **state)
{
    char path[PATH_MAX];

    (void)state;
    assert_int_equal(symlink("ours", "link"), 0);
    assert_reads("link", "text\n");
    assert_int_equal(symlink("../link", "theirs/link"), 0); /* by us */
    assert_reads("theirs/link", "text\n");
    assert_int_equal(symlink(place, "home"), 0);
    assert_reads("home/theirs/../home/link", "text\n");
    snprintf(path, sizeof(path), "%s/", place);
    assert_int_equal(symlink(path, "slash"), 0);
    assert_reads("slash/ours", "text\n");
}

static void what_is_open_already_is_read(void **state)
{
    char path[64];
    int fd = memfd_create("config", MFD_CLOEXEC);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "here", 4), 4);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    assert_reads(path, "here");
    close(fd);
}

/* Who may write to a directory could have put anything there, and root would show it. */
static void root_is_careful_where_others_write(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    make_file("theirs/plain", "ours, in their place");
    assert_reads("theirs/plain", "ours, in their place");
    assert_int_equal(chown("theirs/plain", NOBODY, NOBODY), 0);
    assert_reads("theirs/plain", "ours, in their place");
    assert_int_equal(link("theirs/plain", "theirs/twice"), 0);
    assert_reads("theirs/twice", "ours, in their place");

    assert_int_equal(symlink("../ours", "theirs/link"), 0);
    assert_int_equal(lchown("theirs/link", NOBODY, NOBODY), 0);
    assert_refuses("theirs/link", -EPERM);
    assert_int_equal(symlink("theirs/link", "link"), 0);
    assert_refuses("link", -EPERM);
    assert_int_equal(link("ours", "theirs/name"), 0);
    assert_refuses("theirs/name", -EPERM);
    assert_reads("ours", "text\n");

    assert_int_equal(symlink("..", "theirs/directory"), 0);
    assert_int_equal(lchown("theirs/directory", NOBODY, NOBODY), 0);
    assert_refuses("theirs/directory/ours", -EPERM);
}

static void so_it_is_in_a_directory_of_ours_that_others_may_write_to(void **state)
{
    static const mode_t modes[] = {0775, 0757, 01777};

    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < SC_COUNT_OF(modes); i++) {
        assert_int_equal(mkdir("open", 0755), 0);
        assert_int_equal(symlink("../ours", "open/link"), 0);
        assert_int_equal(lchown("open/link", NOBODY, NOBODY), 0);
        assert_reads("open/link", "text\n");
        assert_int_equal(chmod("open", modes[i]), 0);
        assert_refuses("open/link", -EPERM);
        assert_int_equal(unlink("open/link"), 0);
        assert_int_equal(rmdir("open"), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_read_by_any_of_its_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_is_appended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_regular_files_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_is_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(links_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_open_already_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(root_is_careful_where_others_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(so_it_is_in_a_directory_of_ours_that_others_may_write_to,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
