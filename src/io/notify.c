/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One datagram to the service manager. It keeps no socket, since it is needed
 * a few times in a server's life, and does not read the environment.
 */
#include "io/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void sc_notify_manager(const char *address, const char *word)
{
    struct sockaddr_un manager = {.sun_family = AF_UNIX};
    size_t length = address ? strlen(address) : 0;

    if (length < 2 || length >= sizeof(manager.sun_path))
        return;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    memcpy(manager.sun_path, address, length);
    if (manager.sun_path[0] == '@')
        manager.sun_path[0] = '\0'; /* an abstract name */
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    (void)sendto(fd, word, strlen(word), MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&manager,
                 size);
    close(fd);
}
