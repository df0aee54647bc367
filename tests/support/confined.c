/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forks, confines the child as a server is confined, lets it act, and tells how it ended. What is
 * allowed and what not is the business of the tests.
 */
#include "support/check.h"

#include "support/confined.h"

#include <errno.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#undef _exit /* A confined process cannot write what it has covered. */

/* Of this process; a child has a copy of its own. */
static char record[SC_LOG_TEXT_MAX + SC_LOG_PREFIX_MAX];

void remember_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                     size_t length)
{
    (void)sink;
    (void)severity;
    snprintf(record, sizeof(record), "%.*s", (int)length, text);
}

const char *last_record(void)
{
    return record;
}

bool is_instrumented(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return true;
#endif
#endif
    return getenv("SC_TEST_ON_VALGRIND");
}

bool has_landlock(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION) >
           0;
}

static void confine(enum kind kind, enum sc_sandbox_mode mode)
{
    struct sc_log_sink sink = {.write = remember_record};
    struct sc_log log = {.sink = &sink};
    struct sc_sandbox sandbox = {
        .mode = mode,
        .log = &log,
        .alone = kind == ALONE,
        .config = kind == ALONE ? "/etc/passwd" : NULL,
        .socket = kind == ALONE ? "/tmp/test-sandbox" : NULL,
    };

    if (sc_sandbox_give_up(&sandbox) < 0)
        _exit(NOT_CONFINED);
    if (kind == DROPPER)
        sc_sandbox_confine_dropper(mode);
    else if (kind == NURSERY)
        sc_sandbox_confine_nursery(mode);
    else if (sc_sandbox_enter(&sandbox) < 0)
        _exit(NOT_CONFINED);
    if (record[0] != '\0')
        _exit(NOT_CONFINED);
}

int run_confined(enum kind kind, enum sc_sandbox_mode mode, bool (*action)(void))
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        confine(kind, mode);
        _exit(action() ? FINE : WRONG);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

bool died_of(int status, int number)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == number;
}

bool is_fine(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == FINE;
}

bool is_eperm(long result)
{
    return result == -1 && errno == EPERM;
}
