/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/params.h"

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

static void print_help(FILE *out, const struct sc_param *param)
{
    const char *other = param->default_standalone;

    fprintf(out, "  %-*s  %s", NAME_WIDTH, param->name,
            help_or_empty(help_told(param, param->default_master)));
    if (other)
        fprintf(out, "; standalone: %s", help_or_empty(help_told(param, other)));
    fputc('\n', out);
    if (param->mode != SC_MODE_BOTH)
        fprintf(out, "%*s%s only.\n", INDENT, "",
                param->mode == SC_MODE_MASTER ? "Under master(8)" : "Standalone");
    help_print_filled(out, param->help, INDENT, false);
}

void sc_params_help(FILE *out)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        print_help(out, sc_param_get(i));
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
    if (param->type == SC_PARAM_INTEGER && !param->read_only)
        fprintf(out, "A number of %s, at least %lld.\n", param->unit, (long long)param->min);
    else if (param->type == SC_PARAM_BOOL)
        fputs("Yes or no.\n", out);
    else if (param->type == SC_PARAM_TIME)
        fputs("A time; without a unit in seconds.\n", out);
}

static void help_print_manual(FILE *out, const struct sc_param *param)
{
    fprintf(out, ".It Va %s No \"(default: ", param->name);
    help_print_default(out, param, param->default_master);
    if (param->default_standalone) {
        fputs("; standalone: ", out);
        help_print_default(out, param, param->default_standalone);
    }
    fputs(")\"\n", out);
    help_print_filled(out, param->help, 0, true);
    help_print_range(out, param);
    if (param->mode != SC_MODE_BOTH)
        fprintf(out, "Has an effect %s only.\n",
                param->mode == SC_MODE_MASTER ? "under master(8)" : "standalone");
    if (param->fixed && (param->mode & SC_MODE_STANDALONE) && !param->read_only)
        fputs("A change needs a restart.\n", out);
}

void sc_params_manual(FILE *out)
{
    fputs(".Bl -tag -width Ds\n", out);
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        help_print_manual(out, sc_param_get(i));
    fputs(".El\n", out);
}
