/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a handle is still used by the process that made it: children are others, also one
 * with its parent's number.
 */
#include "support/check.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/origin.h"

/*
 * A child is told from its parent, also one that has its process id in
 * another namespace, and also where the kernel wipes no memory in children.
 */

static bool is_refused;

int __real_madvise(void *address, size_t length, int advice);
int __wrap_madvise(void *address, size_t length, int advice);
int __wrap_madvise(void *address, size_t length, int advice)
{
    if (!is_refused)
        return __real_madvise(address, length, advice);
    errno = EINVAL;
    return -1;
}

static int setup(void **state)
{
    (void)state;
    is_refused = false;
    return 0;
}

static int setup_refused(void **state)
{
    (void)state;
    is_refused = true;
    return 0;
}

enum { SAID_YES, SAID_NO, CANNOT = 77 };

/* What a child says, and its child. */
static int ask_child(bool (*question)(struct sc_origin *origin), struct sc_origin *origin)
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0)
        _exit(question(origin) ? SAID_YES : SAID_NO);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static bool is_another(struct sc_origin *origin)
{
    return sc_origin_is_another(origin);
}

static bool claims_for_itself(struct sc_origin *origin)
{
    bool before = sc_origin_is_another(origin);

    sc_origin_claim(origin);
    bool after = sc_origin_is_another(origin);
    return before && !after && ask_child(is_another, origin) == SAID_YES;
}

static void a_child_is_another(void **state)
{
    struct sc_origin origin;

    (void)state;
    sc_origin_init(&origin);
    assert_int_equal(origin.mark == NULL, is_refused);
    assert_false(sc_origin_is_another(&origin));
    assert_int_equal(ask_child(is_another, &origin), SAID_YES);
    assert_int_equal(ask_child(claims_for_itself, &origin), SAID_YES);
    assert_false(sc_origin_is_another(&origin));
    sc_origin_fini(&origin);
}

/* As process 1 of a namespace: makes a child that is process 1 too, of one below. */
static int be_process_one(void)
{
    struct sc_origin origin;

    if (getpid() != 1)
        return CANNOT;
    sc_origin_init(&origin);
    if (unshare(CLONE_NEWPID) < 0)
        return CANNOT;
    pid_t child = fork();
    int status;
    if (child < 0)
        return CANNOT;
    if (child == 0)
        _exit(getpid() != 1 ? CANNOT : sc_origin_is_another(&origin) ? SAID_YES : SAID_NO);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return CANNOT;
    if (sc_origin_is_another(&origin))
        return SAID_NO;
    return WEXITSTATUS(status);
}

static void a_child_with_its_parents_number_is_another(void **state)
{
    int status;

    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        /* Whoever is not root has a namespace of users to be root of. */
        if (unshare(CLONE_NEWPID) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWPID) < 0)
            _exit(CANNOT);
        pid_t one = fork();
        if (one == 0)
            _exit(be_process_one());
        if (one < 0 || waitpid(one, &status, 0) != one || !WIFEXITED(status))
            _exit(CANNOT);
        _exit(WEXITSTATUS(status));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CANNOT)
        skip();
    assert_int_equal(WEXITSTATUS(status), SAID_YES);
}

static int run_beside(void *argument)
{
    struct sc_origin *origin = argument;

    return sc_origin_is_another(origin) ? SAID_YES : SAID_NO;
}

/* What shares our memory shares the handle, as vfork(2) has it. */
static void who_shares_our_memory_is_no_other(void **state)
{
    enum { STACK = 65536 };
    struct sc_origin origin;
    int status;
    char *stack = malloc(STACK);

    (void)state;
    assert_non_null(stack);
    sc_origin_init(&origin);
    pid_t child = clone(run_beside, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, &origin);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), SAID_NO);
    sc_origin_fini(&origin);
    free(stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_child_is_another, setup),
        cmocka_unit_test_setup(a_child_with_its_parents_number_is_another, setup),
        cmocka_unit_test_setup(who_shares_our_memory_is_no_other, setup),
        cmocka_unit_test_setup(a_child_is_another, setup_refused),
        cmocka_unit_test_setup(a_child_with_its_parents_number_is_another, setup_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
