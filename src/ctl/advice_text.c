/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays advice out for a terminal, and as an object. The words are elsewhere.
 */
#include "advice_text.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "advice_words.h"
#include "oneline.h"
#include "paint.h"
#include "span.h"

enum { ADVICE_INDENT = 4, ADVICE_WIDEST = 80, ADVICE_PLACES_SHOWN = 10 };

static void advice_print_title(const char *title, FILE *out)
{
    fprintf(out, "\n" SC_CTL_STRONG "%s" SC_CTL_PLAIN "\n", title);
}

/* Words, broken into lines where there are blanks. */
static void advice_print_wrapped(const char *text, int width, FILE *out)
{
    int column = 0;

    while (*text) {
        int length = (int)strcspn(text, " ");
        if (column > 0 && column + 1 + length > width - ADVICE_INDENT) {
            putc('\n', out);
            column = 0;
        }
        fprintf(out, "%*s%.*s", column > 0 ? 1 : ADVICE_INDENT, "", length, text);
        column += length + (column > 0);
        text += length;
        text += strspn(text, " ");
    }
    putc('\n', out);
}

static void advice_print_reasons(const struct sc_ctl_advice *advice, FILE *out)
{
    int64_t missed = sc_ctl_advice_missed(advice);

    if (missed == 0)
        return;
    advice_print_title("Why the others did not", out);
    for (int i = 0; i < SC_CTL_REASONS; i++) {
        char number[SC_CTL_SPAN_SIZE], share[SC_CTL_SPAN_SIZE];
        if (advice->reasons[i] == 0)
            continue;
        fprintf(out, "  %-8s %12s  %7s  %s\n", sc_ctl_advice_reason_name((enum sc_ctl_reason)i),
                sc_ctl_span_whole(number, (uint64_t)advice->reasons[i]),
                sc_ctl_span_share(share, (double)advice->reasons[i], (double)missed),
                sc_ctl_advice_explain_reason((enum sc_ctl_reason)i));
    }
}

static void advice_print_gain(const struct sc_ctl_advice *advice,
                              const struct sc_ctl_proposal *proposal, FILE *out)
{
    char share[SC_CTL_SPAN_SIZE], number[SC_CTL_SPAN_SIZE];
    double a_day = sc_ctl_advice_a_day(advice, proposal->gain * (double)advice->acquisitions);

    if (proposal->gain > 0)
        fprintf(out, ": +%s of visits, %s a day", sc_ctl_span_share(share, proposal->gain, 1),
                sc_ctl_span_count(number, a_day));
}

/* Settings are shown below the paragraph of the first of a finding. */
static void advice_print_proposals(const struct sc_ctl_advice *advice, int width, FILE *out)
{
    char line[SC_CTL_ADVICE_LINE];
    int number = 0;

    advice_print_title("What to do", out);
    for (size_t i = 0; i < advice->proposal_count; i++) {
        const struct sc_ctl_proposal *proposal = &advice->proposals[i];
        bool is_another = i == 0 || proposal->finding != advice->proposals[i - 1].finding;
        if (is_another) {
            fprintf(out, "%2d. %s", ++number, sc_ctl_advice_title(proposal));
            advice_print_gain(advice, proposal, out);
            fputs(".\n", out);
            advice_print_wrapped(sc_ctl_advice_paragraph(advice, proposal), width, out);
        }
        if (sc_ctl_advice_setting(proposal, line)) {
            char shown[SC_CTL_ONELINE_SIZE(ADVICE_WIDEST)];
            sc_ctl_oneline(shown, line, ADVICE_WIDEST - 8, false);
            fprintf(out, "        %s\n", shown);
        }
    }
}

static void advice_print_trial(const struct sc_ctl_advice *advice, FILE *out)
{
    char line[SC_CTL_ADVICE_LINE];

    for (size_t i = 0; i < advice->proposal_count; i++) {
        if (!sc_ctl_advice_trial(&advice->proposals[i], line))
            continue;
        advice_print_title("To try it now, without changing a file", out);
        fprintf(out, "    %s\n", line);
        return;
    }
}

static void advice_print_places(const struct sc_ctl_advice *advice,
                                const struct sc_ctl_sheet *sheet, int width, FILE *out)
{
    char line[SC_CTL_ONELINE_SIZE(ADVICE_WIDEST)];

    if (advice->place_count == 0)
        return;
    advice_print_title("The busiest destinations", out);
    fprintf(out, SC_CTL_HEAD "  %8s  %7s  %7s  %7s  %s" SC_CTL_PLAIN "\n", "visits", "reused",
            "dead", "gain", "destination");
    for (size_t i = 0; i < advice->place_count && i < ADVICE_PLACES_SHOWN; i++) {
        const struct sc_ctl_place *place = &advice->places[i];
        char visits[SC_CTL_SPAN_SIZE], reused[SC_CTL_SPAN_SIZE], dead[SC_CTL_SPAN_SIZE],
            gain[SC_CTL_SPAN_SIZE];
        sc_ctl_oneline(line, place->label, width - 39, sheet->is_utf8);
        fprintf(out, "  %8s  %7s  %7s  %7s  %s\n",
                sc_ctl_span_count(visits, (double)place->acquisitions),
                sc_ctl_span_share(reused, (double)place->reused, (double)place->acquisitions),
                sc_ctl_span_share(dead, (double)place->dead, (double)(place->dead + place->reused)),
                sc_ctl_span_share(gain, place->gain, 1), line);
    }
}

void sc_ctl_advice_print(const struct sc_ctl_advice *advice, const struct sc_ctl_sheet *sheet,
                         FILE *out)
{
    int width = sheet->width < ADVICE_WIDEST ? sheet->width : ADVICE_WIDEST;

    if (width < 60)
        width = 60;
    sc_ctl_advice_print_totals(advice, out);
    putc('\n', out);
    advice_print_reasons(advice, out);
    if (advice->curve.count > 0) {
        const struct sc_ctl_sheet narrow = {.width = width, .is_utf8 = sheet->is_utf8};
        advice_print_title("If connections were kept for", out);
        sc_ctl_curve_print(&advice->curve, advice->ttl_limit, &narrow, out);
    }
    advice_print_places(advice, sheet, width, out);
    advice_print_proposals(advice, width, out);
    advice_print_trial(advice, out);
}

/* Takes the value; what there was no memory for is null, and leaves nothing whole. */
static bool advice_put(struct json_object *object, const char *name, struct json_object *value)
{
    if (object && value && json_object_object_add(object, name, value) == 0)
        return true;
    json_object_put(value);
    return false;
}

static struct json_object *advice_keep(struct json_object *object, bool is_whole)
{
    if (is_whole)
        return object;
    json_object_put(object);
    return NULL;
}

static struct json_object *advice_json_reasons(const struct sc_ctl_advice *advice)
{
    struct json_object *object = json_object_new_object();
    bool is_whole = object != NULL;

    for (int i = 0; i < SC_CTL_REASONS; i++)
        is_whole = is_whole && advice_put(object, sc_ctl_advice_reason_name((enum sc_ctl_reason)i),
                                          json_object_new_int64(advice->reasons[i]));
    return advice_keep(object, is_whole);
}

static struct json_object *advice_json_real(double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.6g", value);
    return json_object_new_double_s(value, text);
}

static struct json_object *advice_json_point(const struct sc_ctl_point *point)
{
    struct json_object *object = json_object_new_object();
    bool is_whole = advice_put(object, "ttl", advice_json_real(point->ttl));

    is_whole = advice_put(object, "reused", advice_json_real(point->reused)) && is_whole;
    is_whole = advice_put(object, "held", advice_json_real(point->held)) && is_whole;
    is_whole = advice_put(object, "known", json_object_new_boolean(point->is_known)) && is_whole;
    return advice_keep(object, is_whole);
}

static struct json_object *advice_json_proposal(const struct sc_ctl_proposal *proposal)
{
    const char *parameter = proposal->parameter ? proposal->parameter : "";
    struct json_object *object = json_object_new_object();
    bool is_whole = advice_put(object, "parameter", json_object_new_string(parameter));

    is_whole = advice_put(object, "value", json_object_new_string(proposal->value)) && is_whole;
    is_whole = advice_put(object, "gain", advice_json_real(proposal->gain)) && is_whole;
    is_whole = advice_put(object, "finding",
                          json_object_new_string(sc_ctl_advice_finding_name(proposal->finding))) &&
               is_whole;
    return advice_keep(object, is_whole);
}

/* A list of what is made of each of @count things. */
static struct json_object *advice_json_list(const struct sc_ctl_advice *advice, size_t count,
                                            bool is_curve)
{
    struct json_object *list = json_object_new_array();
    bool is_whole = list != NULL;

    for (size_t i = 0; i < count && is_whole; i++) {
        struct json_object *item = is_curve ? advice_json_point(&advice->curve.points[i])
                                            : advice_json_proposal(&advice->proposals[i]);
        is_whole = item && json_object_array_add(list, item) == 0;
        if (!is_whole)
            json_object_put(item);
    }
    return advice_keep(list, is_whole);
}

void sc_ctl_advice_print_json(const struct sc_ctl_advice *advice, struct sc_ctl_out *out)
{
    sc_ctl_record_open(out, "advice");
    sc_ctl_record_add_real(out, "since_seconds", advice->since);
    sc_ctl_record_add_number(out, "acquisitions", advice->acquisitions);
    sc_ctl_record_add_number(out, "reused", advice->reused);
    sc_ctl_record_take(out, "reasons", advice_json_reasons(advice));
    sc_ctl_record_take(out, "curve", advice_json_list(advice, advice->curve.count, true));
    sc_ctl_record_take(out, "proposals", advice_json_list(advice, advice->proposal_count, false));
    sc_ctl_record_end(out);
}
