/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a record line by line. Which values a kind of record has is not known
 * here, but for those that need a word.
 */
#include "item.h"

#include <stdlib.h>
#include <string.h>

#include "ident.h"
#include "oneline.h"
#include "paint.h"
#include "span.h"
#include "user.h"
#include "util.h"

enum { ITEM_NAME = 14, ITEM_LEAST = 12, ITEM_SECOND = 1000, ITEM_LONG = 1000000000 };

/* What a line is called, where that is not the attribute's own name. */
static const struct {
    const char *name;
    const char *title;
} titles[] = {
    {"label", "endpoint"},   {"age_ms", "cached for"}, {"left_ms", "closed in"},
    {"known_ms", "known"},   {"uses", "taken before"}, {"socket", "is a socket"},
    {"user", "of the user"}, {"state", "far end"},
};

static const char *item_title(const char *name)
{
    for (size_t i = 0; i < SC_CTL_COUNT_OF(titles); i++)
        if (strcmp(titles[i].name, name) == 0)
            return titles[i].title;
    return name;
}

static int item_width(const struct sc_ctl_sheet *sheet)
{
    int width = sheet->width - ITEM_NAME - 2;

    if (width < ITEM_LEAST)
        return ITEM_LEAST;
    return width > SC_CTL_ONELINE_WIDEST ? SC_CTL_ONELINE_WIDEST : width;
}

static void item_begin(const char *title, FILE *out)
{
    fprintf(out, SC_CTL_FAINT "%-*s" SC_CTL_PLAIN "  ", ITEM_NAME, title);
}

/* Each line of a text in a line of its own. */
static void item_print_lines(const char *title, const char *value, const struct sc_ctl_sheet *sheet,
                             FILE *out)
{
    char line[SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST)];

    do {
        size_t length = strcspn(value, "\n");
        char *part = strndup(value, length);
        item_begin(title, out);
        if (part)
            sc_ctl_oneline(line, part, item_width(sheet), sheet->is_utf8);
        fprintf(out, "%s\n", part ? line : "...");
        free(part);
        title = "";
        value += length + (value[length] == '\n');
    } while (*value);
}

static bool item_is_time(const char *name)
{
    size_t length = strlen(name);

    return length > 3 && strcmp(name + length - 3, "_ms") == 0;
}

static void item_print_fact(const struct sc_ctl_facts *facts, const struct sc_ctl_fact *fact,
                            const struct sc_ctl_sheet *sheet, FILE *out)
{
    const char *title = item_title(fact->name);
    char text[SC_CTL_SPAN_SIZE], user[SC_CTL_USER_SIZE];

    if (item_is_time(fact->name)) {
        item_begin(title, out);
        fprintf(out, "%s\n", sc_ctl_span_time(text, sc_ctl_facts_number(facts, fact->name, -1)));
    } else if (strcmp(fact->name, "user") == 0) {
        item_print_lines(title, sc_ctl_user_show(user, fact->value), sheet, out);
    } else {
        item_print_lines(title, fact->value, sheet, out);
    }
}

/* The number behind NAME= at the beginning of a line of a property; negative: there is none. */
static long long item_find_number(const char *property, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = property; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0 && line[length] == '=')
            return strtoll(line + length + 1, NULL, 10);
    }
    return -1;
}

/* What Postfix's SMTP client has noted for itself. */
static void item_print_session(const char *property, time_t now, FILE *out)
{
    long long uses = item_find_number(property, "reuse_count");
    long long end = item_find_number(property, "expire_time");
    char text[SC_CTL_SPAN_SIZE];

    if (uses < 0 || end < 0)
        return;
    item_begin("by Postfix", out);
    fprintf(out, "used %lld times before, ", uses);
    long long left = end - (long long)now;
    if (left > 0)
        fprintf(out, "to be used for %s more\n",
                sc_ctl_span_time(text, (left < ITEM_LONG ? left : ITEM_LONG) * ITEM_SECOND));
    else
        fputs("not to be used any more\n", out);
}

void sc_ctl_item_print(const struct sc_ctl_facts *facts, const struct sc_ctl_sheet *sheet,
                       const char *instance, time_t now, FILE *out)
{
    char id[SC_CTL_IDENT_SIZE];

    fprintf(out, SC_CTL_STRONG "%s" SC_CTL_PLAIN "\n", sc_ctl_ident_write(id, facts, instance));
    for (size_t i = 0; i < facts->count; i++) {
        const struct sc_ctl_fact *fact = &facts->list[i];
        if (strcmp(fact->name, "record") != 0 && strcmp(fact->name, "id") != 0)
            item_print_fact(facts, fact, sheet, out);
    }
    item_print_session(sc_ctl_facts_text(facts, "property"), now, out);
}
