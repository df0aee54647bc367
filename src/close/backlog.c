/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of descriptors through a table of their numbers. Who closes them, how
 * and when is not known here.
 */
#include "close/backlog.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* In the table, besides numbers. Memory that was never written to is BACKLOG_AWAY. */
enum { BACKLOG_AWAY = 0, BACKLOG_LAST = -1 };

/* What is stored for a number, so that zero means that it waits nowhere. */
static int backlog_mark(int fd)
{
    return fd + 1;
}

int sc_backlog_init(struct sc_backlog *backlog, size_t size)
{
    *backlog = (struct sc_backlog){.size = size};
    backlog->next = calloc(size, sizeof(*backlog->next));
    return backlog->next ? 0 : -ENOMEM;
}

void sc_backlog_fini(struct sc_backlog *backlog)
{
    free(backlog->next);
    backlog->next = NULL;
}

static bool backlog_is_idle(const struct sc_backlog_user *user)
{
    for (size_t kind = 0; kind < SC_BACKLOG_KINDS; kind++)
        if (user->lines[kind].count > 0 || user->lines[kind].busy > 0)
            return false;
    return true;
}

/* The place of somebody who needs it no more, or a new one; the last one is everybody's. */
static size_t backlog_find_place(struct sc_backlog *backlog)
{
    for (size_t i = 0; i < backlog->user_count; i++)
        if (backlog_is_idle(&backlog->users[i]))
            return i;
    return backlog->user_count < SC_BACKLOG_USERS ? backlog->user_count++ : SC_BACKLOG_USERS - 1;
}

static struct sc_backlog_user *backlog_user(struct sc_backlog *backlog, int64_t id)
{
    struct sc_backlog_user *user = &backlog->users[backlog->last_found];

    if (backlog->last_found < backlog->user_count && user->id == id)
        return user;
    for (size_t i = 0; i < backlog->user_count; i++)
        if (backlog->users[i].id == id) {
            backlog->last_found = i;
            return &backlog->users[i];
        }
    user = &backlog->users[backlog_find_place(backlog)];
    if (backlog_is_idle(user)) {
        *user = (struct sc_backlog_user){.id = id};
        for (int kind = 0; kind < SC_BACKLOG_KINDS; kind++)
            user->lines[kind] = (struct sc_backlog_line){
                .user = id, .kind = (enum sc_backlog_kind)kind, .first = -1, .last = -1};
    }
    return user;
}

struct sc_backlog_line *sc_backlog_line(struct sc_backlog *backlog, enum sc_backlog_kind kind,
                                        int64_t user)
{
    return &backlog_user(backlog, user)->lines[kind];
}

size_t sc_backlog_count(const struct sc_backlog *backlog, int64_t user)
{
    for (size_t i = 0; i < backlog->user_count; i++)
        if (backlog->users[i].id == user)
            return backlog->users[i].lines[SC_BACKLOG_SOCKETS].count +
                   backlog->users[i].lines[SC_BACKLOG_OTHERS].count;
    return 0;
}

void sc_backlog_add(struct sc_backlog *backlog, struct sc_backlog_line *line, int fd, int64_t now)
{
    assert(sc_backlog_fits(backlog, fd) && backlog->next[fd] == BACKLOG_AWAY);
    backlog->next[fd] = BACKLOG_LAST;
    if (line->count == 0) {
        line->first = fd;
        line->since = now;
    } else {
        backlog->next[line->last] = backlog_mark(fd);
    }
    line->last = fd;
    line->count++;
    backlog->counts[line->kind]++;
}

size_t sc_backlog_take(struct sc_backlog *backlog, struct sc_backlog_line *line, int *fds,
                       size_t most)
{
    size_t count = line->count < most ? line->count : most;

    for (size_t i = 0; i < count; i++) {
        int fd = line->first;
        line->first = backlog->next[fd] - 1;
        backlog->next[fd] = BACKLOG_AWAY;
        fds[i] = fd;
    }
    line->count -= count;
    backlog->counts[line->kind] -= count;
    return count;
}
