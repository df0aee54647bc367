/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client library under faults: the n-th call of a function fails, n = 1,
 * 2, and so on until none does, each time in the midst of one fixed round of
 * requests to a real server, or to a cache in this process.
 *
 *     fault_client modern|classic|local SOCKET CALL ERRNO [FIRST [STEP]]
 *
 * It says how many rounds and failures there were, and each finding on a line
 * of its own. A finding is: an outcome that is none, a wrong connection, one
 * that was saved and is neither in the cache nor closed, a descriptor or a
 * block of memory left over, or a handle that does not recover.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/standard.h"
#include "inject.h"
#include "scache.h"

enum { DEADLINE_MS = 1000 };

enum { PAIRS = 5, TTL = 30, SIZE = 64, PATIENCE_S = 10, SOON_MS = 2000, MOST_FDS = 256 };

/* One connection: what is saved, its far end, and what became of it. */
struct pair {
    int far;
    ino_t inode; /* of the near end */
    char endpoint[SIZE];
    char destination[SIZE];
    char property[SIZE];
    int saved; /* the outcome */
    int found; /* the outcome of the look-up, if there was one */
    int fd;    /* what was found, or -1 */
    bool is_looked_up;
    bool is_right; /* the texts were what they should be */
};

struct round {
    struct pair pairs[PAIRS];
    int near[PAIRS];
    struct scache *cache;
    bool is_local;
    bool is_classic;
    const char *path;
    unsigned number;
    unsigned nth;
};

struct tally {
    unsigned rounds, failures, missed, findings;
};

static bool complain(const struct round *round, struct tally *tally, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool complain(const struct round *round, struct tally *tally, const char *format, ...)
{
    va_list values;

    printf("finding: call %u: ", round->nth);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
    tally->findings++;
    return false;
}

static int count_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < MOST_FDS; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            count++;
    return count;
}

static ino_t inode_of(int fd)
{
    struct stat what = {0};

    return fstat(fd, &what) == 0 ? what.st_ino : 0;
}

static void prepare(struct round *round)
{
    for (int i = 0; i < PAIRS; i++) {
        struct pair *pair = &round->pairs[i];
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
            abort();
        *pair = (struct pair){.far = ends[1], .fd = -1, .saved = SCACHE_MISS};
        round->near[i] = ends[0];
        pair->inode = inode_of(ends[0]);
        snprintf(pair->endpoint, SIZE, "%d.%u.e%d", (int)getpid(), round->number, i);
        snprintf(pair->destination, SIZE, "%d.%u.d%d", (int)getpid(), round->number, i);
        snprintf(pair->property, SIZE, "property %d of %u", i, round->number);
    }
}

static struct scache *open_handle(const struct round *round)
{
    struct scache *cache = round->is_local ? scache_open_local() : scache_open(round->path);
    int error = 0;

    if (!cache || round->is_local)
        return cache;
    error |= scache_set_option(cache, SCACHE_OPT_BACKOFF_MIN_MS, 1);
    error |= scache_set_option(cache, SCACHE_OPT_BACKOFF_MAX_MS, 1);
    error |= scache_set_option(cache, SCACHE_OPT_HINTS, 0);
    error |= scache_set_option(cache, SCACHE_OPT_CLASSIC, round->is_classic);
    error |= scache_set_option(cache, SCACHE_OPT_DEADLINE_MS, DEADLINE_MS);
    return error == 0 ? cache : NULL;
}

/* The descriptor is gone afterwards, whatever comes of it. */
static int consume(struct round *round, int i)
{
    int fd = round->near[i];

    round->near[i] = -1;
    return fd;
}

static void put(struct round *round, int i)
{
    struct pair *pair = &round->pairs[i];

    pair->saved = scache_put_bound(round->cache, consume(round, i), pair->endpoint, pair->property,
                                   TTL, pair->destination, "bound", TTL);
}

static void save(struct round *round, int i)
{
    struct pair *pair = &round->pairs[i];

    pair->saved =
        scache_save_endpoint(round->cache, consume(round, i), pair->endpoint, pair->property, TTL);
    (void)scache_save_destination(round->cache, pair->destination, "bound", pair->endpoint, TTL);
}

static void note(struct round *round, int i, int outcome, int fd)
{
    struct pair *pair = &round->pairs[i];
    const char *endpoint = scache_found_endpoint(round->cache);

    pair->is_looked_up = true;
    pair->found = outcome;
    pair->fd = fd;
    pair->is_right = strcmp(scache_found_property(round->cache), pair->property) == 0 &&
                     (endpoint[0] == '\0' || strcmp(endpoint, pair->endpoint) == 0);
}

static void take(struct round *round, int i, bool by_destination)
{
    struct pair *pair = &round->pairs[i];
    const char *const endpoints[] = {"nowhere", pair->endpoint, NULL};
    int fd;
    int outcome =
        scache_take_any(round->cache, &fd, by_destination ? pair->destination : NULL, endpoints);

    note(round, i, outcome, fd);
}

static void find(struct round *round, int i, bool by_destination)
{
    const struct pair *pair = &round->pairs[i];
    int fd;
    int outcome = by_destination ? scache_find_destination(round->cache, &fd, pair->destination)
                                 : scache_find_endpoint(round->cache, &fd, pair->endpoint);

    note(round, i, outcome, fd);
}

/* The round in which something fails; it calls nothing but the library. */
static void go_round(struct round *round)
{
    put(round, 0);
    take(round, 0, true);
    save(round, 1);
    find(round, 1, false);
    save(round, 2);
    find(round, 2, true);
    put(round, 3);
    take(round, 3, false);
    put(round, 4);
}

static bool is_outcome(int outcome)
{
    return outcome == SCACHE_DONE || outcome == SCACHE_MISS;
}

static bool is_closed(int far, int patience_ms)
{
    struct pollfd ready = {.fd = far, .events = POLLIN};
    char byte;

    return poll(&ready, 1, patience_ms) == 1 && recv(far, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Looks where a connection is that should not have been lost. */
static bool check_pair(struct round *round, struct tally *tally, int i)
{
    struct pair *pair = &round->pairs[i];
    int found;

    if (!is_outcome(pair->saved) || (pair->is_looked_up && !is_outcome(pair->found)))
        return complain(round, tally, "pair %d: outcomes %d and %d", i, pair->saved, pair->found);
    if ((pair->is_looked_up && pair->found == SCACHE_DONE) != (pair->fd >= 0))
        return complain(round, tally, "pair %d: outcome %d with %d", i, pair->found, pair->fd);
    if (pair->fd >= 0 && (inode_of(pair->fd) != pair->inode || !pair->is_right))
        return complain(round, tally, "pair %d: another connection was found", i);
    if (pair->fd >= 0)
        return true;
    if (pair->is_looked_up)
        tally->missed++;
    if (scache_take(round->cache, &found, pair->endpoint) == SCACHE_DONE) {
        pair->fd = found;
        return inode_of(found) == pair->inode ||
               complain(round, tally, "pair %d: another connection was cached", i);
    }
    if (pair->saved == SCACHE_DONE && !pair->is_looked_up)
        return complain(round, tally, "pair %d: saved, and gone", i);
    return is_closed(pair->far, SOON_MS) ||
           complain(round, tally, "pair %d: neither cached nor closed", i);
}

static void finish(struct round *round, struct tally *tally)
{
    for (int i = 0; i < PAIRS; i++) {
        struct pair *pair = &round->pairs[i];
        if (pair->fd >= 0)
            close(pair->fd);
        if (round->near[i] >= 0)
            close(round->near[i]);
        if (!is_closed(pair->far, SOON_MS))
            complain(round, tally, "pair %d: somebody still has it", i);
        close(pair->far);
    }
}

/* The handle must be as good as new; its back-off is over in a millisecond. */
static void check_recovery(struct round *round, struct tally *tally)
{
    struct round again = *round;

    nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    again.number = round->number + 500000;
    prepare(&again);
    go_round(&again);
    for (int i = 0; i < PAIRS - 1; i++)
        if (again.pairs[i].saved != SCACHE_DONE || again.pairs[i].found != SCACHE_DONE)
            complain(round, tally, "pair %d of the next round: %d and %d", i, again.pairs[i].saved,
                     again.pairs[i].found);
    for (int i = 0; i < PAIRS; i++)
        check_pair(&again, tally, i);
    finish(&again, tally);
}

/* One round in which the n-th call fails. Returns whether there was an n-th. */
static bool fail_once(struct round *round, struct tally *tally, const char *call, int error)
{
    int descriptors = count_descriptors();
    int64_t blocks = fault_live_blocks();

    prepare(round);
    alarm(PATIENCE_S);
    if (!fault_plan(call, round->nth, error))
        abort();
    round->cache = open_handle(round);
    if (round->cache)
        go_round(round);
    else if (errno != error)
        complain(round, tally, "no handle: %s", strerror(errno));
    bool has_happened = fault_has_happened();
    fault_plan(NULL, 0, 0);
    if (!round->cache)
        round->cache = open_handle(round);
    check_recovery(round, tally);
    for (int i = 0; i < PAIRS; i++)
        if (round->near[i] < 0)
            check_pair(round, tally, i);
    scache_close(round->cache);
    finish(round, tally);
    if (count_descriptors() != descriptors)
        complain(round, tally, "%d descriptors instead of %d", count_descriptors(), descriptors);
    if (fault_live_blocks() != blocks)
        complain(round, tally, "%lld blocks are left over",
                 (long long)(fault_live_blocks() - blocks));
    tally->rounds++;
    tally->failures += has_happened ? 1 : 0;
    return has_happened;
}

int main(int argc, char *argv[])
{
    struct tally tally = {0};
    struct round round = {.number = 1};

    if (argc < 5 || sc_standard_open() < 0)
        return 2;
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    round.is_classic = strcmp(argv[1], "classic") == 0;
    round.is_local = strcmp(argv[1], "local") == 0;
    round.path = argv[2];
    round.nth = argc > 5 ? (unsigned)atoi(argv[5]) : 1;
    unsigned step = argc > 6 ? (unsigned)atoi(argv[6]) : 1;
    while (fail_once(&round, &tally, argv[3], atoi(argv[4]))) {
        round.nth += step;
        round.number++;
    }
    printf("rounds %u failures %u missed %u findings %u\n", tally.rounds, tally.failures,
           tally.missed, tally.findings);
    return tally.findings > 0;
}
