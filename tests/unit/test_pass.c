/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/pass over real socket pairs, pipes and files, with every number of
 * descriptors and everything that may come along with them.
 */
#include "support/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/pass.h"

enum { MOST_DESCRIPTORS = 253, NOBODY = 65534 };

/* Two ends of a connection, and a descriptor to be passed. */
struct pair {
    int here;
    int there;
    int cargo;
    size_t open_before;
};

static size_t open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int ends[2];

    assert_non_null(pair);
    pair->open_before = open_descriptors();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pair->here = ends[0];
    pair->there = ends[1];
    pair->cargo = open("/dev/null", O_RDWR); /* not close-on-exec */
    assert_true(pair->cargo >= 0);
    *state = pair;
    return 0;
}

/* Nothing that came may have stayed open unnoticed. */
static int teardown(void **state)
{
    struct pair *pair = *state;

    close(pair->here);
    close(pair->there);
    close(pair->cargo);
    assert_int_equal(open_descriptors(), pair->open_before);
    free(pair);
    return 0;
}

static void send_bytes(struct pair *pair, const char *text, int fd)
{
    struct sc_bytes bytes = sc_bytes_of(text);

    assert_int_equal(sc_pass_send(pair->there, bytes, fd), bytes.length);
}

/* Many descriptors at once, which our own send never does. */
static void send_many(struct pair *pair, const char *text, size_t count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    } control = {0};
    struct iovec vector = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    for (size_t i = 0; i < count; i++)
        memcpy(CMSG_DATA(header) + i * sizeof(int), &pair->cargo, sizeof(int));
    assert_int_equal(sendmsg(pair->there, &message, 0), strlen(text));
}

/* Receives at most @size bytes, which must be those of @expected. */
static struct sc_received receive(struct pair *pair, size_t size, const char *expected)
{
    struct sc_received received;
    char bytes[256];

    assert_true(size <= sizeof(bytes));
    assert_int_equal(sc_pass_receive(pair->here, bytes, size, &received), 0);
    assert_int_equal(received.length, strlen(expected));
    assert_memory_equal(bytes, expected, received.length);
    return received;
}

static void receive_nothing_more(struct pair *pair, int error)
{
    struct sc_received received;
    char byte;

    assert_int_equal(sc_pass_receive(pair->here, &byte, 1, &received), error);
    assert_int_equal(received.length, 0);
    assert_int_equal(received.fd, -1);
    assert_false(received.bad);
}

/* The same open file as the cargo, closed again. */
static void assert_cargo(struct pair *pair, int fd)
{
    struct stat sent;
    struct stat got;

    assert_true(fd >= 0);
    assert_int_not_equal(fd, pair->cargo);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(pair->cargo, &sent), 0);
    assert_int_equal(fstat(fd, &got), 0);
    assert_int_equal(sent.st_rdev, got.st_rdev);
    assert_int_equal(sent.st_ino, got.st_ino);
    close(fd);
}

static void assert_plain(struct sc_received received)
{
    assert_int_equal(received.fd, -1);
    assert_false(received.bad);
}

static void bytes_alone_bring_no_descriptor(void **state)
{
    send_bytes(*state, "abc", -1);
    assert_plain(receive(*state, 100, "abc"));
    receive_nothing_more(*state, -EAGAIN);
}

static void a_descriptor_arrives_close_on_exec(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "x", pair->cargo);
    assert_int_equal(fcntl(pair->cargo, F_GETFD) & FD_CLOEXEC, 0);
    struct sc_received received = receive(pair, 1, "x");
    assert_false(received.bad);
    assert_cargo(pair, received.fd);
    receive_nothing_more(pair, -EAGAIN);
}

static void several_descriptors_are_bad(void **state)
{
    static const size_t counts[] = {2, 3, 10, MOST_DESCRIPTORS};
    struct pair *pair = *state;

    for (size_t i = 0; i < SC_COUNT_OF(counts); i++) {
        size_t before = open_descriptors();
        send_many(pair, "x", counts[i]);
        struct sc_received received = receive(pair, 100, "x");
        assert_true(received.bad);
        assert_int_equal(received.fd, -1);
        assert_int_equal(received.surplus_count, counts[i]);
        for (size_t n = 0; n < received.surplus_count; n++)
            assert_cargo(pair, received.surplus[n]);
        assert_int_equal(open_descriptors(), before);
        send_bytes(pair, "y", -1);
        assert_plain(receive(pair, 100, "y"));
    }
}

/* No number below the limit is free: a descriptor that comes now is lost. */
static void a_full_table_is_bad(void **state)
{
    struct pair *pair = *state;
    struct rlimit before;
    struct rlimit full;
    int lowest = dup(pair->cargo);

    assert_true(lowest >= 0);
    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    full = (struct rlimit){.rlim_cur = (rlim_t)lowest, .rlim_max = before.rlim_max};
    send_bytes(pair, "x", pair->cargo);
    send_bytes(pair, "y", -1);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &full), 0);
    struct sc_received received = receive(pair, 100, "x");
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    if (received.fd >= 0 && getenv("SC_TEST_ON_VALGRIND")) {
        close(received.fd); /* Its limit is not the kernel's. */
        return;
    }
    assert_int_equal(received.fd, -1);
    assert_true(received.bad);
    assert_plain(receive(pair, 100, "y"));
    send_bytes(pair, "z", pair->cargo);
    assert_cargo(pair, receive(pair, 100, "z").fd);
}

/* This is what the session's rule stands on: it comes with the last byte. */
static void earlier_bytes_are_joined_and_later_ones_are_not(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "abc", -1);
    send_bytes(pair, "def", pair->cargo);
    send_bytes(pair, "ghi", -1);
    struct sc_received received = receive(pair, 100, "abcdef");
    assert_false(received.bad);
    assert_cargo(pair, received.fd);
    assert_plain(receive(pair, 100, "ghi"));
}

static void two_messages_bring_one_each(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "a", pair->cargo);
    send_bytes(pair, "b", pair->cargo);
    for (int i = 0; i < 2; i++) {
        struct sc_received received = receive(pair, 100, i ? "b" : "a");
        assert_false(received.bad);
        assert_cargo(pair, received.fd);
    }
}

/* It comes with whatever part of its message is received first. */
static void half_a_message_brings_its_descriptor(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "ab", -1);
    send_bytes(pair, "0123456789", pair->cargo);
    assert_plain(receive(pair, 2, "ab"));
    struct sc_received received = receive(pair, 4, "0123");
    assert_false(received.bad);
    assert_cargo(pair, received.fd);
    assert_plain(receive(pair, 100, "456789"));
    send_bytes(pair, "ab", -1);
    send_bytes(pair, "0123456789", pair->cargo);
    received = receive(pair, 3, "ab0");
    assert_cargo(pair, received.fd);
    assert_plain(receive(pair, 100, "123456789"));
}

/* Whoever asked for what on this socket. */
static void credentials_in_the_way_lose_nothing_unnoticed(void **state)
{
    struct pair *pair = *state;
    int on = 1;

    assert_int_equal(setsockopt(pair->here, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
    send_bytes(pair, "x", pair->cargo);
    struct sc_received received = receive(pair, 100, "x");
    assert_false(received.bad);
    assert_cargo(pair, received.fd);
}

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif

/* The teardown counts: a descriptor of the sender's process does not stay open. */
static void a_process_descriptor_does_not_stay(void **state)
{
    struct pair *pair = *state;
    int on = 1;

    if (setsockopt(pair->here, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof(on)) < 0)
        skip();
    send_bytes(pair, "x", -1);
    assert_plain(receive(pair, 1, "x"));
    send_bytes(pair, "x", pair->cargo);
    struct sc_received received = receive(pair, 1, "x");
    assert_false(received.bad);
    assert_cargo(pair, received.fd);
}

/* All that somebody may have asked for, and as many descriptors as can come. */
static void nothing_that_comes_along_takes_their_place(void **state)
{
    static const int options[] = {SO_PASSCRED, SO_PASSSEC, SO_PASSPIDFD, SO_TIMESTAMPNS};
    struct pair *pair = *state;
    int on = 1;

    for (size_t i = 0; i < SC_COUNT_OF(options); i++)
        (void)setsockopt(pair->here, SOL_SOCKET, options[i], &on, sizeof(on));
    send_many(pair, "x", MOST_DESCRIPTORS);
    struct sc_received received = receive(pair, 100, "x");
    assert_true(received.bad);
    assert_int_equal(received.surplus_count, MOST_DESCRIPTORS);
    for (size_t n = 0; n < received.surplus_count; n++)
        assert_cargo(pair, received.surplus[n]);
}

static void the_end_of_file_is_no_bytes(void **state)
{
    struct pair *pair = *state;

    send_bytes(pair, "x", pair->cargo);
    assert_int_equal(shutdown(pair->there, SHUT_WR), 0);
    assert_cargo(pair, receive(pair, 100, "x").fd);
    receive_nothing_more(pair, 0);
    receive_nothing_more(pair, 0);
}

static void a_closed_descriptor_is_an_error(void **state)
{
    (void)state;
    struct sc_received received;
    char byte;

    assert_int_equal(sc_pass_receive(-1, &byte, 1, &received), -EBADF);
    assert_int_equal(received.fd, -1);
    assert_int_equal(sc_pass_send(-1, SC_BYTES("x"), -1), -EBADF);
}

/* Sockets are shared with others: both ends still block, though we do not. */
static void flags_are_left_alone(void **state)
{
    struct pair *pair = *state;
    int here = fcntl(pair->here, F_GETFL);
    int there = fcntl(pair->there, F_GETFL);

    assert_int_equal(here & O_NONBLOCK, 0);
    receive_nothing_more(pair, -EAGAIN);
    send_bytes(pair, "x", pair->cargo);
    assert_cargo(pair, receive(pair, 1, "x").fd);
    assert_int_equal(fcntl(pair->here, F_GETFL), here);
    assert_int_equal(fcntl(pair->there, F_GETFL), there);
}

static void sending_stops_when_there_is_no_room(void **state)
{
    struct pair *pair = *state;
    static char bytes[1 << 16];
    struct sc_received received;
    size_t sent = 0;
    ssize_t result;

    while ((result = sc_pass_send(pair->there, (struct sc_bytes){bytes, sizeof(bytes)}, -1)) > 0)
        sent += (size_t)result;
    assert_int_equal(result, -EAGAIN);
    assert_int_equal(sc_pass_send(pair->there, SC_BYTES("x"), pair->cargo), -EAGAIN);
    while (sc_pass_receive(pair->here, bytes, sizeof(bytes), &received) == 0) {
        assert_plain(received);
        sent -= received.length;
    }
    assert_int_equal(sent, 0);
}

/* SIGPIPE would end the test: its disposition is the default one. */
static void a_peer_that_is_gone_raises_no_signal(void **state)
{
    struct pair *pair = *state;

    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    close(pair->here);
    pair->here = -1;
    assert_int_equal(sc_pass_send(pair->there, SC_BYTES("x"), -1), -EPIPE);
    assert_int_equal(sc_pass_send(pair->there, SC_BYTES("x"), pair->cargo), -EPIPE);
}

static void a_pipe_serves_as_input_and_output(void **state)
{
    struct pair pair = {.here = -1, .there = -1, .cargo = -1};
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pair.here = ends[0];
    pair.there = ends[1];
    receive_nothing_more(&pair, -EAGAIN);
    send_bytes(&pair, "abc", -1);
    assert_plain(receive(&pair, 2, "ab"));
    assert_plain(receive(&pair, 100, "c"));
    receive_nothing_more(&pair, -EAGAIN);
    assert_int_equal(sc_pass_send(pair.there, SC_BYTES("x"), 0), -ENOTSOCK);
    receive_nothing_more(&pair, -EAGAIN);
    close(pair.there);
    receive_nothing_more(&pair, 0);
    close(pair.here);
}

static void a_file_serves_as_input(void **state)
{
    struct pair pair = {.cargo = -1};
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    pair.here = fileno(file);
    assert_int_equal(sc_pass_send(pair.here, SC_BYTES("abc"), -1), 3);
    assert_int_equal(lseek(pair.here, 0, SEEK_SET), 0);
    assert_plain(receive(&pair, 100, "abc"));
    receive_nothing_more(&pair, 0);
    fclose(file);
}

static void the_null_device_is_at_its_end(void **state)
{
    struct pair *pair = *state;
    struct pair null = {.here = pair->cargo};

    receive_nothing_more(&null, 0);
}

/* Too many on their way: an ordinary user is refused more than it may open. */
static int send_until_refused(int socket, int cargo)
{
    struct rlimit few = {.rlim_cur = 64, .rlim_max = 64};
    ssize_t result = 1;

    if (setrlimit(RLIMIT_NOFILE, &few) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
        return 77;
    for (int i = 0; i < 200 && result > 0; i++)
        result = sc_pass_send(socket, SC_BYTES("x"), cargo);
    return result == -ETOOMANYREFS ? 0 : 1;
}

static void too_many_on_their_way_is_an_error_of_its_own(void **state)
{
    struct pair *pair = *state;
    int status;

    if (geteuid() != 0)
        skip();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(send_until_refused(pair->there, pair->cargo));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bytes_alone_bring_no_descriptor),
        TEST(a_descriptor_arrives_close_on_exec),
        TEST(several_descriptors_are_bad),
        TEST(a_full_table_is_bad),
        TEST(earlier_bytes_are_joined_and_later_ones_are_not),
        TEST(two_messages_bring_one_each),
        TEST(half_a_message_brings_its_descriptor),
        TEST(credentials_in_the_way_lose_nothing_unnoticed),
        TEST(a_process_descriptor_does_not_stay),
        TEST(nothing_that_comes_along_takes_their_place),
        TEST(the_end_of_file_is_no_bytes),
        TEST(a_closed_descriptor_is_an_error),
        TEST(flags_are_left_alone),
        TEST(sending_stops_when_there_is_no_room),
        TEST(a_peer_that_is_gone_raises_no_signal),
        TEST(a_pipe_serves_as_input_and_output),
        TEST(a_file_serves_as_input),
        TEST(the_null_device_is_at_its_end),
        TEST(too_many_on_their_way_is_an_error_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
