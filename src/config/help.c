/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table as text. What is not in the table is told by the manual's own text.
 */
#include "config/help.h"

#include <stdbool.h>
#include <string.h>

enum {
    WIDTH = 79,
    NAME_WIDTH = 42, /* of the longest name */
    INDENT = 6
};

/* How the default is told to a reader; null: it is empty. */
static const char *help_told(const struct sc_param *param, const char *value)
{
    if (param->shown)
        return param->shown;
    return *value != '\0' ? value : NULL;
}

static const char *help_or_empty(const char *text)
{
    return text ? text : "(empty)";
}

/*
 * Words, broken into lines that begin with so many blanks, ended by a new
 * line. If wanted, each sentence begins a line too, as mdoc(7) has it.
 */
static void help_print_filled(FILE *out, const char *text, int indent, bool by_sentence)
{
    int column = 0;

    while (*text != '\0') {
        int length = (int)strcspn(text, " ");
        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        int gap = column == 0 ? indent : 1;
        fprintf(out, "%*s%.*s", gap, "", length, text);
        column += gap + length;
        if (by_sentence && text[length - 1] == '.')
            column = WIDTH;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void help_print_param(FILE *out, const struct sc_param *param)
{
    const char *other = param->preset_alone;

    fprintf(out, "  %-*s  %s", NAME_WIDTH, param->name,
            help_or_empty(help_told(param, param->preset)));
    if (other)
        fprintf(out, "; standalone: %s", help_or_empty(help_told(param, other)));
    fputc('\n', out);
    if (param->only != 0)
        fprintf(out, "%*s%s only.\n", INDENT, "",
                param->only == SC_MODE_MASTER ? "Under master(8)" : "Standalone");
    help_print_filled(out, param->help, INDENT, false);
}

void sc_help_print(FILE *out, enum sc_param_program program)
{
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        if (sc_param_is_shown(sc_param_get(id), program))
            help_print_param(out, sc_param_get(id));
}

static void help_print_default(FILE *out, const struct sc_param *param, const char *value)
{
    const char *text = help_told(param, value);

    if (!text)
        fputs("empty", out);
    else
        fputs(text, out);
}

static void help_print_range(FILE *out, const struct sc_param *param)
{
    if (param->type == SC_PARAM_NUMBER)
        fprintf(out, "A number of %s, at least %lld.\n", param->unit, (long long)param->min);
    else if (param->type == SC_PARAM_BOOL)
        fputs("Yes or no.\n", out);
    else if (param->type == SC_PARAM_TIME)
        fputs("A time; without a unit in seconds.\n", out);
}

static void help_print_manual(FILE *out, const struct sc_param *param)
{
    fprintf(out, ".It Va %s No \"(default: ", param->name);
    help_print_default(out, param, param->preset);
    if (param->preset_alone) {
        fputs("; standalone: ", out);
        help_print_default(out, param, param->preset_alone);
    }
    fputs(")\"\n", out);
    help_print_filled(out, param->help, 0, true);
    help_print_range(out, param);
    if (param->only != 0)
        fprintf(out, "Has an effect %s only.\n",
                param->only == SC_MODE_MASTER ? "under master(8)" : "standalone");
    if (param->type == SC_PARAM_NAME)
        fputs("For references only.\n", out);
    if (param->change == SC_CHANGE_RESTART && param->only != SC_MODE_MASTER)
        fputs("A change needs a restart.\n", out);
}

void sc_help_print_manual(FILE *out, enum sc_param_program program)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        if (sc_param_is_shown(sc_param_get(id), program))
            help_print_manual(out, sc_param_get(id));
    fputs(".El\n", out);
}
