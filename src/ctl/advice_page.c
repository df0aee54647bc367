/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lays advice out as a page. Labels are strangers' bytes, so every text goes
 * through one function on its way into the page.
 */
#include "advice_page.h"

#include <math.h>
#include <string.h>

#include "advice_words.h"
#include "oneline.h"
#include "span.h"

enum { PAGE_LABEL = 80, PAGE_PLACES = 20, PAGE_WIDTH = 640, PAGE_HEIGHT = 280, PAGE_MARGIN = 44 };

static const char page_style[] =
    ":root{color-scheme:light dark;--ink:#1d2329;--paper:#fff;--soft:#5c6670;--line:#d5dae0;"
    "--good:#1a7f4b;--bar:#3b74c4}\n"
    "@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--paper:#15191d;--soft:#9aa4ae;"
    "--line:#343b42;--good:#4cc285;--bar:#6ea2ea}}\n"
    "body{margin:2rem auto;max-width:46rem;padding:0 1rem;background:var(--paper);"
    "color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
    ".soft{color:var(--soft)}pre,code{font-family:ui-monospace,monospace;font-size:.9rem}\n"
    "pre{border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem;overflow-x:auto}\n"
    "table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:right;"
    "white-space:nowrap;border-bottom:1px solid "
    "var(--line)}th:first-child,td:first-child{text-align:left;"
    "white-space:normal;overflow-wrap:anywhere}\n"
    ".bar{display:block;height:.7rem;background:var(--bar);border-radius:2px;min-width:2px}\n"
    "svg{width:100%;height:auto}svg text{fill:var(--soft);font-size:12px}\n"
    "li{margin:.8rem 0}\n";

/* Any text, in a document or in an attribute of it. */
static void page_print_text(const char *text, FILE *out)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            putc(*text, out);
        }
    }
}

static void page_print_label(const char *label, FILE *out)
{
    char line[SC_CTL_ONELINE_SIZE(PAGE_LABEL)];

    sc_ctl_oneline(line, label, PAGE_LABEL, true);
    page_print_text(line, out);
}

static void page_print_share(double part, double whole, FILE *out)
{
    char text[SC_CTL_SPAN_SIZE];

    fputs(sc_ctl_span_share(text, part, whole), out);
}

static void page_print_head(const struct sc_ctl_advice *advice, time_t when, FILE *out)
{
    struct tm local;
    char text[64] = "";

    if (localtime_r(&when, &local))
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &local);
    fprintf(out,
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<title>scache: advice</title>\n<style>\n%s</style>\n</head>\n<body>\n"
            "<h1>What would help the connection cache</h1>\n<p class=\"soft\">%s</p>\n<p>",
            page_style, text);
    sc_ctl_advice_print_totals(advice, out);
    fputs("</p>\n", out);
}

static void page_print_reasons(const struct sc_ctl_advice *advice, FILE *out)
{
    double missed = (double)sc_ctl_advice_missed(advice);

    if (missed <= 0)
        return;
    fputs("<h2>Why the others did not</h2>\n<table>\n<thead><tr><th>There was none, because"
          "</th><th>visits</th><th>share</th><th style=\"width:30%\"></th></tr></thead>\n",
          out);
    for (int i = 0; i < SC_CTL_REASONS; i++) {
        char number[SC_CTL_SPAN_SIZE];
        double count = (double)advice->reasons[i];
        if (advice->reasons[i] == 0)
            continue;
        fprintf(out, "<tr><td>%s <code class=\"soft\">%s</code></td><td>%s</td><td>",
                sc_ctl_advice_explain_reason((enum sc_ctl_reason)i),
                sc_ctl_advice_reason_name((enum sc_ctl_reason)i),
                sc_ctl_span_whole(number, (uint64_t)advice->reasons[i]));
        page_print_share(count, missed, out);
        fprintf(out, "</td><td><span class=\"bar\" style=\"width:%.1f%%\"></span></td></tr>\n",
                100 * count / missed);
    }
    fputs("</table>\n", out);
}

/* Times go by their logarithm, as what matters is how many times longer. */
static double page_x(const struct sc_ctl_curve *curve, double ttl)
{
    double least = log(curve->points[0].ttl), most = log(curve->points[curve->count - 1].ttl);
    double part = most > least ? (log(ttl) - least) / (most - least) : 0;

    return PAGE_MARGIN + part * (PAGE_WIDTH - 2 * PAGE_MARGIN);
}

static double page_y(double share)
{
    return PAGE_HEIGHT - PAGE_MARGIN - share * (PAGE_HEIGHT - 2 * PAGE_MARGIN);
}

static void page_print_axes(const struct sc_ctl_curve *curve, FILE *out)
{
    for (int percent = 0; percent <= 100; percent += 25)
        fprintf(out,
                "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"var(--line)\"/>"
                "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%d %%</text>\n",
                PAGE_MARGIN, page_y(percent / 100.0), PAGE_WIDTH - PAGE_MARGIN,
                page_y(percent / 100.0), PAGE_MARGIN - 6, page_y(percent / 100.0) + 4, percent);
    for (size_t i = 0; i < curve->count; i++) {
        char text[SC_CTL_SPAN_SIZE];
        /* Not so many that they would run into each other. */
        if (curve->count > 8 && i % 2 == 1)
            continue;
        fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
                page_x(curve, curve->points[i].ttl), PAGE_HEIGHT - PAGE_MARGIN + 18,
                sc_ctl_span_time(text, (int64_t)(curve->points[i].ttl * 1000 + 0.5)));
    }
}

/* One line through the points that are known, or with dashes through all from there on. */
static void page_print_line(const struct sc_ctl_curve *curve, bool is_known, FILE *out)
{
    fputs("<polyline fill=\"none\" stroke=\"var(--bar)\" stroke-width=\"2.5\"", out);
    fputs(is_known ? " points=\"" : " stroke-dasharray=\"3 5\" points=\"", out);
    for (size_t i = 0; i < curve->count; i++) {
        bool touches = curve->points[i].is_known == is_known ||
                       (!is_known && i + 1 < curve->count && !curve->points[i + 1].is_known);
        if (touches)
            fprintf(out, "%.1f,%.1f ", page_x(curve, curve->points[i].ttl),
                    page_y(curve->points[i].reused));
    }
    fputs("\"/>\n", out);
}

static void page_print_present(const struct sc_ctl_advice *advice, FILE *out)
{
    const struct sc_ctl_curve *curve = &advice->curve;
    double ttl = advice->ttl_limit;

    if (ttl < curve->points[0].ttl || ttl > curve->points[curve->count - 1].ttl)
        return;
    fprintf(out,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"var(--good)\"/>"
            "<text x=\"%.1f\" y=\"%.1f\">now</text>\n",
            page_x(curve, ttl), page_y(0), page_x(curve, ttl), page_y(1), page_x(curve, ttl) + 4,
            page_y(1) - 6);
}

static void page_print_curve(const struct sc_ctl_advice *advice, FILE *out)
{
    const struct sc_ctl_curve *curve = &advice->curve;

    if (curve->count < 2 || curve->points[0].ttl <= 0)
        return;
    fprintf(out,
            "<h2>If connections were kept for</h2>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" "
            "aria-label=\"Share of visits that would have found a connection, by time\">\n",
            PAGE_WIDTH, PAGE_HEIGHT);
    page_print_axes(curve, out);
    page_print_line(curve, true, out);
    page_print_line(curve, false, out);
    page_print_present(advice, out);
    fputs("</svg>\n<table>\n<thead><tr><th>kept for</th><th>visits that find one</th>"
          "<th>connections held</th></tr></thead>\n",
          out);
    for (size_t i = 0; i < curve->count; i++) {
        char text[SC_CTL_SPAN_SIZE];
        const struct sc_ctl_point *point = &curve->points[i];
        fprintf(out, "<tr><td>%s</td><td>",
                sc_ctl_span_time(text, (int64_t)(point->ttl * 1000 + 0.5)));
        page_print_share(point->reused, 1, out);
        fprintf(out, "%s</td><td>%s</td></tr>\n", point->is_known ? "" : " ?",
                sc_ctl_span_count(text, point->held));
    }
    fputs("</table>\n<p class=\"soft\">A question mark and a broken line: whether far ends wait so "
          "long is not known.</p>\n",
          out);
}

static void page_print_places(const struct sc_ctl_advice *advice, FILE *out)
{
    if (advice->place_count == 0)
        return;
    fputs("<h2>The busiest destinations</h2>\n<table>\n<thead><tr><th>destination</th>"
          "<th>visits</th><th>reused</th><th>dead</th><th>to gain</th></tr></thead>\n",
          out);
    for (size_t i = 0; i < advice->place_count && i < PAGE_PLACES; i++) {
        const struct sc_ctl_place *place = &advice->places[i];
        char text[SC_CTL_SPAN_SIZE];
        fputs("<tr><td>", out);
        page_print_label(place->label, out);
        fprintf(out, "</td><td>%s</td><td>", sc_ctl_span_count(text, (double)place->acquisitions));
        page_print_share((double)place->reused, (double)place->acquisitions, out);
        fputs("</td><td>", out);
        page_print_share((double)place->dead, (double)(place->dead + place->reused), out);
        fputs("</td><td>", out);
        page_print_share(place->gain, 1, out);
        fputs("</td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

static void page_print_proposal(const struct sc_ctl_advice *advice, size_t i, FILE *out)
{
    const struct sc_ctl_proposal *proposal = &advice->proposals[i];
    bool is_first = i == 0 || proposal->finding != advice->proposals[i - 1].finding;
    bool is_last =
        i + 1 == advice->proposal_count || proposal->finding != advice->proposals[i + 1].finding;
    char line[SC_CTL_ADVICE_LINE];

    if (is_first) {
        fprintf(out, "<li><strong>%s</strong>", sc_ctl_advice_title(proposal));
        if (proposal->gain > 0) {
            fputs(", <span style=\"color:var(--good)\">", out);
            page_print_share(proposal->gain, 1, out);
            fputs(" of all visits more</span>", out);
        }
        fputs(".<br>", out);
        page_print_text(sc_ctl_advice_paragraph(advice, proposal), out);
    }
    if (sc_ctl_advice_setting(proposal, line)) {
        fputs("<pre>", out);
        page_print_text(line, out);
        fputs("</pre>", out);
    }
    if (is_last)
        fputs("</li>\n", out);
}

/* The first that can be tried for a while. */
static void page_print_trial(const struct sc_ctl_advice *advice, FILE *out)
{
    char line[SC_CTL_ADVICE_LINE];

    for (size_t i = 0; i < advice->proposal_count; i++) {
        if (!sc_ctl_advice_trial(&advice->proposals[i], line))
            continue;
        fputs("<p>To try it now, without changing a file:</p>\n<pre>", out);
        page_print_text(line, out);
        fputs("</pre>\n", out);
        return;
    }
}

void sc_ctl_advice_print_page(const struct sc_ctl_advice *advice, time_t when, FILE *out)
{
    page_print_head(advice, when, out);
    fputs("<h2>What to do</h2>\n<ol>\n", out);
    for (size_t i = 0; i < advice->proposal_count; i++)
        page_print_proposal(advice, i, out);
    fputs("</ol>\n", out);
    page_print_trial(advice, out);
    page_print_reasons(advice, out);
    page_print_curve(advice, out);
    page_print_places(advice, out);
    fputs("</body>\n</html>\n", out);
}
