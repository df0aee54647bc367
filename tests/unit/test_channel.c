/* SPDX-License-Identifier: BSD-2-Clause */
/* Records over real sockets that are full, slow, away, and back. */

#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "log/channel.h"

enum { BIG = 2000, MANY = 5000 };

/* A sink over the channel at hand, for reports of what was lost. */
struct sender {
    struct sc_log_sink sink;
    struct sc_channel channel;
};

static void sender_write(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                         size_t length)
{
    struct sender *sender = SC_CONTAINER_OF(sink, struct sender, sink);
    char record[256];

    assert_int_equal(severity, SC_WARNING);
    int size = snprintf(record, sizeof(record), "%.*s\n", (int)length, text);
    sc_channel_send(&sender->channel, (struct sc_bytes){record, (size_t)size});
}

static void sender_init(struct sender *sender)
{
    *sender = (struct sender){.sink.write = sender_write};
    sc_channel_init(&sender->channel, false);
}

static void sender_say(struct sender *sender, int number, size_t length)
{
    char record[BIG + 1];

    memset(record, '.', length);
    int size = snprintf(record, sizeof(record), "%d", number);
    record[size] = '.';
    record[length - 1] = '\n';
    record[length] = '\0';
    sc_channel_send(&sender->channel, (struct sc_bytes){record, length});
}

/* Reads all that is there, while the sender flushes; whole lines, numbered without a gap. */
static int read_numbers(struct sender *sender, int fd, char *last, size_t size)
{
    static char text[16 * 1024 * 1024];
    size_t length = 0;
    int count = 0;
    ssize_t got;
    char next;

    do {
        while ((got = recv(fd, text + length, sizeof(text) - 1 - length, MSG_DONTWAIT)) > 0)
            length += (size_t)got;
        sc_channel_flush(&sender->channel, &sender->sink);
        got = recv(fd, &next, 1, MSG_DONTWAIT | MSG_PEEK);
    } while (got > 0 || sc_channel_is_behind(&sender->channel));
    text[length] = '\0';
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        snprintf(last, size, "%.200s", line);
        if (strncmp(line, "warning", 7) != 0) {
            assert_int_equal(strtol(line, NULL, 10), count);
            count++;
        }
    }
    return count;
}

static void check_full(int type)
{
    struct sender sender;
    char last[256] = "", wanted[256];
    int ends[2];

    sender_init(&sender);
    assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
    sc_channel_take(&sender.channel, ends[0]);
    for (int i = 0; i < MANY; i++)
        sender_say(&sender, i, BIG);
    assert_true(sc_channel_is_behind(&sender.channel));
    assert_true(sender.channel.lost > 0);
    uint64_t lost = sender.channel.lost;
    int count = read_numbers(&sender, ends[1], last, sizeof(last));
    assert_int_equal(count + (int)lost, MANY);
    snprintf(wanted, sizeof(wanted), "warning: %d log records before this one were lost",
             (int)lost);
    assert_string_equal(last, wanted);
    assert_int_equal(sender.channel.lost, 0);
    sc_channel_fini(&sender.channel);
    close(ends[1]);
}

/* The oldest are kept, in order and whole, and those that had no room are counted. */
static void test_full(void **state)
{
    (void)state;
    check_full(SOCK_STREAM);
    check_full(SOCK_DGRAM);
    check_full(SOCK_SEQPACKET);
}

static int make_reader(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void check_received(int fd, const char *wanted, size_t length)
{
    char text[64];

    assert_int_equal(recv(fd, text, sizeof(text), 0), length);
    assert_memory_equal(text, wanted, length);
}

/* What is said while nobody is there waits; the next reader gets it, whatever his kind of socket.
 */
static void test_away_and_back(void **state)
{
    char directory[] = "/tmp/test-channel-XXXXXX";
    char path[64], other[64];
    struct sender sender;

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/log", directory);
    snprintf(other, sizeof(other), "%s/other", directory);
    sender_init(&sender);
    sender.channel.ends_with_nul = true;
    sc_channel_connect(&sender.channel, path);
    sender_say(&sender, 1, 4);
    assert_true(sc_channel_is_behind(&sender.channel));
    int reader = make_reader(path, SOCK_DGRAM);
    sender_say(&sender, 2, 4);
    check_received(reader, "1..\n", 4);
    check_received(reader, "2..\n", 4);
    close(reader);
    unlink(path);
    sender_say(&sender, 3, 4);
    reader = make_reader(path, SOCK_STREAM);
    sc_channel_settle(&sender.channel, &sender.sink, 1000);
    int stream = accept(reader, NULL, NULL);
    check_received(stream, "3..\n\0", 5); /* on a stream NUL ends each */
    close(stream);
    close(reader);
    unlink(path);
    reader = make_reader(other, SOCK_DGRAM);
    sc_channel_set_path(&sender.channel, other);
    sender_say(&sender, 4, 4);
    check_received(reader, "4..\n", 4);
    close(reader);
    unlink(other);
    sc_channel_fini(&sender.channel);
    assert_int_equal(rmdir(directory), 0);
}

/* At the end so much time is given to a reader that is away, and no more. */
static void test_settle_ends(void **state)
{
    struct sender sender;

    (void)state;
    sender_init(&sender);
    sc_channel_connect(&sender.channel, "/nonexistent/log");
    sender_say(&sender, 1, 4);
    sc_channel_settle(&sender.channel, &sender.sink, 20);
    assert_true(sc_channel_is_behind(&sender.channel));
    sc_channel_fini(&sender.channel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_away_and_back),
        cmocka_unit_test(test_settle_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
