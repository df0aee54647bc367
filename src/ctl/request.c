/* SPDX-License-Identifier: BSD-2-Clause */
#include "request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "program.h"
#include "server.h"

/* What a miss is to be called; says why when nobody has answered. */
static int request_miss(const struct sc_ctl *ctl)
{
    const char *reason = sc_ctl_server_why_away(&ctl->args);
    char place[SC_CTL_PLACE_SIZE];

    if (!reason)
        return SC_CTL_MISS;
    sc_ctl_server_place(&ctl->args, place, sizeof(place));
    sc_ctl_complain(ctl, "no server answers at %s: %s", place, reason);
    return SC_CTL_AWAY;
}

/* What to exit with, after an outcome. */
static int request_ending(const struct sc_ctl *ctl, int outcome)
{
    if (outcome < 0)
        sc_ctl_complain(ctl, "%s", strerror(-outcome));
    if (outcome < 0)
        return SC_CTL_USAGE;
    return outcome == SCACHE_DONE ? SC_CTL_DONE : request_miss(ctl);
}

static const char *request_saved_or_not(int outcome)
{
    return outcome == SCACHE_DONE ? "saved" : "dropped";
}

/*
 * The library consumes what it saves; what we were started with stays open.
 * Returns what to exit with if there can be no copy.
 */
static int request_copy_descriptor(const struct sc_ctl *ctl, int fd, int *copy)
{
    *copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (*copy >= 0)
        return SC_CTL_DONE;
    int code = errno == EBADF ? SC_CTL_USAGE : SC_CTL_TROUBLE;
    sc_ctl_complain(ctl, "descriptor %d: %s", fd, strerror(errno));
    return code;
}

int sc_ctl_save_endpoint(struct sc_ctl *ctl, const char *command, int ttl, const char *endpoint,
                         const char *property, int fd)
{
    int copy;
    int code = request_copy_descriptor(ctl, fd, &copy);

    if (code != SC_CTL_DONE)
        return code;
    int outcome = scache_save_endpoint(ctl->cache, copy, endpoint, property, ttl);
    if (outcome >= 0) {
        sc_ctl_print_begin(&ctl->out, command, request_saved_or_not(outcome));
        sc_ctl_print_text(&ctl->out, "endpoint", endpoint);
        sc_ctl_print_text(&ctl->out, "endpoint_property", property);
        sc_ctl_print_end(&ctl->out);
    }
    return request_ending(ctl, outcome);
}

int sc_ctl_save_destination(struct sc_ctl *ctl, const char *command, int ttl,
                            const char *destination, const char *property, const char *endpoint)
{
    int outcome = scache_save_destination(ctl->cache, destination, property, endpoint, ttl);

    if (outcome >= 0) {
        sc_ctl_print_begin(&ctl->out, command, request_saved_or_not(outcome));
        sc_ctl_print_text(&ctl->out, "destination", destination);
        sc_ctl_print_text(&ctl->out, "destination_property", property);
        sc_ctl_print_text(&ctl->out, "endpoint", endpoint);
        sc_ctl_print_end(&ctl->out);
    }
    return request_ending(ctl, outcome);
}

/* The line on a look-up; found null: a miss. */
static void request_print_look_up(struct sc_ctl *ctl, const char *command, const char *destination,
                                  const char *endpoint, const struct sc_ctl_found *found)
{
    struct sc_ctl_out *out = &ctl->out;
    char peer[SC_CTL_PEER_SIZE];

    sc_ctl_print_begin(out, command, found ? "found" : "not found");
    if (destination)
        sc_ctl_print_text(out, "destination", destination);
    if (found && destination)
        sc_ctl_print_text(out, "destination_property", found->destination_property);
    if (found && *found->endpoint)
        endpoint = found->endpoint;
    if (endpoint)
        sc_ctl_print_text(out, "endpoint", endpoint);
    if (found)
        sc_ctl_print_text(out, "endpoint_property", found->endpoint_property);
    if (found && sc_ctl_peer_name(found->fd, peer, sizeof(peer)))
        sc_ctl_print_text(out, "peer", peer);
    sc_ctl_print_end(out);
}

/* Prints what a look-up has found, and gives the connection to who wants it. */
static int request_look_up_ended(struct sc_ctl *ctl, const char *command, const char *destination,
                                 const char *endpoint, int outcome,
                                 const struct sc_ctl_found *result, struct sc_ctl_found *found)
{
    bool is_found = outcome == SCACHE_DONE;

    /* When a program gets it there is nothing to say, unless somebody wants to know. */
    bool is_wanted = !is_found || !found || ctl->args.verbose || ctl->args.json;
    if (outcome >= 0 && is_wanted)
        request_print_look_up(ctl, command, destination, endpoint, is_found ? result : NULL);
    if (is_found && found)
        *found = *result;
    else if (is_found)
        close(result->fd);
    return request_ending(ctl, outcome);
}

static void request_read_texts(const struct sc_ctl *ctl, struct sc_ctl_found *found)
{
    found->endpoint = scache_found_endpoint(ctl->cache);
    found->endpoint_property = scache_found_property(ctl->cache);
    found->destination_property = scache_found_destination_property(ctl->cache);
}

int sc_ctl_find_endpoint(struct sc_ctl *ctl, const char *command, const char *endpoint,
                         struct sc_ctl_found *found)
{
    struct sc_ctl_found result;
    int outcome = scache_find_endpoint(ctl->cache, &result.fd, endpoint);

    request_read_texts(ctl, &result);
    return request_look_up_ended(ctl, command, NULL, endpoint, outcome, &result, found);
}

int sc_ctl_find_destination(struct sc_ctl *ctl, const char *command, const char *destination,
                            struct sc_ctl_found *found)
{
    struct sc_ctl_found result;
    int outcome = scache_find_destination(ctl->cache, &result.fd, destination);

    request_read_texts(ctl, &result);
    return request_look_up_ended(ctl, command, destination, NULL, outcome, &result, found);
}

static int request_ttl_of(const struct sc_ctl *ctl)
{
    return ctl->args.ttl > 0 ? ctl->args.ttl : SC_CTL_TTL;
}

static double request_milliseconds_since(const struct timespec *start)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - start->tv_sec) * 1e3 +
           (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

int sc_ctl_ping(struct sc_ctl *ctl)
{
    struct timespec start;
    char place[SC_CTL_PLACE_SIZE];

    clock_gettime(CLOCK_MONOTONIC, &start);
    int outcome = scache_ping(ctl->cache);
    double elapsed = request_milliseconds_since(&start);
    sc_ctl_server_place(&ctl->args, place, sizeof(place));
    sc_ctl_print_begin(&ctl->out, "ping", outcome == SCACHE_DONE ? "answered" : "no answer");
    sc_ctl_print_text(&ctl->out, "socket", place);
    if (outcome == SCACHE_DONE)
        sc_ctl_print_number(&ctl->out, "milliseconds", elapsed);
    sc_ctl_print_end(&ctl->out);
    if (outcome == SCACHE_DONE)
        return SC_CTL_DONE;
    /* One that greets and then does not do what it is asked is of no use either. */
    (void)request_miss(ctl);
    return SC_CTL_AWAY;
}

/* The descriptor that a save speaks of; a terminal is more often a mistake. */
static int request_descriptor_to_save(const struct sc_ctl *ctl)
{
    if (ctl->args.fd >= 0)
        return ctl->args.fd;
    if (isatty(STDIN_FILENO)) {
        sc_ctl_misused(ctl, "standard input is a terminal; name the connection by --fd N");
        return -1;
    }
    return STDIN_FILENO;
}

int sc_ctl_save(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    const char *endpoint = args->words[0];

    if (args->destination && args->fd >= 0)
        return sc_ctl_misused(ctl, "a binding has no descriptor; see put for both at once");
    if (args->destination)
        return sc_ctl_save_destination(ctl, "save", request_ttl_of(ctl), args->destination,
                                       args->property, endpoint);
    int fd = request_descriptor_to_save(ctl);
    if (fd < 0)
        return SC_CTL_USAGE;
    return sc_ctl_save_endpoint(ctl, "save", request_ttl_of(ctl), endpoint, args->property, fd);
}

int sc_ctl_put(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    int destination_ttl = args->destination_ttl > 0 ? args->destination_ttl : request_ttl_of(ctl);
    const char *destination_property = args->destination_property ? args->destination_property : "";

    if (!args->destination && (args->destination_ttl > 0 || args->destination_property))
        return sc_ctl_misused(ctl, "no --destination was given");
    int fd = request_descriptor_to_save(ctl);
    if (fd < 0)
        return SC_CTL_USAGE;
    int copy;
    int code = request_copy_descriptor(ctl, fd, &copy);
    if (code != SC_CTL_DONE)
        return code;
    int outcome =
        args->destination
            ? scache_put_bound(ctl->cache, copy, args->words[0], args->property,
                               request_ttl_of(ctl), args->destination, destination_property,
                               destination_ttl)
            : scache_put(ctl->cache, copy, args->words[0], args->property, request_ttl_of(ctl));
    if (outcome >= 0) {
        sc_ctl_print_begin(&ctl->out, "put", request_saved_or_not(outcome));
        sc_ctl_print_text(&ctl->out, "endpoint", args->words[0]);
        sc_ctl_print_text(&ctl->out, "endpoint_property", args->property);
        if (args->destination) {
            sc_ctl_print_text(&ctl->out, "destination", args->destination);
            sc_ctl_print_text(&ctl->out, "destination_property", destination_property);
        }
        sc_ctl_print_end(&ctl->out);
    }
    return request_ending(ctl, outcome);
}

/* With a program to run the standard output is its own. */
static struct sc_ctl_found *request_wanted(struct sc_ctl *ctl, struct sc_ctl_found *found)
{
    if (!ctl->args.program)
        return NULL;
    ctl->out.file = stderr;
    return found;
}

/* The program gets the connection for good; ours is closed once it runs. */
static int request_hand_over(struct sc_ctl *ctl, int code, const struct sc_ctl_found *found)
{
    struct sc_ctl_program program;

    if (code != SC_CTL_DONE || !ctl->args.program)
        return code;
    struct sc_ctl_handed handed = {
        .fd = found->fd,
        .is_reused = true,
        .endpoint = *found->endpoint ? found->endpoint : NULL,
        .endpoint_property = found->endpoint_property,
        .destination_property = found->destination_property,
    };
    code = sc_ctl_program_start(ctl, &program, &handed);
    close(found->fd);
    return code == SC_CTL_DONE ? sc_ctl_program_wait(&program) : code;
}

int sc_ctl_find(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    struct sc_ctl_found result;
    struct sc_ctl_found *found = request_wanted(ctl, &result);
    int code;

    if ((args->destination != NULL) == (args->word_count == 1))
        return sc_ctl_misused(ctl, "takes one endpoint, or --destination");
    if (args->destination)
        code = sc_ctl_find_destination(ctl, "find", args->destination, found);
    else
        code = sc_ctl_find_endpoint(ctl, "find", args->words[0], found);
    return request_hand_over(ctl, code, &result);
}

int sc_ctl_take(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    const char **endpoints = calloc((size_t)args->word_count + 1, sizeof(*endpoints));
    struct sc_ctl_found result;
    struct sc_ctl_found *found = request_wanted(ctl, &result);

    if (!endpoints) {
        sc_ctl_complain(ctl, "%s", strerror(ENOMEM));
        return SC_CTL_TROUBLE;
    }
    for (int i = 0; i < args->word_count; i++)
        endpoints[i] = args->words[i];
    int outcome = scache_take_any(ctl->cache, &result.fd, args->destination, endpoints);
    request_read_texts(ctl, &result);
    int code = request_look_up_ended(ctl, "take", args->destination, endpoints[0], outcome, &result,
                                     found);
    free(endpoints);
    return request_hand_over(ctl, code, &result);
}
