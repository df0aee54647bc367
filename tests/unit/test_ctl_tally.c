/* SPDX-License-Identifier: BSD-2-Clause */
/* How old a connection is and how often it was used, in its property. */

#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/tally.h"

enum { NOW = 1000 };

static void test_written_and_read(void **state)
{
    static const char *const texts[] = {NULL, "", "text", "opened=1\nuses=2\n", "%=\n\xff"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sc_ctl_tally tally = {.is_known = true, .opened = 900, .uses = 7};
        char *property = sc_ctl_tally_write(&tally, texts[i]);
        assert_non_null(property);
        struct sc_ctl_tally read = sc_ctl_tally_read(property, NOW);
        assert_true(read.is_known);
        assert_int_equal(read.opened, 900);
        assert_int_equal(read.uses, 7);
        free(property);
    }
    struct sc_ctl_tally fresh = sc_ctl_tally_new(NOW);
    char *property = sc_ctl_tally_write(&fresh, "a b");
    assert_string_equal(property, "opened=1000\nuses=0\ntext=a b\n");
    free(property);
}

static void test_of_others(void **state)
{
    static const char *const properties[] = {
        "",
        "text",
        "opened=",
        "opened=5",
        "opened=5\n",
        "opened=5\nuses=",
        "opened=5\nuses=1",
        "opened=-5\nuses=1\n",
        "opened= 5\nuses=1\n",
        "opened=5x\nuses=1\n",
        "uses=1\nopened=5\n",
        "opened=99999999999999999999\nuses=1\n",
        "opened=1001\nuses=1\n", /* of a clock that is ahead */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        struct sc_ctl_tally tally = sc_ctl_tally_read(properties[i], NOW);
        assert_false(tally.is_known);
        /* What is not known is not used where there is a bound. */
        assert_true(sc_ctl_tally_is_old(&tally, NOW, 1000000));
        assert_true(sc_ctl_tally_is_used_up(&tally, 1000000));
        assert_false(sc_ctl_tally_is_old(&tally, NOW, -1));
        assert_false(sc_ctl_tally_is_used_up(&tally, -1));
    }
}

static void test_bounds(void **state)
{
    struct sc_ctl_tally tally = {.is_known = true, .opened = 900, .uses = 3};

    (void)state;
    assert_false(sc_ctl_tally_is_old(&tally, NOW, 101));
    assert_true(sc_ctl_tally_is_old(&tally, NOW, 100));
    assert_false(sc_ctl_tally_is_used_up(&tally, 4));
    assert_true(sc_ctl_tally_is_used_up(&tally, 3));
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, -1, 60), 60);
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, 130, 60), 30);
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, 160, 60), 60);
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, 161, 60), 60);
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, 101, 60), 1);
    assert_int_equal(sc_ctl_tally_ttl(&tally, NOW, 50, 60), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written_and_read),
        cmocka_unit_test(test_of_others),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
