/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "store/store.h"
#include "support/model.h"
#include "support/random.h"
#include "support/snapshot.h"

/*
 * The store beside its model, both told the same by a random script. After
 * each operation everything that can be asked is asked of both. The script
 * depends on SCACHE_SEED alone, which every run prints, so that a failure
 * can be played again; SCACHE_OPERATIONS says how long it is.
 */

enum {
    PROPERTIES = 6,
    HELD_MOST = 40,
    PHASE = 4000, /* operations under one weather */
    CROWDED = 3000,
    JUDGED_MOST = MODEL_ENTRIES,
};

/* What the script prefers for a while, so that small and large both come. */
struct weather {
    uint32_t labels;
    uint32_t spaces;
    uint32_t longest_ttl;
    uint32_t ttl_step; /* a coarse one makes many expire at once */
    uint32_t tick;     /* time passes by less than this before an operation */
    uint32_t saves;    /* in a hundred operations */
    uint32_t deaths;   /* unusable connections in sixteen */
};

struct judged {
    size_t count;
    int fds[JUDGED_MOST];
};

struct play {
    struct random random;
    struct weather weather;
    struct model model;
    struct sc_store *store;
    struct sc_space *spaces[MODEL_SPACES];
    struct sc_connection *held[HELD_MOST];
    size_t held_count;
    int64_t now;
    int next_fd;
    uint64_t deaths_salt;
    struct judged judged_by_store;
    struct judged judged_by_model;
    size_t hits;
    size_t reaped;
    size_t largest;
    char labels[MODEL_LABELS][SNAPSHOT_TEXT];
    char properties[PROPERTIES][SNAPSHOT_TEXT];
    struct snapshot seen;
    struct snapshot wanted;
};

static uint32_t below(struct play *play, uint32_t limit)
{
    return random_below(&play->random, limit);
}

static bool one_in(struct play *play, uint32_t chances)
{
    return below(play, chances) == 0;
}

/* The same names for destinations and endpoints: they must not meet. */
static int any_label(struct play *play)
{
    return (int)below(play, play->weather.labels);
}

static int any_space(struct play *play)
{
    return (int)below(play, play->weather.spaces);
}

static int64_t any_ttl(struct play *play)
{
    uint32_t step = play->weather.ttl_step;

    return (int64_t)(1 + below(play, play->weather.longest_ttl) / step) * step;
}

static struct sc_bytes label_of(const struct play *play, int label)
{
    return sc_bytes_of(play->labels[label]);
}

static struct sc_bytes property_of_fd(int fd, char buffer[SNAPSHOT_TEXT])
{
    return (struct sc_bytes){buffer, (size_t)snprintf(buffer, SNAPSHOT_TEXT, "of %d", fd)};
}

/* --- the judge --------------------------------------------------------- */

static bool is_usable(struct play *play, struct judged *judged, int fd)
{
    struct random dice = {(uint64_t)fd ^ play->deaths_salt};

    assert_true(judged->count < JUDGED_MOST);
    judged->fds[judged->count++] = fd;
    return random_below(&dice, 16) >= play->weather.deaths;
}

static bool usable_to_store(void *context, const struct sc_connection *connection)
{
    struct play *play = context;

    return is_usable(play, &play->judged_by_store, sc_connection_descriptor(connection));
}

static bool usable_to_model(void *context, int fd)
{
    struct play *play = context;

    return is_usable(play, &play->judged_by_model, fd);
}

/* --- operations -------------------------------------------------------- */

static void save_connection(struct play *play)
{
    int space = any_space(play);
    int label = any_label(play);
    int fd = play->next_fd++;
    int64_t ttl = any_ttl(play);
    char buffer[SNAPSHOT_TEXT];

    assert_int_equal(sc_store_save_connection(play->spaces[space], play->now, ttl,
                                              label_of(play, label), property_of_fd(fd, buffer),
                                              fd),
                     0);
    model_save_connection(&play->model, play->now, ttl, space, label, fd);
}

static void save_binding(struct play *play)
{
    int space = any_space(play);
    int destination = any_label(play);
    int endpoint = any_label(play);
    int property = (int)below(play, PROPERTIES);
    int64_t ttl = any_ttl(play);

    if (one_in(play, 2)) /* Often enough the same one again. */
        endpoint = destination;
    assert_int_equal(
        sc_store_save_binding(play->spaces[space], play->now, ttl, label_of(play, destination),
                              sc_bytes_of(play->properties[property]), label_of(play, endpoint)),
        0);
    model_save_binding(&play->model, play->now, ttl, space, destination, property, endpoint);
}

static void assert_is_held(struct play *play, const struct sc_connection *connection)
{
    int fd = sc_connection_descriptor(connection);
    struct model_entry entry = model_held(&play->model, fd);
    char buffer[SNAPSHOT_TEXT];

    assert_true(sc_bytes_equal(sc_connection_endpoint(connection), label_of(play, entry.endpoint)));
    assert_true(sc_bytes_equal(sc_connection_property(connection), property_of_fd(fd, buffer)));
}

static void compare_found(struct play *play, struct sc_connection *found, int wanted)
{
    struct judged *one = &play->judged_by_store;
    struct judged *other = &play->judged_by_model;

    assert_int_equal(one->count, other->count);
    assert_memory_equal(one->fds, other->fds, one->count * sizeof(one->fds[0]));
    assert_int_equal(found ? sc_connection_descriptor(found) : -1, wanted);
    if (!found)
        return;
    assert_is_held(play, found);
    play->held[play->held_count++] = found;
    play->hits++;
}

static void find(struct play *play)
{
    const struct sc_store_judge judge = {usable_to_store, play};
    const struct model_judge same = {usable_to_model, play};
    bool judging = !one_in(play, 4);
    int space = any_space(play);
    int label = any_label(play);
    int wanted_property = -1;
    struct sc_bytes property = {0};

    if (play->held_count == HELD_MOST)
        return;
    play->deaths_salt = random_next(&play->random);
    play->judged_by_store.count = play->judged_by_model.count = 0;
    if (one_in(play, 2)) {
        struct sc_connection *found = sc_store_find_endpoint(
            play->spaces[space], play->now, label_of(play, label), judging ? &judge : NULL);
        compare_found(
            play, found,
            model_find_endpoint(&play->model, play->now, space, label, judging ? &same : NULL));
        return;
    }
    struct sc_connection *found = sc_store_find_destination(
        play->spaces[space], play->now, label_of(play, label), judging ? &judge : NULL, &property);
    compare_found(play, found,
                  model_find_destination(&play->model, play->now, space, label,
                                         judging ? &same : NULL, &wanted_property));
    if (found)
        assert_true(sc_bytes_equal(property, sc_bytes_of(play->properties[wanted_property])));
}

static void let_go(struct play *play)
{
    if (play->held_count == 0)
        return;
    uint32_t which = below(play, (uint32_t)play->held_count);
    struct sc_connection *connection = play->held[which];
    int fd = sc_connection_descriptor(connection);
    uint32_t how = below(play, 6);

    assert_is_held(play, connection);
    play->held[which] = play->held[--play->held_count];
    if (how == 0) {
        sc_connection_discard(connection);
        model_discard(&play->model, fd);
    } else if (how <= 2) {
        assert_int_equal(sc_connection_steal(connection), fd);
        model_steal(&play->model, fd);
    } else {
        sc_connection_put_back(connection, play->now);
        model_put_back(&play->model, play->now, fd);
    }
}

static size_t any_limit(struct play *play, uint32_t most)
{
    return one_in(play, 2) ? 0 : 1 + below(play, one_in(play, 4) ? 3 : most);
}

static void change_limits(struct play *play)
{
    struct sc_store_limits limits = {
        .connections = any_limit(play, 1000),
        .connections_of_endpoint = any_limit(play, 30),
        .connections_of_space = any_limit(play, 500),
        .bindings = any_limit(play, 1000),
        .bindings_of_destination = any_limit(play, 30),
        .newest_first = one_in(play, 3),
    };

    sc_store_set_limits(play->store, &limits);
    play->model.limits = limits;
}

/* A space that is empty may go, and another take its number. */
static void renew_space(struct play *play)
{
    uint32_t space = below(play, MODEL_SPACES);
    bool empty = model_space_is_empty(&play->model, (int)space);

    assert_int_equal(sc_space_is_empty(play->spaces[space]), empty);
    if (!empty)
        return;
    sc_space_free(play->spaces[space]);
    assert_int_equal(sc_space_new(&play->spaces[space], play->store), 0);
}

static void clear(struct play *play)
{
    sc_store_clear(play->store);
    model_clear(&play->model);
}

static void evict(struct play *play)
{
    bool evicted = sc_store_evict(play->store);

    assert_int_equal(evicted, model_evict(&play->model));
}

static void rarely(struct play *play)
{
    uint32_t which = below(play, 400);

    if (which < 1)
        clear(play);
    else if (which < 20)
        change_limits(play);
    else if (which < 80)
        renew_space(play);
    else
        evict(play);
}

static void expire(struct play *play)
{
    sc_store_expire(play->store, play->now);
    model_expire(&play->model, play->now);
}

static void change_weather(struct play *play)
{
    static const uint32_t labels[] = {2, 5, 20, 100, 700};
    static const uint32_t ttls[] = {50, 500, 2000, 5000};
    static const uint32_t ticks[] = {1, 3, 3, 10};

    play->weather = (struct weather){
        .labels = labels[below(play, SC_COUNT_OF(labels))],
        .spaces = 1 + below(play, MODEL_SPACES),
        .longest_ttl = ttls[below(play, SC_COUNT_OF(ttls))],
        .ttl_step = one_in(play, 2) ? 1 : 25,
        .tick = ticks[below(play, SC_COUNT_OF(ticks))],
        .saves = 20 + below(play, 60),
        .deaths = one_in(play, 3) ? 10 : below(play, 3),
    };
    change_limits(play);
}

static void operate(struct play *play)
{
    size_t cached = play->model.connections.count + play->model.bindings.count;
    bool crowded = cached > CROWDED;

    play->now += below(play, crowded ? 20 : play->weather.tick);
    if (!crowded && below(play, 100) < play->weather.saves) {
        if (one_in(play, 3))
            save_binding(play);
        else
            save_connection(play);
    } else if (!one_in(play, 4)) {
        find(play);
    } else if (!one_in(play, 4)) {
        let_go(play);
    } else if (one_in(play, 4)) {
        rarely(play);
    } else {
        expire(play);
    }
}

/* --- comparison -------------------------------------------------------- */

static void compare_reaped(struct play *play)
{
    int fd;

    do {
        fd = sc_store_reap(play->store);
        assert_int_equal(fd, model_reap(&play->model));
        play->reaped += fd >= 0;
    } while (fd >= 0);
}

static void compare_sizes(struct play *play)
{
    struct sc_store_sizes sizes = sc_store_sizes(play->store);
    struct sc_store_sizes wanted = model_sizes(&play->model);

    assert_int_equal(sizes.connections, wanted.connections);
    assert_int_equal(sizes.endpoints, wanted.endpoints);
    assert_int_equal(sizes.bindings, wanted.bindings);
    assert_int_equal(sizes.destinations, wanted.destinations);
    assert_int_equal(sizes.held, wanted.held);
    assert_int_equal(sc_store_next_expiry(play->store), model_next_expiry(&play->model));
    if (sizes.connections > play->largest)
        play->largest = sizes.connections;
}

static void want(void *context, const struct model_entry *entry, bool is_binding)
{
    struct play *play = context;
    char buffer[SNAPSHOT_TEXT];
    struct sc_store_entry wanted = {
        .space = play->spaces[entry->space],
        .endpoint = label_of(play, entry->endpoint),
        .property = is_binding ? sc_bytes_of(play->properties[entry->property])
                               : property_of_fd(entry->fd, buffer),
        .fd = is_binding ? -1 : entry->fd,
        .age = play->now - entry->saved,
        .left = entry->expires - play->now,
    };

    if (is_binding) {
        struct model_counter counter = play->model.counters[entry->space][entry->destination];
        wanted.destination = label_of(play, entry->destination);
        wanted.lookups = counter.lookups;
        wanted.hits = counter.hits;
    }
    snapshot_add(&play->wanted, &wanted);
}

static void compare_walk(struct play *play)
{
    snapshot_take(&play->seen, play->store, play->now);
    model_expire(&play->model, play->now);
    snapshot_clear(&play->wanted);
    model_walk(&play->model, want, play);
    snapshot_assert_equal(&play->seen, &play->wanted);
}

/* --- the play ---------------------------------------------------------- */

/* Names of very different length, with any byte but NUL in them. */
static void make_texts(struct play *play)
{
    for (int i = 0; i < MODEL_LABELS; i++) {
        int length = snprintf(play->labels[i], SNAPSHOT_TEXT, "%d\n", i);
        for (int more = i % 7 * 5; more > 0; more--)
            play->labels[i][length++] = (char)(1 + random_below(&play->random, 255));
        play->labels[i][length] = '\0';
    }
    for (int i = 1; i < PROPERTIES; i++)
        memset(play->properties[i], 'p', (size_t)i);
}

static struct play *play_new(uint64_t seed)
{
    struct play *play = calloc(1, sizeof(*play));
    unsigned char key[SC_STORE_KEY_LENGTH];

    assert_non_null(play);
    play->random.state = seed;
    make_texts(play);
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (unsigned char)below(play, 256);
    assert_int_equal(sc_store_new(&play->store, key, &play->model.limits), 0);
    for (int i = 0; i < MODEL_SPACES; i++)
        assert_int_equal(sc_space_new(&play->spaces[i], play->store), 0);
    return play;
}

static void play_end(struct play *play)
{
    while (play->held_count > 0)
        let_go(play);
    clear(play);
    compare_reaped(play);
    compare_sizes(play);
    for (int i = 0; i < MODEL_SPACES; i++) {
        assert_true(sc_space_is_empty(play->spaces[i]));
        sc_space_free(play->spaces[i]);
    }
    sc_store_free(play->store);
    free(play);
}

static void store_does_as_its_model(void **state)
{
    uint64_t seed = number_from_environment("SCACHE_SEED", (uint64_t)time(NULL));
    uint64_t operations = number_from_environment("SCACHE_OPERATIONS", 1000000);

    (void)state;
    print_message("SCACHE_SEED=%" PRIu64 " SCACHE_OPERATIONS=%" PRIu64 "\n", seed, operations);
    struct play *play = play_new(seed);
    for (uint64_t i = 0; i < operations; i++) {
        if (i % PHASE == 0)
            change_weather(play);
        operate(play);
        /* Now and then several operations send what they reap. */
        if (!one_in(play, 8))
            compare_reaped(play);
        compare_sizes(play);
        if (i % 1000 == 999)
            compare_walk(play);
    }
    print_message("%zu found, %zu reaped, %zu cached at most\n", play->hits, play->reaped,
                  play->largest);
    if (operations >= 100000) {
        /* A script in which little happens would show little. */
        assert_true(play->hits > operations / 50);
        assert_true(play->reaped > operations / 50);
        assert_true(play->largest > 500);
    }
    play_end(play);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_does_as_its_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
