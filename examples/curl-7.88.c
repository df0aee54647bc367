/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Only for libcurl 7.88, which Debian 12 has: it connects a socket even when
 * it was told that the socket is connected (curl issue 10626, fixed in 8.0),
 * and takes the system's "already connected" for a failure. This stands in
 * front of the C library's connect() and calls that a success. With any other
 * libcurl this file is not compiled.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    long result = syscall(SYS_connect, fd, address, size);

    return result < 0 && errno == EISCONN ? 0 : (int)result;
}
