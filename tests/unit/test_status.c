/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is said to master(8), and that nothing waits for it.
 */
#include "support/check.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/status.h"

static void test_records(void **state)
{
    int ends[2], records[6], more;
    const int wanted[6] = {(int)getpid(), 017, 0, (int)getpid(), 017, 1};

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    sc_status_report_use(ends[0], 017);
    assert_int_equal(recv(ends[1], records, sizeof(records), MSG_WAITALL), sizeof(records));
    assert_memory_equal(records, wanted, sizeof(wanted));
    assert_int_equal(recv(ends[1], &more, sizeof(more), MSG_DONTWAIT), -1);
    close(ends[0]);
    close(ends[1]);
}

/* A master that does not read, or has gone, is not waited for, and kills nobody. */
static void test_nobody_reads(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    alarm(20);
    for (int i = 0; i < 100000; i++)
        sc_status_report_use(ends[0], 1);
    close(ends[1]);
    sc_status_report_use(ends[0], 1);
    close(ends[0]);
    sc_status_report_use(-1, 1);
    alarm(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_nobody_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
