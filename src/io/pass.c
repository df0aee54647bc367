/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes and descriptors over local sockets, and the only control messages
 * there are. What a descriptor is and what it is for is not known here, and
 * none that was passed for somebody is closed.
 */
#include "io/pass.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* A process descriptor that comes with a message (Linux 6.5). */
enum { PASS_PIDFD = 0x04 };

/* The longest name that a security module may give a process. */
enum { LABEL_MAX = 4096 };

/*
 * Room for all that can come along, wanted or not, because the kernel takes
 * what does not fit away from what comes last. Only descriptors are wanted.
 */
union pass_control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(SC_PASS_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred)) +
               CMSG_SPACE(LABEL_MAX) + CMSG_SPACE(sizeof(int))];
};

static size_t pass_count_of(const struct cmsghdr *header)
{
    return (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
}

static void pass_keep(const struct cmsghdr *header, struct sc_received *received)
{
    size_t count = pass_count_of(header);
    size_t room = SC_PASS_MAX - received->surplus_count;

    count = count < room ? count : room;
    memcpy(received->surplus + received->surplus_count, CMSG_DATA(header), count * sizeof(int));
    received->surplus_count += count;
}

/* It names the sender and is nothing of his, so its close waits for nobody. */
static void pass_drop_pidfds(const struct cmsghdr *header)
{
    int fd;

    for (size_t i = 0; i < pass_count_of(header); i++) {
        memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
        if (fd >= 0)
            close(fd);
    }
}

/*
 * Whoever made the listener, or shares the socket that we were started with,
 * may have asked for more than descriptors.
 */
static void pass_take_descriptors(struct msghdr *message, struct sc_received *received)
{
    struct cmsghdr *header;

    for (header = CMSG_FIRSTHDR(message); header; header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET)
            continue;
        if (header->cmsg_type == SCM_RIGHTS)
            pass_keep(header, received);
        else if (header->cmsg_type == PASS_PIDFD)
            pass_drop_pidfds(header);
    }
    received->bad = received->surplus_count > 1 || (message->msg_flags & MSG_CTRUNC) != 0;
    if (!received->bad && received->surplus_count == 1) {
        received->fd = received->surplus[0];
        received->surplus_count = 0;
    }
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
    union pass_control control;
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

bool sc_pass_has_unread(int socket)
{
    int unread = 0;

    return ioctl(socket, SIOCOUTQ, &unread) == 0 && unread > 0;
}

int sc_pass_send_all(int socket, struct sc_bytes message, const int *fds, size_t count)
{
    return pass_send_with(socket, message, fds, count) < 0 ? -errno : 0;
}

ssize_t sc_pass_send(int socket, struct sc_bytes bytes, int fd)
{
    ssize_t length =
        fd < 0 ? pass_send_plain(socket, bytes) : pass_send_with(socket, bytes, &fd, 1);

    return length < 0 ? -errno : length;
}
