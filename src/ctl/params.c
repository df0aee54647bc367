/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands params, set and unset: what holds and where it comes from, and
 * another value for a while. Which parameters can be changed, and to what, the
 * server knows.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "object.h"
#include "oneline.h"
#include "paint.h"
#include "picture.h"
#include "sheet.h"
#include "span.h"

enum { PARAMS_SECOND = 1000, PARAMS_TEXT = 200, PARAMS_HOUR = 3600, PARAMS_DAY = 86400 };

struct params {
    struct sc_ctl *ctl;
    struct sc_ctl_sheet sheet;
};

static void params_print_text(const struct sc_ctl_facts *facts, const char *name, bool is_utf8,
                              FILE *out)
{
    char line[SC_CTL_ONELINE_SIZE(PARAMS_TEXT)];

    sc_ctl_oneline(line, sc_ctl_facts_text(facts, name), PARAMS_TEXT, is_utf8);
    fputs(line, out);
}

/* As one would write it into a file, and behind it where it comes from. */
static void params_draw(const struct params *params, const struct sc_ctl_facts *facts, FILE *out)
{
    bool is_utf8 = params->sheet.is_utf8;
    int64_t seconds = sc_ctl_facts_number(facts, "seconds", -1);
    char text[SC_CTL_SPAN_SIZE];

    params_print_text(facts, "name", is_utf8, out);
    fputs(seconds >= 0 ? " = " SC_CTL_GOOD : " = ", out);
    params_print_text(facts, "value", is_utf8, out);
    if (seconds >= 0) {
        fputs(SC_CTL_PLAIN SC_CTL_FAINT "  # for ", out);
        fprintf(out, "%s, then ", sc_ctl_span_time(text, seconds * PARAMS_SECOND));
        params_print_text(facts, "configured", is_utf8, out);
    } else {
        fputs(SC_CTL_FAINT "  # ", out);
        params_print_text(facts, "origin", is_utf8, out);
    }
    fputs(SC_CTL_PLAIN "\n", out);
}

static int params_take(void *context, const struct sc_ctl_facts *facts)
{
    struct params *params = context;
    struct sc_ctl *ctl = params->ctl;
    struct sc_ctl_picture picture;

    if (ctl->args.json) {
        sc_ctl_object_print(&ctl->out, facts);
        return ctl->out.error;
    }
    int error = sc_ctl_picture_init(&picture);
    if (error == 0) {
        params_draw(params, facts, picture.file);
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    }
    sc_ctl_picture_fini(&picture);
    return error;
}

int sc_ctl_params(struct sc_ctl *ctl)
{
    struct params params = {ctl, sc_ctl_sheet_of(ctl->out.file)};
    struct sc_ctl_console console;
    struct sc_ctl_request request;
    long count = 0;

    sc_ctl_request_init(&request, "params");
    sc_ctl_request_add(&request, "name", ctl->args.word_count > 0 ? ctl->args.words[0] : NULL);
    int code = sc_ctl_console_init(&console, ctl);
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, &request, params_take, &params, &count);
    if (code == SC_CTL_DONE && count == 0) {
        sc_ctl_complain(&ctl->voice, "%s: there is no such parameter", ctl->args.words[0]);
        code = SC_CTL_MISS;
    }
    sc_ctl_console_fini(&console);
    return code;
}

/* "90" "90s" "10m" "2h" "1d" in seconds; 0: none of these. */
static long params_seconds(const char *text)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return 0;
    long number = strtol(text, &end, 10);
    long unit = *end == 'm' ? 60 : *end == 'h' ? PARAMS_HOUR : *end == 'd' ? PARAMS_DAY : 1;
    bool is_whole = *end == '\0' || (strchr("smhd", *end) && end[1] == '\0');
    return is_whole && number > 0 && number <= PARAMS_DAY / unit ? number * unit : 0;
}

static int params_no_record(void *context, const struct sc_ctl_facts *facts)
{
    (void)context;
    (void)facts;
    return 0;
}

/* Asks for a change, and shows what holds now. */
static int params_change(struct sc_ctl *ctl, const struct sc_ctl_request *change, const char *name)
{
    struct params params = {ctl, sc_ctl_sheet_of(ctl->out.file)};
    struct sc_ctl_console console;
    struct sc_ctl_request request;
    int code = sc_ctl_console_init(&console, ctl);

    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, change, params_no_record, NULL, NULL);
    sc_ctl_request_init(&request, "params");
    sc_ctl_request_add(&request, "name", name);
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, &request, params_take, &params, NULL);
    sc_ctl_console_fini(&console);
    return code;
}

int sc_ctl_set(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    const char *equals = strchr(args->words[0], '=');
    struct sc_ctl_request request;
    char seconds[24];

    if (!equals || equals == args->words[0])
        return sc_ctl_misused(&ctl->voice, "%s: not of the form NAME=VALUE", args->words[0]);
    if (!args->duration)
        return sc_ctl_misused(&ctl->voice, "for how long: --for 10m; for good, in the "
                                           "configuration file");
    if (params_seconds(args->duration) == 0)
        return sc_ctl_misused(&ctl->voice, "--for %s: not a time as 90s, 10m or 2h, a day at most",
                              args->duration);
    char *name = strndup(args->words[0], (size_t)(equals - args->words[0]));
    if (!name)
        return sc_ctl_exhausted(&ctl->voice);
    snprintf(seconds, sizeof(seconds), "%ld", params_seconds(args->duration));
    sc_ctl_request_init(&request, "set");
    sc_ctl_request_add(&request, "name", name);
    sc_ctl_request_add(&request, "value", equals + 1);
    sc_ctl_request_add(&request, "seconds", seconds);
    int code = params_change(ctl, &request, name);
    free(name);
    return code;
}

int sc_ctl_unset(struct sc_ctl *ctl)
{
    struct sc_ctl_request request;

    sc_ctl_request_init(&request, "unset");
    sc_ctl_request_add(&request, "name", ctl->args.words[0]);
    return params_change(ctl, &request, ctl->args.words[0]);
}
