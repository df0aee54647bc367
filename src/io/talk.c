/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own account of a connection. What follows from it is decided
 * elsewhere.
 */
#include "io/talk.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

/* TCP's states, as <netinet/tcp.h> has them, which cannot be had beside <linux/tcp.h>. */
enum { STATE_ESTABLISHED = 1, STATE_SYN_SENT = 2, STATE_SYN_RECV = 3, STATE_LISTEN = 10 };

static int talk_option(int fd, int option)
{
    int value = -1;
    socklen_t size = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

static bool talk_is_local(int fd)
{
    return talk_option(fd, SO_DOMAIN) == AF_UNIX && talk_option(fd, SO_TYPE) == SOCK_STREAM &&
           talk_option(fd, SO_ACCEPTCONN) == 0;
}

/* Without a byte this is only a question: EPIPE says that this side is shut. */
static bool talk_is_local_shut(int fd)
{
    return send(fd, "", 0, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EPIPE;
}

static uint32_t talk_waiting(int fd)
{
    int waiting = 0;

    return ioctl(fd, SIOCOUTQ, &waiting) == 0 && waiting > 0 ? (uint32_t)waiting : 0;
}

/* Returns 0, or -errno: it is no TCP socket, most likely. */
static int talk_read_tcp(int fd, struct tcp_info *info)
{
    socklen_t size = sizeof(*info);

    memset(info, 0, sizeof(*info));
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &size) < 0)
        return -errno;
    /* What an older kernel does not know stays zero, and that must not be taken for a number. */
    return size < offsetof(struct tcp_info, tcpi_bytes_sent) ? -EOPNOTSUPP : 0;
}

static bool talk_is_state_open(unsigned state)
{
    return state == STATE_ESTABLISHED || state == STATE_SYN_SENT || state == STATE_SYN_RECV;
}

int sc_talk_read(int fd, struct sc_talk *talk)
{
    struct tcp_info info;
    int error = talk_read_tcp(fd, &info);

    *talk = (struct sc_talk){.kind = SC_TALK_NONE};
    if (error == -EBADF)
        return error;
    if (error < 0 && !talk_is_local(fd))
        return error == -EOPNOTSUPP || error == -ENOPROTOOPT || error == -ENOTSOCK ? 0 : error;
    if (error < 0) {
        talk->kind = SC_TALK_LOCAL;
        talk->is_open = !talk_is_local_shut(fd);
        talk->waiting = talk_waiting(fd);
        return 0;
    }
    if (info.tcpi_state == STATE_LISTEN)
        return 0;
    *talk = (struct sc_talk){
        .kind = SC_TALK_TCP,
        .is_open = talk_is_state_open(info.tcpi_state),
        .waiting = talk_waiting(fd),
        .said_ago = info.tcpi_last_data_sent,
        .heard_ago = info.tcpi_last_data_recv,
        .acked_ago = info.tcpi_last_ack_recv,
        .heard = info.tcpi_bytes_received,
        .said_times = info.tcpi_data_segs_out,
        .heard_times = info.tcpi_data_segs_in,
    };
    return 0;
}

bool sc_talk_is_shut(int fd)
{
    struct tcp_info info;

    if (talk_read_tcp(fd, &info) < 0)
        return talk_is_local(fd) && talk_is_local_shut(fd);
    return info.tcpi_state != STATE_LISTEN && !talk_is_state_open(info.tcpi_state);
}

uint32_t sc_talk_tick(void)
{
    enum { COARSEST = 10, NS_PER_MS = 1000000 };
    struct timespec tick;

    if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) < 0 || tick.tv_sec != 0)
        return COARSEST;
    return (uint32_t)((tick.tv_nsec + NS_PER_MS - 1) / NS_PER_MS);
}
