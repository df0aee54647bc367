/* SPDX-License-Identifier: BSD-2-Clause */
/* Where `run --to` leads: what is understood, and what is refused. */

#include "support/check.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/target.h"

static const struct {
    const char *text;
    const char *host; /* null: refused */
    const char *port;
    bool has_name;
} targets[] = {
    {"tcp:example.org:25", "example.org", "25", true},
    {"tcp:example.org:smtp", "example.org", "smtp", true},
    {"tcp:127.0.0.1:1", "127.0.0.1", "1", false},
    {"tcp:[::1]:25", "::1", "25", false},
    {"tcp:[fe80::1%lo]:25", "fe80::1%lo", "25", false},
    {"tcp:[example.org]:25", "example.org", "25", true},
    {"tcp:1.2.3:25", "1.2.3", "25", true},
    {"", NULL, NULL, false},
    {"tcp", NULL, NULL, false},
    {"tcp:", NULL, NULL, false},
    {"tcp::25", NULL, NULL, false},
    {"tcp:host", NULL, NULL, false},
    {"tcp:host:", NULL, NULL, false},
    {"tcp:::1:25", NULL, NULL, false},
    {"tcp:[]:25", NULL, NULL, false},
    {"tcp:[::1:25", NULL, NULL, false},
    {"tcp:[:25", NULL, NULL, false},
    {"udp:host:25", NULL, NULL, false},
    {"unix:", NULL, NULL, false},
    {"/path", NULL, NULL, false},
};

static void test_tcp(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct sc_ctl_target target;
        int error = sc_ctl_target_init(&target, targets[i].text);
        assert_int_equal(error, targets[i].host ? 0 : -EINVAL);
        if (error == 0) {
            assert_string_equal(target.text, targets[i].text);
            assert_string_equal(target.host, targets[i].host);
            assert_string_equal(target.port, targets[i].port);
            assert_null(target.path);
            assert_int_equal(sc_ctl_target_has_name(&target), targets[i].has_name);
        }
        sc_ctl_target_fini(&target);
    }
}

/* Several ways of writing one path are one place. */
static void test_path(void **state)
{
    static const char *const ways[] = {"unix:.", "unix:./", "unix:../%s", "unix:/tmp/%s"};
    char directory[] = "/tmp/scache-test-XXXXXX";
    struct sc_ctl_target target;

    (void)state;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(chdir(directory), 0);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        char text[64];
        const char *name = strrchr(directory, '/') + 1;
        const char *end = strstr(ways[i], "%s");
        snprintf(text, sizeof(text), "%.*s%s", (int)(end ? end - ways[i] : 64), ways[i],
                 end ? name : "");
        assert_int_equal(sc_ctl_target_init(&target, text), 0);
        assert_string_equal(target.path, directory);
        assert_null(target.host);
        assert_false(sc_ctl_target_has_name(&target));
        sc_ctl_target_fini(&target);
    }
    assert_int_equal(sc_ctl_target_init(&target, "unix:nothing"), -ENOENT);
    sc_ctl_target_fini(&target);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tcp),
        cmocka_unit_test(test_path),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
