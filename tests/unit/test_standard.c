/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors 0 to 2, closed in all ways, in processes of their own. Whole programs are started so
 * in tests/system/test_standard.py.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/standard.h"

enum { STANDARD = 3, WAYS = 1 << STANDARD };

/* Runs a part of the test in a child, which has nobody to print to; a false one fails. */
static void check_in_child(bool (*part)(unsigned), unsigned way)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(part(way) ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Closes those of 0 to 2 whose bit is set. */
static void close_some(unsigned way)
{
    for (int fd = 0; fd < STANDARD; fd++)
        if (way & 1U << fd)
            close(fd);
}

static bool is_null_device(int fd)
{
    struct stat null, file;

    return stat("/dev/null", &null) == 0 && fstat(fd, &file) == 0 && S_ISCHR(file.st_mode) &&
           file.st_rdev == null.st_rdev;
}

static bool opens_what_is_closed(unsigned way)
{
    struct stat before, after;
    int file = open("/", O_PATH | O_DIRECTORY);

    for (int fd = 0; fd < STANDARD; fd++)
        dup2(file, fd);
    close_some(way);
    if (fstat(file, &before) < 0 || sc_standard_open() != 0)
        return false;
    for (int fd = 0; fd < STANDARD; fd++) {
        bool was_closed = way & 1U << fd;
        if (was_closed && (!is_null_device(fd) || fcntl(fd, F_GETFD) != 0))
            return false;
        if (!was_closed && (fstat(fd, &after) < 0 || after.st_ino != before.st_ino))
            return false;
    }
    /* Nothing beyond them was opened. */
    int next = dup(file);
    return next == file + 1;
}

static void test_seven_ways(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++)
        check_in_child(opens_what_is_closed, way);
}

/* Where everything is open nothing has to be opened, so no limit can be in the way. */
static bool fails_only_when_it_must(unsigned way)
{
    close_some(way);
    if (setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = 0, .rlim_max = 0}) < 0)
        return false;
    return sc_standard_open() == (way ? -EMFILE : 0);
}

static void test_no_more_descriptors(void **state)
{
    (void)state;
    for (unsigned way = 0; way < WAYS; way++)
        check_in_child(fails_only_when_it_must, way);
}

/* In a root directory that has nothing in it. */
static bool holds_the_numbers_without_devices(unsigned way)
{
    char directory[] = "/tmp/scache-test-XXXXXX";
    char byte;

    if (!mkdtemp(directory) || chdir(directory) < 0 || rmdir(directory) < 0 || chroot(".") < 0)
        return false;
    close_some(way);
    if (sc_standard_open() != 0)
        return false;
    for (int fd = 0; fd < STANDARD; fd++) {
        bool was_closed = way & 1U << fd;
        if (fcntl(fd, F_GETFD) < 0)
            return false;
        if (was_closed && (read(fd, &byte, 1) >= 0 || errno != EBADF || write(fd, "", 1) >= 0))
            return false;
    }
    return true;
}

static void test_no_null_device(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* chroot(2) */
    for (unsigned way = 0; way < WAYS; way++)
        check_in_child(holds_the_numbers_without_devices, way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seven_ways),
        cmocka_unit_test(test_no_more_descriptors),
        cmocka_unit_test(test_no_null_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
