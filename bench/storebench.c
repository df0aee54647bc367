/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store by itself: the time of each verb at a thousand to a million entries. No server,
 * socket or descriptor is involved.
 */
#include "storebench.h"

#include "bench.h"
#include "labels.h"
#include "report.h"
#include "store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH     64 /* one clock read for so many calls */
#define BATCHES   5000
#define LIFE_MS   1000000
#define BINDINGS  1000
#define LONG_MOST 100000
#define ABSENT    32 /* one label for so many entries is not cached at the moment */

enum verb { SAVE, FIND, SAVE_BACK, BIND, REFRESH, FIND_DEST, EXPIRE, VERBS };

static const char *const verb_names[VERBS] = {"save",    "find",      "save back", "bind",
                                              "refresh", "find_dest", "expire"};

struct trial {
    struct sc_store *store;
    struct sc_space *space;
    struct sc_labels labels;
    unsigned entries;
    unsigned absent;  /* labels beyond the entries */
    unsigned oldest;  /* of the absent ones: the next to be saved */
    unsigned *places; /* a label's number each: first the entries, then a ring of absent ones */

    int64_t now;
    uint64_t random;
    double ns[VERBS];
};

static double storebench_clock_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* splitmix64: the same order every time, and no two trials in step with the labels. */
static uint64_t storebench_next_random(struct trial *trial)
{
    uint64_t mixed = trial->random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static const char endp_property[] = "tls_level=0\nreuse_count=0\nendpoint_features=34695\n"
                                    "expire_time=1795451100\n\n";
static const char dest_property[] = "destination=d000000.example.com\nhost_name=mx.example.com\n"
                                    "host_addr=10.100.100.100\ndestination_features=4096\n\n";

static struct sc_bytes storebench_property_of(const char *text)
{
    return (struct sc_bytes){text, strlen(text)};
}

/* Lives differ, so that an entry does not simply go to the end of a line of its likes. */
static int64_t storebench_some_life(struct trial *trial)
{
    return LIFE_MS + (int64_t)(storebench_next_random(trial) % LIFE_MS);
}

static int storebench_save(struct trial *trial, struct sc_bytes label, unsigned index)
{
    const struct sc_saving saving = {
        .ttl = storebench_some_life(trial),
        .endpoint = label,
        .property = storebench_property_of(endp_property),
        .fd = (int)index,
    };
    return sc_store_save_connection(trial->space, trial->now, &saving);
}

static int storebench_bind_one(struct trial *trial, struct sc_bytes label)
{
    return sc_store_save_binding(trial->space, trial->now, storebench_some_life(trial), label,
                                 storebench_property_of(dest_property), label);
}

static struct sc_bytes storebench_label_at(const struct trial *trial, unsigned place)
{
    return sc_labels_at(&trial->labels, trial->places[place]);
}

/* What was saved under a label has to be what is found there. */
static int storebench_find(struct trial *trial, struct sc_bytes label, unsigned index,
                           bool by_destination)
{
    struct sc_bytes property;
    struct sc_connection *found =
        by_destination ? sc_store_find_destination(trial->space, trial->now, label, &property)
                       : sc_store_find_endpoint(trial->space, trial->now, label);
    if (found == NULL || sc_connection_steal(found, trial->now) != (int)index)
        return -EPROTO;
    return 0;
}

static int storebench_fill(struct trial *trial)
{
    for (unsigned i = 0; i < trial->entries; i++) {
        int err = storebench_save(trial, sc_labels_at(&trial->labels, i), i);
        if (err < 0)
            return err;
    }
    return 0;
}

static int storebench_fill_bindings(struct trial *trial)
{
    double begin = storebench_clock_ns();
    for (unsigned i = 0; i < trial->labels.count; i++) {
        int err = storebench_bind_one(trial, sc_labels_at(&trial->labels, i));
        if (err < 0)
            return err;
    }
    trial->ns[BIND] = (storebench_clock_ns() - begin) / trial->labels.count;
    return 0;
}

/* A batch of labels, and copies of them at hand: a server has just read what it asks for. */
struct batch {
    unsigned places[BATCH];
    struct sc_bytes labels[BATCH];
    char hot[BATCH * SC_LABELS_LENGTH_MAX];
};

static void storebench_batch_add(struct batch *batch, const struct trial *trial, unsigned i,
                                 unsigned place)
{
    struct sc_bytes label = storebench_label_at(trial, place);
    char *copy = batch->hot + i * label.length;
    memcpy(copy, label.data, label.length);
    batch->places[i] = place;
    batch->labels[i] = (struct sc_bytes){copy, label.length};
}

/* Distinct entries, far from each other. */
static void storebench_batch_pick(struct batch *batch, struct trial *trial)
{
    unsigned stride = trial->entries / BATCH;
    unsigned start = (unsigned)(storebench_next_random(trial) % trial->entries);
    for (unsigned i = 0; i < BATCH; i++)
        storebench_batch_add(batch, trial, i, (start + i * stride) % trial->entries);
}

/* The labels that have been absent for longest; they change places with a batch that was found. */
static void storebench_batch_exchange(struct batch *batch, struct trial *trial,
                                      const struct batch *found)
{
    for (unsigned i = 0; i < BATCH; i++) {
        unsigned place = found->places[i];
        unsigned other = trial->entries + trial->oldest;
        unsigned number = trial->places[place];
        trial->oldest = (trial->oldest + 1) % trial->absent;
        trial->places[place] = trial->places[other];
        trial->places[other] = number;
        storebench_batch_add(batch, trial, i, place);
    }
}

static int storebench_find_batch(struct trial *trial, const struct batch *batch, enum verb verb)
{
    int err = 0;
    double begin = storebench_clock_ns();
    for (unsigned i = 0; i < BATCH && err == 0; i++)
        err = storebench_find(trial, batch->labels[i], trial->places[batch->places[i]],
                              verb == FIND_DEST);
    trial->ns[verb] += (storebench_clock_ns() - begin) / (BATCHES * BATCH);
    return err;
}

static int storebench_save_batch(struct trial *trial, const struct batch *batch, enum verb verb)
{
    int err = 0;
    double begin = storebench_clock_ns();
    for (unsigned i = 0; i < BATCH && err == 0; i++)
        err = storebench_save(trial, batch->labels[i], trial->places[batch->places[i]]);
    trial->ns[verb] += (storebench_clock_ns() - begin) / (BATCHES * BATCH);
    return err;
}

/*
 * Entries anywhere are found and leave, and others are saved whose labels were found and left
 * long ago: nothing that either needs is in the processor's caches, but by luck.
 */
static int storebench_churn(struct trial *trial, enum verb find_verb)
{
    static struct batch found;
    static struct batch saved;
    for (unsigned n = 0; n < BATCHES; n++) {
        storebench_batch_pick(&found, trial);
        int err = storebench_find_batch(trial, &found, find_verb);
        storebench_batch_exchange(&saved, trial, &found);
        if (err == 0)
            err = storebench_save_batch(trial, &saved, SAVE);
        if (err < 0)
            return err;
        trial->now++;
    }
    return 0;
}

/* The same, but what was found is saved again at once. */
static int storebench_give_back(struct trial *trial)
{
    static struct batch found;
    double find_ns = trial->ns[FIND];
    for (unsigned n = 0; n < BATCHES; n++) {
        storebench_batch_pick(&found, trial);
        int err = storebench_find_batch(trial, &found, FIND);
        if (err == 0)
            err = storebench_save_batch(trial, &found, SAVE_BACK);
        if (err < 0)
            return err;
        trial->now++;
    }
    trial->ns[FIND] = find_ns;
    return 0;
}

static int storebench_refresh(struct trial *trial)
{
    static struct batch batch;
    double spent = 0;
    for (unsigned n = 0; n < BATCHES; n++) {
        int err = 0;
        storebench_batch_pick(&batch, trial);
        double begin = storebench_clock_ns();
        for (unsigned i = 0; i < BATCH && err == 0; i++)
            err = storebench_bind_one(trial, batch.labels[i]);
        if (err < 0)
            return err;
        spent += storebench_clock_ns() - begin;
    }
    trial->ns[REFRESH] = spent / (BATCHES * BATCH);
    return 0;
}

/* Everything expires, a thousandth of all lives at a time, and is reaped as a server would. */
static int storebench_expire(struct trial *trial)
{
    struct sc_store_sizes sizes = sc_store_sizes(trial->store);
    size_t entries = sizes.connections + sizes.bindings;
    size_t count = 0;
    struct sc_reaped reaped;
    double begin = storebench_clock_ns();
    for (unsigned step = 0; step <= 2000; step++) {
        (void)sc_store_expire(trial->store, trial->now + step * (int64_t)LIFE_MS / 1000, entries);
        while (sc_store_reap(trial->store, &reaped))
            count++;
    }
    trial->ns[EXPIRE] = (storebench_clock_ns() - begin) / (double)entries;
    return count == sizes.connections ? 0 : -EPROTO;
}

static int storebench_trial_begin(struct trial *trial, enum sc_label_kind kind, unsigned count)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH] = "a secret of ours";
    struct sc_store_limits limits = {0};
    unsigned absent = count / ABSENT > BATCH ? count / ABSENT : BATCH;
    *trial = (struct trial){.now = 1000, .entries = count, .absent = absent};
    int err = sc_labels_init(&trial->labels, kind, count + absent);
    if (err < 0)
        return err;
    trial->places = calloc(count + absent, sizeof(*trial->places));
    if (trial->places == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < count + absent; i++)
        trial->places[i] = i;
    err = sc_store_new(&trial->store, key, &limits, NULL);
    return err < 0 ? err : sc_space_new(&trial->space, trial->store, 0);
}

static void storebench_trial_end(struct trial *trial)
{
    struct sc_reaped reaped;
    if (trial->store != NULL)
        sc_store_clear(trial->store, SC_END_CLOSED);
    while (trial->store != NULL && sc_store_reap(trial->store, &reaped))
        continue;
    if (trial->space != NULL)
        sc_space_free(trial->space);
    if (trial->store != NULL)
        sc_store_free(trial->store);
    sc_labels_fini(&trial->labels);
    free(trial->places);
}

static int storebench_trial_connections(struct trial *trial)
{
    int err = storebench_fill(trial);
    if (err == 0)
        err = storebench_churn(trial, FIND);
    return err < 0 ? err : storebench_give_back(trial);
}

static int storebench_trial_bindings(struct trial *trial)
{
    double save_ns = trial->ns[SAVE];
    int err = storebench_fill_bindings(trial);
    if (err == 0)
        err = storebench_refresh(trial);
    if (err == 0)
        err = storebench_churn(trial, FIND_DEST);
    trial->ns[SAVE] = save_ns;
    return err < 0 ? err : storebench_expire(trial);
}

int sc_storebench_pair(double *thousand, double *million)
{
    static struct trial trial;
    double *results[] = {thousand, million};
    static const unsigned counts[] = {1000, 1000000};
    int err = 0;
    for (unsigned i = 0; i < 2 && err == 0; i++) {
        fprintf(stderr, "the store alone, %u entries\n", counts[i]);
        err = storebench_trial_begin(&trial, SC_LABELS_USUAL, counts[i]);
        if (err == 0)
            err = storebench_trial_connections(&trial);
        *results[i] = trial.ns[FIND] + trial.ns[SAVE_BACK];
        storebench_trial_end(&trial);
    }
    if (err < 0)
        fprintf(stderr, "scache-bench: store: %s\n", strerror(-err));
    return err;
}

static void storebench_trial_report(struct sc_bench *bench, const struct trial *trial,
                                    const char *name)
{
    char title[80];
    printf("  %-16s %9u", name, trial->entries);
    for (int verb = 0; verb < VERBS; verb++)
        printf(" %9.0f", trial->ns[verb]);
    printf("\n");
    fflush(stdout);
    for (int verb = 0; verb < VERBS; verb++) {
        snprintf(title, sizeof(title), "%s, %u entries, %s", name, trial->entries,
                 verb_names[verb]);
        sc_report_quiet(bench, "store", title, trial->ns[verb], "ns");
    }
}

static int storebench_trial_whole(struct sc_bench *bench, enum sc_label_kind kind, unsigned count)
{
    static struct trial trial;
    fprintf(stderr, "the store alone: %s, %u\n", sc_labels_name(kind), count);
    int err = storebench_trial_begin(&trial, kind, count);
    if (err == 0)
        err = storebench_trial_connections(&trial);
    if (err == 0)
        err = storebench_trial_bindings(&trial);
    if (err == 0)
        storebench_trial_report(bench, &trial, sc_labels_name(kind));
    storebench_trial_end(&trial);
    return err;
}

/* One destination with a thousand bindings of which only the last leads to a connection. */
static int storebench_trial_crowd(struct sc_bench *bench)
{
    static struct trial trial;
    struct sc_bytes destination = SC_BYTES("smtp\nbig.example.com\n25\n");
    struct sc_bytes property = storebench_property_of(dest_property);
    unsigned last = BINDINGS - 1;
    unsigned rounds = 1000;
    int err = storebench_trial_begin(&trial, SC_LABELS_USUAL, BINDINGS);
    for (unsigned i = 0; i < BINDINGS && err == 0; i++)
        err = sc_store_save_binding(trial.space, trial.now, LIFE_MS, destination, property,
                                    sc_labels_at(&trial.labels, i));
    double begin = storebench_clock_ns();
    for (unsigned i = 0; i < rounds && err == 0; i++)
        err = sc_store_save_binding(trial.space, trial.now, LIFE_MS, destination, property,
                                    sc_labels_at(&trial.labels, last));
    double middle = storebench_clock_ns();
    for (unsigned i = 0; i < rounds && err == 0; i++) {
        err = storebench_save(&trial, sc_labels_at(&trial.labels, last), last);
        struct sc_connection *found =
            sc_store_find_destination(trial.space, trial.now, destination, &property);
        if (err == 0 && (found == NULL || sc_connection_steal(found, trial.now) != (int)last))
            err = -EPROTO;
    }
    double end = storebench_clock_ns();
    if (err == 0) {
        printf("\none destination with a thousand bindings\n");
        sc_report_number(bench, "store", "refresh the last", (middle - begin) / rounds, "ns");
        sc_report_number(bench, "store", "save, and find by the last", (end - middle) / rounds,
                         "ns");
    }
    storebench_trial_end(&trial);
    return err;
}

int sc_storebench_run(struct sc_bench *bench)
{
    int err = 0;
    printf("\nthe store by itself, ns for one call\n  %-16s %9s", "labels", "entries");
    for (int verb = 0; verb < VERBS; verb++)
        printf(" %9s", verb_names[verb]);
    printf("\n");
    for (int kind = 0; kind < SC_LABELS_KINDS && err == 0; kind++) {
        for (unsigned count = 1000; count <= 1000000 && err == 0; count *= 10) {
            if (kind != SC_LABELS_LONG || count <= LONG_MOST)
                err = storebench_trial_whole(bench, (enum sc_label_kind)kind, count);
        }
    }
    if (err == 0)
        err = storebench_trial_crowd(bench);
    if (err < 0)
        fprintf(stderr, "scache-bench: store: %s\n", strerror(-err));
    return err;
}
