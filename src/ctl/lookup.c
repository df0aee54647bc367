/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands find and take. What they find is closed, or given to a program
 * for good: nothing goes back into the cache here.
 */
#include "lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "outcome.h"
#include "peer.h"
#include "program.h"
#include "settings.h"

/* The line on a look-up that was no mistake. */
static void lookup_print(struct sc_ctl *ctl, const char *command, const char *destination,
                         const char *endpoint, int outcome, const struct sc_ctl_found *result)
{
    struct sc_ctl_out *out = &ctl->out;
    bool is_found = outcome == SCACHE_DONE;
    char peer[SC_CTL_PEER_SIZE];

    sc_ctl_record_begin(out, command, is_found ? "found" : "not found");
    if (destination)
        sc_ctl_record_add_text(out, "destination", destination);
    if (is_found && destination)
        sc_ctl_record_add_text(out, "destination_property", result->destination_property);
    if (is_found && *result->endpoint)
        endpoint = result->endpoint;
    if (endpoint)
        sc_ctl_record_add_text(out, "endpoint", endpoint);
    if (is_found)
        sc_ctl_record_add_text(out, "endpoint_property", result->endpoint_property);
    if (is_found && sc_ctl_peer_name(result->fd, peer, sizeof(peer)))
        sc_ctl_record_add_text(out, "peer", peer);
    sc_ctl_outcome_note(ctl, outcome);
    sc_ctl_record_end(out);
}

/* Prints what a look-up has found, and gives the connection to who wants it. */
static int lookup_end(struct sc_ctl *ctl, const char *command, const char *destination,
                      const char *endpoint, int outcome, struct sc_ctl_found *result,
                      struct sc_ctl_found *found)
{
    bool is_found = outcome == SCACHE_DONE;

    result->endpoint = scache_found_endpoint(ctl->cache);
    result->endpoint_property = scache_found_property(ctl->cache);
    result->destination_property = scache_found_destination_property(ctl->cache);
    /* When a program gets it there is nothing to say, unless somebody wants to know. */
    if (outcome >= 0 && (!is_found || !found || ctl->args.verbose || ctl->args.json))
        lookup_print(ctl, command, destination, endpoint, outcome, result);
    if (is_found && found)
        *found = *result;
    else if (is_found)
        close(result->fd);
    return sc_ctl_outcome_of_look_up(ctl, outcome);
}

int sc_ctl_lookup_endpoint(struct sc_ctl *ctl, const char *command, const char *endpoint,
                           struct sc_ctl_found *found)
{
    struct sc_ctl_found result;
    int outcome = scache_find_endpoint(ctl->cache, &result.fd, endpoint);

    return lookup_end(ctl, command, NULL, endpoint, outcome, &result, found);
}

int sc_ctl_lookup_destination(struct sc_ctl *ctl, const char *command, const char *destination,
                              struct sc_ctl_found *found)
{
    struct sc_ctl_found result;
    int outcome = scache_find_destination(ctl->cache, &result.fd, destination);

    return lookup_end(ctl, command, destination, NULL, outcome, &result, found);
}

/* With a program to run the standard output is its own. */
static struct sc_ctl_found *lookup_wanted(struct sc_ctl *ctl, struct sc_ctl_found *found)
{
    if (!ctl->args.program)
        return NULL;
    ctl->out.file = stderr;
    return found;
}

/* The program gets the connection for good; ours is closed once it runs. */
static int lookup_run_program(struct sc_ctl *ctl, const struct sc_ctl_found *found)
{
    struct sc_ctl_program program;
    struct sc_ctl_handed handed = {
        .fd = found->fd,
        .is_reused = true,
        .endpoint = *found->endpoint ? found->endpoint : NULL,
        .endpoint_property = found->endpoint_property,
        .destination_property = found->destination_property,
    };

    /* Whoever has saved it may have left it otherwise than a program expects. */
    sc_ctl_settings_reset(found->fd);
    int code = sc_ctl_program_start(ctl, &program, &handed);
    close(found->fd);
    return code == SC_CTL_DONE ? sc_ctl_program_wait(&program) : code;
}

/* With a program, every code of ours but that for a mistake is one that few programs have. */
static int lookup_hand_over(struct sc_ctl *ctl, int code, const struct sc_ctl_found *found)
{
    if (!ctl->args.program || code == SC_CTL_USAGE)
        return code;
    return code == SC_CTL_DONE ? lookup_run_program(ctl, found) : SC_CTL_NO_CONNECTION;
}

int sc_ctl_find(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    struct sc_ctl_found result;
    struct sc_ctl_found *found = lookup_wanted(ctl, &result);
    int code;

    if ((args->destination != NULL) == (args->word_count == 1))
        return sc_ctl_misused(&ctl->voice, "takes one endpoint, or --destination");
    if (args->destination)
        code = sc_ctl_lookup_destination(ctl, "find", args->destination, found);
    else
        code = sc_ctl_lookup_endpoint(ctl, "find", args->words[0], found);
    return lookup_hand_over(ctl, code, &result);
}

int sc_ctl_take(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    struct sc_ctl_found result;
    struct sc_ctl_found *found = lookup_wanted(ctl, &result);

    if (!args->destination && args->word_count == 0)
        return sc_ctl_misused(&ctl->voice, "takes an endpoint, or --destination");
    const char **endpoints = calloc((size_t)args->word_count + 1, sizeof(*endpoints));
    if (!endpoints)
        return lookup_hand_over(ctl, sc_ctl_exhausted(&ctl->voice), &result);
    for (int i = 0; i < args->word_count; i++)
        endpoints[i] = args->words[i];
    int outcome = scache_take_any(ctl->cache, &result.fd, args->destination, endpoints);
    int code = lookup_end(ctl, "take", args->destination, endpoints[0], outcome, &result, found);
    free(endpoints);
    return lookup_hand_over(ctl, code, &result);
}
