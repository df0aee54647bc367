/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of people, maps of user namespaces, and who gets in. Who connects is
 * this process, whose user and groups the kernel tells at a real socket.
 */

#include "support/check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/access.h"
#include "io/accept.h"

enum { NOBODY_HAS_THIS = 99999 };

static void test_roster(void **state)
{
    struct sc_roster roster;
    struct sc_bytes unknown;

    (void)state;
    const char list[] = " root,\t4242 @root %4343,, \n";
    assert_int_equal(sc_roster_init(&roster, sc_bytes_of(list), &unknown), 0);
    assert_int_equal(roster.user_count, 2);
    assert_int_equal(roster.users[0], 0);
    assert_int_equal(roster.users[1], 4242);
    assert_int_equal(roster.group_count, 2);
    assert_int_equal(roster.groups[0], 0);
    assert_int_equal(roster.groups[1], 4343);
    assert_true(sc_roster_names_user(&roster, 4242));
    assert_false(sc_roster_names_user(&roster, 4343));
    assert_false(sc_roster_is_empty(&roster));
    sc_roster_fini(&roster);
    assert_true(sc_roster_is_empty(&roster));
}

static void test_everybody(void **state)
{
    struct sc_roster roster;
    struct sc_bytes unknown;

    (void)state;
    assert_int_equal(sc_roster_init(&roster, SC_BYTES("everybody"), &unknown), 0);
    assert_true(sc_roster_names_user(&roster, NOBODY_HAS_THIS));
    assert_false(sc_roster_is_empty(&roster));
    sc_roster_fini(&roster);
    assert_int_equal(sc_roster_init(&roster, SC_BYTES(""), &unknown), 0);
    assert_false(sc_roster_names_user(&roster, 0));
    assert_true(sc_roster_is_empty(&roster));
    sc_roster_fini(&roster);
}

static void test_unknown(void **state)
{
    static const char *const lists[][2] = {
        {"root no-such-user daemon", "no-such-user"},
        {"@no-such-group", "@no-such-group"},
        {"root, %", "%"},
        {"-1", "-1"},
        {"4294967295", "4294967295"},
        {"99999999999999999999", "99999999999999999999"},
        {"12x", "12x"},
        {"@-1", "@-1"},
    };
    struct sc_roster roster;
    struct sc_bytes unknown;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(lists); i++) {
        assert_int_equal(sc_roster_init(&roster, sc_bytes_of(lists[i][0]), &unknown), -ENOENT);
        assert_true(sc_bytes_equal(unknown, sc_bytes_of(lists[i][1])));
    }
}

static void test_mapping(void **state)
{
    struct sc_mapping none = {.overflow = 65534}, all = {.whole = true, .overflow = 65534};

    (void)state;
    assert_true(sc_mapping_is_whole("         0          0 4294967295\n"));
    assert_true(sc_mapping_is_whole("0 0 65536\n65536 65536 4294901759\n"));
    assert_false(sc_mapping_is_whole("0 0 65536\n65536 65536 4294901758\n"));
    assert_false(sc_mapping_is_whole("         0       1000          1\n"));
    assert_false(sc_mapping_is_whole(""));
    assert_false(sc_mapping_is_whole("nonsense"));
    assert_true(sc_mapping_is_real(&all, 65534));
    assert_false(sc_mapping_is_real(&none, 65534));
    assert_true(sc_mapping_is_real(&none, 65533));
}

/* The space of this process as a client, under such parameters; it is no server itself. */
static int64_t admitted(const char *authorized, const char *shared)
{
    struct sc_params params = {.access = {(char *)authorized, (char *)shared}};
    struct sc_access access;
    char text[SC_ACCESS_TEXT_MAX];
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(sc_access_init(&access, &params, text), 0);
    int64_t space = sc_access_admit(&access, ends[0], NOBODY_HAS_THIS);
    sc_access_fini(&access);
    close(ends[0]);
    close(ends[1]);
    return space;
}

/* The primary group, and one of the others, of which the kernel tells any number. */
static void test_groups(void **state)
{
    char primary[32], other[32] = "@";
    gid_t groups[65536];
    int count = getgroups(SC_COUNT_OF(groups), groups);

    (void)state;
    snprintf(primary, sizeof(primary), "@%lu", (unsigned long)getegid());
    assert_int_equal(admitted(primary, ""), NOBODY_HAS_THIS);
    assert_int_equal(admitted("@99998", ""), -1);
    for (int i = 0; i < count; i++) {
        snprintf(other, sizeof(other), "%%%lu", (unsigned long)groups[i]);
        assert_int_equal(admitted(other, ""), NOBODY_HAS_THIS);
    }
}

/* In a process of its own, which gives itself many. */
static void test_many_groups(void **state)
{
    gid_t groups[1000];
    int status;

    (void)state;
    if (getuid() != 0)
        skip();
    for (size_t i = 0; i < SC_COUNT_OF(groups); i++)
        groups[i] = (gid_t)(50000 + i);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        if (setgroups(SC_COUNT_OF(groups), groups) < 0 ||
            socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
            _exit(2);
        _exit(sc_accept_has_group(ends[0], 50000) && sc_accept_has_group(ends[0], 50999) &&
                      !sc_accept_has_group(ends[0], 51000)
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void test_spaces(void **state)
{
    int64_t first = admitted("99999", "99999");

    (void)state;
    assert_int_equal(admitted("99999", ""), NOBODY_HAS_THIS);
    assert_int_equal(admitted("everybody", ""), NOBODY_HAS_THIS);
    assert_int_equal(admitted("", "99999"), -1);
    assert_true(first > UINT32_MAX);
    assert_int_equal(admitted("everybody", "1 99999; 2 3"), first);
    assert_int_equal(admitted("everybody", " ; ;1 99999"), first);
    assert_int_equal(admitted("everybody", "2 3; 1, 99999;"), first + 1);
    assert_int_equal(admitted("everybody", "2; everybody"), first + 1);
    assert_int_equal(admitted("everybody", "2; 3"), NOBODY_HAS_THIS);
}

static const char *problem_of(const char *authorized, const char *shared)
{
    static char text[SC_ACCESS_TEXT_MAX];
    struct sc_params params = {.access = {(char *)authorized, (char *)shared}};
    struct sc_access access;

    if (sc_access_init(&access, &params, text) < 0)
        return text;
    bool idle = sc_access_has_idle_sharer(&access, &params, text);
    sc_access_fini(&access);
    return idle ? text : "";
}

static void check_problem(const char *authorized, const char *shared, const char *wanted)
{
    const char *problem = problem_of(authorized, shared);

    if (!strstr(problem, wanted) || (*wanted == '\0') != (*problem == '\0'))
        fail_msg("%s; %s: %s", authorized, shared, problem);
}

static void test_problems(void **state)
{
    (void)state;
    check_problem("nosuchuser", "",
                  "connection_cache_authorized_users = nosuchuser: no such user: ");
    check_problem("@nosuchgroup", "", "no such group: @nosuchgroup");
    check_problem("", "1; nosuchuser", "connection_cache_shared_users = 1; nosuchuser: no such");
    check_problem("1 2", "1 2; 2", "user 2 is in two sets");
    check_problem("1 2", "1; 2", "");
    check_problem("", "", "");
    check_problem("everybody", "1 2", "");
    check_problem("@1", "1 2", "");
    check_problem("1", "1 2", "connection_cache_shared_users = 1 2: user 2 may not connect");
    check_problem("", "0", "");
    check_problem("", "@1", "they may not connect");
    check_problem("", "everybody", "they may not connect");
}

/* A sink that counts what it is told, and keeps the last. */
struct memory {
    struct sc_log_sink sink;
    char text[256];
    int count;
};

static void memory_write(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                         size_t length)
{
    struct memory *memory = SC_CONTAINER_OF(sink, struct memory, sink);

    assert_int_equal(severity, SC_WARNING);
    snprintf(memory->text, sizeof(memory->text), "%.*s", (int)length, text);
    memory->count++;
}

/* Each is named once; of a crowd only so many. */
static void test_refusals(void **state)
{
    struct memory memory = {.sink.write = memory_write};
    struct sc_log log = {.sink = &memory.sink};
    struct sc_access access = {.users.overflow = 65534,
                               .parameter = "connection_cache_authorized_users"};

    (void)state;
    for (int i = 0; i < 3; i++)
        sc_access_log_refusal(&access, &log, 0, 1000);
    assert_int_equal(memory.count, 1);
    assert_string_equal(memory.text, "warning: user 1000 may not connect: not in "
                                     "connection_cache_authorized_users");
    sc_access_log_refusal(&access, &log, 0, 65534);
    assert_string_equal(memory.text, "warning: user 65534 may not connect: it stands for all whom "
                                     "this user namespace does not map");
    for (uid_t user = 2000; user < 20000; user++)
        sc_access_log_refusal(&access, &log, 0, user);
    assert_in_range(memory.count, SC_ACCESS_REFUSED_MOST, SC_ACCESS_REFUSED_MOST + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roster),   cmocka_unit_test(test_everybody),
        cmocka_unit_test(test_unknown),  cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_groups),   cmocka_unit_test(test_many_groups),
        cmocka_unit_test(test_spaces),   cmocka_unit_test(test_problems),
        cmocka_unit_test(test_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
