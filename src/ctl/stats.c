/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command stats: all that is counted, once or again and again. What is
 * worth showing is chosen elsewhere.
 */
#include <errno.h>
#include <time.h>

#include "console.h"
#include "object.h"
#include "paint.h"
#include "picture.h"
#include "summary.h"

enum { STATS_MS = 1000, STATS_NS = 1000000 };

static int64_t stats_now_ms(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * STATS_MS + now.tv_nsec / STATS_NS;
}

static int stats_take(void *context, const struct sc_ctl_facts *facts)
{
    return sc_ctl_reading_add(context, facts);
}

static int stats_print_object(void *context, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_out *out = context;

    sc_ctl_object_print(out, facts);
    return out->error;
}

static int stats_read(struct sc_ctl_console *console, struct sc_ctl_reading *reading)
{
    struct sc_ctl_request request;

    sc_ctl_request_init(&request, "stats");
    sc_ctl_reading_init(reading);
    int code = sc_ctl_console_each(console, &request, stats_take, reading, NULL);
    if (code != SC_CTL_DONE)
        sc_ctl_reading_fini(reading);
    return code;
}

static int stats_print_json(struct sc_ctl_console *console)
{
    struct sc_ctl_request request;

    sc_ctl_request_init(&request, "stats");
    return sc_ctl_console_each(console, &request, stats_print_object, &console->ctl->out, NULL);
}

/* Draws by one of two functions, and shows it. */
static int stats_show(struct sc_ctl_console *console, const struct sc_ctl_period *period,
                      void (*draw)(struct sc_ctl_console *, const struct sc_ctl_period *, FILE *))
{
    struct sc_ctl *ctl = console->ctl;
    struct sc_ctl_picture picture;
    int error = sc_ctl_picture_init(&picture);

    if (error == 0) {
        draw(console, period, picture.file);
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    }
    sc_ctl_picture_fini(&picture);
    return error < 0 ? sc_ctl_exhausted(&ctl->voice) : SC_CTL_DONE;
}

static void stats_draw_all(struct sc_ctl_console *console, const struct sc_ctl_period *period,
                           FILE *out)
{
    double start = sc_ctl_reading_value(period->now, "start_time_seconds", "");
    struct sc_ctl_facts greeting;

    sc_ctl_facts_init(&greeting);
    if (sc_ctl_console_greeting(console, &greeting) == 0)
        sc_ctl_summary_print_server(
            &greeting, stats_now_ms(CLOCK_REALTIME) - (int64_t)(start * STATS_MS), out);
    sc_ctl_facts_fini(&greeting);
    sc_ctl_summary_print(period, out);
}

static void stats_draw_head(struct sc_ctl_console *console, const struct sc_ctl_period *period,
                            FILE *out)
{
    (void)console;
    (void)period;
    sc_ctl_summary_print_head(out);
}

static void stats_draw_line(struct sc_ctl_console *console, const struct sc_ctl_period *period,
                            FILE *out)
{
    (void)console;
    sc_ctl_summary_print_line(period, out);
}

static int stats_print_once(struct sc_ctl_console *console)
{
    struct sc_ctl_reading reading;
    int code = stats_read(console, &reading);

    if (code != SC_CTL_DONE)
        return code;
    const struct sc_ctl_period period = {.now = &reading};
    code = stats_show(console, &period, stats_draw_all);
    sc_ctl_reading_fini(&reading);
    return code;
}

/* A line for each interval, until there were enough or nobody answers. */
static int stats_print_every(struct sc_ctl_console *console)
{
    const struct sc_ctl_args *args = &console->ctl->args;
    const struct timespec pause = {.tv_sec = args->every};
    struct sc_ctl_reading before, now;
    int64_t start = stats_now_ms(CLOCK_MONOTONIC);
    int code = stats_read(console, &before);

    if (code != SC_CTL_DONE)
        return code;
    code = stats_show(console, NULL, stats_draw_head);
    for (int i = 0; code == SC_CTL_DONE && (args->count < 0 || i < args->count); i++) {
        nanosleep(&pause, NULL);
        code = stats_read(console, &now);
        if (code != SC_CTL_DONE)
            break;
        int64_t end = stats_now_ms(CLOCK_MONOTONIC);
        const struct sc_ctl_period period = {&now, &before, end - start};
        code = stats_show(console, &period, stats_draw_line);
        sc_ctl_reading_fini(&before);
        before = now;
        start = end;
    }
    sc_ctl_reading_fini(&before);
    return code;
}

/* The same for programs: the counters themselves, as often. */
static int stats_print_json_every(struct sc_ctl_console *console)
{
    const struct sc_ctl_args *args = &console->ctl->args;
    const struct timespec pause = {.tv_sec = args->every};
    int code = stats_print_json(console);

    for (int i = 0; code == SC_CTL_DONE && (args->count < 0 || i < args->count); i++) {
        nanosleep(&pause, NULL);
        code = stats_print_json(console);
    }
    return code;
}

int sc_ctl_stats(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    int code;

    if (ctl->args.count >= 0 && ctl->args.every < 0)
        return sc_ctl_misused(&ctl->voice, "-n says how often, --every how soon: both, or none");
    code = sc_ctl_console_init(&console, ctl);
    if (code == SC_CTL_DONE && ctl->args.json)
        code = ctl->args.every > 0 ? stats_print_json_every(&console) : stats_print_json(&console);
    else if (code == SC_CTL_DONE)
        code = ctl->args.every > 0 ? stats_print_every(&console) : stats_print_once(&console);
    sc_ctl_console_fini(&console);
    return code;
}
