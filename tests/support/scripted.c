/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The far side of a client that is under test: it expects and says what the script has, turn by
 * turn. There is no second thread, so nothing depends on who is faster.
 */
#include "support/scripted.h"

#include "support/check.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/handle.h"
#include "support/spell.h"

/* Far more dispatches than any exchange needs, so that one that hangs is seen. */
enum { PATIENCE = 1000, DESCRIPTORS_MOST = 8 };

static int64_t clock_now;

static int64_t read_clock(void)
{
    return clock_now;
}

void clock_advance(int64_t ms)
{
    clock_now += ms;
}

size_t count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

bool is_at_end(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT) == 0;
}

bool is_same(int one, int other)
{
    struct stat first;
    struct stat second;

    assert_int_equal(fstat(one, &first), 0);
    assert_int_equal(fstat(other, &second), 0);
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static void make_pair(int *near, int *far)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *near = pair[0];
    *far = pair[1];
}

static void listen_at(struct scripted *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(server->directory, "/tmp/scache-client-XXXXXX");
    assert_non_null(mkdtemp(server->directory));
    snprintf(server->path, sizeof(server->path), "%s/socket", server->directory);
    strcpy(address.sun_path, server->path);
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(server->listener, 10), 0);
}

void scripted_open(struct scripted *server)
{
    *server = (struct scripted){.peer = -1, .budget = SIZE_MAX};
    listen_at(server);
    make_pair(&server->treasure, &server->far_end);
    make_pair(&server->saved, &server->saved_far_end);
    server->cache = scache_open(server->path);
    assert_non_null(server->cache);
    assert_int_equal(scache_set_option(server->cache, SCACHE_OPT_DEADLINE_MS, SCRIPTED_DEADLINE),
                     0);
    assert_int_equal(scache_set_option(server->cache, SCACHE_OPT_HINTS, 0), 0);
    server->cache->clock = read_clock;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        assert_int_equal(close(*fd), 0);
    *fd = -1;
}

void scripted_hang_up(struct scripted *server)
{
    close_one(&server->peer);
}

void scripted_close(struct scripted *server)
{
    scache_close(server->cache);
    scripted_hang_up(server);
    close_one(&server->listener);
    close_one(&server->treasure);
    close_one(&server->far_end);
    close_one(&server->saved);
    close_one(&server->saved_far_end);
    unlink(server->path);
    rmdir(server->directory);
}

void scripted_accept(struct scripted *server)
{
    scripted_hang_up(server);
    server->peer = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    assert_true(server->peer >= 0);
}

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(DESCRIPTORS_MOST * sizeof(int))];
};

static void send_some(struct scripted *server, struct sc_bytes bytes, int gives)
{
    union control control = {.bytes = {0}};
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};

    if (gives > 0) {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE((size_t)gives * sizeof(int));
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN((size_t)gives * sizeof(int));
        for (int i = 0; i < gives; i++)
            memcpy(CMSG_DATA(header) + (size_t)i * sizeof(int), &server->treasure, sizeof(int));
    }
    /* A client that has left already is no mistake of the test's. */
    ssize_t sent = sendmsg(server->peer, &message, MSG_NOSIGNAL);
    assert_true(sent == (ssize_t)bytes.length || errno == EPIPE || errno == ECONNRESET);
}

void scripted_say(struct scripted *server, const char *says, int gives)
{
    struct sc_bytes bytes = spell(says);
    size_t length = bytes.length < server->budget ? bytes.length : server->budget;
    size_t step = server->by_bytes ? 1 : length;

    for (size_t at = 0; at < length; at += step) {
        send_some(server, (struct sc_bytes){bytes.data + at, step}, at == 0 ? gives : 0);
        if (server->by_bytes && server->cache->state == SC_HANDLE_PENDING && at + step < length)
            assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    }
    server->budget -= length;
}

static int close_control(struct msghdr *message)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    int count = 0;

    if (!header)
        return 0;
    count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    for (int i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + (size_t)i * sizeof(int), sizeof(int));
        close(fd);
    }
    return count;
}

ssize_t scripted_hear(struct scripted *server, char *bytes, size_t size, int *descriptors)
{
    union control control;
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };
    ssize_t length = recvmsg(server->peer, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (length < 0)
        return 0;
    *descriptors += close_control(&message);
    return length == 0 ? -1 : length;
}

int scripted_outcome(struct scripted *server)
{
    int outcome = SCACHE_PENDING;

    for (int i = 0; outcome == SCACHE_PENDING; i++) {
        assert_true(i < PATIENCE);
        outcome = scache_dispatch(server->cache);
    }
    return outcome;
}

/*
 * Hears exactly what a turn expects; false when the client is done before. It
 * may be done with this turn, the last one.
 */
static bool hear_turn(struct scripted *server, const struct turn *turn, int *outcome)
{
    struct sc_bytes expected = spell(turn->hears);
    char bytes[1024];
    size_t had = 0;
    int descriptors = 0;

    assert_true(expected.length <= sizeof(bytes));
    for (int i = 0; had < expected.length; i++) {
        ssize_t more = scripted_hear(server, bytes + had, expected.length - had, &descriptors);
        assert_true(i < PATIENCE);
        if (more < 0 && *outcome == SCACHE_PENDING)
            *outcome = scripted_outcome(server);
        if (more < 0)
            return false;
        had += (size_t)more;
        if (more == 0 && *outcome != SCACHE_PENDING)
            return false;
        if (more == 0)
            *outcome = scache_dispatch(server->cache);
    }
    assert_memory_equal(bytes, expected.data, had);
    assert_int_equal(descriptors, turn->takes);
    return true;
}

static void come_to_the_end(struct scripted *server)
{
    if (server->ending == DIES)
        scripted_hang_up(server);
    else
        clock_advance(scache_wait_ms(server->cache));
}

int scripted_play(struct scripted *server, const struct turn *turns, size_t count)
{
    int outcome = SCACHE_PENDING;

    if (server->peer < 0)
        scripted_accept(server);
    for (size_t i = 0; i < count; i++) {
        if (!hear_turn(server, &turns[i], &outcome))
            return outcome;
        bool is_cut = server->ending != SPEAKS_ON && server->budget < spell(turns[i].says).length;
        scripted_say(server, turns[i].says, turns[i].gives);
        if (is_cut) {
            /* First what came is read, so that a late death is not an early one. */
            if (scache_dispatch(server->cache) == SCACHE_PENDING)
                come_to_the_end(server);
            else
                return server->cache->outcome;
            return scripted_outcome(server);
        }
    }
    return outcome == SCACHE_PENDING ? scripted_outcome(server) : outcome;
}

bool scripted_is_called(struct scripted *server)
{
    struct pollfd ready = {.fd = server->listener, .events = POLLIN};

    return poll(&ready, 1, 0) == 1;
}

int scripted_ask(struct scripted *server)
{
    return scache_start_find_endpoint(server->cache, "e");
}

void scripted_answer(struct scripted *server)
{
    static const struct turn missed = {.hears = "request=find_endp label=e .",
                                       .says = "status=2 property= ."};

    assert_int_equal(scripted_ask(server), 0);
    if (scripted_is_called(server)) {
        scripted_accept(server);
        scripted_say(server, "protocol=connection_cache_protocol .", 0);
    }
    assert_int_equal(scripted_play(server, &missed, 1), SCACHE_MISS);
    assert_true(sc_link_is_open(&server->cache->exchange.link));
}

int scripted_setup(void **state)
{
    struct scripted *server = calloc(1, sizeof(*server));

    *state = server;
    if (!server)
        return -1;
    scripted_open(server);
    return 0;
}

int scripted_teardown(void **state)
{
    scripted_close(*state);
    free(*state);
    return 0;
}
