/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares the options of a connection with those of a fresh socket, and puts
 * back what differs. It knows no default of any option, as these differ from
 * one system to the other.
 */
#include "settings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

/* Long enough for every option that is compared. */
enum { SETTINGS_VALUE_SIZE = 16 };

struct settings_option {
    int level;
    int name;
};

/* Those of other kinds of sockets, and of newer kernels, are refused, and then passed over. */
static const struct settings_option options[] = {
    {SOL_SOCKET, SO_RCVTIMEO},
    {SOL_SOCKET, SO_SNDTIMEO},
    {SOL_SOCKET, SO_RCVLOWAT},
    {SOL_SOCKET, SO_LINGER},
    {SOL_SOCKET, SO_OOBINLINE},
    {SOL_SOCKET, SO_KEEPALIVE},
    {SOL_SOCKET, SO_DONTROUTE},
    {SOL_SOCKET, SO_PRIORITY},
    {SOL_SOCKET, SO_MARK},
    {SOL_SOCKET, SO_PASSCRED},
    {SOL_SOCKET, SO_PASSSEC},
    {SOL_SOCKET, SO_PEEK_OFF},
    {SOL_SOCKET, SO_TIMESTAMP},
    {SOL_SOCKET, SO_TIMESTAMPNS},
    {SOL_SOCKET, SO_TIMESTAMPING},
    {SOL_SOCKET, SO_SELECT_ERR_QUEUE},
    {SOL_SOCKET, SO_BUSY_POLL},
    {SOL_SOCKET, SO_MAX_PACING_RATE},
    {SOL_SOCKET, SO_ZEROCOPY},
    {IPPROTO_TCP, TCP_CORK},
    {IPPROTO_TCP, TCP_NODELAY},
    {IPPROTO_TCP, TCP_USER_TIMEOUT},
    {IPPROTO_TCP, TCP_KEEPIDLE},
    {IPPROTO_TCP, TCP_KEEPINTVL},
    {IPPROTO_TCP, TCP_KEEPCNT},
    {IPPROTO_TCP, TCP_LINGER2},
    {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
    {IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS},
    {IPPROTO_TCP, TCP_CONGESTION},
    {IPPROTO_TCP, TCP_INQ},
    {IPPROTO_TCP, TCP_ULP},
    {IPPROTO_IP, IP_TOS},
    {IPPROTO_IP, IP_TTL},
    {IPPROTO_IP, IP_MINTTL},
    {IPPROTO_IP, IP_MTU_DISCOVER},
    {IPPROTO_IP, IP_RECVERR},
    {IPPROTO_IP, IP_PKTINFO},
    {IPPROTO_IP, IP_RECVTOS},
    {IPPROTO_IP, IP_RECVTTL},
    {IPPROTO_IPV6, IPV6_TCLASS},
    {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {IPPROTO_IPV6, IPV6_MINHOPCOUNT},
    {IPPROTO_IPV6, IPV6_MTU_DISCOVER},
    {IPPROTO_IPV6, IPV6_RECVERR},
    {IPPROTO_IPV6, IPV6_RECVPKTINFO},
    {IPPROTO_IPV6, IPV6_RECVTCLASS},
    {IPPROTO_IPV6, IPV6_RECVHOPLIMIT},
};

/* Another socket of the same kind, or -1: it is none. */
static int settings_new_socket(int fd)
{
    int domain, type, protocol;
    socklen_t length = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &length) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ||
        getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) < 0)
        return -1;
    return socket(domain, type | SOCK_CLOEXEC, protocol);
}

/* Returns whether the option is now as that of the fresh socket. */
static bool settings_reset_option(int fd, int fresh, const struct settings_option *option)
{
    char wanted[SETTINGS_VALUE_SIZE] = {0};
    char found[SETTINGS_VALUE_SIZE] = {0};
    socklen_t length = sizeof(wanted);
    socklen_t found_length = sizeof(found);

    if (getsockopt(fresh, option->level, option->name, wanted, &length) < 0)
        return true;
    if (getsockopt(fd, option->level, option->name, found, &found_length) < 0)
        return false;
    if (found_length == length && memcmp(found, wanted, length) == 0)
        return true;
    return setsockopt(fd, option->level, option->name, wanted, length) == 0;
}

/* Those that can be set, and not asked for in every kernel. */
static bool settings_detach_filter(int fd)
{
    int unused = 0;

    return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused)) == 0 ||
           errno != EPERM;
}

static bool settings_reset_options(int fd)
{
    int fresh = settings_new_socket(fd);
    bool is_reset = fresh >= 0;

    for (size_t i = 0; i < SC_CTL_COUNT_OF(options) && fresh >= 0; i++)
        is_reset = settings_reset_option(fd, fresh, &options[i]) && is_reset;
    if (fresh >= 0)
        close(fresh);
    return settings_detach_filter(fd) && is_reset;
}

/* Blocking, and no signals for anybody when something arrives. */
static bool settings_reset_flags(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return false;
    if ((flags & (O_NONBLOCK | O_ASYNC)) != 0 &&
        fcntl(fd, F_SETFL, flags & ~(O_NONBLOCK | O_ASYNC)) < 0)
        return false;
    return (fcntl(fd, F_GETOWN) == 0 || fcntl(fd, F_SETOWN, 0) == 0) &&
           (fcntl(fd, F_GETSIG) == 0 || fcntl(fd, F_SETSIG, 0) == 0);
}

bool sc_ctl_settings_reset(int fd)
{
    bool is_reset = settings_reset_flags(fd);
    int type;
    socklen_t length = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 && errno == ENOTSOCK)
        return is_reset;
    return settings_reset_options(fd) && is_reset;
}
