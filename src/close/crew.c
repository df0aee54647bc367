/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which process drops which batch of sockets, and when there is to be another
 * one. Which sockets are to be closed, and when, is decided elsewhere.
 */
#include "close/crew.h"

#include <errno.h>
#include <string.h>

enum {
    CREW_BATCHES_MOST = 24, /* on their way at once: the kernel counts descriptors that are */
    CREW_LATE_MS = 20,      /* without a sign of a process: others are given to another one */
    CREW_HANG_MS = 1000,    /* likewise: it hangs */
    CREW_STUCK_MS = 100,    /* so long nothing could be sent to anybody */
    CREW_RETRY_MS = 1000,   /* after a process could not be had */
    CREW_SPARE_MS = 10000,  /* so long one is kept that is not needed */
    CREW_START_MS = 5000,   /* for the first one, when nobody is kept waiting */
    CREW_SOON_MS = 2,
    CREW_LOOK_MS = 10,
    CREW_SELDOM_MS = 250,
};

static void crew_forget(struct sc_crew *crew, size_t i)
{
    crew->droppers[i] = crew->droppers[--crew->count];
}

static void crew_tell_of_gone(struct sc_crew *crew, int64_t now)
{
    sc_log_limited(crew->log, &crew->gone, now, SC_WARNING,
                   "a process that closes sockets has gone: another takes its place");
}

/* --- the nursery -------------------------------------------------------- */

static bool crew_may_ask(const struct sc_crew *crew, int64_t now)
{
    return crew->nursery.order >= 0 && crew->count < SC_CREW_MOST &&
           (crew->refused_at == 0 || now - crew->refused_at >= CREW_RETRY_MS);
}

static void crew_ask(struct sc_crew *crew, int64_t now)
{
    if (crew_may_ask(crew, now) && sc_nursery_ask(&crew->nursery, now) == -EPIPE)
        crew_tell_of_gone(crew, now);
}

static void crew_note_refusal(struct sc_crew *crew, int error, int64_t now)
{
    if (crew->refused_at == 0)
        sc_log(crew->log, SC_WARNING, "cannot start a process that closes sockets: %s",
               strerror(-error));
    crew->refused_at = now > 0 ? now : 1;
}

static void crew_hear_nursery(struct sc_crew *crew, int64_t now)
{
    struct sc_dropper fresh;

    sc_nursery_reap(&crew->nursery);
    if (!crew->nursery.asked)
        return;
    int error = sc_nursery_get(&crew->nursery, &fresh, now);
    if (error == 0) {
        crew->droppers[crew->count++] = fresh;
        crew->refused_at = 0;
    } else if (error == -EPIPE) {
        crew_tell_of_gone(crew, now);
    } else if (error != -EAGAIN) {
        crew_note_refusal(crew, error, now);
    } else if (now - crew->nursery.asked_at >= CREW_HANG_MS) {
        crew_tell_of_gone(crew, now);
        sc_nursery_stop(&crew->nursery); /* It sleeps; when it wakes up it ends. */
    }
}

/*
 * Whether there is one that does not hang, or will be, and work may be sent to
 * it some day: what lies before those that hang is on its way all the time.
 */
static bool crew_can_hope(const struct sc_crew *crew, int64_t now)
{
    unsigned stuck = 0;
    bool there = crew->nursery.asked || crew_may_ask(crew, now);

    for (size_t i = 0; i < crew->count; i++)
        if (crew->droppers[i].hangs)
            stuck += crew->droppers[i].outstanding;
        else
            there = true;
    return there && stuck < CREW_BATCHES_MOST;
}

/* --- looking after them ------------------------------------------------- */

static void crew_look_at(struct sc_crew *crew, size_t i, int64_t now)
{
    struct sc_dropper *dropper = &crew->droppers[i];
    bool was_killed = dropper->hangs;

    switch (sc_dropper_look(dropper, now)) {
    case SC_DROPPER_GONE:
        if (!was_killed)
            crew_tell_of_gone(crew, now);
        crew_forget(crew, i);
        break;
    case SC_DROPPER_AT_WORK:
        if (dropper->hangs || now - dropper->moved < CREW_HANG_MS)
            break;
        /* If it only sleeps, its end lets go of what it has. */
        dropper->hangs = true;
        sc_nursery_kill(&crew->nursery, dropper->process);
        break;
    case SC_DROPPER_IDLE:
        if (i == 0 || now - dropper->moved < CREW_SPARE_MS)
            break;
        sc_dropper_close(dropper);
        crew_forget(crew, i);
        break;
    }
}

void sc_crew_look(struct sc_crew *crew, int64_t now)
{
    for (size_t i = crew->count; i-- > 0;)
        crew_look_at(crew, i, now);
    crew_hear_nursery(crew, now);
}

unsigned sc_crew_busy(const struct sc_crew *crew)
{
    unsigned busy = 0;

    for (size_t i = 0; i < crew->count; i++)
        busy += crew->droppers[i].outstanding > 0;
    return busy;
}

const struct sc_backlog_line *sc_crew_hangs(const struct sc_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        if (crew->droppers[i].hangs && crew->droppers[i].line)
            return crew->droppers[i].line;
    return NULL;
}

/* Whoever is at work is looked at soon, and seldom when it takes long. */
int64_t sc_crew_next_look(const struct sc_crew *crew, int64_t now)
{
    int64_t wait = crew->count > 1 || crew->nursery.order < 0 ? CREW_RETRY_MS : INT64_MAX;

    if (crew->nursery.asked && wait > CREW_LOOK_MS)
        wait = CREW_LOOK_MS;
    for (size_t i = 0; i < crew->count; i++) {
        const struct sc_dropper *dropper = &crew->droppers[i];
        int64_t quiet = now - dropper->moved;
        int64_t its = quiet < CREW_LATE_MS   ? CREW_SOON_MS
                      : quiet < CREW_HANG_MS ? CREW_LOOK_MS
                                             : CREW_SELDOM_MS;
        if (dropper->outstanding > 0 && its < wait)
            wait = its;
    }
    return wait == INT64_MAX ? wait : now + wait;
}

/* --- giving them work --------------------------------------------------- */

/* All batches that are on their way; and those of a line that get on. */
static unsigned crew_outstanding(const struct sc_crew *crew)
{
    unsigned batches = 0;

    for (size_t i = 0; i < crew->count; i++)
        batches += crew->droppers[i].outstanding;
    return batches;
}

static unsigned crew_outstanding_of(const struct sc_crew *crew, const struct sc_backlog_line *line)
{
    unsigned batches = 0;

    for (size_t i = 0; i < crew->count; i++)
        if (crew->droppers[i].line == line && !crew->droppers[i].hangs)
            batches += crew->droppers[i].outstanding;
    return batches;
}

/* Whether all that are there have been at their work for a while. */
static bool crew_is_late(const struct sc_crew *crew, int64_t now)
{
    for (size_t i = 0; i < crew->count; i++)
        if (now - crew->droppers[i].moved < CREW_LATE_MS)
            return false;
    return true;
}

/* One that has work of this line, and whose last sign was not so long ago. */
static struct sc_dropper *crew_find_at_work(struct sc_crew *crew,
                                            const struct sc_backlog_line *line, int64_t now,
                                            int64_t patience)
{
    for (size_t i = 0; i < crew->count; i++)
        if (crew->droppers[i].line == line && now - crew->droppers[i].moved < patience)
            return &crew->droppers[i];
    return NULL;
}

static struct sc_dropper *crew_find_idle(struct sc_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        if (crew->droppers[i].outstanding == 0)
            return &crew->droppers[i];
    return NULL;
}

/*
 * Whoever is at work for this line already; or, when that takes long, somebody
 * else, as long as its user has not made too many wait; or null.
 */
static struct sc_dropper *crew_pick(struct sc_crew *crew, const struct sc_backlog_line *line,
                                    int64_t now)
{
    if (!sc_backlog_may_use(crew_outstanding_of(crew, line), crew_outstanding(crew),
                            CREW_BATCHES_MOST))
        return NULL;
    struct sc_dropper *dropper = crew_find_at_work(crew, line, now, CREW_LATE_MS);
    if (!dropper && sc_backlog_may_use(line->busy, sc_crew_busy(crew), SC_CREW_MOST)) {
        dropper = crew_find_idle(crew);
        if (!dropper && crew_is_late(crew, now))
            crew_ask(crew, now);
    }
    return dropper ? dropper : crew_find_at_work(crew, line, now, CREW_HANG_MS);
}

/* Returns 0; or -errno, and they wait again. Who has gone is forgotten. */
static int crew_give(struct sc_crew *crew, struct sc_dropper *dropper, struct sc_backlog *backlog,
                     struct sc_backlog_line *line, int64_t now)
{
    int sockets[SC_PASS_MAX];
    size_t count = sc_backlog_take(backlog, line, sockets, crew->batch);
    int error = sc_dropper_give(dropper, line, sockets, count, now);

    for (size_t i = 0; error < 0 && i < count; i++)
        sc_backlog_add(backlog, line, sockets[i], now);
    if (error == -EPIPE) {
        crew_tell_of_gone(crew, now);
        crew_forget(crew, (size_t)(dropper - crew->droppers));
    }
    return error;
}

bool sc_crew_send(struct sc_crew *crew, struct sc_backlog *backlog, struct sc_backlog_line *line,
                  int64_t now)
{
    struct sc_dropper *dropper;
    int error = 0;

    while (line->count > 0 && (error == 0 || error == -EPIPE) &&
           (dropper = crew_pick(crew, line, now)))
        error = crew_give(crew, dropper, backlog, line, now);
    /* Too many descriptors are on their way, of others too, or there is no memory. */
    if (error == 0 || error == -EPIPE)
        crew->stuck_since = 0;
    else if (crew->stuck_since == 0)
        crew->stuck_since = now;
    return line->count == 0 ||
           (crew_can_hope(crew, now) &&
            (crew->stuck_since == 0 || now - crew->stuck_since < CREW_STUCK_MS));
}

void sc_crew_send_anyway(struct sc_crew *crew, struct sc_backlog *backlog,
                         struct sc_backlog_line *line, int64_t now)
{
    int error = 0;

    while (line->count > 0 && crew->count > 0 && (error == 0 || error == -EPIPE))
        error = crew_give(crew, &crew->droppers[0], backlog, line, now);
}

/* --- beginning and end -------------------------------------------------- */

void sc_crew_init(struct sc_crew *crew, size_t batch, struct sc_log *log,
                  const struct sc_nursery_confine *confine)
{
    *crew = (struct sc_crew){.log = log, .batch = batch < SC_PASS_MAX ? batch : SC_PASS_MAX};
    int error = sc_nursery_start(&crew->nursery, confine);

    if (error == 0)
        error = sc_nursery_ask(&crew->nursery, 0);
    if (error == 0)
        error = sc_nursery_wait(&crew->nursery, &crew->droppers[0], CREW_START_MS);
    if (error == 0)
        crew->count = 1;
    else
        crew_note_refusal(crew, error, 0);
}

void sc_crew_fini(struct sc_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        sc_dropper_close(&crew->droppers[i]);
    crew->count = 0;
    sc_nursery_stop(&crew->nursery);
}
