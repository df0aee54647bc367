/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of a session: bytes in and out. Which bytes, and when, is the
 * tunnel's affair.
 */
#include "relay/ends.h"

#include <errno.h>
#include <unistd.h>

#include "io/pair.h"
#include "io/pass.h"
#include "io/remote.h"

static bool ends_must_wait(int error)
{
    return error == -EAGAIN || error == -EINTR;
}

static bool ends_lack_memory(int error)
{
    return error == -ENOMEM || error == -ENOBUFS;
}

/* What came along with bytes is nobody's. */
static void ends_close_surplus(const struct sc_received *received)
{
    if (received->fd >= 0)
        close(received->fd);
    for (size_t i = 0; i < received->surplus_count; i++)
        close(received->surplus[i]);
}

/* Returns what sc_pass_receive() does, and how many bytes came; 0: the end. */
static int ends_receive(int fd, void *bytes, size_t size, size_t *length)
{
    struct sc_received received;
    int error = sc_pass_receive(fd, bytes, size, &received);

    if (error < 0)
        return error;
    ends_close_surplus(&received);
    *length = received.length;
    return 0;
}

static enum sc_far_result far_end_receive(struct sc_far *base, void *bytes, size_t size,
                                          size_t *length)
{
    struct sc_far_end *end = SC_CONTAINER_OF(base, struct sc_far_end, base);
    int error = ends_receive(end->fd, bytes, size, length);

    if (error == 0)
        return *length > 0 ? SC_FAR_DONE : SC_FAR_ENDED;
    if (ends_must_wait(error))
        return SC_FAR_WAIT;
    if (ends_lack_memory(error))
        return SC_FAR_LATER;
    base->error = error;
    return SC_FAR_LOST;
}

static enum sc_far_result far_end_send(struct sc_far *base, struct sc_bytes bytes, size_t *length)
{
    struct sc_far_end *end = SC_CONTAINER_OF(base, struct sc_far_end, base);
    ssize_t sent = sc_pass_send(end->fd, bytes, -1);

    if (sent > 0) {
        *length = (size_t)sent;
        return SC_FAR_DONE;
    }
    if (ends_must_wait((int)sent))
        return SC_FAR_WAIT;
    if (ends_lack_memory((int)sent))
        return SC_FAR_LATER;
    base->error = (int)sent;
    return SC_FAR_LOST;
}

static void far_end_end(struct sc_far *base)
{
    sc_remote_end_output(SC_CONTAINER_OF(base, struct sc_far_end, base)->fd);
}

static const struct sc_far_verbs far_verbs = {
    .receive = far_end_receive,
    .send = far_end_send,
    .end = far_end_end,
};

void sc_far_end_init(struct sc_far_end *end, int fd)
{
    *end = (struct sc_far_end){.base = {.verbs = &far_verbs}, .fd = fd};
}

void sc_far_end_close(struct sc_far_end *end)
{
    if (end->fd >= 0)
        sc_remote_close(end->fd);
    end->fd = -1;
}

/*
 * A caller that closed its end with words unread in it leaves an error behind,
 * which comes after all that it wrote.
 */
static enum sc_plain_result plain_end_receive(struct sc_plain *base, void *bytes, size_t size,
                                              size_t *length)
{
    struct sc_plain_end *end = SC_CONTAINER_OF(base, struct sc_plain_end, base);
    int error = ends_receive(end->fd, bytes, size, length);

    if (error == 0 && *length > 0)
        return SC_PLAIN_DONE;
    if (ends_must_wait(error))
        return SC_PLAIN_WAIT;
    if (ends_lack_memory(error))
        return SC_PLAIN_LATER;
    return error < 0 || sc_pair_is_alone(end->fd) ? SC_PLAIN_GONE : SC_PLAIN_ENDED;
}

static enum sc_plain_result plain_end_send(struct sc_plain *base, struct sc_bytes bytes,
                                           size_t *length)
{
    struct sc_plain_end *end = SC_CONTAINER_OF(base, struct sc_plain_end, base);
    ssize_t sent = sc_pass_send(end->fd, bytes, -1);

    if (sent > 0) {
        *length = (size_t)sent;
        return SC_PLAIN_DONE;
    }
    if (ends_must_wait((int)sent))
        return SC_PLAIN_WAIT;
    return ends_lack_memory((int)sent) ? SC_PLAIN_LATER : SC_PLAIN_GONE;
}

static void plain_end_end(struct sc_plain *base)
{
    sc_pair_end_output(SC_CONTAINER_OF(base, struct sc_plain_end, base)->fd);
}

static bool plain_end_is_gone(struct sc_plain *base)
{
    return sc_pair_is_alone(SC_CONTAINER_OF(base, struct sc_plain_end, base)->fd);
}

static const struct sc_plain_verbs plain_verbs = {
    .receive = plain_end_receive,
    .send = plain_end_send,
    .end = plain_end_end,
    .is_gone = plain_end_is_gone,
};

void sc_plain_end_init(struct sc_plain_end *end, int fd)
{
    *end = (struct sc_plain_end){.base = {.verbs = &plain_verbs}, .fd = fd};
}

void sc_plain_end_close(struct sc_plain_end *end)
{
    if (end->fd >= 0)
        close(end->fd);
    end->fd = -1;
}
