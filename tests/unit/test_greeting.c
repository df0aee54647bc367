/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether clients are greeted, where that is to be found out: on a clock that
 * stands still.
 */
#include "support/check.h"

#include "support/served.h"

#include <string.h>
#include <unistd.h>

#define PROBE SC_BYTES("request\0take\0label\0\0\0")

enum { DESCRIPTORS = 512 };

static struct served served;

static bool is_greeted(int client)
{
    struct sc_buf bytes;

    sc_buf_init(&bytes);
    bool greeted = served_receive(client, &bytes, NULL) > 0 &&
                   memcmp(sc_buf_bytes(&bytes).data, "protocol", 9) == 0;
    sc_buf_fini(&bytes);
    return greeted;
}

static void whether_to_greet_is_found_out(void **state)
{
    struct sc_server_settings settings = served_settings();
    int clients[6];

    (void)state;
    settings.greeting = SC_GREETING_AUTO;
    served_start(&served, &settings, DESCRIPTORS, true);
    for (int i = 0; i < 3; i++) {
        clients[i] = served_connect(&served, 0);
        assert_false(is_greeted(clients[i]));
        served_wait(&served, 20);
        assert_true(is_greeted(clients[i]));
    }
    clients[3] = served_connect(&served, 0);
    assert_true(is_greeted(clients[3])); /* at once */
    assert_string_equal(served.records, "");
    for (int i = 0; i < 4; i++)
        close(clients[i]);
    served_stop(&served);
}

static void who_speaks_first_is_not_greeted(void **state)
{
    struct sc_server_settings settings = served_settings();
    int clients[5];

    (void)state;
    settings.greeting = SC_GREETING_AUTO;
    served_start(&served, &settings, DESCRIPTORS, true);
    for (int i = 0; i < 4; i++) {
        clients[i] = served_connect(&served, 0);
        assert_int_equal(served_ask(&served, clients[i], PROBE, -1, NULL), 2);
        served_wait(&served, 30);
        assert_false(is_greeted(clients[i]));
    }
    assert_non_null(strstr(served.records, "clients speak first"));
    clients[4] = served_connect(&served, 0); /* one that is silent is greeted all the same */
    served_wait(&served, 21);
    assert_true(is_greeted(clients[4]));
    for (int i = 0; i < 5; i++)
        close(clients[i]);
    served_stop(&served);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whether_to_greet_is_found_out),
        cmocka_unit_test(who_speaks_first_is_not_greeted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
