/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests answered: what is saved, what is said, what is counted. It sends
 * nothing, and looks at no descriptor but one that is to be saved.
 */
#include "server/answer.h"

#include <errno.h>

#include "cache/cache.h"
#include "io/peer.h"

enum { STATUSES = 3 };

static const struct sc_found nothing;

static void answer_count(const struct sc_answer *answer, const struct sc_request *request,
                         enum sc_status status)
{
    size_t kind = (size_t)(request->kind - SC_REQUEST_UNKNOWN);

    sc_stats_count(&answer->common->stats,
                   (enum sc_counter)(SC_REQUEST_UNKNOWN_DONE + kind * STATUSES + status));
    sc_trace_request(answer->common, answer->caller, request, status);
}

static int answer_status(const struct sc_answer *answer, const struct sc_request *request,
                         enum sc_status status)
{
    answer_count(answer, request, status);
    return sc_reply_status(answer->out, request->kind, status, nothing);
}

static void answer_warn_refused(struct sc_common *common, const struct sc_request *request,
                                int error)
{
    sc_common_warn(common, SC_NOTICE_SAVE_REFUSED, "%s refused: %s", sc_request_name(request->kind),
                   error == -ENOMEM ? "out of memory"
                                    : "no room: too many connections are on their way to clients, "
                                      "or wait to be closed");
    sc_stats_count(&common->stats,
                   error == -ENOMEM ? SC_REFUSED_OUT_OF_MEMORY : SC_REFUSED_DESCRIPTORS);
}

/* What is asked of a descriptor only when something depends on it. */
static uint64_t answer_cookie(const struct sc_common *common, int fd, uint8_t nature)
{
    const struct sc_store_limits *limits = &common->settings.limits;
    bool wanted = limits->lifetime_limit > 0 || limits->use_limit > 0 || limits->remember;

    return wanted && (nature & SC_PEER_SOCKET) != 0 ? sc_peer_cookie(fd) : 0;
}

static int answer_store(const struct sc_answer *answer, const struct sc_request *request, int fd)
{
    struct sc_common *common = answer->common;
    struct sc_saving saving = {.fd = fd};

    if (fd >= 0) {
        saving.nature = sc_peer_nature(fd);
        saving.cookie = answer_cookie(common, fd, saving.nature);
        if (!sc_common_fit_store(common))
            return -ENOBUFS;
    }
    struct sc_cache_saved saved = sc_cache_save(answer->space, sc_loop_now(common->loop),
                                                common->settings.ttl_limit, request, &saving);
    if (fd >= 0 && saved.error == 0)
        sc_closer_expect(common->closer, saving.nature);
    if (saved.connection_clamped)
        sc_stats_count(&common->stats, SC_TTL_CLAMPED_CONNECTION);
    if (saved.binding_clamped)
        sc_stats_count(&common->stats, SC_TTL_CLAMPED_BINDING);
    return saved.error;
}

int sc_answer_save(const struct sc_answer *answer, const struct sc_request *request, int fd)
{
    struct sc_common *common = answer->common;

    if (fd < 0 && request->kind != SC_REQUEST_SAVE_DEST)
        return answer_status(answer, request, SC_STATUS_FAILED);
    int error = answer_store(answer, request, fd);
    if (error < 0) {
        answer_warn_refused(common, request, error);
        if (fd >= 0)
            sc_common_close_unknown(common, fd, sc_space_user(answer->space));
    }
    sc_common_reap(common);
    sc_common_note_sizes(common);
    return answer_status(answer, request, error < 0 ? SC_STATUS_FAILED : SC_STATUS_DONE);
}

int sc_answer_malformed(const struct sc_answer *answer, const struct sc_request *request, int fd)
{
    struct sc_common *common = answer->common;

    if (fd >= 0)
        sc_common_close_unknown(common, fd, sc_space_user(answer->space));
    if (request->too_long)
        sc_common_warn(common, SC_NOTICE_TOO_LONG,
                       "%s request of more than %zu bytes: see connection_cache_message_limit",
                       sc_request_name(request->kind), common->settings.message_limit);
    else
        sc_common_warn(common, SC_NOTICE_MALFORMED, "malformed %s request",
                       sc_request_name(request->kind));
    return answer_status(answer, request, SC_STATUS_MALFORMED);
}

int sc_answer_probe(const struct sc_answer *answer, const struct sc_request *request)
{
    sc_trace_request(answer->common, answer->caller, request, SC_STATUS_FAILED);
    return sc_reply_status(answer->out, request->kind, SC_STATUS_FAILED, nothing);
}

enum sc_counter sc_answer_hit(const struct sc_request *request)
{
    return sc_cache_is_by_destination(request) ? SC_DOMAIN_HITS : SC_ADDRESS_HITS;
}

int sc_answer_found(const struct sc_answer *answer, const struct sc_request *request,
                    const struct sc_found *found)
{
    answer_count(answer, request, SC_STATUS_DONE);
    return sc_reply_status(answer->out, request->kind, SC_STATUS_DONE, *found);
}

int sc_answer_missed(const struct sc_answer *answer, const struct sc_request *request)
{
    sc_stats_count(&answer->common->stats,
                   sc_cache_is_by_destination(request) ? SC_DOMAIN_MISSES : SC_ADDRESS_MISSES);
    return answer_status(answer, request, SC_STATUS_FAILED);
}
