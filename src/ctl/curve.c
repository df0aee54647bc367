/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps what-if points, finds the one that is worth most, and draws them.
 */
#include "curve.h"

#include <errno.h>
#include <stdlib.h>

#include "paint.h"
#include "span.h"

enum { CURVE_FIXED = 32, CURVE_MARK = 18, CURVE_LEAST_BAR = 10, CURVE_MOST_BAR = 60 };

/* Nine tenths of the gain, and less than this is none. */
static const double curve_part = 0.9;
static const double curve_least_gain = 0.01;

void sc_ctl_curve_init(struct sc_ctl_curve *curve)
{
    *curve = (struct sc_ctl_curve){0};
}

void sc_ctl_curve_fini(struct sc_ctl_curve *curve)
{
    free(curve->points);
    sc_ctl_curve_init(curve);
}

int sc_ctl_curve_add(struct sc_ctl_curve *curve, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_point point = {
        .ttl = sc_ctl_facts_real(facts, "ttl", 0),
        .reused = sc_ctl_facts_real(facts, "reused", 0),
        .held = sc_ctl_facts_real(facts, "held", 0),
        .is_known = sc_ctl_facts_is(facts, "known", "yes"),
    };

    if (!sc_ctl_facts_is(facts, "record", "curve"))
        return 0;
    struct sc_ctl_point *points =
        reallocarray(curve->points, curve->count + 1, sizeof(*curve->points));
    if (!points)
        return -ENOMEM;
    curve->points = points;
    size_t at = curve->count++;
    for (; at > 0 && points[at - 1].ttl > point.ttl; at--)
        points[at] = points[at - 1];
    points[at] = point;
    return 0;
}

double sc_ctl_curve_at(const struct sc_ctl_curve *curve, double ttl)
{
    const struct sc_ctl_point *before = NULL;

    for (size_t i = 0; i < curve->count; i++) {
        const struct sc_ctl_point *point = &curve->points[i];
        if (point->ttl >= ttl) {
            double from = before ? before->ttl : 0, low = before ? before->reused : 0;
            double part = point->ttl > from ? (ttl - from) / (point->ttl - from) : 1;
            return low + part * (point->reused - low);
        }
        before = point;
    }
    return before ? before->reused : 0;
}

const struct sc_ctl_point *sc_ctl_curve_knee(const struct sc_ctl_curve *curve, double reused)
{
    double most = reused;

    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i].reused > most)
            most = curve->points[i].reused;
    if (most - reused < curve_least_gain)
        return NULL;
    for (size_t i = 0; i < curve->count; i++)
        if (curve->points[i].reused >= reused + curve_part * (most - reused))
            return &curve->points[i];
    return NULL;
}

/* A bar of eighths of a column where there are such characters. */
static void curve_print_bar(double share, int width, bool is_utf8, FILE *out)
{
    static const char *const eighths[] = {"",       "\u258f", "\u258e", "\u258d",
                                          "\u258c", "\u258b", "\u258a", "\u2589"};
    int filled = (int)(share * width * 8 + 0.5);

    if (share > 0 && filled == 0)
        filled = 1;
    for (int i = 0; i < filled / 8; i++)
        fputs(is_utf8 ? "\u2588" : "#", out);
    if (is_utf8)
        fputs(eighths[filled % 8], out);
    else if (filled % 8 >= 4)
        putc('#', out);
}

static void curve_print_point(const struct sc_ctl_point *point, bool is_present, int width,
                              bool is_utf8, FILE *out)
{
    char time[SC_CTL_SPAN_SIZE], share[SC_CTL_SPAN_SIZE], held[SC_CTL_SPAN_SIZE];
    const char *style = is_present ? SC_CTL_GOOD : point->is_known ? SC_CTL_PLAIN : SC_CTL_FAINT;

    fprintf(out, "%s%8s  %7s%s %7s  ", style,
            sc_ctl_span_time(time, (int64_t)(point->ttl * 1000 + 0.5)),
            sc_ctl_span_share(share, point->reused, 1), point->is_known ? " " : "?",
            sc_ctl_span_count(held, point->held));
    curve_print_bar(point->reused, width, is_utf8, out);
    fprintf(out, "%s" SC_CTL_PLAIN "\n", is_present ? " now" : "");
}

void sc_ctl_curve_print(const struct sc_ctl_curve *curve, double ttl,
                        const struct sc_ctl_sheet *sheet, FILE *out)
{
    int width = sheet->width - CURVE_FIXED;
    bool is_marked = false, is_known = true;

    if (width < CURVE_LEAST_BAR)
        width = CURVE_LEAST_BAR;
    if (width > CURVE_MOST_BAR)
        width = CURVE_MOST_BAR;
    fprintf(out, SC_CTL_HEAD "%8s  %7s  %7s" SC_CTL_PLAIN "\n", "kept", "reused", "held");
    for (size_t i = 0; i < curve->count; i++) {
        bool is_present = !is_marked && ttl > 0 && curve->points[i].ttl >= ttl;
        is_marked = is_marked || is_present;
        is_known = is_known && curve->points[i].is_known;
        curve_print_point(&curve->points[i], is_present, width, sheet->is_utf8, out);
    }
    if (!is_known)
        fprintf(out, SC_CTL_FAINT "%*s  what far ends do so late is not known" SC_CTL_PLAIN "\n",
                CURVE_MARK, "?");
}
