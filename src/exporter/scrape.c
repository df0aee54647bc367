/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks all servers, each by a thread of its own that ends with the answer, and
 * joins what they say. What a figure means is not known here.
 */
#include "scrape.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SCRAPE_KEPT_MS = 1000, MS = 1000, NS = 1000000 };

struct scrape_task {
    struct sc_source *source;
    struct sc_exposition exposition;
    pthread_t thread;
    bool is_thread;
    bool was_away;
    int error;
};

static int64_t scrape_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / NS;
}

void sc_scrape_init(struct sc_scrape *scrape, struct sc_source *sources, size_t count)
{
    *scrape = (struct sc_scrape){.sources = sources, .count = count};
}

void sc_scrape_fini(struct sc_scrape *scrape)
{
    free(scrape->text);
}

static void *scrape_run(void *context)
{
    struct scrape_task *task = context;

    task->error = sc_source_ask(task->source, &task->exposition);
    return NULL;
}

/* Where there is no thread to be had, one is asked after the other. */
static void scrape_ask_all(struct scrape_task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tasks[i].was_away = tasks[i].source->why[0] != '\0';
        tasks[i].is_thread =
            count > 1 && pthread_create(&tasks[i].thread, NULL, scrape_run, &tasks[i]) == 0;
    }
    for (size_t i = 0; i < count; i++)
        if (tasks[i].is_thread)
            pthread_join(tasks[i].thread, NULL);
        else
            scrape_run(&tasks[i]);
}

static void scrape_report(const struct scrape_task *task)
{
    bool is_away = task->source->why[0] != '\0';

    if (is_away && !task->was_away)
        fprintf(stderr, "scache-exporter: %s\n", task->source->why);
    else if (!is_away && task->was_away)
        fprintf(stderr, "scache-exporter: %s: answers again\n", task->source->path);
}

/* Joins what was told, and frees it. */
static int scrape_join(struct scrape_task *tasks, size_t count, FILE *out)
{
    struct sc_exposition all;
    int error = sc_exposition_init(&all, "");
    bool is_made = error == 0;

    for (size_t i = 0; i < count; i++) {
        if (tasks[i].error < 0) {
            error = tasks[i].error;
            continue;
        }
        if (error == 0)
            error = sc_exposition_merge(&all, &tasks[i].exposition);
        sc_exposition_fini(&tasks[i].exposition);
        scrape_report(&tasks[i]);
    }
    if (error == 0)
        error = sc_exposition_write(&all, out);
    if (is_made)
        sc_exposition_fini(&all);
    return error;
}

static int scrape_make(struct sc_scrape *scrape, char **text, size_t *length)
{
    struct scrape_task *tasks = calloc(scrape->count, sizeof(*tasks));
    FILE *out = open_memstream(text, length);
    int error = -ENOMEM;

    if (tasks && out) {
        for (size_t i = 0; i < scrape->count; i++)
            tasks[i].source = &scrape->sources[i];
        scrape_ask_all(tasks, scrape->count);
        error = scrape_join(tasks, scrape->count, out);
    }
    if (out && fclose(out) != 0)
        error = -ENOMEM;
    free(tasks);
    return error < 0 ? -ENOMEM : 0;
}

int sc_scrape_renew(struct sc_scrape *scrape)
{
    int64_t now = scrape_now_ms();
    char *text = NULL;
    size_t length = 0;

    if (scrape->text && now - scrape->made_ms < SCRAPE_KEPT_MS)
        return 0;
    int error = scrape_make(scrape, &text, &length);
    if (error < 0) {
        free(text);
        return error;
    }
    free(scrape->text);
    scrape->text = text;
    scrape->length = length;
    scrape->made_ms = scrape_now_ms();
    return 0;
}
