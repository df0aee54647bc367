/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the configuration again, in an errand. What follows from new values
 * is decided by whoever runs the server.
 */
#include "host/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/access.h"
#include "host/warnings.h"

/* Whoever asks again before that is not told that it has not ended yet. */
enum { RELOAD_SLOW_MS = 1000 };

struct reload_job {
    const struct sc_config_source *source;
    const struct sc_access_settings *users; /* those in force, which never change */
    struct sc_params fresh;
    struct sc_warnings warnings;
    char problem[SC_ACCESS_TEXT_MAX];
    int error;
};

static void reload_on_warning(void *context, const char *text)
{
    struct reload_job *job = context;

    if (sc_warnings_keep(&job->warnings, text) < 0)
        job->error = -ENOMEM;
}

/*
 * Users who are named as before are not looked up again: where they come from
 * a service, the sandbox may stand in the way.
 */
static bool reload_names_same_users(const struct reload_job *job)
{
    const struct sc_access_settings *one = job->users, *other = &job->fresh.access;

    return strcmp(one->authorized_users, other->authorized_users) == 0 &&
           (!one->shared_users || strcmp(one->shared_users, other->shared_users) == 0);
}

/* Users cannot change; a name that is a mistake is told all the same. */
static int reload_check_users(struct reload_job *job)
{
    struct sc_access access;

    if (reload_names_same_users(job))
        return 0;
    int error = sc_access_init(&access, &job->fresh, job->problem);
    if (error == 0)
        sc_access_fini(&access);
    return error;
}

/* In the thread. */
static void reload_run(void *context)
{
    struct reload_job *job = context;
    struct sc_diag diag = {.warn = reload_on_warning, .context = job};

    int error = sc_config_load(&job->fresh, job->source, &diag);
    if (error < 0)
        memcpy(job->problem, diag.fatal, sizeof(diag.fatal));
    else
        error = reload_check_users(job);
    if (error < 0)
        job->error = error;
}

static void reload_free_job(struct reload_job *job)
{
    sc_params_fini(&job->fresh);
    sc_warnings_fini(&job->warnings);
    free(job);
}

/* Two lines: what is wrong, and what that means for those who are served. */
static void reload_refuse(struct sc_reload *reload, const char *why)
{
    sc_log(reload->log, SC_ERROR, "%s", why);
    sc_log(reload->log, SC_ERROR, "the configuration stays as it was");
}

/* In the loop again: whatever was found out is used or dropped here, and nowhere else. */
static void reload_on_done(struct sc_errand *errand, void *context)
{
    struct sc_reload *reload = SC_CONTAINER_OF(errand, struct sc_reload, errand);
    struct reload_job *job = context;

    sc_warnings_flush(&job->warnings, reload->log);
    if (job->error < 0)
        reload_refuse(reload, job->problem[0] != '\0' ? job->problem : strerror(-job->error));
    else
        reload->apply(reload, &job->fresh);
    reload_free_job(job);
    if (reload->again)
        sc_reload_start(reload);
}

int sc_reload_init(struct sc_reload *reload)
{
    return sc_errand_init(&reload->errand, reload->loop, reload_run, reload_on_done);
}

bool sc_reload_fini(struct sc_reload *reload)
{
    return sc_errand_fini(&reload->errand);
}

static int reload_begin(struct sc_reload *reload)
{
    /* What could not be had when the server started may be had now. */
    int error = sc_errand_is_ready(&reload->errand) ? 0 : sc_reload_init(reload);
    struct reload_job *job = error == 0 ? calloc(1, sizeof(*job)) : NULL;

    if (!job)
        return error < 0 ? error : -ENOMEM;
    job->source = reload->source;
    job->users = &reload->params->access;
    sc_warnings_init(&job->warnings);
    error = sc_errand_start(&reload->errand, job);
    if (error < 0)
        reload_free_job(job);
    return error;
}

void sc_reload_start(struct sc_reload *reload)
{
    int64_t now = sc_loop_now(reload->loop);

    int error = reload_begin(reload);
    reload->again = error == -EBUSY;
    if (error == 0)
        reload->since = now;
    else if (error != -EBUSY)
        reload_refuse(reload, strerror(-error));
    else if (now - reload->since >= RELOAD_SLOW_MS)
        sc_log(reload->log, SC_WARNING,
               "the configuration has been read for %lld seconds and is not yet",
               (long long)((now - reload->since) / 1000));
}
