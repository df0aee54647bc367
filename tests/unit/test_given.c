/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service manager says that it has given: for whom, how many, called what. No descriptor is
 * looked at.
 */
#include "support/check.h"

#include "base/util.h"
#include "host/given.h"

enum { SELF = 42 };

static void test_count(void **state)
{
    static const struct {
        const char *pid, *fds;
        int count;
    } cases[] = {
        {"42", "2", 2},
        {"42", "1023", 1023},
        {"43", "2", 0},
        {NULL, "2", 0},
        {"42", NULL, 0},
        {"42", "0", 0},
        {"42", "-1", 0},
        {"42", "x", 0},
        {"42", "1024", 0},
        {"", "2", 0},
        {"42", "99999999999999999999", 0},
    };
    struct sc_given given;

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(cases); i++) {
        sc_given_init(&given, SELF, cases[i].pid, cases[i].fds, NULL);
        assert_int_equal(given.count, cases[i].count);
    }
}

static void check_name(const char *names, int fd, const char *wanted)
{
    struct sc_given given;

    sc_given_init(&given, SELF, "42", "3", names);
    struct sc_bytes name = sc_given_name(&given, fd);
    assert_true(sc_bytes_equal(name, sc_bytes_of(wanted)));
}

static void test_names(void **state)
{
    (void)state;
    check_name("a.socket:control:x", 3, "a.socket");
    check_name("a.socket:control:x", 4, "control");
    check_name("a.socket:control:x", 5, "x");
    check_name("a.socket::x", 4, "");
    check_name("a.socket", 5, "");
    check_name("", 3, "");
    check_name(NULL, 4, "");
}

static void test_listeners(void **state)
{
    static const char *const listeners[] = {"", "unknown", "scache", "scache.socket", "my.socket"};
    static const char *const others[] = {"control",   "stored",    "scache-parcel", ".socket",
                                         "a.socketx", "scachetoo", "connection"};

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(listeners); i++)
        assert_true(sc_given_is_listener(sc_bytes_of(listeners[i])));
    for (size_t i = 0; i < SC_COUNT_OF(others); i++)
        assert_false(sc_given_is_listener(sc_bytes_of(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_listeners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
