/* SPDX-License-Identifier: BSD-2-Clause */
/* What records look like for the system's log and for Postfix's, byte for byte. */

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/stamp.h"
#include "log/postlog.h"
#include "log/syslog.h"
#include "log/tee.h"

enum { DECEMBER_3 = 1764720548, DECEMBER_13 = 1765584548 };

static void test_stamps(void **state)
{
    char text[SC_STAMP_SIZE];

    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    sc_stamp(text, DECEMBER_3);
    assert_string_equal(text, "Dec  3 00:09:08");
    sc_stamp_with_zero(text, DECEMBER_3);
    assert_string_equal(text, "Dec 03 00:09:08");
    sc_stamp(text, DECEMBER_13);
    assert_string_equal(text, "Dec 13 00:09:08");
    sc_stamp_with_zero(text, DECEMBER_13);
    assert_string_equal(text, "Dec 13 00:09:08");
}

/* The next record, in which the date must be one of those that were possible. */
static void check_record(int fd, const char *format, const char *before, const char *after)
{
    char text[SC_RECORD_MAX], one[SC_RECORD_MAX], other[SC_RECORD_MAX];
    ssize_t length = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

    assert_true(length > 0);
    text[length] = '\0';
    snprintf(one, sizeof(one), format, before, (long)getpid());
    snprintf(other, sizeof(other), format, after, (long)getpid());
    if (strcmp(text, one) != 0)
        assert_string_equal(text, other);
}

static void say(struct sc_log_sink *sink, enum sc_severity severity)
{
    struct sc_log log = {.sink = sink};

    sc_log(&log, severity, "word %d", 7);
    assert_false(sc_log_is_behind(&log));
}

static void test_syslog(void **state)
{
    struct sc_syslog syslog;
    char before[SC_STAMP_SIZE], after[SC_STAMP_SIZE];
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    sc_syslog_init(&syslog);
    sc_syslog_open(&syslog, "/nonexistent/log", LOG_LOCAL3, "postfix/scache");
    sc_channel_take(&syslog.channel, ends[0]);
    sc_stamp(before, time(NULL));
    say(&syslog.base, SC_INFO);
    say(&syslog.base, SC_PANIC);
    sc_stamp(after, time(NULL));
    check_record(ends[1], "<158>%s postfix/scache[%ld]: word 7", before, after);
    check_record(ends[1], "<154>%s postfix/scache[%ld]: panic: word 7", before, after);
    sc_syslog_fini(&syslog);
    close(ends[1]);
}

/* Of the host's name the first label. */
static void test_postlog(void **state)
{
    struct sc_postlog postlog;
    char before[SC_STAMP_SIZE], after[SC_STAMP_SIZE];
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    sc_postlog_init(&postlog);
    sc_postlog_open(&postlog, "/nonexistent/log", "host.example.com", "postfix/scache");
    sc_channel_take(&postlog.channel, ends[0]);
    sc_stamp_with_zero(before, time(NULL));
    say(&postlog.base, SC_WARNING);
    sc_stamp_with_zero(after, time(NULL));
    check_record(ends[1], "%s host postfix/scache[%ld]: warning: word 7", before, after);
    sc_postlog_fini(&postlog);
    close(ends[1]);
}

/* A sink that is behind for as long as it was not flushed. */
static void slow_write(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                       size_t length)
{
    (void)severity;
    (void)text;
    (void)length;
    sink->is_behind = true;
}

static void slow_flush(struct sc_log_sink *sink)
{
    sink->is_behind = false;
}

static void slow_settle(struct sc_log_sink *sink, int patience)
{
    sink->is_behind = patience == 0;
}

static void test_tee(void **state)
{
    struct sc_log_sink one = {.write = slow_write, .flush = slow_flush, .settle = slow_settle};
    struct sc_log_sink other = one;
    struct sc_tee tee;
    struct sc_log log = {.sink = &tee.base};

    (void)state;
    sc_tee_init(&tee, &one, &other);
    sc_log(&log, SC_INFO, "x");
    assert_true(one.is_behind && other.is_behind && sc_log_is_behind(&log));
    sc_log_flush(&log);
    assert_false(one.is_behind || other.is_behind || sc_log_is_behind(&log));
    sc_log(&log, SC_INFO, "x");
    sc_log_settle(&log, 1);
    assert_false(one.is_behind || other.is_behind);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stamps),
        cmocka_unit_test(test_syslog),
        cmocka_unit_test(test_postlog),
        cmocka_unit_test(test_tee),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
