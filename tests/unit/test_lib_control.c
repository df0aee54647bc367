/* SPDX-License-Identifier: BSD-2-Clause */
/* The control socket from the side of whoever asks, against a server that says what it is told to.
 */

#include "support/check.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "scache.h"

#define GREETING                                                                                   \
    "protocol\0connection_cache_control\0version\0"                                                \
    "1\0access\0all\0instance\0"                                                                   \
    "7\0mode\0standalone\0\0"
#define REFUSAL                                                                                    \
    "protocol\0connection_cache_control\0version\0"                                                \
    "1\0access\0none\0\0status\0"                                                                  \
    "3\0count\0"                                                                                   \
    "0\0reason\0not you\0\0"
#define RECORDS                                                                                    \
    "record\0connection\0id\0"                                                                     \
    "5\0label\0a b\0\0record\0skipped\0\0"
#define STATUS                                                                                     \
    "status\0"                                                                                     \
    "0\0count\0"                                                                                   \
    "2\0reason\0\0\0"

#define TEXT(literal) literal, sizeof(literal) - 1

static const char *const list_all[] = {"request", "list", "kind", "connections", NULL};

/* A server of one listener: each client gets the next of its answers, and is asked once before. */
struct server {
    char path[64];
    int listener;
    pthread_t thread;
    const char *greeting;
    size_t greeting_length;
    const char *answer; /* null: it hangs up instead */
    size_t answer_length;
    bool is_slow;    /* a byte at a time */
    bool stays;      /* until the client leaves */
    char heard[256]; /* the last request */
    size_t heard_length;
    int clients;
};

static void server_say(const struct server *server, int fd, const char *text, size_t length)
{
    size_t piece = server->is_slow ? 1 : length;

    for (size_t at = 0; at < length; at += piece)
        if (send(fd, text + at, piece, MSG_NOSIGNAL) < 0)
            return;
}

/* Hears a request to its end; false: the client has left. */
static bool server_hear(struct server *server, int fd)
{
    char heard[sizeof(server->heard)];
    size_t length = 0;

    for (;;) {
        ssize_t more = recv(fd, heard + length, sizeof(heard) - length, 0);
        if (more <= 0)
            return false;
        length += (size_t)more;
        if (length > 1 && heard[length - 1] == '\0' && heard[length - 2] == '\0')
            break;
    }
    memcpy(server->heard, heard, length);
    server->heard_length = length;
    return true;
}

static void *server_run(void *context)
{
    struct server *server = context;
    int fd;

    while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
        server->clients++;
        server_say(server, fd, server->greeting, server->greeting_length);
        while (server->greeting && server_hear(server, fd)) {
            if (server->answer)
                server_say(server, fd, server->answer, server->answer_length);
            if (!server->stays)
                break;
        }
        /* One that never greets waits for the client to give up. */
        if (!server->greeting)
            (void)server_hear(server, fd);
        close(fd);
    }
    return NULL;
}

static void server_start(struct server *server)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char directory[] = "/tmp/scache-test-XXXXXX";

    assert_non_null(mkdtemp(directory));
    snprintf(server->path, sizeof(server->path), "%s/control", directory);
    memcpy(address.sun_path, server->path, sizeof(server->path));
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    assert_int_equal(pthread_create(&server->thread, NULL, server_run, server), 0);
}

static void server_stop(struct server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    unlink(server->path);
    *strrchr(server->path, '/') = '\0';
    rmdir(server->path);
}

static void check_answer(struct scache_control *control)
{
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_RECORD);
    assert_string_equal(scache_control_name(control, 0), "record");
    assert_string_equal(scache_control_value(control, 0), "connection");
    assert_string_equal(scache_control_name(control, 2), "label");
    assert_string_equal(scache_control_value(control, 2), "a b");
    assert_null(scache_control_name(control, 3));
    assert_null(scache_control_value(control, 3));
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_RECORD);
    assert_string_equal(scache_control_value(control, 0), "skipped");
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_END);
    assert_int_equal(scache_control_status(control), SCACHE_CONTROL_DONE);
    assert_int_equal(scache_control_count(control), 2);
    assert_string_equal(scache_control_text(control), "");
}

static void test_answers(void **state)
{
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        struct server server = {.greeting = GREETING,
                                .greeting_length = sizeof(GREETING) - 1,
                                .answer = RECORDS STATUS,
                                .answer_length = sizeof(RECORDS STATUS) - 1,
                                .is_slow = slow,
                                .stays = true};
        server_start(&server);
        struct scache_control *control = scache_control_open(server.path);
        assert_string_equal(scache_control_path(control), server.path);
        assert_null(scache_control_greeting(control, "mode"));
        assert_int_equal(scache_control_fd(control), -1);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
            check_answer(control);
            /* The end stays the end, whether one asks for it again or not. */
            if (i == 1)
                assert_int_equal(scache_control_next(control, 0), SCACHE_CONTROL_END);
        }
        assert_string_equal(scache_control_greeting(control, "mode"), "standalone");
        assert_null(scache_control_greeting(control, "weather"));
        assert_true(scache_control_fd(control) > 2);
        assert_int_equal(server.clients, 1);
        assert_int_equal(server.heard_length, sizeof("request\0list\0kind\0connections\0"));
        assert_memory_equal(server.heard, "request\0list\0kind\0connections\0",
                            server.heard_length);
        scache_control_close(control);
        server_stop(&server);
    }
}

/* What was not read of an answer is not taken for the next one. */
static void test_answer_given_up(void **state)
{
    struct server server = {.greeting = GREETING,
                            .greeting_length = sizeof(GREETING) - 1,
                            .answer = RECORDS STATUS,
                            .answer_length = sizeof(RECORDS STATUS) - 1,
                            .stays = true};

    (void)state;
    server_start(&server);
    struct scache_control *control = scache_control_open(server.path);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
        assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_RECORD);
    }
    assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
    check_answer(control);
    scache_control_close(control);
    server_stop(&server);
    assert_int_equal(server.clients, 3);
}

static void test_nothing_comes(void **state)
{
    struct server server = {.greeting = GREETING,
                            .greeting_length = sizeof(GREETING) - 1,
                            .answer = RECORDS,
                            .answer_length = sizeof(RECORDS) - 1,
                            .stays = true};

    (void)state;
    server_start(&server);
    struct scache_control *control = scache_control_open(server.path);
    assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_RECORD);
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_RECORD);
    assert_int_equal(scache_control_next(control, 0), SCACHE_CONTROL_LATER);
    assert_int_equal(scache_control_next(control, 20), SCACHE_CONTROL_LATER);
    assert_null(scache_control_name(control, 0));
    scache_control_close(control);
    server_stop(&server);
}

/* Servers that are none, or leave, or say what cannot be. */
static void check_lost(const char *greeting, size_t greeting_length, const char *answer,
                       size_t answer_length, const char *why)
{
    struct server server = {.greeting = greeting,
                            .greeting_length = greeting_length,
                            .answer = answer,
                            .answer_length = answer_length};

    server_start(&server);
    struct scache_control *control = scache_control_open(server.path);
    int step = scache_control_ask(control, list_all);
    if (step == SCACHE_CONTROL_ASKED)
        while ((step = scache_control_next(control, 10000)) == SCACHE_CONTROL_RECORD)
            ;
    assert_int_equal(step, SCACHE_CONTROL_LOST);
    assert_non_null(strstr(scache_control_text(control), why));
    assert_non_null(strstr(scache_control_text(control), server.path));
    assert_int_equal(scache_control_next(control, 0), SCACHE_CONTROL_LOST);
    assert_int_equal(scache_control_fd(control), -1);
    scache_control_close(control);
    server_stop(&server);
}

static void test_lost(void **state)
{
    (void)state;
    check_lost(TEXT("protocol\0connection_cache_protocol\0\0"), NULL, 0, "no control socket");
    check_lost(TEXT("\0"), NULL, 0, "no control socket");
    check_lost(TEXT(GREETING), NULL, 0, "has left");
    check_lost(TEXT(GREETING), TEXT(RECORDS), "has left");
    check_lost(TEXT(GREETING), TEXT(RECORDS "status\0"), "has left");
    check_lost(NULL, 0, NULL, 0, "no answer in time");
}

static void test_nobody(void **state)
{
    struct scache_control *control = scache_control_open("/nowhere/at/all");

    (void)state;
    assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_LOST);
    assert_string_equal(scache_control_text(control),
                        "/nowhere/at/all: no server answers: No such file or directory");
    assert_int_equal(scache_control_next(control, -1), SCACHE_CONTROL_LOST);
    scache_control_close(control);
}

/* Who may not ask is told so instead of being hung up on. */
static void test_refused(void **state)
{
    struct server server = {.greeting = REFUSAL, .greeting_length = sizeof(REFUSAL) - 1};

    (void)state;
    server_start(&server);
    struct scache_control *control = scache_control_open(server.path);
    assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
    assert_int_equal(scache_control_next(control, 10000), SCACHE_CONTROL_END);
    assert_int_equal(scache_control_status(control), SCACHE_CONTROL_FORBIDDEN);
    assert_string_equal(scache_control_text(control), "not you");
    scache_control_close(control);
    server_stop(&server);
}

static void test_mistakes(void **state)
{
    struct server server = {.greeting = GREETING,
                            .greeting_length = sizeof(GREETING) - 1,
                            .answer = RECORDS STATUS,
                            .answer_length = sizeof(RECORDS STATUS) - 1,
                            .stays = true};
    static char large[20000];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    server_start(&server);
    struct scache_control *control = scache_control_open(server.path);
    assert_int_equal(scache_control_ask(NULL, list_all), -EINVAL);
    assert_int_equal(scache_control_ask(control, NULL), -EINVAL);
    assert_int_equal(scache_control_ask(control, (const char *const[]){NULL}), -EINVAL);
    assert_int_equal(scache_control_ask(control, (const char *const[]){"request", NULL}), -EINVAL);
    assert_int_equal(scache_control_ask(control, (const char *const[]){"", "x", NULL}), -EINVAL);
    assert_int_equal(
        scache_control_ask(control, (const char *const[]){"request", "list", "label", large, NULL}),
        -EMSGSIZE);
    /* None of it was sent, and the handle is as good as new. */
    assert_int_equal(scache_control_ask(control, list_all), SCACHE_CONTROL_ASKED);
    check_answer(control);
    scache_control_close(control);
    server_stop(&server);
    assert_int_equal(scache_control_next(NULL, 0), -EINVAL);
    assert_int_equal(scache_control_fd(NULL), -1);
    assert_null(scache_control_path(NULL));
    assert_null(scache_control_name(NULL, 0));
    assert_null(scache_control_greeting(NULL, "mode"));
    scache_control_close(NULL);
}

static void test_open(void **state)
{
    char path[256];

    (void)state;
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_null(scache_control_open(path));
    assert_int_equal(errno, ENAMETOOLONG);
    assert_null(scache_control_open(""));
    assert_int_equal(errno, EINVAL);
    assert_int_equal(setenv("SCACHE_SOCKET", "/somewhere/socket", 1), 0);
    struct scache_control *control = scache_control_open(NULL);
    assert_string_equal(scache_control_path(control), "/somewhere/socket.control");
    scache_control_close(control);
    assert_int_equal(unsetenv("SCACHE_SOCKET"), 0);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/somewhere/else", 1), 0);
    control = scache_control_open(NULL);
    assert_string_equal(scache_control_path(control), "/somewhere/else/scache.sock.control");
    scache_control_close(control);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),       cmocka_unit_test(test_answer_given_up),
        cmocka_unit_test(test_nothing_comes), cmocka_unit_test(test_lost),
        cmocka_unit_test(test_nobody),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_mistakes),      cmocka_unit_test(test_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
