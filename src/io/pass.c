/* SPDX-License-Identifier: BSD-2-Clause */
#include "io/pass.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
    struct cmsghdr header;
    /* Credentials come in front, where somebody has asked for them. */
    char bytes[CMSG_SPACE(SC_PASS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

static void pass_take_descriptors(struct msghdr *message, struct sc_received *received)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    size_t count = 0;

    while (header && (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS))
        header = CMSG_NXTHDR(message, header);
    if (header)
        count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    received->bad = count > 1 || (message->msg_flags & MSG_CTRUNC) != 0;
    received->surplus_count = received->bad ? count : 0;
    if (received->bad && count > 0)
        memcpy(received->surplus, CMSG_DATA(header), count * sizeof(int));
    else if (count == 1)
        memcpy(&received->fd, CMSG_DATA(header), sizeof(received->fd));
}

static int pass_read_plain(int fd, void *bytes, size_t size, struct sc_received *received)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    if (poll(&ready, 1, 0) <= 0)
        return -EAGAIN;
    ssize_t length = read(fd, bytes, size);
    if (length < 0)
        return -errno;
    received->length = (size_t)length;
    return 0;
}

int sc_pass_receive(int socket, void *bytes, size_t size, struct sc_received *received)
{
    union control control;
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };

    received->length = received->surplus_count = 0;
    received->fd = -1;
    received->bad = false;
    ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0)
        return errno == ENOTSOCK ? pass_read_plain(socket, bytes, size, received) : -errno;
    received->length = (size_t)length;
    pass_take_descriptors(&message, received);
    return 0;
}

bool sc_pass_has_input(int socket)
{
    char byte;

    return recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

void sc_pass_end_input(int socket)
{
    /* It fails for what is no connected socket, and then nothing comes in. */
    (void)shutdown(socket, SHUT_RD);
}

/* Without a descriptor there is a cheaper call. */
static ssize_t pass_send_plain(int socket, struct sc_bytes bytes)
{
    ssize_t length = send(socket, bytes.data, bytes.length, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (length < 0 && errno == ENOTSOCK)
        length = write(socket, bytes.data, bytes.length);
    return length;
}

static ssize_t pass_send_with(int socket, struct sc_bytes bytes, const int *fds, size_t count)
{
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(SC_PASS_MAX * sizeof(int))];
    } control;
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_LEN(count * sizeof(int)),
    };

    control.header = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET,
        .cmsg_type = SCM_RIGHTS,
        .cmsg_len = CMSG_LEN(count * sizeof(int)),
    };
    memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int sc_pass_send_all(int socket, const int *fds, size_t count)
{
    return pass_send_with(socket, SC_BYTES("\0"), fds, count) < 0 ? -errno : 0;
}

ssize_t sc_pass_send(int socket, struct sc_bytes bytes, int fd)
{
    ssize_t length =
        fd < 0 ? pass_send_plain(socket, bytes) : pass_send_with(socket, bytes, &fd, 1);

    return length < 0 ? -errno : length;
}
