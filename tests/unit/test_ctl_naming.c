/* SPDX-License-Identifier: BSD-2-Clause */
/* Labels that `run` makes: what is unequal has unequal labels, what is equal the same. */

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/naming.h"

enum { MOST_WORDS = 8, PATH_SIZE = 64 };

static char directory[] = "/tmp/scache-test-XXXXXX";

/* One command line of `run`. */
struct line {
    const char *to;
    const char *service;
    const char *label;
    bool label_exact;
    const char *fields[3];
    const char *program[MOST_WORDS];
};

static char *make(const struct line *line, bool is_endpoint)
{
    struct sc_ctl_args args = {
        .service = line->service,
        .label = line->label,
        .label_exact = line->label_exact,
        .fields = (const char **)(uintptr_t)line->fields,
        .program = (char **)(uintptr_t)line->program,
    };
    struct sc_ctl_target target;
    char *label;

    while (line->fields[args.field_count])
        args.field_count++;
    assert_int_equal(sc_ctl_target_init(&target, line->to), 0);
    int error = is_endpoint ? sc_ctl_naming_endpoint(&args, &target, -1, &label)
                            : sc_ctl_naming_destination(&args, &target, &label);
    assert_int_equal(error, 0);
    sc_ctl_target_fini(&target);
    return label;
}

static void test_every_difference_counts(void **state)
{
    static const struct line lines[] = {
        {.to = "tcp:127.0.0.1:25", .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .program = {"sh", "-c", "B"}},
        {.to = "tcp:127.0.0.1:25", .program = {"sh", "-c"}},
        {.to = "tcp:127.0.0.1:25", .program = {"sh", "-c", "A", ""}},
        {.to = "tcp:127.0.0.1:25", .program = {"sh", "-c A"}},
        {.to = "tcp:127.0.0.1:25", .program = {"cat", "-c", "A"}},
        {.to = "tcp:127.0.0.1:26", .program = {"sh", "-c", "A"}},
        {.to = "tcp:localhost:25", .program = {"sh", "-c", "A"}},
        {.to = "unix:/tmp", .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .fields = {"a=b"}, .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .fields = {"a=b", "c=d"}, .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .fields = {"c=d", "a=b"}, .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .fields = {"a=b\nc=d"}, .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .service = "x", .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .service = "scachectl run", .program = {"sh", "-c", "A"}},
        {.to = "tcp:127.0.0.1:25", .fields = {"argument=A"}, .program = {"sh", "-c"}},
    };
    enum { COUNT = sizeof(lines) / sizeof(lines[0]) };
    char *labels[COUNT];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = make(&lines[i], false);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(labels[i], labels[j]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        char *again = make(&lines[i], false);
        assert_string_equal(labels[i], again);
        free(again);
        free(labels[i]);
    }
}

/* The same words mean another script in another directory. */
static void test_directory_counts(void **state)
{
    static const struct line line = {.to = "tcp:127.0.0.1:25", .program = {"sh", "job"}};
    static const struct line shared = {
        .to = "tcp:127.0.0.1:25", .service = "x", .program = {"sh", "job"}};
    char *here, *there;

    (void)state;
    assert_int_equal(chdir("/"), 0);
    here = make(&line, false);
    assert_int_equal(chdir(directory), 0);
    there = make(&line, false);
    assert_string_not_equal(here, there);
    free(here);
    free(there);
    there = make(&shared, false);
    assert_int_equal(chdir("/"), 0);
    here = make(&shared, false);
    assert_string_equal(here, there);
    free(here);
    free(there);
}

/* Whoever names a service shares with all programs that do; who names a label, wherever it is. */
static void test_sharing(void **state)
{
    static const struct line one = {
        .to = "tcp:127.0.0.1:25", .service = "x", .program = {"sh", "-c", "A"}};
    static const struct line other = {.to = "tcp:127.0.0.1:25", .service = "x", .program = {"cat"}};
    static const struct line labelled = {
        .to = "tcp:127.0.0.1:25", .label = "text", .program = {"cat"}};
    static const struct line local = {.to = "unix:/tmp", .label = "text", .program = {"cat"}};
    static const struct line exact = {
        .to = "unix:/tmp", .label = "text\n", .label_exact = true, .program = {"cat"}};
    char *a = make(&one, false), *b = make(&other, false);

    (void)state;
    assert_string_equal(a, b);
    free(a);
    free(b);
    a = make(&labelled, true);
    b = make(&local, true);
    assert_ptr_equal(strstr(a, "label=text\nnetwork="), a);
    assert_ptr_equal(strstr(b, "label=text\npath=/tmp\nfile="), b);
    free(a);
    free(b);
    a = make(&exact, true);
    assert_string_equal(a, "text\n");
    free(a);
}

/* A server that has made its socket anew is another one. */
static void test_another_file_at_a_path(void **state)
{
    char to[PATH_SIZE], *path = to + 5;
    struct line line = {.to = to, .program = {"cat"}};

    (void)state;
    snprintf(to, sizeof(to), "unix:%s/file", directory);
    int first = open(path, O_CREAT | O_WRONLY, 0600);
    char *a = make(&line, false);
    assert_int_equal(unlink(path), 0);
    int second = open(path, O_CREAT | O_WRONLY, 0600);
    char *b = make(&line, false);
    assert_string_not_equal(a, b);
    close(first);
    close(second);
    assert_int_equal(unlink(path), 0);
    free(a);
    free(b);
}

static void make_program(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0700);

    assert_true(fd >= 0);
    close(fd);
}

static void check_program(const char *word, const char *expected)
{
    char *found = sc_ctl_naming_find_program(word);

    assert_string_equal(found, expected);
    free(found);
}

/* As execvp(3) does, which passes over what it may not execute. */
static void test_program(void **state)
{
    char path[3][PATH_SIZE], places[4 * PATH_SIZE];

    (void)state;
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(mkdir("first", 0700) + mkdir("second", 0700), 0);
    assert_int_equal(symlink("second", "link"), 0);
    make_program("second/tool");
    assert_int_equal(symlink("tool", "second/other"), 0);
    assert_int_equal(close(open("first/tool", O_CREAT | O_WRONLY, 0600)), 0);
    snprintf(path[0], PATH_SIZE, "%s/second/tool", directory);
    snprintf(path[1], PATH_SIZE, "%s/second/other", directory);
    snprintf(path[2], PATH_SIZE, "%s/nothing", directory);
    snprintf(places, sizeof(places), "/nowhere:%s/first:link", directory);
    assert_int_equal(setenv("PATH", places, 1), 0);
    check_program("tool", path[0]);
    check_program("other", path[1]);
    check_program("./link/tool", path[0]);
    check_program("second/../link/other", path[1]);
    check_program("./nothing", path[2]);
    check_program("nothing", "nothing");
    check_program("/nowhere/at/all", "/nowhere/at/all");
    check_program("/nothing", "/nothing");
    /* An empty place is the directory at hand. */
    assert_int_equal(chdir("second"), 0);
    assert_int_equal(setenv("PATH", "/nowhere::/bin", 1), 0);
    check_program("tool", path[0]);
    assert_int_equal(unsetenv("PATH"), 0);
    check_program("no such tool", "no such tool");
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(unlink("second/tool") + unlink("second/other") + unlink("first/tool"), 0);
    assert_int_equal(unlink("link") + rmdir("first") + rmdir("second"), 0);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_difference_counts),
        cmocka_unit_test(test_directory_counts),
        cmocka_unit_test(test_sharing),
        cmocka_unit_test(test_another_file_at_a_path),
        cmocka_unit_test(test_program),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
