/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache server among tests: see the header. It checks nothing but that
 * its own calls work.
 */
#include "support/check.h"

#include "support/served.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz/clock.h"
#include "fuzz/closer_double.h"
#include "io/pass.h"

enum { TURNS = 12 };

static void served_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                          size_t length)
{
    struct served *served = SC_CONTAINER_OF(sink, struct served, sink);
    size_t used = strlen(served->records);

    (void)severity;
    snprintf(served->records + used, sizeof(served->records) - used, "%.*s\n", (int)length, text);
}

static int64_t served_admit(void *context, const struct sc_caller *caller, int client)
{
    (void)caller;
    (void)client;
    return ((struct served *)context)->next_user;
}

static void served_note_request(void *context)
{
    ((struct served *)context)->first_requests++;
}

static void served_note_clients(void *context, size_t clients)
{
    ((struct served *)context)->clients = clients;
}

static void served_note_drained(void *context)
{
    ((struct served *)context)->drained++;
}

struct sc_server_settings served_settings(void)
{
    return (struct sc_server_settings){
        .ttl_limit = 60000,
        .status_update_time = 600000,
        .request_time_limit = 5000,
        .message_limit = 262144,
        .greeting = SC_GREETING_NO,
        .check_peer = true,
        .limits = {.binding_limit = 100000,
                   .destination_binding_limit = 100,
                   .memory_limit = 1 << 20},
    };
}

void served_start(struct served *served, const struct sc_server_settings *settings,
                  size_t descriptors, bool one_space)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *served = (struct served){.sink.write = served_record};
    served->log = (struct sc_log){.sink = &served->sink};
    served->closer = closer_double_new();
    assert_int_equal(sc_loop_new(&served->loop), 0);
    const struct sc_server_options options = {
        .loop = served->loop,
        .log = &served->log,
        .closer = served->closer,
        .key = "not very random",
        .descriptors = descriptors,
        .descriptors_used = 8,
        .settings = *settings,
        .host =
            {
                .admit = one_space ? NULL : served_admit,
                .first_request = served_note_request,
                .clients_changed = served_note_clients,
                .drained = served_note_drained,
                .context = served,
            },
    };
    assert_int_equal(sc_server_new(&served->server, &options), 0);
    served->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(served->listener >= 0);
    assert_int_equal(
        bind(served->listener, (struct sockaddr *)&address, sizeof(address.sun_family)), 0);
    assert_int_equal(listen(served->listener, 128), 0);
    assert_int_equal(sc_server_listen(served->server, served->listener), 0);
    served_turn(served);
}

void served_stop(struct served *served)
{
    sc_server_free(served->server);
    closer_double_free(served->closer);
    sc_loop_free(served->loop);
    close(served->listener);
}

void served_turn(struct served *served)
{
    for (int i = 0; i < TURNS; i++)
        sc_loop_turn(served->loop);
}

void served_wait(struct served *served, int64_t ms)
{
    clock_advance_ms(ms);
    served_turn(served);
}

int served_connect(struct served *served, int64_t user)
{
    struct sockaddr_un address;
    socklen_t size = sizeof(address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    served->next_user = user;
    assert_int_equal(getsockname(served->listener, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, size), 0);
    served_turn(served);
    return fd;
}

void served_send(int client, struct sc_bytes bytes, int fd)
{
    assert_int_equal(sc_pass_send(client, bytes, fd), bytes.length);
}

int served_receive(int client, struct sc_buf *bytes, int *fd)
{
    struct sc_received received;
    char chunk[65536];
    int all = 0;
    int error;

    while ((error = sc_pass_receive(client, chunk, sizeof(chunk), &received)) == 0 &&
           received.length > 0) {
        assert_false(received.bad);
        assert_int_equal(sc_buf_append(bytes, (struct sc_bytes){chunk, received.length}), 0);
        if (received.fd >= 0 && fd)
            *fd = received.fd;
        else if (received.fd >= 0)
            close(received.fd);
        all += (int)received.length;
    }
    return all == 0 && error == 0 ? -1 : all;
}

int served_ask(struct served *served, int client, struct sc_bytes request, int fd, int *found)
{
    struct sc_buf bytes;
    int status = -1;

    sc_buf_init(&bytes);
    served_send(client, request, fd);
    served_turn(served);
    if (served_receive(client, &bytes, found) > 8 &&
        memcmp(sc_buf_bytes(&bytes).data, "status", 7) == 0)
        status = sc_buf_bytes(&bytes).data[7] - '0';
    sc_buf_fini(&bytes);
    return status;
}

bool served_is_closed(int client)
{
    char byte;
    ssize_t got = recv(client, &byte, 1, MSG_DONTWAIT | MSG_PEEK);

    return got == 0 || (got < 0 && errno == ECONNRESET);
}

int served_pair(int *far)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *far = pair[1];
    return pair[0];
}
