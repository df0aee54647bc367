/* SPDX-License-Identifier: BSD-2-Clause */
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

enum verb { SAVE, FIND, BIND, REFRESH, FIND_DEST, EXPIRE, VERBS };

static const char *const verb_names[VERBS] = {"save",    "find",      "bind",
                                              "refresh", "find_dest", "expire"};

struct trial {
    struct sc_store *store;
    struct sc_space *space;
    struct sc_labels labels;
    struct sc_store_judge judge;
    int64_t now;
    uint64_t random;
    double ns[VERBS];
    char hot[BATCH * SC_LABELS_LENGTH_MAX];
};

static double clock_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* splitmix64: the same order every time, and no two trials in step with the labels. */
static uint64_t next_random(struct trial *trial)
{
    uint64_t mixed = trial->random += 0x9e3779b97f4a7c15u;
    mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebu;
    return mixed ^ mixed >> 31;
}

static bool usable(void *context, const struct sc_connection *connection)
{
    (void)context;
    (void)connection;
    return true;
}

static const char endp_property[] = "tls_level=0\nreuse_count=0\nendpoint_features=34695\n"
                                    "expire_time=1795451100\n\n";
static const char dest_property[] = "destination=d000000.example.com\nhost_name=mx.example.com\n"
                                    "host_addr=10.100.100.100\ndestination_features=4096\n\n";

static struct sc_bytes property_of(const char *text)
{
    return (struct sc_bytes){text, strlen(text)};
}

/* Lives differ, so that an entry does not simply go to the end of a line of its likes. */
static int64_t some_life(struct trial *trial)
{
    return LIFE_MS + (int64_t)(next_random(trial) % LIFE_MS);
}

static int save(struct trial *trial, struct sc_bytes label, unsigned index)
{
    return sc_store_save_connection(trial->space, trial->now, some_life(trial), label,
                                    property_of(endp_property),
                                    (struct sc_asset){.fd = (int)index, .is_stream = true});
}

static int bind_one(struct trial *trial, struct sc_bytes label)
{
    return sc_store_save_binding(trial->space, trial->now, some_life(trial), label,
                                 property_of(dest_property), label);
}

/* What was saved under a label has to be what is found there. */
static int find(struct trial *trial, struct sc_bytes label, unsigned index, bool by_destination)
{
    struct sc_bytes property;
    struct sc_connection *found =
        by_destination
            ? sc_store_find_destination(trial->space, trial->now, label, &trial->judge, &property)
            : sc_store_find_endpoint(trial->space, trial->now, label, &trial->judge);
    if (found == NULL || sc_connection_steal(found) != (int)index)
        return -EPROTO;
    return 0;
}

static int fill(struct trial *trial, bool bindings)
{
    for (unsigned i = 0; i < trial->labels.count; i++) {
        struct sc_bytes label = sc_labels_at(&trial->labels, i);
        int err = bindings ? bind_one(trial, label) : save(trial, label, i);
        if (err < 0)
            return err;
    }
    return 0;
}

/*
 * Choose a batch of distinct labels, far from each other, and copy them to where they are at
 * hand: a server has just read the label when it asks the store.
 */
static void batch_pick(struct trial *trial, unsigned picked[BATCH], struct sc_bytes labels[BATCH])
{
    unsigned count = trial->labels.count;
    unsigned stride = count / BATCH;
    unsigned start = (unsigned)(next_random(trial) % count);
    for (unsigned i = 0; i < BATCH; i++) {
        picked[i] = (start + i * stride) % count;
        struct sc_bytes label = sc_labels_at(&trial->labels, picked[i]);
        memcpy(trial->hot + i * label.length, label.data, label.length);
        labels[i] = (struct sc_bytes){trial->hot + i * label.length, label.length};
    }
}

/* Take a batch of connections out and put others like them in, over and over. */
static int churn(struct trial *trial, bool by_destination)
{
    unsigned picked[BATCH];
    struct sc_bytes labels[BATCH];
    double spent[2] = {0};

    for (unsigned n = 0; n < BATCHES; n++) {
        int err = 0;
        batch_pick(trial, picked, labels);
        double begin = clock_ns();
        for (unsigned i = 0; i < BATCH && err == 0; i++)
            err = find(trial, labels[i], picked[i], by_destination);
        double middle = clock_ns();
        for (unsigned i = 0; i < BATCH && err == 0; i++)
            err = save(trial, labels[i], picked[i]);
        double end = clock_ns();
        if (err < 0)
            return err;
        spent[0] += middle - begin;
        spent[1] += end - middle;
        trial->now++;
    }
    trial->ns[by_destination ? FIND_DEST : FIND] = spent[0] / (BATCHES * BATCH);
    if (!by_destination)
        trial->ns[SAVE] = spent[1] / (BATCHES * BATCH);
    return 0;
}

static int refresh(struct trial *trial)
{
    unsigned picked[BATCH];
    struct sc_bytes labels[BATCH];
    double spent = 0;

    for (unsigned n = 0; n < BATCHES; n++) {
        int err = 0;
        batch_pick(trial, picked, labels);
        double begin = clock_ns();
        for (unsigned i = 0; i < BATCH && err == 0; i++)
            err = bind_one(trial, labels[i]);
        if (err < 0)
            return err;
        spent += clock_ns() - begin;
    }
    trial->ns[REFRESH] = spent / (BATCHES * BATCH);
    return 0;
}

/* Everything expires, a thousandth of all lives at a time, and is reaped as a server would. */
static int expire(struct trial *trial)
{
    struct sc_store_sizes sizes = sc_store_sizes(trial->store);
    size_t entries = sizes.connections + sizes.bindings;
    size_t reaped = 0;
    double begin = clock_ns();
    for (unsigned step = 0; step <= 2000; step++) {
        sc_store_expire(trial->store, trial->now + step * (int64_t)LIFE_MS / 1000);
        while (sc_store_reap(trial->store) >= 0)
            reaped++;
    }
    trial->ns[EXPIRE] = (clock_ns() - begin) / (double)entries;
    return reaped == sizes.connections ? 0 : -EPROTO;
}

static int trial_begin(struct trial *trial, enum sc_label_kind kind, unsigned count)
{
    static const unsigned char key[SC_STORE_KEY_LENGTH] = "a secret of ours";
    struct sc_store_limits limits = {0};
    *trial = (struct trial){.judge = {.usable = usable}, .now = 1000};
    int err = sc_labels_init(&trial->labels, kind, count);
    if (err == 0)
        err = sc_store_new(&trial->store, key, &limits);
    if (err == 0)
        err = sc_space_new(&trial->space, trial->store);
    return err;
}

static void trial_end(struct trial *trial)
{
    if (trial->store != NULL)
        sc_store_clear(trial->store);
    while (trial->store != NULL && sc_store_reap(trial->store) >= 0)
        continue;
    if (trial->space != NULL)
        sc_space_free(trial->space);
    if (trial->store != NULL)
        sc_store_free(trial->store);
    sc_labels_fini(&trial->labels);
}

static int trial_connections(struct trial *trial)
{
    int err = fill(trial, false);
    return err < 0 ? err : churn(trial, false);
}

static int trial_bindings(struct trial *trial)
{
    double begin = clock_ns();
    int err = fill(trial, true);
    trial->ns[BIND] = (clock_ns() - begin) / trial->labels.count;
    if (err == 0)
        err = refresh(trial);
    if (err == 0)
        err = churn(trial, true);
    return err < 0 ? err : expire(trial);
}

int sc_storebench_pair(double *thousand, double *million)
{
    static struct trial trial;
    double *results[] = {thousand, million};
    static const unsigned counts[] = {1000, 1000000};
    int err = 0;
    for (unsigned i = 0; i < 2 && err == 0; i++) {
        fprintf(stderr, "the store alone, %u entries\n", counts[i]);
        err = trial_begin(&trial, SC_LABELS_USUAL, counts[i]);
        if (err == 0)
            err = trial_connections(&trial);
        *results[i] = trial.ns[SAVE] + trial.ns[FIND];
        trial_end(&trial);
    }
    if (err < 0)
        fprintf(stderr, "scache-bench: store: %s\n", strerror(-err));
    return err;
}

static void trial_report(struct sc_bench *bench, const struct trial *trial, const char *name)
{
    char title[80];
    printf("  %-16s %9u", name, trial->labels.count);
    for (int verb = 0; verb < VERBS; verb++)
        printf(" %9.0f", trial->ns[verb]);
    printf("\n");
    fflush(stdout);
    for (int verb = 0; verb < VERBS; verb++) {
        snprintf(title, sizeof(title), "%s, %u entries, %s", name, trial->labels.count,
                 verb_names[verb]);
        sc_report_quiet(bench, "store", title, trial->ns[verb], "ns");
    }
}

static int trial_whole(struct sc_bench *bench, enum sc_label_kind kind, unsigned count)
{
    static struct trial trial;
    fprintf(stderr, "the store alone: %s, %u\n", sc_labels_name(kind), count);
    int err = trial_begin(&trial, kind, count);
    if (err == 0)
        err = trial_connections(&trial);
    if (err == 0)
        err = trial_bindings(&trial);
    if (err == 0)
        trial_report(bench, &trial, sc_labels_name(kind));
    trial_end(&trial);
    return err;
}

/* One destination with a thousand bindings of which only the last leads to a connection. */
static int trial_crowd(struct sc_bench *bench)
{
    static struct trial trial;
    struct sc_bytes destination = SC_BYTES("smtp\nbig.example.com\n25\n");
    struct sc_bytes property = property_of(dest_property);
    unsigned last = BINDINGS - 1;
    unsigned rounds = 1000;
    int err = trial_begin(&trial, SC_LABELS_USUAL, BINDINGS);
    for (unsigned i = 0; i < BINDINGS && err == 0; i++)
        err = sc_store_save_binding(trial.space, trial.now, LIFE_MS, destination, property,
                                    sc_labels_at(&trial.labels, i));
    double begin = clock_ns();
    for (unsigned i = 0; i < rounds && err == 0; i++)
        err = sc_store_save_binding(trial.space, trial.now, LIFE_MS, destination, property,
                                    sc_labels_at(&trial.labels, last));
    double middle = clock_ns();
    for (unsigned i = 0; i < rounds && err == 0; i++) {
        err = save(&trial, sc_labels_at(&trial.labels, last), last);
        struct sc_connection *found =
            sc_store_find_destination(trial.space, trial.now, destination, &trial.judge, &property);
        if (err == 0 && (found == NULL || sc_connection_steal(found) != (int)last))
            err = -EPROTO;
    }
    double end = clock_ns();
    if (err == 0) {
        printf("\none destination with a thousand bindings\n");
        sc_report_number(bench, "store", "refresh the last", (middle - begin) / rounds, "ns");
        sc_report_number(bench, "store", "save, and find by the last", (end - middle) / rounds,
                         "ns");
    }
    trial_end(&trial);
    return err;
}

int sc_bench_store(struct sc_bench *bench)
{
    int err = 0;
    printf("\nthe store by itself, ns for one call\n  %-16s %9s", "labels", "entries");
    for (int verb = 0; verb < VERBS; verb++)
        printf(" %9s", verb_names[verb]);
    printf("\n");
    for (int kind = 0; kind < SC_LABELS_KINDS && err == 0; kind++) {
        for (unsigned count = 1000; count <= 1000000 && err == 0; count *= 10) {
            if (kind != SC_LABELS_LONG || count <= LONG_MOST)
                err = trial_whole(bench, (enum sc_label_kind)kind, count);
        }
    }
    if (err == 0)
        err = trial_crowd(bench);
    if (err < 0)
        fprintf(stderr, "scache-bench: store: %s\n", strerror(-err));
    return err;
}
