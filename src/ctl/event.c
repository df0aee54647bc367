/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes events. Which of them one wants to see, the server is told.
 */
#include "event.h"

#include <string.h>

#include "ident.h"
#include "oneline.h"
#include "paint.h"

enum { EVENT_NAME = 7, EVENT_CAUSE = 14, EVENT_FIXED = 48, EVENT_LEAST = 12 };

/* What is no loss is faint; what was lost is bad. */
static const char *event_style(const struct sc_ctl_facts *facts)
{
    const char *cause = sc_ctl_facts_text(facts, "cause");

    if (strcmp(cause, "reused") == 0)
        return SC_CTL_GOOD;
    if (*cause == '\0' || strcmp(cause, "expired") == 0)
        return SC_CTL_PLAIN;
    return SC_CTL_BAD;
}

static void event_print_labels(const struct sc_ctl_facts *facts, const struct sc_ctl_sheet *sheet,
                               FILE *out)
{
    const char *destination = sc_ctl_facts_find(facts, "destination");
    int width = sheet->width - EVENT_FIXED;
    char line[SC_CTL_ONELINE_SIZE(SC_CTL_ONELINE_WIDEST)];

    if (width > SC_CTL_ONELINE_WIDEST)
        width = SC_CTL_ONELINE_WIDEST;
    if (destination)
        width = (width - 4) / 2;
    if (width < EVENT_LEAST)
        width = EVENT_LEAST;
    if (destination) {
        sc_ctl_oneline(line, destination, width, sheet->is_utf8);
        fprintf(out, "%s -> ", line);
    }
    sc_ctl_oneline(line, sc_ctl_facts_text(facts, "label"), width, sheet->is_utf8);
    fprintf(out, "%s\n", line);
}

void sc_ctl_event_print(const struct sc_ctl_facts *facts, const struct sc_ctl_sheet *sheet,
                        const char *instance, time_t now, FILE *out)
{
    struct tm local;
    char when[16] = "", id[SC_CTL_IDENT_SIZE];
    char event[SC_CTL_ONELINE_SIZE(EVENT_NAME)], cause[SC_CTL_ONELINE_SIZE(EVENT_CAUSE)];

    if (localtime_r(&now, &local))
        strftime(when, sizeof(when), "%H:%M:%S", &local);
    if (sc_ctl_facts_is(facts, "record", "skipped")) {
        fprintf(out, SC_CTL_FAINT "%s  %lld more, which did not fit" SC_CTL_PLAIN "\n", when,
                (long long)sc_ctl_facts_number(facts, "events", 0));
        return;
    }
    if (!sc_ctl_facts_is(facts, "record", "event"))
        return;
    sc_ctl_oneline(event, sc_ctl_facts_text(facts, "event"), EVENT_NAME, false);
    sc_ctl_oneline(cause, sc_ctl_facts_text(facts, "cause"), EVENT_CAUSE, false);
    fprintf(out, "%s  %s%-*s %-*s" SC_CTL_PLAIN " %12s  ", when, event_style(facts), EVENT_NAME,
            event, EVENT_CAUSE, cause, sc_ctl_ident_write(id, facts, instance));
    event_print_labels(facts, sheet, out);
}
