/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks one server for its statistics and adds what is known of its process. It
 * tells nobody what it has found out, and remembers nothing but why it failed.
 */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "labels.h"
#include "process.h"
#include "sample.h"
#include "scache.h"

/* For the whole answer, which a server at rest gives in a millisecond. */
enum { SOURCE_PATIENCE_MS = 2000, MS = 1000, NS = 1000000 };

static int64_t source_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / NS;
}

/* Labels as a text of the caller's, or null: names and values in turn, a null pointer behind. */
static char *source_labels(const char *const *labels)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    if (!out)
        return NULL;
    for (size_t i = 0; labels[i]; i += 2) {
        if (i > 0)
            fputc(',', out);
        sc_labels_put(out, labels[i], labels[i + 1]);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

static int source_begin(const struct sc_source *source, struct sc_exposition *exposition,
                        bool is_up)
{
    static const struct sc_exposition_series up = {
        SC_EXPOSITION_GAUGE, "scache_up", "1: the server has told its figures; 0: it has not.", ""};
    const char *labels[] = {"cache", source->name, NULL};
    char *base = source_labels(labels);
    int error = base ? sc_exposition_init(exposition, base) : -ENOMEM;

    free(base);
    if (error < 0)
        return error;
    error = sc_exposition_add(exposition, &up, is_up ? "1" : "0");
    if (error < 0)
        sc_exposition_fini(exposition);
    return error;
}

static const char *source_greeting(const struct scache_control *control, const char *name)
{
    const char *value = scache_control_greeting(control, name);

    return value ? value : "";
}

/* What the server says of itself, and the kernel of its process: it lives, as it speaks. */
static int source_add_identity(const struct scache_control *control,
                               struct sc_exposition *exposition)
{
    const char *program = source_greeting(control, "program");
    const char *version = strrchr(program, ' ');
    const char *labels[] = {"version", version ? version + 1 : program, "mode",
                            source_greeting(control, "mode"), NULL};
    struct sc_exposition_series info = {SC_EXPOSITION_GAUGE, "scache_build_info",
                                        "Always 1; which server it is stands in the labels.", ""};
    int pid = atoi(source_greeting(control, "pid"));
    char *text = source_labels(labels);

    if (!text)
        return -ENOMEM;
    info.labels = text;
    int error = sc_exposition_add(exposition, &info, "1");
    free(text);
    if (error == 0 && pid > 0)
        error = sc_process_add("/proc", (pid_t)pid, exposition);
    return error;
}

static int source_add_record(const struct scache_control *control, struct sc_exposition *exposition)
{
    struct sc_sample sample = {0};
    const char *name;

    for (size_t i = 0; (name = scache_control_name(control, i)); i++) {
        const char **place = sc_sample_place(&sample, name);
        if (place)
            *place = scache_control_value(control, i);
    }
    return sc_sample_add(&sample, exposition);
}

/* Tells how many records could not be told: a newer server may have kinds of its own. */
static int source_add_skipped(unsigned skipped, struct sc_exposition *exposition)
{
    static const struct sc_exposition_series series = {
        SC_EXPOSITION_GAUGE, "scache_exporter_skipped_records",
        "Records of the last answer that are no series as the exporter knows them.", ""};
    char number[16];

    snprintf(number, sizeof(number), "%u", skipped);
    return sc_exposition_add(exposition, &series, number);
}

/* Returns 0; -ENOMEM; or -EIO: nothing that can be told, and why is said. */
static int source_read(struct sc_source *source, struct scache_control *control,
                       struct sc_exposition *exposition)
{
    int64_t end = source_now_ms() + SOURCE_PATIENCE_MS;
    unsigned records = 0, skipped = 0;
    int step, error = 0;

    for (;;) {
        int64_t left = end - source_now_ms();
        step = scache_control_next(control, left > 0 ? (int)left : 0);
        if (step != SCACHE_CONTROL_RECORD || left <= 0)
            break;
        if (records++ == 0)
            error = source_add_identity(control, exposition);
        if (error == 0)
            error = source_add_record(control, exposition);
        skipped += error == -EINVAL;
        if (error == -ENOMEM)
            return error;
        error = 0;
    }
    if (step == SCACHE_CONTROL_END && scache_control_status(control) == SCACHE_CONTROL_DONE)
        return source_add_skipped(skipped, exposition);
    if (step == SCACHE_CONTROL_LOST)
        snprintf(source->why, sizeof(source->why), "%s", scache_control_text(control));
    else
        snprintf(source->why, sizeof(source->why), "%s: %s", source->path,
                 step == SCACHE_CONTROL_END ? scache_control_text(control)
                                            : "no whole answer in time");
    return -EIO;
}

/* The whole conversation; returns as above. */
static int source_converse(struct sc_source *source, struct sc_exposition *exposition)
{
    static const char *const request[] = {"request", "stats", NULL};
    struct scache_control *control = scache_control_open(source->path);

    if (!control) {
        int error = errno;
        snprintf(source->why, sizeof(source->why), "%s: %s", source->path, strerror(error));
        return error == ENOMEM ? -ENOMEM : -EIO;
    }
    int step = scache_control_ask(control, request);
    int error = step;
    if (step == SCACHE_CONTROL_LOST) {
        snprintf(source->why, sizeof(source->why), "%s", scache_control_text(control));
        error = -EIO;
    }
    if (step == SCACHE_CONTROL_ASKED)
        error = source_read(source, control, exposition);
    scache_control_close(control);
    return error;
}

int sc_source_ask(struct sc_source *source, struct sc_exposition *exposition)
{
    int error = source_begin(source, exposition, true);

    if (error < 0)
        return error;
    source->why[0] = '\0';
    error = source_converse(source, exposition);
    if (error == 0)
        return 0;
    /* Half an answer is none: it would look as if some series had ended. */
    sc_exposition_fini(exposition);
    return error == -EIO ? source_begin(source, exposition, false) : error;
}
