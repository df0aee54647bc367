/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a connection leads, as fields of a label: the address, and all that
 * makes an address mean something else to somebody else. 127.0.0.1 is another
 * place in each network namespace, a path in each file system, and a name
 * wherever there is another resolver. What cannot be found out is a mistake
 * that the label keeps, so that no label is made that lacks it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/standard.h"
#include "lib/label.h"

/* Linux 5.14; as the kernel's headers of then have it. */
#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

enum { TEXT_SIZE = 64 };

union address {
    struct sockaddr any;
    struct sockaddr_in four;
    struct sockaddr_in6 six;
    struct sockaddr_un local;
    struct sockaddr_storage room;
};

/* "device:inode" of a file, which may be a namespace. Returns 0 or -errno. */
static int address_identify_file(const char *path, char text[TEXT_SIZE])
{
    struct stat file;

    if (stat(path, &file) < 0)
        return -errno;
    snprintf(text, TEXT_SIZE, "%llu:%llu", (unsigned long long)file.st_dev,
             (unsigned long long)file.st_ino);
    return 0;
}

/* The namespace of a socket. Its cookie is never used again, as an inode may be. */
static int address_identify_network(int socket, char text[TEXT_SIZE])
{
    unsigned long long cookie;
    socklen_t size = sizeof(cookie);

    if (getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
        return errno == EBADF || errno == ENOTSOCK
                   ? -errno
                   : address_identify_file("/proc/self/ns/net", text);
    snprintf(text, TEXT_SIZE, "%llu", cookie);
    return 0;
}

/* A socket of this thread's network, made to be asked; or -errno. */
static int address_new_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? -errno : sc_standard_avoid(fd);
}

/* @fd: -1: the network that a socket made now would be in. */
static void address_add_network(struct scache_label *label, int fd)
{
    char text[TEXT_SIZE];
    int socket = fd < 0 ? address_new_socket() : fd;
    int error = socket < 0 ? socket : address_identify_network(socket, text);

    if (fd < 0 && socket >= 0)
        close(socket);
    if (error < 0)
        sc_label_spoil(label, error);
    else
        scache_label_add(label, "network", text);
}

static void address_add_four(struct scache_label *label, int fd, const struct sockaddr_in *four)
{
    char text[INET_ADDRSTRLEN];

    address_add_network(label, fd);
    scache_label_add(label, "address", inet_ntop(AF_INET, &four->sin_addr, text, sizeof(text)));
    scache_label_add_number(label, "port", ntohs(four->sin_port));
}

/* A link-local address means something on one interface only. */
static void address_add_six(struct scache_label *label, int fd, const struct sockaddr_in6 *six)
{
    char text[INET6_ADDRSTRLEN];

    address_add_network(label, fd);
    scache_label_add(label, "address", inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text)));
    if (six->sin6_scope_id != 0)
        scache_label_add_number(label, "scope", (long)six->sin6_scope_id);
    scache_label_add_number(label, "port", ntohs(six->sin6_port));
}

/* The file is looked at by a path that ends, which one in an address need not. */
static void address_add_path(struct scache_label *label, struct sc_bytes path)
{
    char ended[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
    char file[TEXT_SIZE];

    memcpy(ended, path.data, path.length);
    ended[path.length] = '\0';
    int error = address_identify_file(ended, file);
    if (error < 0) {
        sc_label_spoil(label, error);
        return;
    }
    scache_label_add(label, "path", ended);
    scache_label_add(label, "file", file);
}

static void address_add_local(struct scache_label *label, int fd, const struct sockaddr_un *local,
                              size_t length)
{
    const char *name = local->sun_path;
    size_t size = length - offsetof(struct sockaddr_un, sun_path);

    if (size == 0 || (size == 1 && *name == '\0')) {
        sc_label_spoil(label, -EINVAL);
    } else if (*name != '\0') {
        address_add_path(label, (struct sc_bytes){name, strnlen(name, size)});
    } else {
        /* A name without a file is one of the network namespace. */
        address_add_network(label, fd);
        scache_label_add_bytes(label, "abstract", name + 1, size - 1);
    }
}

static void address_add(struct scache_label *label, int fd, const union address *address,
                        size_t length)
{
    if (length >= sizeof(address->four) && address->any.sa_family == AF_INET)
        address_add_four(label, fd, &address->four);
    else if (length >= sizeof(address->six) && address->any.sa_family == AF_INET6)
        address_add_six(label, fd, &address->six);
    else if (length >= offsetof(struct sockaddr_un, sun_path) && length <= sizeof(address->local) &&
             address->any.sa_family == AF_UNIX)
        address_add_local(label, fd, &address->local, length);
    else
        sc_label_spoil(label, -EINVAL);
}

void scache_label_add_address(struct scache_label *label, int fd, const struct sockaddr *address,
                              size_t length)
{
    union address copy;
    socklen_t size = sizeof(copy);

    if (!label)
        return;
    memset(&copy, 0, sizeof(copy));
    if (address && length <= sizeof(copy))
        memcpy(&copy, address, length);
    else if (!address && getpeername(fd, &copy.any, &size) == 0)
        length = size;
    else
        length = 0;
    address_add(label, fd, &copy, length);
}

void scache_label_add_network(struct scache_label *label, int fd)
{
    if (label)
        address_add_network(label, fd);
}

void scache_label_add_host(struct scache_label *label, const char *host, const char *port)
{
    char mounts[TEXT_SIZE];

    if (!label)
        return;
    address_add_network(label, -1);
    int error = address_identify_file("/proc/self/ns/mnt", mounts);
    if (error < 0)
        sc_label_spoil(label, error);
    else
        scache_label_add(label, "mounts", mounts);
    scache_label_add(label, "host", host);
    scache_label_add(label, "port", port);
}
