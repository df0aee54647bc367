/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command list: what is cached, or who is there. The server goes through
 * its tables while they change, so what moves meanwhile can come twice, and
 * what is sorted comes with the least first; both are put right here.
 */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console.h"
#include "object.h"
#include "picture.h"
#include "table.h"

struct list {
    struct sc_ctl_console *console;
    struct sc_ctl_sheet sheet;
    const struct sc_ctl_table *table; /* null: none was printed yet */
    void *seen;                       /* a tree of texts, owned */
    struct sc_ctl_facts *kept;        /* of a list that is sorted, owned */
    size_t kept_count;
    long printed;
};

static int list_compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

/* What tells a record from every other. Returns 1: it came before; 0, or -ENOMEM. */
static int list_note(struct list *list, const struct sc_ctl_facts *facts)
{
    const char *id = sc_ctl_facts_find(facts, "id");
    char *key = NULL;

    /* Clients and users come once, whatever happens. */
    if (!id && !sc_ctl_facts_find(facts, "label"))
        return 0;
    if (asprintf(&key, "%s %s %s", id ? id : "", sc_ctl_facts_text(facts, "user"),
                 id ? "" : sc_ctl_facts_text(facts, "label")) < 0)
        return -ENOMEM;
    char **found = tsearch(key, &list->seen, list_compare);
    bool is_new = found && *found == key;
    if (!is_new)
        free(key);
    return !found ? -ENOMEM : is_new ? 0 : 1;
}

static int list_print_row(struct list *list, const struct sc_ctl_facts *facts)
{
    const struct sc_ctl *ctl = list->console->ctl;
    bool is_first = !list->table;
    struct sc_ctl_picture picture;

    if (is_first)
        list->table = sc_ctl_table_find(sc_ctl_facts_text(facts, "record"));
    if (!list->table)
        return 0;
    int error = sc_ctl_picture_init(&picture);
    if (error == 0) {
        if (is_first)
            sc_ctl_table_print_head(list->table, &list->sheet, picture.file);
        sc_ctl_table_print_row(list->table, &list->sheet, facts,
                               sc_ctl_console_instance(list->console), picture.file);
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    }
    sc_ctl_picture_fini(&picture);
    return error;
}

static int list_print(struct list *list, const struct sc_ctl_facts *facts)
{
    struct sc_ctl *ctl = list->console->ctl;

    list->printed++;
    if (!ctl->args.json && !ctl->args.exact)
        return list_print_row(list, facts);
    sc_ctl_object_print(&ctl->out, facts);
    return ctl->out.error;
}

static int list_copy(struct sc_ctl_facts *copy, const struct sc_ctl_facts *facts)
{
    int error = 0;

    sc_ctl_facts_init(copy);
    for (size_t i = 0; i < facts->count && error == 0; i++)
        error = sc_ctl_facts_add(copy, facts->list[i].name, facts->list[i].value);
    return error;
}

static int list_keep(struct list *list, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_facts *kept = reallocarray(list->kept, list->kept_count + 1, sizeof(*list->kept));

    if (!kept)
        return -ENOMEM;
    list->kept = kept;
    return list_copy(&kept[list->kept_count++], facts);
}

static int list_take(void *context, const struct sc_ctl_facts *facts)
{
    struct list *list = context;
    int seen = list_note(list, facts);

    if (seen != 0)
        return seen < 0 ? seen : 0;
    return list->console->ctl->args.sort ? list_keep(list, facts) : list_print(list, facts);
}

/* The largest first. */
static int list_print_kept(struct list *list)
{
    int error = 0;

    for (size_t i = list->kept_count; i > 0 && error == 0; i--)
        error = list_print(list, &list->kept[i - 1]);
    return error < 0 ? sc_ctl_exhausted(&list->console->ctl->voice) : SC_CTL_DONE;
}

static void list_fini(struct list *list)
{
    for (size_t i = 0; i < list->kept_count; i++)
        sc_ctl_facts_fini(&list->kept[i]);
    free(list->kept);
    tdestroy(list->seen, free);
}

static void list_fill_request(const struct sc_ctl_args *args, struct sc_ctl_request *request)
{
    sc_ctl_request_init(request, "list");
    sc_ctl_request_add(request, "kind", args->words[0]);
    sc_ctl_request_add(request, "label", args->label);
    sc_ctl_request_add(request, "contains", args->contains);
    sc_ctl_request_add(request, "sort", args->sort);
    sc_ctl_request_add_limit(request, args->limit);
    sc_ctl_request_add(request, "long", args->at_length ? "yes" : NULL);
    sc_ctl_request_add(request, "properties", args->properties ? "yes" : NULL);
}

static int list_check(const struct sc_ctl *ctl)
{
    static const char *const kinds[] = {"destinations", "endpoints", "connections",
                                        "bindings",     "clients",   "users"};

    for (size_t i = 0; i < SC_CTL_COUNT_OF(kinds); i++)
        if (strcmp(ctl->args.words[0], kinds[i]) == 0)
            return SC_CTL_DONE;
    return sc_ctl_misused(&ctl->voice,
                          "%s: one of destinations, endpoints, connections, bindings, clients, "
                          "users",
                          ctl->args.words[0]);
}

int sc_ctl_list(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    struct sc_ctl_request request;
    struct list list = {.console = &console, .sheet = sc_ctl_sheet_of(ctl->out.file)};
    int code = list_check(ctl);

    if (code != SC_CTL_DONE)
        return code;
    list_fill_request(&ctl->args, &request);
    code = sc_ctl_console_init(&console, ctl);
    sc_ctl_request_add(&request, "user", sc_ctl_console_user(&console));
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, &request, list_take, &list, NULL);
    if (code == SC_CTL_DONE)
        code = list_print_kept(&list);
    if (code == SC_CTL_DONE && list.printed == 0)
        code = SC_CTL_MISS;
    sc_ctl_console_fini(&console);
    list_fini(&list);
    return code;
}
