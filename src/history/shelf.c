/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places found, made, and put away. What is written in them is not known here.
 */
#include "history/shelf.h"

#include <assert.h>
#include <sodium/crypto_shorthash.h>
#include <stdlib.h>

static_assert(SC_SHELF_KEY_LENGTH == crypto_shorthash_KEYBYTES, "the key is SipHash's");

enum { SLOTS_FIRST = 16, LOOKUPS_TO_STAY = 2 };

/* A name as it stands in the table, so that equal labels of two users or kinds differ. */
struct shelf_text {
    char bytes[SC_PLACE_PREFIX + SC_SHELF_LABEL_MOST];
    size_t length;
};

static void shelf_spell(const struct sc_place_name *name, struct shelf_text *text)
{
    text->bytes[0] = (char)name->kind;
    memcpy(text->bytes + 1, &name->user, sizeof(name->user));
    sc_text_copy(text->bytes + SC_PLACE_PREFIX, name->label);
    text->length = SC_PLACE_PREFIX + name->label.length;
}

static uint32_t shelf_hash(const struct sc_shelf *shelf, const struct shelf_text *text)
{
    unsigned char hash[crypto_shorthash_BYTES];
    uint32_t folded;

    crypto_shorthash(hash, (const unsigned char *)text->bytes, text->length, shelf->key);
    memcpy(&folded, hash, sizeof(folded));
    return folded;
}

static size_t shelf_place_size(size_t text_length)
{
    return SC_LABEL_START(struct sc_place) + text_length;
}

static size_t shelf_more_size(const struct sc_place *place)
{
    return place->kind == SC_PLACE_ENDPOINT ? sizeof(struct sc_place_past)
                                            : SC_PLACE_BONDS * sizeof(struct sc_place_bond);
}

void sc_shelf_init(struct sc_shelf *shelf, const unsigned char key[SC_SHELF_KEY_LENGTH])
{
    *shelf = (struct sc_shelf){0};
    memcpy(shelf->key, key, sizeof(shelf->key));
    for (size_t i = 0; i < SC_SEGMENTS; i++)
        TAILQ_INIT(&shelf->lines[i]);
    sc_table_init(&shelf->table);
    sc_pool_init(&shelf->pool);
}

size_t sc_shelf_bytes(const struct sc_shelf *shelf)
{
    size_t entry = sizeof(struct sc_label *) + sizeof(uint32_t);

    return shelf->pool.bytes + shelf->slot_count * sizeof(shelf->slots[0]) +
           (shelf->table.now.count + shelf->table.old.count) * entry;
}

/* --- leaving -------------------------------------------------------------- */

static void shelf_put_away(struct sc_shelf *shelf, struct sc_place *place)
{
    struct sc_shelf_slot *slot = &shelf->slots[place->ref.index];

    if (shelf->leaves)
        shelf->leaves(shelf, place);
    TAILQ_REMOVE(&shelf->lines[place->segment], place, link);
    shelf->kept -= place->segment == SC_SEGMENT_KEPT;
    shelf->count--;
    sc_table_remove(&shelf->table, &place->label);
    *slot = (struct sc_shelf_slot){.next_empty = shelf->empty};
    shelf->empty = place->ref.index + 1;
    if (place->past)
        sc_pool_free(&shelf->pool, place->past, shelf_more_size(place));
    sc_pool_free(&shelf->pool, place, shelf_place_size(place->label.length));
}

/* The new one that was looked up the longest ago; if there are none, of the others. */
static bool shelf_make_room(struct sc_shelf *shelf, const struct sc_place *but)
{
    for (size_t segment = 0; segment < SC_SEGMENTS; segment++) {
        struct sc_place *place = TAILQ_LAST(&shelf->lines[segment], sc_place_line);
        if (place && place == but)
            place = TAILQ_PREV(place, sc_place_line, link);
        if (place) {
            shelf_put_away(shelf, place);
            return true;
        }
    }
    return false;
}

void sc_shelf_fini(struct sc_shelf *shelf)
{
    while (shelf_make_room(shelf, NULL))
        ;
    sc_table_fini(&shelf->table);
    sc_pool_fini(&shelf->pool);
    free(shelf->slots);
    shelf->slots = NULL;
    shelf->slot_count = shelf->empty = 0;
}

/* Room for so many bytes more, for which any place may go but one. What is large is refused. */
static bool shelf_fit(struct sc_shelf *shelf, size_t bytes, const struct sc_place *but)
{
    size_t most = shelf->limit * SC_SHELF_BYTES + SC_SHELF_BYTES_FOR_ALL;

    if (bytes > most / 2)
        return false;
    while (sc_shelf_bytes(shelf) + bytes > most)
        if (!shelf_make_room(shelf, but))
            return false;
    return true;
}

void sc_shelf_set_limit(struct sc_shelf *shelf, size_t limit)
{
    shelf->limit = limit;
    while (shelf->count > limit)
        shelf_make_room(shelf, NULL);
    (void)shelf_fit(shelf, 0, NULL);
    if (shelf->count > 0)
        return;
    free(shelf->slots);
    shelf->slots = NULL;
    shelf->slot_count = shelf->empty = 0;
}

/* --- finding -------------------------------------------------------------- */

struct sc_place *sc_shelf_at(const struct sc_shelf *shelf, size_t index)
{
    return index < shelf->slot_count ? shelf->slots[index].place : NULL;
}

struct sc_place *sc_shelf_follow(const struct sc_shelf *shelf, struct sc_place_ref ref)
{
    struct sc_place *place = ref.serial != 0 ? sc_shelf_at(shelf, ref.index) : NULL;

    return place && place->ref.serial == ref.serial ? place : NULL;
}

/* Where the slot says, if that is still the same; a number of long ago may say anything. */
static struct sc_place *shelf_remembered(const struct sc_shelf *shelf,
                                         const struct sc_place_name *name)
{
    struct sc_place *place = NULL;

    if (name->slot && *name->slot > 0)
        place = sc_shelf_at(shelf, *name->slot - 1);
    return place && sc_place_is(place, name) ? place : NULL;
}

static struct sc_place *shelf_look(const struct sc_shelf *shelf, const struct sc_place_name *name,
                                   const struct shelf_text *text, uint32_t hash)
{
    struct sc_label *label =
        sc_table_find(&shelf->table, hash, (struct sc_bytes){text->bytes, text->length});
    struct sc_place *place = label ? SC_CONTAINER_OF(label, struct sc_place, label) : NULL;

    if (place && name->slot)
        *name->slot = place->ref.index + 1;
    return place;
}

struct sc_place *sc_shelf_find(const struct sc_shelf *shelf, const struct sc_place_name *name)
{
    struct sc_place *place = shelf_remembered(shelf, name);
    struct shelf_text text;

    if (place || shelf->count == 0 || name->label.length > SC_SHELF_LABEL_MOST)
        return place;
    shelf_spell(name, &text);
    return shelf_look(shelf, name, &text, shelf_hash(shelf, &text));
}

/* --- making --------------------------------------------------------------- */

static bool shelf_grow(struct sc_shelf *shelf)
{
    size_t count = shelf->slot_count > 0 ? 2 * (size_t)shelf->slot_count : SLOTS_FIRST;

    if (count > shelf->limit)
        count = shelf->limit;
    if (count <= shelf->slot_count)
        return false;
    struct sc_shelf_slot *slots = realloc(shelf->slots, count * sizeof(*slots));
    if (!slots)
        return false;
    for (uint32_t i = (uint32_t)count; i > shelf->slot_count; i--) {
        slots[i - 1] = (struct sc_shelf_slot){.next_empty = shelf->empty};
        shelf->empty = i;
    }
    shelf->slots = slots;
    shelf->slot_count = (uint32_t)count;
    return true;
}

static struct sc_place *shelf_alloc(struct sc_shelf *shelf, const struct sc_place_name *name,
                                    const struct shelf_text *text, uint32_t hash)
{
    struct sc_place *place = sc_pool_alloc(&shelf->pool, shelf_place_size(text->length));

    if (!place)
        return NULL;
    *place = (struct sc_place){
        .kind = (uint8_t)name->kind,
        .user = name->user,
        .segment = SC_SEGMENT_NEW,
        .latest = SC_MISS_UNKNOWN,
    };
    sc_label_init(&place->label, hash, (struct sc_bytes){text->bytes, text->length});
    if (sc_table_add(&shelf->table, &place->label) < 0) {
        sc_pool_free(&shelf->pool, place, shelf_place_size(text->length));
        return NULL;
    }
    return place;
}

static struct sc_place *shelf_make(struct sc_shelf *shelf, const struct sc_place_name *name,
                                   const struct shelf_text *text, uint32_t hash)
{
    while (shelf->count >= shelf->limit)
        if (!shelf_make_room(shelf, NULL))
            return NULL;
    if (!shelf_fit(shelf, shelf_place_size(text->length), NULL) ||
        (shelf->empty == 0 && !shelf_grow(shelf)))
        return NULL;
    struct sc_place *place = shelf_alloc(shelf, name, text, hash);
    if (!place)
        return NULL;
    place->ref.index = shelf->empty - 1;
    if (++shelf->serial == 0)
        shelf->serial = 1;
    place->ref.serial = shelf->serial;
    struct sc_shelf_slot *slot = &shelf->slots[place->ref.index];
    shelf->empty = slot->next_empty;
    *slot = (struct sc_shelf_slot){.place = place};
    TAILQ_INSERT_HEAD(&shelf->lines[SC_SEGMENT_NEW], place, link);
    shelf->count++;
    if (name->slot)
        *name->slot = place->ref.index + 1;
    return place;
}

struct sc_place *sc_shelf_get(struct sc_shelf *shelf, const struct sc_place_name *name)
{
    struct sc_place *place = shelf_remembered(shelf, name);
    struct shelf_text text;

    if (place || shelf->limit == 0 || name->label.length > SC_SHELF_LABEL_MOST)
        return place;
    shelf_spell(name, &text);
    uint32_t hash = shelf_hash(shelf, &text);
    place = shelf_look(shelf, name, &text, hash);
    return place ? place : shelf_make(shelf, name, &text, hash);
}

/* --- keeping -------------------------------------------------------------- */

void sc_shelf_touch(struct sc_shelf *shelf, struct sc_place *place, int64_t now)
{
    struct sc_place_line *kept = &shelf->lines[SC_SEGMENT_KEPT];

    place->lookups++;
    place->looked_up = now;
    if (TAILQ_FIRST(&shelf->lines[place->segment]) == place && place->segment == SC_SEGMENT_KEPT)
        return;
    TAILQ_REMOVE(&shelf->lines[place->segment], place, link);
    if (place->segment == SC_SEGMENT_NEW && place->lookups >= LOOKUPS_TO_STAY) {
        place->segment = SC_SEGMENT_KEPT;
        shelf->kept++;
    }
    TAILQ_INSERT_HEAD(&shelf->lines[place->segment], place, link);
    if (shelf->kept <= shelf->limit / 5 * 4)
        return;
    struct sc_place *last = TAILQ_LAST(kept, sc_place_line);
    TAILQ_REMOVE(kept, last, link);
    shelf->kept--;
    last->segment = SC_SEGMENT_NEW;
    TAILQ_INSERT_HEAD(&shelf->lines[SC_SEGMENT_NEW], last, link);
}

static void *shelf_add_more(struct sc_shelf *shelf, const struct sc_place *place)
{
    size_t size = shelf_more_size(place);
    void *more = shelf_fit(shelf, size, place) ? sc_pool_alloc(&shelf->pool, size) : NULL;

    if (more)
        memset(more, 0, size);
    return more;
}

struct sc_place_past *sc_shelf_past(struct sc_shelf *shelf, struct sc_place *endpoint)
{
    if (!endpoint->past)
        endpoint->past = shelf_add_more(shelf, endpoint);
    return endpoint->past;
}

struct sc_place_bond *sc_shelf_bonds(struct sc_shelf *shelf, struct sc_place *destination)
{
    if (!destination->bonds)
        destination->bonds = shelf_add_more(shelf, destination);
    return destination->bonds;
}
