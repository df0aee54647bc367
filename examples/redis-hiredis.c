/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks a Redis server one thing, over a connection that an earlier process
 * has opened if there is one, and leaves it to the next:
 *
 *     redis-hiredis HOST PORT COMMAND [ARGUMENT]...
 *
 * hiredis makes a context on any connected socket (redisConnectFd) and gives
 * the socket back (redisFreeKeepFd); the rest is up to the cache.
 *
 * A command can change the connection: SELECT, MULTI, WATCH, SUBSCRIBE, CLIENT
 * REPLY, HELLO. So RESET (Redis 6.2) is sent along with it, which costs no
 * round trip, and only a connection that has said RESET, and nothing after
 * that, is given back: it is as good as new. But RESET does not undo all:
 * CLIENT NO-EVICT, CLIENT NO-TOUCH and SCRIPT DEBUG outlive it, so what has
 * said CLIENT or SCRIPT is closed.
 *
 * WHAT BELONGS INTO THE LABEL. Host and port, in this network (localhost is
 * another place in each container); who is logged in and which database is
 * selected, here nobody and 0 as RESET leaves it; the protocol (RESP2, or RESP3
 * after HELLO 3). A program that does log in (AUTH) must not send RESET: it
 * names the user in the label, never the password, and gives back only after
 * commands of which it knows that they change nothing. The PROPERTY is empty:
 * there is nothing to know in order to go on.
 */
#include <hiredis/hiredis.h>
#include <scache.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "standard.h"

enum { TTL = 60, PATIENCE = 5 }; /* Seconds. */

/* Without memory there is no label, and then all calls of the cache miss. */
static void describe(struct scache_label *label, const char *host, const char *port)
{
    scache_label_add(label, "service", "redis");
    scache_label_add_host(label, host, port);
    scache_label_add(label, "user", "");
    scache_label_add(label, "database", "0");
    scache_label_add(label, "protocol", "RESP2");
}

static redisContext *take_or_connect(struct scache *cache, const char *label, char **argv)
{
    struct timeval patience = {.tv_sec = PATIENCE};
    redisContext *redis;
    int fd;

    if (scache_take(cache, &fd, label) == SCACHE_DONE)
        redis = redisConnectFd(fd);
    else
        redis = redisConnectWithTimeout(argv[1], atoi(argv[2]), patience);
    if (redis && !redis->err)
        redisSetTimeout(redis, patience);
    return redis;
}

static void print(const redisReply *reply)
{
    switch (reply->type) {
    case REDIS_REPLY_INTEGER:
        printf("%lld\n", reply->integer);
        break;
    case REDIS_REPLY_ARRAY:
        for (size_t i = 0; i < reply->elements; i++)
            print(reply->element[i]);
        break;
    case REDIS_REPLY_NIL:
        puts("(nil)");
        break;
    default:
        fwrite(reply->str, 1, reply->len, stdout);
        putchar('\n');
    }
}

/* Reads the next reply; null when the connection is lost or too slow. */
static redisReply *next_reply(redisContext *redis)
{
    void *reply = NULL;

    return redisGetReply(redis, &reply) == REDIS_OK ? reply : NULL;
}

/* Whether a command can change a connection in a way that RESET does not undo. */
static bool outlives_reset(const char *command)
{
    return strcasecmp(command, "CLIENT") == 0 || strcasecmp(command, "SCRIPT") == 0;
}

/* Whether the reply to RESET came, and nothing has been read beyond it. */
static bool is_as_new(redisContext *redis)
{
    redisReply *reply = next_reply(redis);
    bool reset = reply && reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, "RESET") == 0;

    freeReplyObject(reply);
    return reset && redis->reader->pos == redis->reader->len;
}

/*
 * A connection that is lost here is not opened anew: the command may have
 * been carried out, and only the caller knows whether it may be repeated.
 */
static bool ask(redisContext *redis, int argc, char **argv)
{
    redisAppendCommandArgv(redis, argc, (const char **)argv, NULL);
    redisAppendCommand(redis, "RESET");

    redisReply *reply = next_reply(redis);
    if (reply)
        print(reply);
    else
        fprintf(stderr, "redis-hiredis: %s\n", redis->errstr);
    bool answered = reply && reply->type != REDIS_REPLY_ERROR;
    freeReplyObject(reply);
    return answered;
}

int main(int argc, char **argv)
{
    open_standard();
    if (argc < 4) {
        fputs("usage: redis-hiredis HOST PORT COMMAND [ARGUMENT]...\n", stderr);
        return 2;
    }
    struct scache_label *label = scache_label_new();
    struct scache *cache = scache_open(NULL);
    describe(label, argv[1], argv[2]);

    redisContext *redis = take_or_connect(cache, scache_label_text(label), argv);
    bool answered = redis && !redis->err && ask(redis, argc - 3, argv + 3);
    if (redis && redis->err == 0 && is_as_new(redis) && !outlives_reset(argv[3])) {
        /* Our time limits are the socket's, so the next program would meet them. */
        redisSetTimeout(redis, (struct timeval){0});
        scache_put(cache, redisFreeKeepFd(redis), scache_label_text(label), "", TTL);
    } else if (redis) {
        redisFree(redis);
    }

    scache_close(cache);
    scache_label_free(label);
    return answered ? 0 : 1;
}
