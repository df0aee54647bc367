/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a child process of ours sheds. This program also runs with
 * close_range(2) refused, as on an old kernel.
 */

#include "support/check.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/child.h"

enum { HIGHEST = 300 };

static const char name[] = "scache-test";

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

/* Whether a child that kept these has those open and no others. */
static bool has_only(int *keep, size_t count)
{
    int kept[HIGHEST + 1] = {0};

    for (size_t i = 0; i < count; i++)
        kept[keep[i]] = 1;
    sc_child_settle(name, keep, count);
    for (int fd = 0; fd <= HIGHEST; fd++)
        if (is_open(fd) != (kept[fd] != 0))
            return false;
    return true;
}

static void check_child(bool (*look)(int *keep, size_t count), int *keep, size_t count)
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(look(keep, count) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_descriptors(void **state)
{
    int some[] = {HIGHEST, 17, 2};
    int neighbours[] = {1, 0};
    int pipes[2];

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_true(dup2(pipes[0], 17) == 17);
    assert_true(dup2(pipes[1], 18) == 18);
    assert_true(dup2(pipes[1], HIGHEST) == HIGHEST);
    check_child(has_only, some, 3);
    check_child(has_only, neighbours, 2);
    check_child(has_only, NULL, 0);
    for (int fd = 17; fd <= 18; fd++)
        close(fd);
    close(HIGHEST);
    close(pipes[0]);
    close(pipes[1]);
}

/* The arguments are gone as well, so that ps(1) shows nothing but the name. */
static bool has_name(int *keep, size_t count)
{
    char command[32] = "", shown[4096] = "";

    sc_child_settle(name, keep, count);
    int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    ssize_t length = read(fd, shown, sizeof(shown) - 1);
    while (length > 0 && shown[length - 1] == '\0')
        length--;
    return prctl(PR_GET_NAME, command) == 0 && strcmp(command, name) == 0 &&
           (size_t)length <= sizeof(name) - 1 && memcmp(shown, name, (size_t)length) == 0;
}

static bool is_deaf(int *keep, size_t count)
{
    sc_child_settle(name, keep, count);
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP)
            raise(number);
    return true;
}

static void test_name_and_signals(void **state)
{
    int keep[] = {2};

    (void)state;
    check_child(has_name, keep, 1);
    check_child(is_deaf, keep, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_name_and_signals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
