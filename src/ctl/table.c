/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays lists out in columns. What order the records are in, and which there
 * are, is not decided here.
 */
#include "table.h"

#include <string.h>

#include "ident.h"
#include "oneline.h"
#include "paint.h"
#include "span.h"
#include "user.h"
#include "util.h"

enum table_form {
    TABLE_ID,
    TABLE_LABEL, /* as wide as there is room */
    TABLE_TEXT,
    TABLE_COUNT,
    TABLE_TIME,
    TABLE_BYTES,
    TABLE_USER,
};

enum {
    TABLE_COLUMNS = 9,
    TABLE_GAP = 2,
    TABLE_LEAST_LABEL = 12,
    TABLE_USER_MOST = 11, /* a long number makes its line longer */
    TABLE_TEXT_SIZE = SC_CTL_IDENT_SIZE + SC_CTL_ONELINE_SIZE(TABLE_USER_MOST)
};

struct table_column {
    const char *title;
    const char *name; /* of the attribute */
    enum table_form form;
    int width; /* 0: what is left */
};

struct sc_ctl_table {
    const char *kind;
    struct table_column columns[TABLE_COLUMNS + 1]; /* ends with one without a title */
};

static const struct sc_ctl_table tables[] = {
    {"connection",
     {{"ID", "id", TABLE_ID, 12},
      {"USER", "user", TABLE_USER, 6},
      {"ENDPOINT", "label", TABLE_LABEL, 0},
      {"STATE", "state", TABLE_TEXT, 7},
      {"USES", "uses", TABLE_COUNT, 5},
      {"KNOWN", "known_ms", TABLE_TIME, 6},
      {"AGE", "age_ms", TABLE_TIME, 6},
      {"LEFT", "left_ms", TABLE_TIME, 6}}},
    {"binding",
     {{"ID", "id", TABLE_ID, 12},
      {"USER", "user", TABLE_USER, 6},
      {"DESTINATION", "destination", TABLE_LABEL, 0},
      {"ENDPOINT", "label", TABLE_LABEL, 0},
      {"AGE", "age_ms", TABLE_TIME, 6},
      {"LEFT", "left_ms", TABLE_TIME, 6}}},
    {"endpoint",
     {{"ID", "id", TABLE_ID, 9},
      {"USER", "user", TABLE_USER, 6},
      {"ENDPOINT", "label", TABLE_LABEL, 0},
      {"LOOK-UPS", "lookups", TABLE_COUNT, 8},
      {"HITS", "hits", TABLE_COUNT, 6},
      {"MISSES", "misses", TABLE_COUNT, 6},
      {"CONNECTIONS", "connections", TABLE_COUNT, 11}}},
    {"destination",
     {{"ID", "id", TABLE_ID, 9},
      {"USER", "user", TABLE_USER, 6},
      {"DESTINATION", "label", TABLE_LABEL, 0},
      {"LOOK-UPS", "lookups", TABLE_COUNT, 8},
      {"HITS", "hits", TABLE_COUNT, 6},
      {"MISSES", "misses", TABLE_COUNT, 6},
      {"BINDINGS", "bindings", TABLE_COUNT, 8}}},
    {"client",
     {{"PROCESS", "process", TABLE_COUNT, 8},
      {"USER", "user", TABLE_USER, 6},
      {"STATE", "state", TABLE_TEXT, 6},
      {"SINCE", "since_ms", TABLE_TIME, 7},
      {"WAITING", "bytes", TABLE_BYTES, 8}}},
    {"user",
     {{"USER", "user", TABLE_USER, 10},
      {"CLIENTS", "clients", TABLE_COUNT, 7},
      {"CONNECTIONS", "connections", TABLE_COUNT, 11},
      {"HELD", "held", TABLE_COUNT, 5},
      {"BINDINGS", "bindings", TABLE_COUNT, 8},
      {"TEXT", "text_bytes", TABLE_BYTES, 8},
      {"UNREAD", "unread", TABLE_COUNT, 6}}},
};

const struct sc_ctl_table *sc_ctl_table_find(const char *kind)
{
    for (size_t i = 0; i < SC_CTL_COUNT_OF(tables); i++)
        if (strcmp(tables[i].kind, kind) == 0)
            return &tables[i];
    return NULL;
}

/* How wide each of the columns is that take what is left. */
static int table_label_width(const struct sc_ctl_table *table, int width)
{
    int labels = 0;

    for (const struct table_column *column = table->columns; column->title; column++) {
        width -= column->width + (column > table->columns ? TABLE_GAP : 0);
        labels += column->width == 0;
    }
    if (labels == 0)
        return 0;
    int each = width / labels;
    if (each < TABLE_LEAST_LABEL)
        return TABLE_LEAST_LABEL;
    return each > SC_CTL_ONELINE_WIDEST ? SC_CTL_ONELINE_WIDEST : each;
}

static bool table_is_left(const struct table_column *column)
{
    return column->form == TABLE_LABEL || column->form == TABLE_TEXT;
}

/* A cell of a text that is @columns wide; the last of a line has no blanks behind it. */
static void table_print_cell(const struct table_column *column, int width, const char *text,
                             int columns, FILE *out)
{
    int blanks = width > columns ? width - columns : 0;
    bool is_last = !column[1].title;

    if (table_is_left(column))
        fprintf(out, "%s%*s", text, is_last ? 0 : blanks, "");
    else
        fprintf(out, "%*s%s", blanks, "", text);
    if (!is_last)
        fprintf(out, "%*s", TABLE_GAP, "");
}

void sc_ctl_table_print_head(const struct sc_ctl_table *table, const struct sc_ctl_sheet *sheet,
                             FILE *out)
{
    int label_width = table_label_width(table, sheet->width);

    fputs(SC_CTL_HEAD, out);
    for (const struct table_column *column = table->columns; column->title; column++)
        table_print_cell(column, column->width ? column->width : label_width, column->title,
                         (int)strlen(column->title), out);
    fputs(SC_CTL_PLAIN "\n", out);
}

static const char *table_number(const struct table_column *column, int64_t number,
                                char text[SC_CTL_SPAN_SIZE])
{
    if (column->form == TABLE_TIME)
        return sc_ctl_span_time(text, number);
    if (column->form == TABLE_BYTES)
        return sc_ctl_span_bytes(text, (double)number);
    return sc_ctl_span_count(text, (double)number);
}

static const char *table_short_text(const struct table_column *column,
                                    const struct sc_ctl_facts *facts, const char *instance,
                                    char text[TABLE_TEXT_SIZE])
{
    const char *value = sc_ctl_facts_text(facts, column->name);
    char user[SC_CTL_USER_SIZE];

    if (column->form == TABLE_ID)
        return sc_ctl_ident_write(text, facts, instance);
    if (*value == '\0')
        return "-";
    if (column->form == TABLE_USER)
        value = sc_ctl_user_show(user, value);
    if (column->form != TABLE_TEXT && column->form != TABLE_USER)
        return table_number(column, sc_ctl_facts_number(facts, column->name, 0), text);
    sc_ctl_oneline(text, value, column->form == TABLE_USER ? TABLE_USER_MOST : column->width,
                   false);
    return text;
}

void sc_ctl_table_print_row(const struct sc_ctl_table *table, const struct sc_ctl_sheet *sheet,
                            const struct sc_ctl_facts *facts, const char *instance, FILE *out)
{
    int label_width = table_label_width(table, sheet->width);
    char line[SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST)];
    char text[TABLE_TEXT_SIZE];

    for (const struct table_column *column = table->columns; column->title; column++) {
        if (column->form == TABLE_LABEL) {
            int columns = sc_ctl_oneline(line, sc_ctl_facts_text(facts, column->name), label_width,
                                         sheet->is_utf8);
            table_print_cell(column, label_width, line, columns, out);
        } else {
            const char *shown = table_short_text(column, facts, instance, text);
            table_print_cell(column, column->width, shown, (int)strlen(shown), out);
        }
    }
    putc('\n', out);
}
