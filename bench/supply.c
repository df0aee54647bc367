/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opens the connections that clients give away, and knows them again. They are never written
 * to.
 */
#include "supply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

void sc_supply_init(struct sc_supply *pool, bool unix_pairs)
{
    *pool = (struct sc_supply){.unix_pairs = unix_pairs};
}

void sc_supply_fini(struct sc_supply *pool)
{
    for (unsigned i = 0; i < pool->count; i++) {
        close(pool->pairs[i].near);
        close(pool->pairs[i].far);
    }
    free(pool->pairs);
    *pool = (struct sc_supply){0};
}

static int supply_tcp_listen(struct sockaddr_in *addr)
{
    socklen_t len = sizeof(*addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    *addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)addr, len) < 0 || listen(fd, 1) < 0 ||
        getsockname(fd, (struct sockaddr *)addr, &len) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

static int supply_tcp_pair(int fds[2])
{
    struct sockaddr_in addr;
    int listener = supply_tcp_listen(&addr);
    if (listener < 0)
        return listener;
    int err = 0;
    fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fds[0] < 0 || connect(fds[0], (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        err = -errno;
    } else {
        fds[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fds[1] < 0)
            err = -errno;
    }
    if (err < 0 && fds[0] >= 0)
        close(fds[0]);
    close(listener);
    return err;
}

static int supply_unix_pair(int fds[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0;
}

static int supply_pair_open(struct sc_supply_pair *pair, bool unix_pairs)
{
    int fds[2] = {-1, -1};
    int err = unix_pairs ? supply_unix_pair(fds) : supply_tcp_pair(fds);
    if (err < 0)
        return err;
    struct stat info;
    if (fstat(fds[0], &info) < 0) {
        err = -errno;
        close(fds[0]);
        close(fds[1]);
        return err;
    }
    *pair = (struct sc_supply_pair){.near = fds[0], .far = fds[1], .inode = info.st_ino};
    return 0;
}

int sc_supply_grow(struct sc_supply *pool, unsigned count)
{
    if (count <= pool->count)
        return 0;
    struct sc_supply_pair *pairs = reallocarray(pool->pairs, count, sizeof(*pairs));
    if (pairs == NULL)
        return -ENOMEM;
    pool->pairs = pairs;
    while (pool->count < count) {
        int err = supply_pair_open(&pairs[pool->count], pool->unix_pairs);
        if (err < 0)
            return err;
        pool->count++;
    }
    return 0;
}

bool sc_supply_owns(const struct sc_supply *pool, int fd, unsigned index, bool any)
{
    struct stat info;
    if (fstat(fd, &info) < 0)
        return false;
    if (!any)
        return index < pool->count && info.st_ino == pool->pairs[index].inode;
    for (unsigned i = 0; i < pool->count; i++) {
        if (info.st_ino == pool->pairs[i].inode)
            return true;
    }
    return false;
}
