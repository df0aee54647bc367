/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command drop: closes what is cached. What a word stands for is found out
 * first, and an ID of another instance of the server drops nothing.
 */
#include <stdio.h>
#include <string.h>

#include "console.h"
#include "ident.h"
#include "place.h"

struct drop {
    struct sc_ctl_console *console;
    const char *kind;
    const char *word; /* null: all */
    struct sc_ctl_ident ident;
    bool is_ident;
};

static int drop_ask(const struct drop *drop, struct sc_ctl_request *request)
{
    const struct sc_ctl_args *args = &drop->console->ctl->args;
    struct sc_ctl_out *out = &drop->console->ctl->out;

    sc_ctl_request_add(request, "dry_run", args->dry_run ? "yes" : NULL);
    int code = sc_ctl_console_ask(drop->console, request);
    int step = SCACHE_CONTROL_RECORD;

    while (code == SC_CTL_DONE && step == SCACHE_CONTROL_RECORD)
        step = sc_ctl_console_next(drop->console, -1);
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_end(drop->console, step);
    if (code != SC_CTL_DONE)
        return code;
    long count = scache_control_count(drop->console->control);
    sc_ctl_record_begin(out, "drop", args->dry_run ? "would drop" : "dropped");
    sc_ctl_record_add_number(out, "count", count);
    sc_ctl_record_end(out);
    return count > 0 ? SC_CTL_DONE : SC_CTL_MISS;
}

static int drop_all(struct drop *drop, struct sc_ctl_request *request)
{
    sc_ctl_request_add(request, "user", sc_ctl_console_user(drop->console));
    return drop_ask(drop, request);
}

static int drop_number(struct drop *drop, struct sc_ctl_request *request)
{
    const struct sc_ctl_voice *voice = &drop->console->ctl->voice;
    int code = sc_ctl_console_meet(drop->console);

    if (code != SC_CTL_DONE)
        return code;
    const char *instance = sc_ctl_console_instance(drop->console);
    if (!sc_ctl_ident_is_of(&drop->ident, instance)) {
        sc_ctl_complain(voice, "%s: this ID is of a server that was there before; list again",
                        drop->word);
        return SC_CTL_MISS;
    }
    sc_ctl_request_add(request, "id", drop->ident.digits);
    sc_ctl_request_add(request, "instance", instance);
    return drop_ask(drop, request);
}

static int drop_place(struct drop *drop, struct sc_ctl_request *request)
{
    struct sc_ctl_found_place place;
    int code = sc_ctl_place_find(&place, drop->console, drop->kind, &drop->ident);

    if (code == SC_CTL_DONE) {
        sc_ctl_request_add(request, "label", place.label);
        sc_ctl_request_add(request, "user", place.user);
        code = drop_ask(drop, request);
    }
    sc_ctl_place_fini(&place);
    return code;
}

static int drop_label(struct drop *drop, struct sc_ctl_request *request)
{
    sc_ctl_request_add(request, "label", drop->word);
    return drop_all(drop, request);
}

static int drop_what(struct drop *drop)
{
    struct sc_ctl_request request;

    sc_ctl_request_init(&request, "drop");
    sc_ctl_request_add(&request, "kind", drop->kind);
    if (!drop->word)
        return drop_all(drop, &request);
    if (!drop->is_ident)
        return drop_label(drop, &request);
    return drop->ident.is_place ? drop_place(drop, &request) : drop_number(drop, &request);
}

/* Whether kind and word go together. */
static int drop_check(const struct sc_ctl *ctl, const struct drop *drop)
{
    const struct sc_ctl_voice *voice = &ctl->voice;
    bool has_numbers =
        strcmp(drop->kind, "connections") == 0 || strcmp(drop->kind, "bindings") == 0;
    bool has_labels =
        strcmp(drop->kind, "endpoints") == 0 || strcmp(drop->kind, "destinations") == 0;
    bool is_all = strcmp(drop->kind, "all") == 0;

    if (!has_numbers && !has_labels && !is_all)
        return sc_ctl_misused(
            voice, "%s: one of all, destinations, endpoints, connections, bindings", drop->kind);
    if (is_all && drop->word)
        return sc_ctl_misused(voice, "all of it: what is \"%s\"?", drop->word);
    if (!is_all && !drop->word)
        return sc_ctl_misused(voice, "which of the %s: %s", drop->kind,
                              has_labels ? "a label, or an ID as list shows it"
                                         : "an ID as list shows it");
    if (has_numbers && (!drop->is_ident || drop->ident.is_place))
        return sc_ctl_misused(voice, "%s: no ID as list shows it", drop->word);
    return SC_CTL_DONE;
}

int sc_ctl_drop(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    struct drop drop = {
        .console = &console,
        .kind = ctl->args.words[0],
        .word = ctl->args.word_count > 1 ? ctl->args.words[1] : NULL,
    };

    /* A label that looks like a number's ID is one all the same where only labels are. */
    drop.is_ident = drop.word && sc_ctl_ident_read(&drop.ident, drop.word);
    if (drop.is_ident && !drop.ident.is_place &&
        (strcmp(drop.kind, "endpoints") == 0 || strcmp(drop.kind, "destinations") == 0))
        drop.is_ident = false;
    int code = drop_check(ctl, &drop);
    if (code != SC_CTL_DONE)
        return code;
    code = sc_ctl_console_init(&console, ctl);
    if (code == SC_CTL_DONE)
        code = drop_what(&drop);
    sc_ctl_console_fini(&console);
    return code;
}
