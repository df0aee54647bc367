/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes and descriptors to and from a server, over a socket that somebody
 * else has connected. What they mean is not known here.
 */
#include "lib/link.h"

#include <errno.h>
#include <unistd.h>

#include "base/standard.h"
#include "io/pass.h"

enum {
    CHUNK = 4096,
    KEPT = 4096,       /* of a buffer, between requests */
    LONGEST = 1048576, /* a reply: a label and two properties, each below the message limit */
};

void sc_link_init(struct sc_link *link)
{
    *link = (struct sc_link){.socket = -1, .passing = -1, .received = -1};
    sc_buf_init(&link->out);
    sc_buf_init(&link->in);
}

static void link_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void sc_link_fini(struct sc_link *link)
{
    sc_link_close(link);
    sc_buf_fini(&link->out);
    sc_buf_fini(&link->in);
}

void sc_link_open(struct sc_link *link, int socket)
{
    link->scanner = (struct sc_list_scanner){0};
    link->list_length = 0;
    sc_buf_clear(&link->in, KEPT);
    link->socket = socket;
}

void sc_link_close(struct sc_link *link)
{
    link_close(&link->socket);
    link_close(&link->received);
    link->passing = -1;
    /* What came in stays: a result may be made of it. */
    sc_buf_clear(&link->out, KEPT);
}

static void link_close_surplus(const struct sc_received *received)
{
    for (size_t i = 0; i < received->surplus_count; i++)
        close(received->surplus[i]);
}

bool sc_link_is_quiet(struct sc_link *link)
{
    struct sc_received received;
    char byte;
    int error = sc_pass_receive(link->socket, &byte, 1, &received);

    link_close_surplus(&received);
    link_close(&received.fd);
    return error == -EAGAIN;
}

int sc_link_flush(struct sc_link *link)
{
    while (sc_buf_length(&link->out) > 0) {
        ssize_t sent = sc_pass_send(link->socket, sc_buf_bytes(&link->out), link->passing);
        if (sent < 0 && sent != -EINTR)
            return (int)sent;
        if (sent > 0) {
            link->passing = -1;
            sc_buf_consume(&link->out, (size_t)sent);
        }
    }
    sc_buf_clear(&link->out, KEPT);
    return 0;
}

/* Receives at most so many bytes, at least one. */
static int link_receive(struct sc_link *link, char *bytes, size_t size, bool may_carry,
                        size_t *length)
{
    struct sc_received received;
    int error;

    do {
        error = sc_pass_receive(link->socket, bytes, size, &received);
    } while (error == -EINTR);
    if (error < 0)
        return error;
    link_close_surplus(&received);
    if (received.bad || (received.fd >= 0 && !may_carry)) {
        link_close(&received.fd);
        return -EPROTO;
    }
    if (received.fd >= 0) {
        link_close(&link->received);
        error = link->received = sc_standard_avoid(received.fd);
    }
    if (error < 0)
        return error;
    *length = received.length;
    return received.length == 0 ? -ECONNRESET : 0;
}

static int link_receive_more(struct sc_link *link, bool may_carry)
{
    char chunk[CHUNK];
    size_t length;
    int error = link_receive(link, chunk, sizeof(chunk), may_carry, &length);

    if (error < 0)
        return error;
    if (sc_buf_length(&link->in) > LONGEST)
        return -EPROTO;
    return sc_buf_append(&link->in, (struct sc_bytes){chunk, length});
}

int sc_link_receive_list(struct sc_link *link, bool may_carry, struct sc_bytes *list)
{
    int error;

    while ((link->list_length = sc_list_scan(&link->scanner, sc_buf_bytes(&link->in))) == 0) {
        error = link_receive_more(link, may_carry && sc_buf_length(&link->in) == 0);
        if (error < 0)
            return error;
    }
    *list = (struct sc_bytes){sc_buf_bytes(&link->in).data, link->list_length};
    return 0;
}

bool sc_link_has_surplus(const struct sc_link *link)
{
    return sc_buf_length(&link->in) > link->list_length;
}

void sc_link_forget_list(struct sc_link *link)
{
    sc_buf_consume(&link->in, link->list_length);
    link->list_length = 0;
    if (sc_buf_length(&link->in) == 0)
        sc_buf_clear(&link->in, KEPT);
}

int sc_link_receive_descriptor(struct sc_link *link)
{
    char byte;
    size_t length;
    int error = link_receive(link, &byte, 1, true, &length);

    if (error < 0)
        return error;
    return link->received >= 0 && byte == '\0' ? 0 : -EPROTO;
}

int sc_link_steal_received(struct sc_link *link)
{
    int fd = link->received;

    link->received = -1;
    return fd;
}
