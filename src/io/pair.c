/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Socket pairs of our own. What goes through them, and who gets the other
 * end, is for others.
 */
#include "io/pair.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int sc_pair_open(struct sc_pair *pair)
{
    int ends[2];
    const int on = 1;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    *pair = (struct sc_pair){.kept = ends[0], .given = ends[1]};
    /* A byte out of band is one like any other: see sc_accept_client(). */
    (void)setsockopt(pair->kept, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
    return 0;
}

bool sc_pair_is_alone(int kept)
{
    struct pollfd looked = {.fd = kept};
    int result;

    do
        result = poll(&looked, 1, 0);
    while (result < 0 && errno == EINTR);
    return result > 0 && (looked.revents & POLLHUP) != 0;
}

void sc_pair_end_output(int kept)
{
    /* It fails only when nobody is there to be told. */
    (void)shutdown(kept, SHUT_WR);
}

size_t sc_pair_unread(int kept)
{
    int length;

    return ioctl(kept, FIONREAD, &length) == 0 && length > 0 ? (size_t)length : 0;
}
