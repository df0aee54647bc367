/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers over HTTP. What the figures are, and how old they may be, is the
 * scrape's affair.
 */
#include "web.h"

#include <errno.h>
#include <limits.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Beyond so many at once nobody is let in; so long may one of them be silent. */
enum { WEB_GUESTS = 64, WEB_SILENCE_S = 10 };

static const char web_index[] = "scache-exporter: the figures are at /metrics\n";
static const char web_nothing[] = "there is only /metrics here\n";
static const char web_only_get[] = "only GET and HEAD\n";
static const char web_no_memory[] = "out of memory\n";

static enum MHD_Result web_answer(struct MHD_Connection *connection, unsigned status,
                                  const char *text, size_t length, enum MHD_ResponseMemoryMode mode)
{
    /* The library does not write to what it is told to keep or to copy. */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)(uintptr_t)text, mode);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                                     "text/plain; version=0.0.4; charset=utf-8");
    if (result == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    if (result == MHD_YES)
        result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result web_say(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return web_answer(connection, status, text, strlen(text), MHD_RESPMEM_PERSISTENT);
}

/* The call-back of the library: once when the head of a request is there, again for the rest. */
static enum MHD_Result web_handle(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *data_length, void **request)
{
    struct sc_scrape *scrape = context;

    (void)version;
    (void)data;
    (void)request;
    if (*data_length > 0) {
        /* A body is read and forgotten. */
        *data_length = 0;
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return web_say(connection, MHD_HTTP_METHOD_NOT_ALLOWED, web_only_get);
    if (strcmp(url, "/") == 0)
        return web_say(connection, MHD_HTTP_OK, web_index);
    if (strcmp(url, "/metrics") != 0)
        return web_say(connection, MHD_HTTP_NOT_FOUND, web_nothing);
    if (sc_scrape_renew(scrape) < 0)
        return web_say(connection, MHD_HTTP_SERVICE_UNAVAILABLE, web_no_memory);
    return web_answer(connection, MHD_HTTP_OK, scrape->text, scrape->length, MHD_RESPMEM_MUST_COPY);
}

/* Until a signal comes. */
static int web_loop(struct MHD_Daemon *daemon, int signals)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    struct pollfd waited[] = {{.fd = signals, .events = POLLIN},
                              {.fd = info ? info->epoll_fd : -1, .events = POLLIN}};

    if (!info)
        return -EIO;
    for (;;) {
        MHD_UNSIGNED_LONG_LONG ms;
        int timeout = -1;
        if (MHD_get_timeout(daemon, &ms) == MHD_YES)
            timeout = ms > INT_MAX ? INT_MAX : (int)ms;
        if (poll(waited, 2, timeout) < 0 && errno != EINTR)
            return -errno;
        if ((waited[0].revents & POLLIN) != 0)
            return 0;
        if (MHD_run(daemon) != MHD_YES)
            return -EIO;
    }
}

int sc_web_serve(struct sc_door *door, struct sc_scrape *scrape)
{
    struct MHD_Daemon *daemon;
    sigset_t ending;

    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    int signals = signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0)
        return -errno;
    daemon =
        MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, web_handle, scrape, MHD_OPTION_LISTEN_SOCKET,
                         door->socket, MHD_OPTION_CONNECTION_LIMIT, (unsigned)WEB_GUESTS,
                         MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)WEB_SILENCE_S, MHD_OPTION_END);
    if (!daemon) {
        close(signals);
        return -ENOMEM;
    }
    /* From now on the library closes it. */
    door->socket = -1;
    int error = web_loop(daemon, signals);
    MHD_stop_daemon(daemon);
    close(signals);
    return error;
}
