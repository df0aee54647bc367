/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words for findings. Nothing is decided here, and nothing laid out.
 */
#include "advice_words.h"

#include <string.h>

#include "span.h"

static const char *const reason_words[SC_CTL_REASONS] = {
    [SC_CTL_REASON_DEAD] = "the far end had hung up or spoken meanwhile",
    [SC_CTL_REASON_EVICTED] = "a limit had displaced it",
    [SC_CTL_REASON_DROPPED] = "an operator had dropped it",
    [SC_CTL_REASON_UNBOUND] = "it was there, and bound no longer",
    [SC_CTL_REASON_EXPIRED] = "one had been kept, but not so long",
    [SC_CTL_REASON_IN_USE] = "all that had been kept were in use",
    [SC_CTL_REASON_UNKNOWN] = "none had been saved before",
};

static const struct {
    const char *title;
    const char *master; /* under Postfix */
    const char *alone;
} finding_words[] = {
    [SC_CTL_FINDING_TOO_FEW] = {"Too few visits to say anything",
                                "Ask again when there were at least 200.",
                                "Ask again when there were at least 200."},
    [SC_CTL_FINDING_ASKED_SHORT] =
        {"Keep connections longer",
         "Postfix's client asks for so little and the server grants no more: both times are 2s "
         "unless they are set, and the shorter one counts. Set both.",
         "The programs ask for so little: what they say in --ttl, or when they save, counts. The "
         "server's limit is the most that it grants."},
    [SC_CTL_FINDING_CLAMPED] = {"Grant what is asked for",
                                "Postfix's client asks for more than the server grants.",
                                "The programs ask for more than the server grants."},
    [SC_CTL_FINDING_SOME_PLACES] =
        {"Keep connections longer to some destinations",
         "On-demand caching stops between bursts of mail; destinations that are named are cached "
         "always. Longer times for all would gain little more.",
         "Only these are visited again soon after: let the programs that go there ask for more."},
    [SC_CTL_FINDING_NEVER_SAVED] =
        {"Many were never saved",
         "With TLS, Postfix saves connections only with smtp_tls_connection_reuse=yes and the "
         "tlsproxy service in master.cf. Without TLS there is nothing to set: on-demand caching "
         "begins with the second message that waits for a destination.",
         "The first visit to a place can find nothing. If there is more of this than of new "
         "places, the programs make labels that are never equal, or do not save."},
    [SC_CTL_FINDING_IN_USE] =
        {"Many were wanted at the same time",
         "All that had been kept were in use. Longer times gain nothing here; "
         "fewer deliveries at once to one destination would.",
         "All that had been kept were in use. Longer times gain nothing here; "
         "fewer programs at once would."},
    [SC_CTL_FINDING_DEAD] = {"Some far ends do not wait so long",
                             "More than one in five connections to these was closed by the far end "
                             "while it lay in the cache. A shorter time loses nothing there.",
                             "More than one in five connections to these was closed by the far end "
                             "while it lay in the cache. A shorter --ttl loses nothing there."},
    [SC_CTL_FINDING_DISPLACED] = {"A limit is too low",
                                  "Connections that it displaced were asked for afterwards.",
                                  "Connections that it displaced were asked for afterwards."},
    [SC_CTL_FINDING_NOTHING] = {"Nothing would help much",
                                "What is missed is missed for good reasons.",
                                "What is missed is missed for good reasons."},
};

const char *sc_ctl_advice_explain_reason(enum sc_ctl_reason reason)
{
    return reason_words[reason];
}

const char *sc_ctl_advice_title(const struct sc_ctl_proposal *proposal)
{
    return finding_words[proposal->finding].title;
}

const char *sc_ctl_advice_paragraph(const struct sc_ctl_advice *advice,
                                    const struct sc_ctl_proposal *proposal)
{
    return advice->is_master ? finding_words[proposal->finding].master
                             : finding_words[proposal->finding].alone;
}

bool sc_ctl_advice_setting(const struct sc_ctl_proposal *proposal, char line[SC_CTL_ADVICE_LINE])
{
    if (proposal->parameter && proposal->value[0] == '+')
        snprintf(line, SC_CTL_ADVICE_LINE, "%s: higher by %s", proposal->parameter,
                 proposal->value + 1);
    else if (proposal->parameter)
        snprintf(line, SC_CTL_ADVICE_LINE, "%s = %s", proposal->parameter, proposal->value);
    else
        snprintf(line, SC_CTL_ADVICE_LINE, "%s", proposal->value);
    return line[0] != '\0';
}

bool sc_ctl_advice_trial(const struct sc_ctl_proposal *proposal, char line[SC_CTL_ADVICE_LINE])
{
    static const char prefix[] = "connection_cache_";

    if (!proposal->parameter || strncmp(proposal->parameter, prefix, sizeof(prefix) - 1) != 0 ||
        proposal->value[0] == '+')
        return false;
    snprintf(line, SC_CTL_ADVICE_LINE, "scachectl set %s=%s --for 10m", proposal->parameter,
             proposal->value);
    return true;
}

void sc_ctl_advice_print_totals(const struct sc_ctl_advice *advice, FILE *out)
{
    char visits[SC_CTL_SPAN_SIZE], time[SC_CTL_SPAN_SIZE], share[SC_CTL_SPAN_SIZE];

    fprintf(out, "Of %s visits in %s, %s found a connection.",
            sc_ctl_span_whole(visits, (uint64_t)advice->acquisitions),
            sc_ctl_span_time(time, (int64_t)(advice->since * 1000)),
            sc_ctl_span_share(share, (double)advice->reused, (double)advice->acquisitions));
}
