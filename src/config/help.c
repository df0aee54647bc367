/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/params.h"

#include <stdbool.h>
#include <string.h>

enum {
    WIDTH = 79,
    NAME_WIDTH = 42, /* of the column of names; all but one or two fit */
    INDENT = 6
};

/* How the default is told to a reader; null: it is empty. */
static const char *told(const struct sc_param *param, const char *value)
{
    if (param->shown)
        return param->shown;
    return *value != '\0' ? value : NULL;
}

static const char *or_empty(const char *text)
{
    return text ? text : "(empty)";
}

/* Words of a sentence, broken into lines that begin with blanks. */
static void print_filled(FILE *out, const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        if (column > 0 && column + 1 + length > WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        if (column == 0)
            column = (size_t)fprintf(out, "%*s", INDENT, "");
        else
            column += (size_t)fprintf(out, " ");
        column += (size_t)fprintf(out, "%.*s", (int)length, text);
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_help(FILE *out, const struct sc_param *param)
{
    const char *other = param->default_standalone;

    fprintf(out, "  %-*s  %s", NAME_WIDTH, param->name,
            or_empty(told(param, param->default_master)));
    if (other)
        fprintf(out, "; standalone: %s", or_empty(told(param, other)));
    fputc('\n', out);
    if (param->mode != SC_MODE_BOTH)
        print_filled(out,
                     param->mode == SC_MODE_MASTER ? "Under master(8) only." : "Standalone only.");
    print_filled(out, param->help);
}

void sc_params_help(FILE *out)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        print_help(out, sc_param_get(i));
}

/* In mdoc(7) a sentence begins a new line, and no line of text begins with a dot or a quote. */
static void print_sentences(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool ends = *text == '.' && text[1] == ' ';
        fputc(*text, out);
        if (ends) {
            fputc('\n', out);
            text++;
        }
    }
    fputc('\n', out);
}

static void print_default(FILE *out, const struct sc_param *param, const char *value)
{
    const char *text = told(param, value);

    if (!text)
        fputs("empty", out);
    else
        fputs(text, out);
}

static void print_range(FILE *out, const struct sc_param *param)
{
    if (param->type == SC_PARAM_INTEGER && !param->read_only)
        fprintf(out, "A number of %s, at least %lld.\n", param->unit, (long long)param->min);
    else if (param->type == SC_PARAM_BOOL)
        fputs("Yes or no.\n", out);
    else if (param->type == SC_PARAM_TIME)
        fputs("A time; without a unit in seconds.\n", out);
}

static void print_manual(FILE *out, const struct sc_param *param)
{
    fprintf(out, ".It Va %s No \"(default: ", param->name);
    print_default(out, param, param->default_master);
    if (param->default_standalone) {
        fputs("; standalone: ", out);
        print_default(out, param, param->default_standalone);
    }
    fputs(")\"\n", out);
    print_sentences(out, param->help);
    print_range(out, param);
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
        print_manual(out, sc_param_get(i));
    fputs(".El\n", out);
}
