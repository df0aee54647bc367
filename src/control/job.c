/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning, the slices and the end of an answer. What is listed or
 * dropped is done elsewhere; parameters and watching are the visitor's, since
 * they have no slices.
 */
#include "control/job.h"

#include "control/advice.h"
#include "control/drop.h"
#include "control/listing.h"
#include "control/tell.h"

void sc_job_fini(struct sc_job *job)
{
    sc_listing_close(job);
    sc_buf_fini(&job->request);
    *job = (struct sc_job){0};
}

/* The status, and the end of the job. */
static int job_finish(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out)
{
    bool drops = job->ask.kind == SC_ASK_DROP;
    bool in_vain = drops && job->ask.has_id && job->count == 0;

    if (drops)
        sc_drop_log(job, desk);
    int error = sc_record_status(out, in_vain ? SC_CONTROL_IMPOSSIBLE : SC_CONTROL_DONE, job->count,
                                 in_vain ? "there is nothing with this id" : NULL);
    sc_job_fini(job);
    return error < 0 ? error : SC_JOB_DONE;
}

static int job_open(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out, bool *more)
{
    switch (job->ask.kind) {
    case SC_ASK_LIST:
        *more = true;
        return sc_listing_open(job, desk);
    case SC_ASK_DROP:
        return sc_drop_start(job, desk, more);
    case SC_ASK_SHOW:
        return sc_advice_show(job, desk, out, more);
    case SC_ASK_ADVISE:
        return sc_advice_step(job, desk, out, more);
    default:
        return sc_tell_stats(out, desk, &job->count);
    }
}

int sc_job_start(struct sc_job *job, struct sc_desk *desk, const struct sc_who *who,
                 struct sc_bytes request, struct sc_buf *out)
{
    bool more = false;

    *job = (struct sc_job){.who = *who};
    int error = sc_buf_append(&job->request, request);
    if (error == 0) {
        job->ask = sc_ask_parse(sc_buf_bytes(&job->request));
        error = job_open(job, desk, out, &more);
    }
    if (error < 0) {
        sc_job_fini(job);
        return error;
    }
    return more ? SC_JOB_MORE : job_finish(job, desk, out);
}

int sc_job_go_on(struct sc_job *job, struct sc_desk *desk, struct sc_buf *out)
{
    bool more = false;
    int error = 0;

    if (job->ask.kind == SC_ASK_LIST)
        error = sc_listing_step(job, desk, out, &more);
    else if (job->ask.kind == SC_ASK_SHOW)
        error = sc_advice_show(job, desk, out, &more);
    else if (job->ask.kind == SC_ASK_ADVISE)
        error = sc_advice_step(job, desk, out, &more);
    else
        sc_drop_step(job, desk, &more);
    if (error < 0)
        return error;
    return more ? SC_JOB_MORE : job_finish(job, desk, out);
}
