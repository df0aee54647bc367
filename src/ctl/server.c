/* SPDX-License-Identifier: BSD-2-Clause */
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dial.h"

/* As the library's own deadline, and for a place in the server's queue. */
enum { GREETING_MS = 1000, CONNECT_SECONDS = 1 };

struct scache *sc_ctl_server_open(const struct sc_ctl_args *args)
{
    struct scache *cache = scache_open(args->socket);
    int error = 0;

    if (!cache)
        return NULL;
    if (args->deadline_ms > 0)
        error |= scache_set_option(cache, SCACHE_OPT_DEADLINE_MS, args->deadline_ms);
    if (args->classic)
        error |= scache_set_option(cache, SCACHE_OPT_CLASSIC, 1);
    if (args->no_greeting)
        error |= scache_set_option(cache, SCACHE_OPT_GREETING, 0);
    if (error == 0)
        return cache;
    scache_close(cache);
    errno = EINVAL;
    return NULL;
}

void sc_ctl_server_place(const struct sc_ctl_args *args, char *text, size_t size)
{
    const char *named = args->socket ? args->socket : secure_getenv("SCACHE_SOCKET");
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");

    if (named && *named) {
        snprintf(text, size, "%s", named);
        return;
    }
    if (runtime && *runtime) {
        int length = snprintf(text, size, "%s/scache.sock", runtime);
        if (length > 0 && (size_t)length < size && access(text, F_OK) == 0)
            return;
    }
    snprintf(text, size, "%s", SCACHE_DEFAULT_PATH);
}

/* Waits for the server to speak; what it says is the library's matter. */
static const char *server_why_silent(int fd, int deadline_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    int count = poll(&ready, 1, deadline_ms);

    if (count == 0)
        return "it says nothing";
    if (count < 0)
        return strerror(errno);
    return (ready.revents & (POLLHUP | POLLERR)) != 0 ? "it hangs up" : NULL;
}

const char *sc_ctl_server_why_away(const struct sc_ctl_args *args)
{
    int deadline_ms = args->deadline_ms > 0 ? args->deadline_ms : GREETING_MS;
    char place[SC_CTL_PLACE_SIZE];
    const char *reason = NULL;

    sc_ctl_server_place(args, place, sizeof(place));
    int fd = sc_ctl_dial_path(place, CONNECT_SECONDS, &reason);
    if (fd < 0)
        return reason;
    if (!args->no_greeting)
        reason = server_why_silent(fd, deadline_ms);
    close(fd);
    return reason;
}
