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

/* How a preset is told to a reader. */
static const char *help_told(const char *shown, const char *preset)
{
    if (shown)
        return shown;
    return *preset != '\0' ? preset : "empty";
}

static const char *help_preset(const struct sc_param *param)
{
    return help_told(param->shown, param->preset);
}

/* Null: standalone it is the same. */
static const char *help_preset_alone(const struct sc_param *param)
{
    return param->preset_alone ? help_told(param->shown_alone, param->preset_alone) : NULL;
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
    const char *alone = help_preset_alone(param);

    fprintf(out, "  %-*s  %s", NAME_WIDTH, param->name, help_preset(param));
    if (alone)
        fprintf(out, "; standalone: %s", alone);
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

static void help_print_range(FILE *out, const struct sc_param *param)
{
    if (param->type == SC_PARAM_NUMBER && param->max > 0)
        fprintf(out, "A number of %s, from %lld to %lld.\n", param->unit, (long long)param->min,
                (long long)param->max);
    else if (param->type == SC_PARAM_NUMBER)
        fprintf(out, "A number of %s, at least %lld.\n", param->unit, (long long)param->min);
    else if (param->type == SC_PARAM_BOOL)
        fputs("Yes or no.\n", out);
    else if (param->type == SC_PARAM_TIME)
        fputs("A time; without a unit in seconds.\n", out);
}

static void help_print_manual(FILE *out, const struct sc_param *param)
{
    const char *alone = help_preset_alone(param);

    fprintf(out, ".It Va %s No \"(default: %s%s%s)\"\n", param->name, help_preset(param),
            alone ? "; standalone: " : "", alone ? alone : "");
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
