/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which descriptors are closed when, and by which kind of process. It closes
 * nothing itself that could hang, but as the last resort.
 */
#include "close/closer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "close/backlog.h"
#include "close/crew.h"
#include "close/twin.h"
#include "io/peer.h"

/*
 * A batch is a small part of the descriptors there may be, since it keeps them
 * open; and what waits in it waits for others to come, but not for long.
 */
enum { BATCH_PART = 64, BATCH_LEAST = 4, BATCH_MS = 4 };

enum {
    CLOSER_HANG_MS = 1000,   /* so long without a sign from a close */
    CLOSER_RETRY_MS = 1000,  /* after a process could not be had */
    CLOSER_SPARE_MS = 10000, /* so long a twin is kept that is not needed */
    CLOSER_SOON_MS = 2,      /* until the next look, while something waits to be given away */
    CLOSER_LOOK_MS = 10,     /* while something is being closed */
    CLOSER_SELDOM_MS = 250,  /* when that takes long */
    CLOSER_OLD_MOST = 4,     /* twins that were dismissed and have not ended */
    CLOSER_OWN_MOST = 1024,  /* descriptors that are asked for whether they are our own */
};

struct sc_closer {
    struct sc_log *log;
    struct sc_backlog backlog;
    struct sc_crew crew;
    struct sc_twin *twin;
    struct sc_twin *old[CLOSER_OLD_MOST];
    size_t old_count;
    size_t batch;
    size_t expected; /* what is no socket and will be taken some day */
    int64_t now;
    int64_t due;
    int64_t twin_refused; /* when one could not be had; 0: it could */
    int64_t twin_needed;  /* when it was last */
    bool told_of_hang;    /* and it has not ended since */
    bool told_of_last_resort;
    struct sc_log_limit gone;
    bool is_own[CLOSER_OWN_MOST];
};

static int64_t closer_earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* --- the process that shares our descriptors ---------------------------- */

static void closer_tell_of_gone(struct sc_closer *closer)
{
    sc_log_limited(closer->log, &closer->gone, closer->now, SC_WARNING,
                   "the process that closes files has gone: another takes its place");
}

/* Takes back what a twin has not begun for so long, and lets go of what it has done. */
static void closer_look_at_twin(struct sc_closer *closer, struct sc_twin *twin, int64_t patience)
{
    struct sc_backlog_line *line;
    int fds[SC_TWIN_BATCH_MOST];
    size_t count;

    while ((count = sc_twin_look(twin, closer->now, patience, &line, fds)) > 0)
        for (size_t i = 0; i < count; i++)
            sc_backlog_add(&closer->backlog, line, fds[i], closer->now);
}

/* From now on another one is to be used; what this one has begun it may end. */
static void closer_dismiss_twin(struct sc_closer *closer)
{
    sc_twin_dismiss(closer->twin);
    closer_look_at_twin(closer, closer->twin, 0);
    closer->old[closer->old_count++] = closer->twin;
    closer->twin = NULL;
}

static void closer_hear_twin(struct sc_closer *closer)
{
    if (sc_twin_is_over(closer->twin)) {
        closer_tell_of_gone(closer);
        closer_look_at_twin(closer, closer->twin, 0);
        sc_twin_free(closer->twin);
        closer->twin = NULL;
    } else if (!sc_twin_sleeps(closer->twin, closer->now, CLOSER_HANG_MS)) {
        closer_look_at_twin(closer, closer->twin, CLOSER_HANG_MS);
    } else if (closer->old_count < CLOSER_OLD_MOST) {
        closer_tell_of_gone(closer);
        closer_dismiss_twin(closer);
    }
}

static void closer_hear_old_twins(struct sc_closer *closer)
{
    for (size_t i = closer->old_count; i-- > 0;) {
        closer_look_at_twin(closer, closer->old[i], 0);
        if (!sc_twin_is_over(closer->old[i]))
            continue;
        sc_twin_free(closer->old[i]);
        closer->old[i] = closer->old[--closer->old_count];
    }
}

/* Returns null if there cannot be one now. */
static struct sc_twin *closer_get_twin(struct sc_closer *closer)
{
    if (closer->twin || closer->old_count == CLOSER_OLD_MOST ||
        (closer->twin_refused > 0 && closer->now - closer->twin_refused < CLOSER_RETRY_MS))
        return closer->twin;
    int error = sc_twin_new(&closer->twin, closer->backlog.size, closer->is_own, CLOSER_OWN_MOST);
    if (error < 0 && closer->twin_refused == 0)
        sc_log(closer->log, SC_WARNING, "cannot start a process that closes files: %s",
               strerror(-error));
    closer->twin_refused = error == 0 ? 0 : closer->now > 0 ? closer->now : 1;
    closer->twin_needed = closer->now;
    return closer->twin;
}

static void closer_mind_twin(struct sc_closer *closer)
{
    if (closer->expected > 0 || closer->backlog.counts[SC_BACKLOG_OTHERS] > 0 ||
        (closer->twin && sc_twin_busy(closer->twin) > 0)) {
        closer->twin_needed = closer->now;
        (void)closer_get_twin(closer);
    }
    if (closer->twin && closer->now - closer->twin_needed >= CLOSER_SPARE_MS &&
        closer->old_count < CLOSER_OLD_MOST)
        closer_dismiss_twin(closer);
    if (closer->twin)
        sc_twin_wake(closer->twin);
}

/* --- giving away -------------------------------------------------------- */

/* The last resort, when there can be no process: it may take as long as it likes. */
static void closer_close_here(struct sc_closer *closer, struct sc_backlog_line *line)
{
    int fd;

    if (!closer->told_of_last_resort)
        sc_log(closer->log, SC_WARNING,
               "no process can be had that closes descriptors: a close that hangs would hold up "
               "everybody");
    closer->told_of_last_resort = true;
    while (sc_backlog_take(&closer->backlog, line, &fd, 1) == 1)
        close(fd);
}

/* Many old twins hang: then it waits, since here it would most likely hang too. */
static void closer_give_to_twin(struct sc_closer *closer, struct sc_backlog_line *line)
{
    struct sc_twin *twin = closer_get_twin(closer);
    int fds[SC_TWIN_BATCH_MOST];

    if (!twin && closer->old_count < CLOSER_OLD_MOST)
        closer_close_here(closer, line);
    while (twin && line->count > 0 &&
           sc_backlog_may_use(line->busy, sc_twin_busy(twin), SC_TWIN_BATCHES)) {
        size_t count = sc_backlog_take(&closer->backlog, line, fds, SC_TWIN_BATCH_MOST);
        sc_twin_give(twin, line, fds, count, closer->now);
    }
}

static void closer_send_sockets(struct sc_closer *closer, struct sc_backlog_line *line)
{
    if (!sc_crew_send(&closer->crew, &closer->backlog, line, closer->now))
        closer_give_to_twin(closer, line);
}

/* @all: also what could wait for more to come. */
static void closer_give_away(struct sc_closer *closer, bool all)
{
    struct sc_backlog *backlog = &closer->backlog;

    for (size_t i = 0; i < backlog->user_count; i++) {
        struct sc_backlog_line *sockets = &backlog->users[i].lines[SC_BACKLOG_SOCKETS];
        struct sc_backlog_line *others = &backlog->users[i].lines[SC_BACKLOG_OTHERS];
        if (sockets->count > 0 &&
            (all || sockets->count >= closer->batch || closer->now - sockets->since >= BATCH_MS))
            closer_send_sockets(closer, sockets);
        if (others->count > 0)
            closer_give_to_twin(closer, others);
    }
}

static void closer_work(struct sc_closer *closer, bool all)
{
    sc_crew_look(&closer->crew, closer->now);
    if (closer->twin)
        closer_hear_twin(closer);
    closer_hear_old_twins(closer);
    closer_give_away(closer, all);
    closer_mind_twin(closer);
}

/* --- taking and flushing ------------------------------------------------ */

void sc_closer_expect(struct sc_closer *closer, uint8_t nature)
{
    if ((nature & SC_PEER_SOCKET) != 0)
        return;
    closer->expected++;
    closer->due = closer->now;
    (void)closer_get_twin(closer);
}

void sc_closer_take(struct sc_closer *closer, int fd, uint8_t nature, int64_t user)
{
    bool is_socket = (nature & SC_PEER_SOCKET) != 0;
    struct sc_backlog_line *line =
        sc_backlog_line(&closer->backlog, is_socket ? SC_BACKLOG_SOCKETS : SC_BACKLOG_OTHERS, user);

    if (!is_socket && closer->expected > 0)
        closer->expected--;
    if (!sc_backlog_fits(&closer->backlog, fd)) {
        close(fd); /* Somebody has raised our limit since; there is no other way. */
        return;
    }
    sc_backlog_add(&closer->backlog, line, fd, closer->now);
    if (is_socket && line->count >= closer->batch)
        closer_send_sockets(closer, line);
    closer->due = closer_earlier(closer->due, is_socket ? closer->now + BATCH_MS : closer->now);
}

static void closer_tell_of_hang(struct sc_closer *closer)
{
    const struct sc_backlog_line *line = sc_crew_hangs(&closer->crew);

    if (!line && closer->twin)
        line = sc_twin_hangs(closer->twin, closer->now, CLOSER_HANG_MS);
    if (line && !closer->told_of_hang)
        sc_log(closer->log, SC_WARNING,
               "the close of a descriptor of user %" PRId64 " hangs: it is left alone, and others "
               "are closed elsewhere",
               line->user);
    closer->told_of_hang = line != NULL;
}

static int64_t closer_next(struct sc_closer *closer)
{
    int64_t next = sc_crew_next_look(&closer->crew, closer->now);

    if (closer->twin && sc_twin_busy(closer->twin) > 0)
        next = closer_earlier(next, closer->now +
                                        (closer->told_of_hang ? CLOSER_SELDOM_MS : CLOSER_LOOK_MS));
    if (closer->twin || closer->old_count > 0)
        next = closer_earlier(next, closer->now + CLOSER_RETRY_MS);
    if (sc_closer_pending(closer) > 0)
        next = closer_earlier(
            next, closer->now + (sc_closer_queued(closer) > 0 ? CLOSER_SOON_MS : CLOSER_SELDOM_MS));
    return next;
}

void sc_closer_flush(struct sc_closer *closer, int64_t now)
{
    closer->now = now;
    if (now < closer->due)
        return;
    closer_work(closer, false);
    closer_tell_of_hang(closer);
    closer->due = closer_next(closer);
}

int64_t sc_closer_due(const struct sc_closer *closer)
{
    return closer->due;
}

size_t sc_closer_pending(const struct sc_closer *closer)
{
    size_t pending =
        closer->backlog.counts[SC_BACKLOG_SOCKETS] + closer->backlog.counts[SC_BACKLOG_OTHERS];

    return closer->twin ? pending + sc_twin_pending(closer->twin) : pending;
}

size_t sc_closer_pending_of(const struct sc_closer *closer, int64_t user)
{
    return sc_backlog_count(&closer->backlog, user);
}

size_t sc_closer_queued(const struct sc_closer *closer)
{
    const struct sc_backlog *backlog = &closer->backlog;
    unsigned twin = closer->twin ? sc_twin_busy(closer->twin) : 0;
    unsigned crew = sc_crew_busy(&closer->crew);
    size_t queued = 0;

    for (size_t i = 0; sc_closer_pending(closer) > 0 && i < backlog->user_count; i++) {
        const struct sc_backlog_line *lines = backlog->users[i].lines;
        if (sc_backlog_may_use(lines[SC_BACKLOG_SOCKETS].busy, crew, SC_CREW_MOST))
            queued += lines[SC_BACKLOG_SOCKETS].count;
        if (sc_backlog_may_use(lines[SC_BACKLOG_OTHERS].busy, twin, SC_TWIN_BATCHES))
            queued += lines[SC_BACKLOG_OTHERS].count;
    }
    return queued;
}

/* --- beginning and end -------------------------------------------------- */

int sc_closer_new(struct sc_closer **closer, size_t most_descriptors, struct sc_log *log,
                  const struct sc_nursery_confine *confine)
{
    struct sc_closer *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->log = log;
    fresh->due = INT64_MAX;
    fresh->batch = most_descriptors / BATCH_PART;
    if (fresh->batch < BATCH_LEAST)
        fresh->batch = BATCH_LEAST;
    if (sc_backlog_init(&fresh->backlog, most_descriptors) < 0) {
        free(fresh);
        return -ENOMEM;
    }
    for (int fd = 0; fd < CLOSER_OWN_MOST; fd++)
        fresh->is_own[fd] = fcntl(fd, F_GETFD) >= 0;
    sc_crew_init(&fresh->crew, fresh->batch, log, confine);
    fresh->batch = fresh->crew.batch;
    *closer = fresh;
    return 0;
}

static int64_t closer_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool closer_is_done(const struct sc_closer *closer)
{
    return sc_closer_pending(closer) == 0 && sc_crew_busy(&closer->crew) == 0 &&
           (!closer->twin || sc_twin_busy(closer->twin) == 0);
}

/*
 * The end of our own process closes everything too, but could hang in it. So
 * whatever can be sent away is; and while there is a twin, our end closes
 * nothing, and the twin goes on.
 */
static void closer_leave(struct sc_closer *closer)
{
    for (size_t i = 0; i < closer->backlog.user_count; i++)
        sc_crew_send_anyway(&closer->crew, &closer->backlog,
                            &closer->backlog.users[i].lines[SC_BACKLOG_SOCKETS], closer->now);
    sc_crew_fini(&closer->crew);
    if (closer->twin && closer_is_done(closer))
        sc_twin_dismiss(closer->twin);
    sc_twin_free(closer->twin);
    for (size_t i = 0; i < closer->old_count; i++)
        sc_twin_free(closer->old[i]);
}

void sc_closer_free(struct sc_closer *closer, int patience_ms)
{
    if (!closer)
        return;
    /* From here on nobody else tells the time. */
    int64_t until = closer_clock_ms() + patience_ms;
    do {
        closer->now = closer_clock_ms();
        closer_work(closer, true);
    } while (!closer_is_done(closer) && closer->now < until && poll(NULL, 0, 1) == 0);
    closer_leave(closer);
    sc_backlog_fini(&closer->backlog);
    free(closer);
}
