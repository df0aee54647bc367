/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command show: all about one place: what lies there, what is bound to it,
 * and, where the server keeps a history, what was asked for and why there was
 * nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "console.h"
#include "curve.h"
#include "ident.h"
#include "item.h"
#include "object.h"
#include "oneline.h"
#include "paint.h"
#include "picture.h"
#include "place.h"
#include "table.h"

enum { SHOW_REASON = 30 };

struct show {
    struct sc_ctl_console *console;
    struct sc_ctl_sheet sheet;
    const char *label;
    const char *user; /* null: of whomever */
    const struct sc_ctl_ident *ident;
    FILE *out; /* what is drawn */
    const struct sc_ctl_table *table;
    struct sc_ctl_curve curve;
    long count; /* of records that were shown */
    int64_t lookups;
};

static int show_take_row(void *context, const struct sc_ctl_facts *facts)
{
    struct show *show = context;
    struct sc_ctl *ctl = show->console->ctl;

    show->count++;
    if (ctl->args.json) {
        sc_ctl_object_print(&ctl->out, facts);
        return ctl->out.error;
    }
    if (!show->table) {
        show->table = sc_ctl_table_find(sc_ctl_facts_text(facts, "record"));
        if (!show->table)
            return 0;
        putc('\n', show->out);
        sc_ctl_table_print_head(show->table, &show->sheet, show->out);
    }
    sc_ctl_table_print_row(show->table, &show->sheet, facts, sc_ctl_console_instance(show->console),
                           show->out);
    return 0;
}

/* What lies under the label, or is bound to it. */
static int show_list(struct show *show, const char *kind)
{
    struct sc_ctl_request request;

    show->table = NULL;
    sc_ctl_request_init(&request, "list");
    sc_ctl_request_add(&request, "kind", kind);
    sc_ctl_request_add(&request, "label", show->label);
    sc_ctl_request_add(&request, "user", show->user);
    sc_ctl_request_add(&request, "long", "yes");
    return sc_ctl_console_each(show->console, &request, show_take_row, show, NULL);
}

static void show_draw_counts(struct show *show, const struct sc_ctl_facts *facts)
{
    static const struct {
        const char *name;
        const char *text;
    } counts[] = {{"lookups", "asked for"},
                  {"hits", ", found"},
                  {"misses", ", not found"},
                  {"saves", "; saved"}};

    show->lookups += sc_ctl_facts_number(facts, "lookups", 0);
    putc('\n', show->out);
    for (size_t i = 0; i < SC_CTL_COUNT_OF(counts); i++)
        fprintf(show->out, "%s %lld", counts[i].text,
                (long long)sc_ctl_facts_number(facts, counts[i].name, 0));
    putc('\n', show->out);
}

static void show_draw_reason(const struct show *show, const struct sc_ctl_facts *facts)
{
    char reason[SC_CTL_ONELINE_SIZE(SHOW_REASON)];

    sc_ctl_oneline(reason, sc_ctl_facts_text(facts, "reason"), SHOW_REASON, false);
    fprintf(show->out, "  %s %lld\n", reason, (long long)sc_ctl_facts_number(facts, "count", 0));
}

static int show_take_history(void *context, const struct sc_ctl_facts *facts)
{
    struct show *show = context;
    struct sc_ctl *ctl = show->console->ctl;

    if (ctl->args.json) {
        sc_ctl_object_print(&ctl->out, facts);
        return ctl->out.error;
    }
    show->count++;
    if (sc_ctl_facts_is(facts, "record", "place"))
        show_draw_counts(show, facts);
    else if (sc_ctl_facts_is(facts, "record", "reason"))
        show_draw_reason(show, facts);
    return sc_ctl_curve_add(&show->curve, facts);
}

/* A server without a history says so; that is no failure. */
static int show_history(struct show *show, const char *kind)
{
    struct sc_ctl_request request;
    int step = SCACHE_CONTROL_RECORD;

    sc_ctl_request_init(&request, "show");
    sc_ctl_request_add(&request, "kind", kind);
    sc_ctl_request_add(&request, "label", show->label);
    sc_ctl_request_add(&request, "user", show->user);
    int code = sc_ctl_console_ask(show->console, &request);
    while (code == SC_CTL_DONE && step == SCACHE_CONTROL_RECORD) {
        step = sc_ctl_console_next(show->console, -1);
        if (step == SCACHE_CONTROL_RECORD && show_take_history(show, &show->console->facts) < 0)
            step = -ENOMEM;
    }
    if (code != SC_CTL_DONE ||
        (step == SCACHE_CONTROL_END &&
         scache_control_status(show->console->control) == SCACHE_CONTROL_IMPOSSIBLE))
        return code;
    return sc_ctl_console_end(show->console, step);
}

static void show_draw_title(const struct show *show)
{
    char line[SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST)];
    int width =
        show->sheet.width < SC_CTL_ONELINE_WIDEST ? show->sheet.width : SC_CTL_ONELINE_WIDEST;

    sc_ctl_oneline(line, show->label, width, show->sheet.is_utf8);
    fprintf(show->out, SC_CTL_STRONG "%s" SC_CTL_PLAIN "\n", line);
}

static int show_place(struct show *show)
{
    static const char *const kinds[] = {"connections", "bindings"};
    static const char *const places[] = {"endpoints", "destinations"};
    int code = SC_CTL_DONE;

    show_draw_title(show);
    for (size_t i = 0; i < SC_CTL_COUNT_OF(kinds) && code == SC_CTL_DONE; i++)
        code = show_list(show, kinds[i]);
    for (size_t i = 0; i < SC_CTL_COUNT_OF(places) && code == SC_CTL_DONE; i++)
        code = show_history(show, places[i]);
    if (code == SC_CTL_DONE && show->lookups > 0 && show->curve.count > 0) {
        putc('\n', show->out);
        sc_ctl_curve_print(&show->curve, 0, &show->sheet, show->out);
    }
    return code == SC_CTL_DONE && show->count == 0 ? SC_CTL_MISS : code;
}

static int show_drawn(struct show *show, int (*draw)(struct show *show))
{
    const struct sc_ctl *ctl = show->console->ctl;
    struct sc_ctl_picture picture;
    int error = sc_ctl_picture_init(&picture);
    int code = SC_CTL_DONE;

    if (error == 0) {
        show->out = picture.file;
        code = draw(show);
        error = sc_ctl_picture_end(&picture);
    }
    if (error == 0 && code == SC_CTL_DONE && !ctl->args.json)
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    sc_ctl_picture_fini(&picture);
    return error < 0 ? sc_ctl_exhausted(&ctl->voice) : code;
}

/* Of which label an ID is: of a place, an endpoint first. */
static int show_find(struct show *show, const struct sc_ctl_ident *ident,
                     struct sc_ctl_found_place *place)
{
    int code = sc_ctl_place_find(place, show->console, "endpoints", ident);

    if (code != SC_CTL_MISS || place->count > 0)
        return code;
    sc_ctl_place_fini(place);
    return sc_ctl_place_find(place, show->console, "destinations", ident);
}

static int show_take_item(void *context, const struct sc_ctl_facts *facts)
{
    struct show *show = context;
    struct sc_ctl *ctl = show->console->ctl;

    if (!sc_ctl_ident_is(show->ident, facts) || show->count++ > 0)
        return 0;
    if (ctl->args.json)
        sc_ctl_object_print(&ctl->out, facts);
    else
        sc_ctl_item_print(facts, &show->sheet, sc_ctl_console_instance(show->console), time(NULL),
                          show->out);
    return ctl->out.error;
}

/* One connection or binding, with its property for those who may see one. */
static int show_items(struct show *show, const char *kind)
{
    struct sc_ctl_request request;
    const char *access = scache_control_greeting(show->console->control, "access");
    bool may_see = access && strcmp(access, "all") == 0;

    sc_ctl_request_init(&request, "list");
    sc_ctl_request_add(&request, "kind", kind);
    sc_ctl_request_add(&request, "long", "yes");
    sc_ctl_request_add(&request, "properties", may_see ? "yes" : NULL);
    return sc_ctl_console_each(show->console, &request, show_take_item, show, NULL);
}

/* By its number, which no two have, whatever they are. */
static int show_number(struct show *show)
{
    int code = sc_ctl_console_meet(show->console);

    if (code == SC_CTL_DONE &&
        !sc_ctl_ident_is_of(show->ident, sc_ctl_console_instance(show->console))) {
        sc_ctl_complain(&show->console->ctl->voice,
                        "this ID is of a server that was there before; list again");
        return SC_CTL_MISS;
    }
    if (code == SC_CTL_DONE)
        code = show_items(show, "connections");
    if (code == SC_CTL_DONE && show->count == 0)
        code = show_items(show, "bindings");
    return code == SC_CTL_DONE && show->count == 0 ? SC_CTL_MISS : code;
}

static int show_word(struct show *show, const char *word)
{
    struct sc_ctl_found_place place = {0};
    struct sc_ctl_ident ident;
    bool is_ident = sc_ctl_ident_read(&ident, word);
    int code = SC_CTL_DONE;

    show->label = word;
    show->ident = &ident;
    if (is_ident && !ident.is_place)
        return show_drawn(show, show_number);
    if (is_ident) {
        code = show_find(show, &ident, &place);
        show->label = place.label;
        show->user = place.user;
    }
    if (code == SC_CTL_DONE)
        code = show_drawn(show, show_place);
    sc_ctl_place_fini(&place);
    return code;
}

int sc_ctl_show(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    struct show show = {.console = &console, .sheet = sc_ctl_sheet_of(ctl->out.file)};
    int code = sc_ctl_console_init(&console, ctl);

    show.user = sc_ctl_console_user(&console);
    if (code == SC_CTL_DONE)
        code = show_word(&show, ctl->args.words[0]);
    sc_ctl_curve_fini(&show.curve);
    sc_ctl_console_fini(&console);
    return code;
}
