/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scachectl run: a program gets a connection, cached or new, and the cache
 * gets it back. A program that fails may have stopped in the midst of
 * something, so its connection is closed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dial.h"
#include "peer.h"
#include "program.h"

/* Our part of every label made here, so that no other program's is ever equal. */
static const char service[] = "scachectl run";

struct run {
    struct sc_ctl *ctl;
    struct sc_ctl_target target;
    char *destination; /* owned; null when the caller has named a label */
    char *endpoint;    /* owned; null until there is a connection */
    bool is_reused;
    int fd;
};

/* Two programs that speak differently must not meet, so the program's name is in the label. */
static struct scache_label *run_new_label(const struct run *run)
{
    struct scache_label *label = scache_label_new();

    scache_label_add(label, "service", service);
    scache_label_add(label, "program", run->ctl->args.program[0]);
    return label;
}

/* Adds what the caller has said, and returns the text, allocated, or null. */
static char *run_finish_label(const struct run *run, struct scache_label *label)
{
    const struct sc_ctl_args *args = &run->ctl->args;

    for (size_t i = 0; i < args->field_count; i++) {
        size_t length = strcspn(args->fields[i], "=");
        char *name = strndup(args->fields[i], length);
        scache_label_add(label, name, args->fields[i] + length + 1);
        free(name);
    }
    const char *text = scache_label_text(label);
    char *copy = text ? strdup(text) : NULL;
    scache_label_free(label);
    return copy;
}

static char *run_destination_label(const struct run *run)
{
    struct scache_label *label = run_new_label(run);

    scache_label_add(label, "to", run->target.text);
    return run_finish_label(run, label);
}

/* By the address that was reached: a name may lead elsewhere tomorrow. */
static char *run_endpoint_label(const struct run *run)
{
    struct sc_ctl_address address;

    if (run->ctl->args.label)
        return strdup(run->ctl->args.label);
    struct scache_label *label = run_new_label(run);
    if (sc_ctl_peer_address(run->fd, &address)) {
        scache_label_add(label, "protocol", "tcp");
        scache_label_add(label, "address", address.host);
        scache_label_add(label, "port", address.port);
    } else {
        scache_label_add(label, "to", run->target.text);
    }
    return run_finish_label(run, label);
}

/* One that was closed, or on which something unasked-for waits, is of no use to the next program.
 */
static bool run_is_quiet(int fd)
{
    char byte;

    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
        return false;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOTSOCK;
}

static int run_take_one(struct run *run)
{
    const char *const endpoints[] = {run->ctl->args.label, NULL};
    int fd;
    int outcome = scache_take_any(run->ctl->cache, &fd, run->destination, endpoints);

    return outcome == SCACHE_DONE ? fd : -1;
}

/* A server of Postfix's does not look at what it hands out. Each try takes one away, so this ends.
 */
static bool run_take(struct run *run)
{
    while ((run->fd = run_take_one(run)) >= 0) {
        if (run_is_quiet(run->fd))
            return true;
        close(run->fd);
    }
    return false;
}

static bool run_dial(struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    int seconds = args->connect_seconds > 0 ? args->connect_seconds : SC_CTL_CONNECT_SECONDS;
    const char *reason = NULL;

    run->fd = sc_ctl_dial(&run->target, seconds, &reason);
    if (run->fd < 0)
        sc_ctl_complain(run->ctl, "%s: %s", run->target.text, reason);
    return run->fd >= 0;
}

/* Returns whether the cache has it now; the descriptor is gone in any case. */
static bool run_give_back(struct run *run)
{
    const struct sc_ctl_args *args = &run->ctl->args;
    int ttl = args->ttl > 0 ? args->ttl : SC_CTL_TTL;
    const char *property = args->property ? args->property : "";
    int fd = run->fd;

    run->fd = -1;
    if (!run_is_quiet(fd)) {
        close(fd);
        return false;
    }
    int outcome = run->destination ? scache_put_bound(run->ctl->cache, fd, run->endpoint, property,
                                                      ttl, run->destination, "", ttl)
                                   : scache_put(run->ctl->cache, fd, run->endpoint, property, ttl);
    return outcome == SCACHE_DONE;
}

static void run_report(const struct run *run, int code, bool is_saved)
{
    struct sc_ctl_out *out = &run->ctl->out;

    if (!run->ctl->args.verbose && !out->json)
        return;
    sc_ctl_record_begin(out, "run", is_saved ? "saved" : "closed");
    sc_ctl_record_add_text(out, "to", run->target.text);
    sc_ctl_record_add_text(out, "connection", run->is_reused ? "reused" : "opened");
    sc_ctl_record_add_text(out, "endpoint", run->endpoint);
    sc_ctl_record_add_number(out, "exit", code);
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
    bool was_untouched = code != SC_CTL_DONE;

    if (!was_untouched)
        code = sc_ctl_program_wait(&program);
    /* What was not even started has left a connection that was in use before as it was. */
    bool is_sound = code == 0 || (was_untouched && run->is_reused);
    run_report(run, code, is_sound && run_give_back(run));
    return code;
}

static int run_connected(struct run *run)
{
    run->is_reused = run_take(run);
    if (!run->is_reused && !run_dial(run))
        return SC_CTL_NO_CONNECTION;
    run->endpoint = run_endpoint_label(run);
    if (!run->endpoint) {
        sc_ctl_exhausted(run->ctl);
        return SC_CTL_NO_CONNECTION;
    }
    return run_program(run);
}

static int run_check(const struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;

    if (!args->to || !args->program)
        return sc_ctl_misused(ctl, "takes --to tcp:HOST:PORT -- PROGRAM [ARG]...");
    if (args->label && *args->label == '\0')
        return sc_ctl_misused(ctl, "an empty label");
    if (args->label && args->field_count > 0)
        return sc_ctl_misused(ctl, "--field adds to the label made here, --label replaces it");
    return SC_CTL_DONE;
}

int sc_ctl_run(struct sc_ctl *ctl)
{
    struct run run = {.ctl = ctl, .fd = -1};
    int code = run_check(ctl);

    if (code != SC_CTL_DONE)
        return code;
    ctl->out.file = stderr;
    int error = sc_ctl_target_init(&run.target, ctl->args.to);
    if (error == -EINVAL) {
        code = sc_ctl_misused(ctl, "--to %s: neither tcp:HOST:PORT nor unix:PATH", ctl->args.to);
    } else if (error < 0) {
        sc_ctl_complain(ctl, "%s: %s", ctl->args.to, strerror(-error));
        code = SC_CTL_NO_CONNECTION;
    } else {
        run.destination = ctl->args.label ? NULL : run_destination_label(&run);
        code = run_connected(&run);
    }
    if (run.fd >= 0)
        close(run.fd);
    free(run.destination);
    free(run.endpoint);
    sc_ctl_target_fini(&run.target);
    return code;
}
