/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Chooses from a reading what an operator asks for first. What would help is
 * another question, and answered elsewhere.
 */
#include "summary.h"

#include <string.h>

#include "oneline.h"
#include "paint.h"
#include "span.h"
#include "util.h"

enum { SUMMARY_TITLE = 14, SUMMARY_WORD = 30 };

/* What has been counted in the period. */
static double summary_sum(const struct sc_ctl_period *period, const char *family, const char *part)
{
    double before = period->before ? sc_ctl_reading_sum(period->before, family, part) : 0;

    return sc_ctl_reading_sum(period->now, family, part) - before;
}

static double summary_gauge(const struct sc_ctl_period *period, const char *family)
{
    return sc_ctl_reading_value(period->now, family, "");
}

static void summary_begin(const char *title, FILE *out)
{
    fprintf(out, SC_CTL_STRONG "%-*s" SC_CTL_PLAIN, SUMMARY_TITLE, title);
}

static void summary_print_whole(const char *before, double number, const char *behind, FILE *out)
{
    char text[SC_CTL_SPAN_SIZE];

    fprintf(out, "%s%s%s", before, sc_ctl_span_whole(text, number > 0 ? (uint64_t)number : 0),
            behind);
}

static void summary_print_share(const char *before, double part, double whole, FILE *out)
{
    char text[SC_CTL_SPAN_SIZE];

    fprintf(out, "%s%s", before, sc_ctl_span_share(text, part, whole));
}

/* Each value of a label, with its share of all; what is 0 is left out. */
static void summary_print_shares(const struct sc_ctl_period *period, const char *family,
                                 const char *label, const char *const *values, FILE *out)
{
    double whole = summary_sum(period, family, NULL);
    const char *comma = "";

    for (; *values; values++) {
        char part[64], text[SC_CTL_SPAN_SIZE];
        snprintf(part, sizeof(part), "%s=\"%s\"", label, *values);
        double number = summary_sum(period, family, part);
        if (number <= 0)
            continue;
        fprintf(out, "%s%s %s", comma, *values, sc_ctl_span_share(text, number, whole));
        comma = ", ";
    }
    if (*comma == '\0')
        fputs("none", out);
}

static void summary_print_use(const struct sc_ctl_period *period, FILE *out)
{
    static const char *const reasons[] = {"dead",    "evicted", "dropped", "unbound",
                                          "expired", "in_use",  "unknown", NULL};
    double reused = summary_sum(period, "acquisitions", "result=\"reused\"");
    double all = summary_sum(period, "acquisitions", NULL);

    summary_begin("Visits", out);
    summary_print_whole("", all, "", out);
    summary_print_share(", reused ", reused, all, out);
    summary_print_share(", missed ", all - reused, all, out);
    putc('\n', out);
    summary_begin("Look-ups", out);
    double domain = summary_sum(period, "lookups", "by=\"domain\"");
    double address = summary_sum(period, "lookups", "by=\"address\"");
    summary_print_whole("by destination ", domain, "", out);
    summary_print_share(" (", summary_sum(period, "lookups", "by=\"domain\",result=\"hit\""),
                        domain, out);
    summary_print_whole(" found), by endpoint ", address, "", out);
    summary_print_share(" (", summary_sum(period, "lookups", "by=\"address\",result=\"hit\""),
                        address, out);
    fputs(" found)\n", out);
    summary_begin("Why not found", out);
    summary_print_shares(period, "lookup_misses", "reason", reasons, out);
    putc('\n', out);
}

static void summary_print_connections(const struct sc_ctl_period *period, FILE *out)
{
    static const char *const causes[] = {
        "reused",      "expired",      "dead",        "dropped",       "closed",
        "handed_over", "lifetime",     "use_limit",   "session_limit", "endpoint_limit",
        "user_limit",  "memory_limit", "descriptors", "out_of_memory", NULL};

    summary_begin("Connections", out);
    summary_print_whole("", summary_gauge(period, "connections"), " cached", out);
    summary_print_whole(", ", summary_gauge(period, "connections_held"), " on their way", out);
    summary_print_whole(", of ", summary_gauge(period, "connections_limit"), "", out);
    summary_print_whole("; saved ", summary_sum(period, "connections_saved", NULL), "", out);
    double refused = summary_sum(period, "saves_refused", NULL);
    if (refused > 0)
        summary_print_whole(", refused ", refused, "", out);
    putc('\n', out);
    summary_begin("How they end", out);
    summary_print_shares(period, "connections_ended", "cause", causes, out);
    putc('\n', out);
}

static void summary_print_limits(const struct sc_ctl_period *period, FILE *out)
{
    double saved = summary_sum(period, "connections_saved", NULL);
    double clamped = summary_sum(period, "ttl_clamped", "of=\"connection\"");
    char text[SC_CTL_SPAN_SIZE];

    summary_begin("Time to live", out);
    fprintf(out, "at most %s",
            sc_ctl_span_time(text, (int64_t)(1000 * summary_gauge(period, "ttl_limit_seconds"))));
    summary_print_share(", which cuts ", clamped, saved, out);
    fputs(" of what is saved\n", out);
    summary_begin("Bindings", out);
    summary_print_whole("", summary_gauge(period, "bindings"), "", out);
    summary_print_whole(" of ", summary_gauge(period, "destinations"), " destinations", out);
    summary_print_whole(" to ", summary_gauge(period, "endpoints"), " endpoints with connections\n",
                        out);
    summary_begin("Memory", out);
    fprintf(out, "%s", sc_ctl_span_bytes(text, summary_gauge(period, "text_bytes")));
    fprintf(out, " of labels and properties, of %s",
            sc_ctl_span_bytes(text, summary_gauge(period, "text_limit_bytes")));
    fprintf(out, "; %s in all\n", sc_ctl_span_bytes(text, summary_gauge(period, "store_bytes")));
}

static void summary_print_clients(const struct sc_ctl_period *period, FILE *out)
{
    double busy = sc_ctl_reading_value(period->now, "clients", "state=\"busy\"");
    double idle = sc_ctl_reading_value(period->now, "clients", "state=\"idle\"");

    summary_begin("Clients", out);
    summary_print_whole("", busy, " at work", out);
    summary_print_whole(", ", idle, " idle", out);
    summary_print_whole(", of ", summary_gauge(period, "clients_limit"), "", out);
    summary_print_whole("; users ", summary_gauge(period, "users"), "", out);
    summary_print_whole("; refused ", summary_sum(period, "clients_refused", NULL), "\n", out);
    double most =
        sc_ctl_reading_quantile(period->now, period->before, "loop_turn_duration_seconds", 0.99);
    summary_begin("Promptness", out);
    if (most >= 0)
        fprintf(out, "99 of 100 turns took at most %.3g ms\n", 1000 * most);
    else
        fputs("-\n", out);
}

void sc_ctl_summary_print_server(const struct sc_ctl_facts *greeting, int64_t up_ms, FILE *out)
{
    char program[SC_CTL_ONELINE_SIZE(SUMMARY_WORD)], mode[SC_CTL_ONELINE_SIZE(SUMMARY_WORD)];
    char text[SC_CTL_SPAN_SIZE];

    sc_ctl_oneline(program, sc_ctl_facts_text(greeting, "program"), SUMMARY_WORD, false);
    sc_ctl_oneline(mode, sc_ctl_facts_text(greeting, "mode"), SUMMARY_WORD, false);
    fprintf(out, SC_CTL_STRONG "%s" SC_CTL_PLAIN ", %s, process %lld, up %s\n", program, mode,
            (long long)sc_ctl_facts_number(greeting, "pid", 0), sc_ctl_span_time(text, up_ms));
}

void sc_ctl_summary_print(const struct sc_ctl_period *period, FILE *out)
{
    summary_print_use(period, out);
    summary_print_connections(period, out);
    summary_print_limits(period, out);
    summary_print_clients(period, out);
}

void sc_ctl_summary_print_head(FILE *out)
{
    fputs(SC_CTL_HEAD
          "visits/s  reused   saved/s  expired/s  dead/s   cached  clients   99 %" SC_CTL_PLAIN
          "\n",
          out);
}

/* So many a second, in a column. */
static void summary_print_rate(const struct sc_ctl_period *period, double number, int width,
                               FILE *out)
{
    double seconds = period->milliseconds > 0 ? (double)period->milliseconds / 1000 : 1;

    fprintf(out, "%*.1f", width, number / seconds);
}

void sc_ctl_summary_print_line(const struct sc_ctl_period *period, FILE *out)
{
    double all = summary_sum(period, "acquisitions", NULL);
    double reused = summary_sum(period, "acquisitions", "result=\"reused\"");
    double most =
        sc_ctl_reading_quantile(period->now, period->before, "loop_turn_duration_seconds", 0.99);
    char text[SC_CTL_SPAN_SIZE];

    summary_print_rate(period, all, 8, out);
    fprintf(out, "  %6s", sc_ctl_span_share(text, reused, all));
    summary_print_rate(period, summary_sum(period, "connections_saved", NULL), 10, out);
    summary_print_rate(period, summary_sum(period, "connections_ended", "cause=\"expired\""), 11,
                       out);
    summary_print_rate(period, summary_sum(period, "connections_ended", "cause=\"dead\""), 8, out);
    fprintf(out, "%9s", sc_ctl_span_count(text, summary_gauge(period, "connections")));
    fprintf(out, "%9s", sc_ctl_span_count(text, sc_ctl_reading_sum(period->now, "clients", NULL)));
    if (most >= 0)
        fprintf(out, "  %.3gms\n", 1000 * most);
    else
        fputs("  -\n", out);
}
