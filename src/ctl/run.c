/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command run: a program gets a connection, cached or new, and the cache
 * gets it back. Under which labels, and whether it is fit to come back, is
 * decided elsewhere; this is the order of events.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl.h"
#include "dial.h"
#include "naming.h"
#include "peer.h"
#include "program.h"
#include "settings.h"
#include "tally.h"
#include "verdict.h"

struct run {
    struct sc_ctl *ctl;
    struct sc_ctl_target target;
    int naming_error;  /* there are no labels, and so there is no cache */
    char *destination; /* owned; null: none */
    char *endpoint;    /* owned; null: none, or not known yet */
    struct sc_ctl_tally tally;
    struct sc_ctl_talk before; /* what was said on it when the program got it */
    bool is_reused;
    int fd;
    const char *missed; /* why none was taken out of the cache; null: one was */
    char *missed_text;  /* the same as a sentence; owned; may be null */
};

/* What became of the connection at the end. */
struct run_end {
    const char *reason; /* why it was not kept; null: it was */
    const char *explanation;
};

static int64_t run_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

/* One that was closed, or on which something unasked-for waits, is of no use to anybody. */
static bool run_is_alive(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLIN | POLLRDHUP};

    return poll(&look, 1, 0) == 0;
}

/* Whether this program may have what was taken out of the cache. */
static bool run_accepts(struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    int64_t now = run_now();

    run->tally = sc_ctl_tally_read(scache_found_property(run->ctl->cache), now);
    return run_is_alive(run->fd) && sc_ctl_settings_reset(run->fd) &&
           !sc_ctl_tally_is_old(&run->tally, now, args->max_age) &&
           !sc_ctl_tally_is_used_up(&run->tally, args->max_uses);
}

static int run_take_one(struct run *run)
{
    const char *const endpoints[] = {run->ctl->args.label ? run->endpoint : NULL, NULL};

    return scache_take_any(run->ctl->cache, &run->fd, run->destination, endpoints);
}

/* The only mistake there is to make is a label that no request has room for. */
static const char *run_reason(const struct run *run, int outcome)
{
    return outcome < 0 ? "too long" : scache_reason_name(scache_miss_reason(run->ctl->cache));
}

/* A server of Postfix's does not look at what it hands out. Each try takes one away, so this ends.
 */
static bool run_take(struct run *run)
{
    int outcome = SCACHE_DONE;

    if (run->naming_error < 0) {
        run->missed = sc_ctl_verdict_name(SC_CTL_UNNAMED);
        return false;
    }
    while ((outcome = run_take_one(run)) == SCACHE_DONE) {
        if (run_accepts(run))
            return true;
        close(run->fd);
    }
    run->fd = -1;
    run->missed = run_reason(run, outcome);
    run->missed_text = strdup(scache_miss_text(run->ctl->cache));
    return false;
}

static bool run_dial(struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    int seconds = args->connect_seconds > 0 ? args->connect_seconds : SC_CTL_CONNECT_SECONDS;
    const char *reason = NULL;

    run->fd = sc_ctl_dial(&run->target, seconds, &reason);
    if (run->fd < 0)
        sc_ctl_complain(&run->ctl->voice, "%s: %s", run->target.text, reason);
    run->tally = sc_ctl_tally_new(run_now());
    return run->fd >= 0;
}

/* Whether it is fit for another one; nothing was even started that could have changed it. */
static enum sc_ctl_verdict run_judge_unused(const struct run *run)
{
    if (!run->is_reused)
        return SC_CTL_FAILED;
    return run_is_alive(run->fd) ? SC_CTL_KEEP : SC_CTL_CLOSED;
}

static enum sc_ctl_verdict run_judge(struct run *run, int code)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    bool counts = run->tally.is_known;

    run->tally.uses++;
    if (code != 0)
        return SC_CTL_FAILED;
    if (!sc_ctl_settings_reset(run->fd))
        return SC_CTL_CHANGED;
    if (counts && sc_ctl_tally_is_used_up(&run->tally, args->max_uses))
        return SC_CTL_USED_UP;
    if (counts && sc_ctl_tally_is_old(&run->tally, run_now(), args->max_age))
        return SC_CTL_OLD;
    return sc_ctl_verdict_of(run->fd, &run->before, args->quiet_protocol);
}

/* What is saved with the connection, the caller's: under a label of others, only what they expect.
 */
static char *run_property(const struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;

    if (args->label_exact)
        return strdup(args->property ? args->property : "");
    return sc_ctl_tally_write(&run->tally, args->property);
}

/* Gives the descriptor away, in every outcome. */
static struct run_end run_put(struct run *run, const char *property)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    struct scache *cache = run->ctl->cache;
    int ttl = sc_ctl_tally_ttl(&run->tally, run_now(), args->max_age,
                               args->ttl > 0 ? args->ttl : SC_CTL_TTL);
    int fd = run->fd;

    run->fd = -1;
    int outcome = run->destination ? scache_put_bound(cache, fd, run->endpoint, property, ttl,
                                                      run->destination, "", ttl)
                                   : scache_put(cache, fd, run->endpoint, property, ttl);
    if (outcome == SCACHE_DONE)
        return (struct run_end){0};
    if (outcome < 0)
        return (struct run_end){run_reason(run, outcome), strerror(-outcome)};
    /* A server that could not be asked for one is not asked again so soon; why is known. */
    if (scache_miss_reason(cache) == SCACHE_REASON_BACKING_OFF && run->missed_text)
        return (struct run_end){run->missed, run->missed_text};
    return (struct run_end){run_reason(run, outcome), scache_miss_text(cache)};
}

static struct run_end run_give_back(struct run *run)
{
    char *property = run_property(run);

    if (!property)
        return (struct run_end){scache_reason_name(SCACHE_REASON_NO_MEMORY), strerror(ENOMEM)};
    struct run_end end = run_put(run, property);
    free(property);
    return end;
}

static struct run_end run_end(struct run *run, enum sc_ctl_verdict verdict)
{
    if (verdict != SC_CTL_KEEP)
        return (struct run_end){sc_ctl_verdict_name(verdict), sc_ctl_verdict_explain(verdict)};
    if (run->naming_error < 0)
        return (struct run_end){sc_ctl_verdict_name(SC_CTL_UNNAMED), strerror(-run->naming_error)};
    return run_give_back(run);
}

static void run_report(const struct run *run, int code, const struct run_end *end)
{
    struct sc_ctl_out *out = &run->ctl->out;

    if (!run->ctl->args.verbose && !out->json)
        return;
    sc_ctl_record_begin(out, "run", end->reason ? "closed" : "saved");
    sc_ctl_record_add_text(out, "to", run->target.text);
    sc_ctl_record_add_text(out, "connection", run->is_reused ? "reused" : "opened");
    if (run->endpoint)
        sc_ctl_record_add_text(out, "endpoint", run->endpoint);
    sc_ctl_record_add_number(out, "exit", code);
    if (run->missed)
        sc_ctl_record_add_text(out, "missed", run->missed);
    if (end->reason) {
        sc_ctl_record_add_text(out, "reason", end->reason);
        sc_ctl_record_add_text(out, "explanation", end->explanation);
    }
    sc_ctl_record_end(out);
}

static int run_program(struct run *run)
{
    struct sc_ctl_program program;
    struct sc_ctl_handed handed = {
        .fd = run->fd,
        .is_reused = run->is_reused,
        .remote_host = sc_ctl_target_has_name(&run->target) ? run->target.host : NULL,
        .endpoint = run->endpoint,
    };
    int code = sc_ctl_program_start(run->ctl, &program, &handed);
    bool is_started = code == SC_CTL_DONE;

    if (is_started)
        code = sc_ctl_program_wait(&program);
    struct run_end end = run_end(run, is_started ? run_judge(run, code) : run_judge_unused(run));
    run_report(run, code, &end);
    return code;
}

static int run_connected(struct run *run)
{
    run->is_reused = run_take(run);
    if (!run->is_reused && !run_dial(run))
        return SC_CTL_NO_CONNECTION;
    if (run->naming_error == 0 && !run->endpoint)
        run->naming_error =
            sc_ctl_naming_endpoint(&run->ctl->args, &run->target, run->fd, &run->endpoint);
    run->before = sc_ctl_talk_of(run->fd);
    return run_program(run);
}

/* Makes what is known before there is a connection: the label by which one is sought. */
static void run_name(struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;

    if (args->label)
        run->naming_error = sc_ctl_naming_endpoint(args, &run->target, -1, &run->endpoint);
    else
        run->naming_error = sc_ctl_naming_destination(args, &run->target, &run->destination);
}

static int run_check(const struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    bool is_bounded = args->max_age >= 0 || args->max_uses >= 0;

    if (!args->to || !args->program)
        return sc_ctl_misused(&ctl->voice, "takes --to tcp:HOST:PORT -- PROGRAM [ARG]...");
    if (args->label && *args->label == '\0')
        return sc_ctl_misused(&ctl->voice, "an empty label");
    if (args->label && (args->field_count > 0 || args->service))
        return sc_ctl_misused(&ctl->voice, "--field and --service are for the label made here, "
                                           "--label replaces it");
    if (args->label_exact && !args->label)
        return sc_ctl_misused(&ctl->voice, "--label-exact is for a --label");
    if (args->label_exact && is_bounded)
        return sc_ctl_misused(&ctl->voice, "--max-age and --max-uses are counted in the property, "
                                           "which --label-exact leaves to you");
    return SC_CTL_DONE;
}

static int run_to_target(struct run *run)
{
    const char *to = run->ctl->args.to;
    int error = sc_ctl_target_init(&run->target, to);

    if (error == -EINVAL)
        return sc_ctl_misused(&run->ctl->voice, "--to %s: neither tcp:HOST:PORT nor unix:PATH", to);
    if (error < 0) {
        sc_ctl_complain(&run->ctl->voice, "%s: %s", to, strerror(-error));
        return SC_CTL_NO_CONNECTION;
    }
    run_name(run);
    return run_connected(run);
}

int sc_ctl_run(struct sc_ctl *ctl)
{
    struct run run = {.ctl = ctl, .fd = -1};
    int code = run_check(ctl);

    if (code != SC_CTL_DONE)
        return code;
    ctl->out.file = stderr;
    code = run_to_target(&run);
    if (run.fd >= 0)
        close(run.fd);
    free(run.destination);
    free(run.endpoint);
    free(run.missed_text);
    sc_ctl_target_fini(&run.target);
    return code;
}
