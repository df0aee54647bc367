/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes, sends, receives and counts descriptors for fuzz targets, and knows the open file behind
 * each again. It judges nothing.
 */
#include "descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(PASSED_MOST * sizeof(int))];
};

void descriptors_limit(size_t most)
{
    struct rlimit limit;

    require(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = most < DESCRIPTORS_MOST ? most : DESCRIPTORS_MOST;
    require(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

/* One call for all of them: reading /proc/self/fd takes ten times as long. */
size_t descriptors_open(void)
{
    struct pollfd table[DESCRIPTORS_MOST];
    size_t count = 0;

    descriptors_limit(DESCRIPTORS_MOST);
    for (int i = 0; i < DESCRIPTORS_MOST; i++)
        table[i] = (struct pollfd){.fd = i};
    require(poll(table, DESCRIPTORS_MOST, 0) >= 0);
    for (int i = 0; i < DESCRIPTORS_MOST; i++)
        count += (table[i].revents & POLLNVAL) == 0;
    return count;
}

bool descriptor_pair(enum descriptor_kind kind, int *near, int *far)
{
    int type = kind == DESCRIPTOR_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;
    int pair[2];
    int result = kind == DESCRIPTOR_PIPE
                     ? pipe2(pair, O_CLOEXEC | O_NONBLOCK)
                     : socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);

    if (result < 0)
        return false;
    *near = pair[0];
    *far = pair[1];
    return true;
}

uint64_t descriptor_identity(int fd)
{
    struct stat status;

    require(fstat(fd, &status) == 0);
    /* Inode numbers of sockets and of pipes are told apart by the device. */
    return ((uint64_t)status.st_dev << 48 ^ (uint64_t)status.st_ino) + 1;
}

void descriptor_close(int *fd)
{
    if (*fd >= 0)
        require(close(*fd) == 0);
    *fd = -1;
}

ssize_t descriptors_send(int socket, struct sc_bytes bytes, int fd, size_t count)
{
    union control control = {.bytes = {0}};
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes.data, .iov_len = bytes.length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    int fds[PASSED_MOST];

    if (count > 0) {
        for (size_t i = 0; i < count; i++)
            fds[i] = fd;
        message.msg_control = &control;
        message.msg_controllen = CMSG_LEN(count * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(&control.header), fds, count * sizeof(int));
    }
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void descriptors_receive(int socket, char *bytes, size_t size, struct passed *passed)
{
    union control control;
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control),
    };

    passed->count = 0;
    passed->lost = false;
    passed->length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (passed->length < 0)
        return;
    passed->lost = (message.msg_flags & MSG_CTRUNC) != 0;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header)
        return;
    require(header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS);
    passed->count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(passed->fds, CMSG_DATA(header), passed->count * sizeof(int));
}
