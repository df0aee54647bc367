/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends of sessions, remembered. Nothing of the sessions themselves is here.
 */
#include "relay/past.h"

#include <stdlib.h>
#include <string.h>

enum { REMEMBERED_MS = 60 * 1000, ENTRIES_MAX = 4096 };

struct sc_past_entry {
    TAILQ_ENTRY(sc_past_entry) link;
    int64_t until;
    enum sc_tls_end end;
    size_t id_length;
    char texts[]; /* its id, and behind it what is said about its end, with a NUL */
};

void sc_past_init(struct sc_past *past)
{
    *past = (struct sc_past){0};
    TAILQ_INIT(&past->entries);
}

static void past_drop_first(struct sc_past *past)
{
    struct sc_past_entry *entry = TAILQ_FIRST(&past->entries);

    TAILQ_REMOVE(&past->entries, entry, link);
    past->count--;
    free(entry);
}

void sc_past_fini(struct sc_past *past)
{
    while (past->count > 0)
        past_drop_first(past);
}

static void past_forget_old(struct sc_past *past, int64_t now)
{
    while (past->count > 0 && TAILQ_FIRST(&past->entries)->until <= now)
        past_drop_first(past);
}

void sc_past_add(struct sc_past *past, const char *id, enum sc_tls_end end, const char *text,
                 int64_t now)
{
    size_t id_length = strlen(id);
    size_t text_size = strlen(text) + 1;

    past_forget_old(past, now);
    if (past->count == ENTRIES_MAX)
        past_drop_first(past);
    struct sc_past_entry *entry = malloc(sizeof(*entry) + id_length + text_size);
    if (!entry)
        return;
    *entry =
        (struct sc_past_entry){.until = now + REMEMBERED_MS, .end = end, .id_length = id_length};
    memcpy(entry->texts, id, id_length);
    memcpy(entry->texts + id_length, text, text_size);
    TAILQ_INSERT_TAIL(&past->entries, entry, link);
    past->count++;
}

int sc_past_find(struct sc_past *past, struct sc_bytes id, int64_t now, struct sc_bytes *text)
{
    struct sc_past_entry *entry;

    past_forget_old(past, now);
    TAILQ_FOREACH (entry, &past->entries, link)
        if (sc_bytes_equal(id, (struct sc_bytes){entry->texts, entry->id_length})) {
            *text = sc_bytes_of(entry->texts + entry->id_length);
            return (int)entry->end;
        }
    return -1;
}

int64_t sc_past_until(const struct sc_past *past)
{
    const struct sc_past_entry *last = TAILQ_LAST(&past->entries, sc_past_list);

    return last ? last->until : INT64_MIN;
}
