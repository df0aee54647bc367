/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fetches a page by HTTP and writes it to standard output, over a kept-alive
 * connection that an earlier process has left if there is one:
 *
 *     http-curl URL
 *
 * libcurl asks for a socket when it needs one (CURLOPT_OPENSOCKETFUNCTION)
 * and hands it over when it needs it no longer (CURLOPT_CLOSESOCKETFUNCTION).
 * That is where the cache comes in. While a transfer goes on, curl closes what
 * cannot be used again: "Connection: close", an answer not read to its end, an
 * attempt to connect that another has won. What is left after a transfer that
 * went well is idle, and curl closes it in curl_easy_cleanup(): only that is
 * given to the cache.
 *
 * A server that has lost its patience ends a kept-alive connection, and may
 * say "408 Request Timeout" first. Either can cross our request, after the
 * cache has looked. Then the request was not served, and is made once more on
 * a new connection; nothing of the first answer is shown.
 *
 * WHAT BELONGS INTO THE LABEL. The protocol, the address and the port, in this
 * network: 127.0.0.1 is another place in each container. Not the host's name,
 * which each request says anew, and no cookie or basic log-in; but the user's
 * name with NTLM and Negotiate, which log in the connection, and the source
 * address if CURLOPT_INTERFACE is used. Through a proxy the address is the
 * proxy's. A connection inside TLS cannot be handed over by its descriptor: the
 * keys stay in the process. The PROPERTY is empty.
 */
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <scache.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "standard.h"

enum { TTL = 60 }; /* Seconds. nginx closes after 75, Apache after 5; the cache notices. */

struct fetch {
    struct scache *cache;
    struct scache_label *label;
    CURL *curl;
    long status;  /* Of the answer; 0: there is none yet. */
    bool no_used; /* Take nothing from the cache. */
    bool taken;   /* The last socket comes from there. */
    bool idle;    /* What is closed now can be used again. */
};

#if LIBCURL_VERSION_NUM >= 0x075800 && LIBCURL_VERSION_NUM < 0x080000
/*
 * libcurl 7.88, which Debian 12 has, connects a socket even when it was told
 * that the socket is connected (curl issue 10626, fixed in 8.0), and takes the
 * system's "already connected" for a failure. This stands in front of the C
 * library's function and calls that a success. (That one's argument is a
 * union of all addresses, for which ISO C has no word.)
 */
#pragma GCC diagnostic ignored "-Wpedantic"
int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    long result = syscall(SYS_connect, fd, address, size);

    return result < 0 && errno == EISCONN ? 0 : (int)result;
}
#endif

/* The label of a socket that leads to an address, or null: the cache then misses. */
static const char *describe(struct fetch *fetch, const struct sockaddr *address, socklen_t size)
{
    scache_label_clear(fetch->label);
    scache_label_add(fetch->label, "protocol", "http/1.1");
    scache_label_add_address(fetch->label, -1, address, size);
    return scache_label_text(fetch->label);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct fetch *fetch = context;
    const char *label = describe(fetch, &to->addr, to->addrlen);
    int fd;

    (void)purpose;
    fetch->taken = !fetch->no_used && scache_take(fetch->cache, &fd, label) == SCACHE_DONE;
    return fetch->taken ? fd : socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/* curl asks this of each socket that it has just got: it must not connect one that is. */
static int prepare_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
    struct fetch *fetch = context;

    (void)fd;
    (void)purpose;
    return fetch->taken ? CURL_SOCKOPT_ALREADY_CONNECTED : CURL_SOCKOPT_OK;
}

static int close_socket(void *context, curl_socket_t fd)
{
    struct fetch *fetch = context;
    struct sockaddr_storage peer;
    socklen_t size = sizeof(peer);

    if (!fetch->idle || getpeername(fd, (struct sockaddr *)&peer, &size) < 0)
        return close(fd);
    /* As a new socket is: the next program may not expect what curl has set. */
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    scache_put(fetch->cache, fd, describe(fetch, (struct sockaddr *)&peer, size), "", TTL);
    return 0;
}

/* Whether the far end had given up before our request came. A GET may be repeated. */
static bool was_too_late(const struct fetch *fetch, CURLcode result)
{
    return fetch->taken && (fetch->status == 408 || (result != CURLE_OK && fetch->status == 0));
}

static size_t write_page(char *data, size_t one, size_t length, void *context)
{
    struct fetch *fetch = context;

    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &fetch->status);
    return was_too_late(fetch, CURLE_OK) ? length : fwrite(data, one, length, stdout);
}

static void set_up(struct fetch *fetch, const char *url)
{
    CURL *curl = fetch->curl;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, prepare_socket);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, write_page);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
}

static CURLcode perform(struct fetch *fetch, const char *url)
{
    CURLcode result;

    fetch->curl = curl_easy_init();
    fetch->status = 0;
    fetch->idle = fetch->taken = false;
    if (!fetch->curl)
        return CURLE_OUT_OF_MEMORY;
    set_up(fetch, url);
    result = curl_easy_perform(fetch->curl);
    curl_easy_getinfo(fetch->curl, CURLINFO_RESPONSE_CODE, &fetch->status);
    fetch->idle = result == CURLE_OK && !was_too_late(fetch, result);
    curl_easy_cleanup(fetch->curl);
    return result;
}

int main(int argc, char **argv)
{
    open_standard();
    if (argc != 2) {
        fputs("usage: http-curl URL\n", stderr);
        return 2;
    }
    struct scache *cache = scache_open(NULL);
    struct fetch fetch = {.cache = cache, .label = scache_label_new()};

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLcode result = perform(&fetch, argv[1]);
    if (was_too_late(&fetch, result)) {
        fetch.no_used = true;
        result = perform(&fetch, argv[1]);
    }
    if (result != CURLE_OK)
        fprintf(stderr, "http-curl: %s\n", curl_easy_strerror(result));
    scache_close(cache);
    scache_label_free(fetch.label);
    curl_global_cleanup();
    return result == CURLE_OK && fetch.status < 400 && fflush(stdout) == 0 ? 0 : 1;
}
