/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding users and becoming them, the latter in processes of their own; and
 * the limit of descriptors.
 */
#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine/descriptors.h"
#include "confine/identity.h"

static void test_find(void **state)
{
    struct sc_identity identity;

    (void)state;
    assert_int_equal(sc_identity_find(&identity, "root"), 0);
    assert_int_equal(identity.user, 0);
    assert_int_equal(identity.group, 0);
    assert_string_equal(identity.name, "root");
    assert_int_equal(sc_identity_find(&identity, "0"), 0);
    assert_string_equal(identity.name, "root");
    assert_true(sc_identity_find(&identity, "no-such-user") < 0);
    assert_true(sc_identity_find(&identity, "4294967294") < 0);
    assert_true(sc_identity_find(&identity, "0x") < 0);
    assert_true(sc_identity_find(&identity, "") < 0);
}

static bool has_become(const struct sc_identity *identity)
{
    uid_t real, effective, saved;
    gid_t group, effective_group, saved_group;
    gid_t others[64];
    int count = getgroups(64, others);

    for (int i = 0; i < count; i++)
        if (others[i] == 0)
            return false;
    return getresuid(&real, &effective, &saved) == 0 &&
           getresgid(&group, &effective_group, &saved_group) == 0 && real == identity->user &&
           effective == identity->user && saved == identity->user && group == identity->group &&
           effective_group == identity->group && saved_group == identity->group && setuid(0) < 0;
}

static void check_in_child(bool (*look)(const struct sc_identity *), const char *jail)
{
    struct sc_identity identity;
    int status;

    assert_int_equal(sc_identity_find(&identity, "nobody"), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(sc_identity_assume(&identity, jail) == 0 && look(&identity) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static bool is_in_jail(const struct sc_identity *identity)
{
    return has_become(identity) && access("/passwd", F_OK) == 0 && access("/etc", F_OK) < 0;
}

static void test_assume(void **state)
{
    (void)state;
    if (getuid() != 0)
        skip();
    check_in_child(has_become, NULL);
    check_in_child(is_in_jail, "/etc");
}

/* Who is not root becomes nobody else, and may stay whom he is. */
static void test_assume_in_vain(void **state)
{
    struct sc_identity identity;
    int status;

    (void)state;
    assert_int_equal(sc_identity_find(&identity, "root"), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (getuid() == 0 && setuid(65534) < 0)
            _exit(2);
        _exit(sc_identity_assume(&identity, NULL) == -EPERM &&
                      sc_identity_assume(NULL, "/etc") == -EPERM &&
                      sc_identity_assume(NULL, NULL) == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_descriptors(void **state)
{
    struct sc_descriptors before, after;
    struct rlimit files;
    int pipes[2];

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
    sc_descriptors_raise(&before);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    assert_int_equal(files.rlim_cur, files.rlim_max);
    assert_true(before.limit == files.rlim_max || before.limit == 1 << 24);
    assert_int_equal(pipe(pipes), 0);
    sc_descriptors_raise(&after);
    assert_int_equal(after.used, before.used + 2);
    assert_int_equal(after.limit, before.limit);
    close(pipes[0]);
    close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_assume),
        cmocka_unit_test(test_assume_in_vain),
        cmocka_unit_test(test_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
