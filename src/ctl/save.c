/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commands save and put. What is saved is a copy: the library consumes
 * what it is given, and what we were started with stays open.
 */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "outcome.h"

static const char *save_result(int outcome)
{
    return outcome == SCACHE_DONE ? "saved" : "dropped";
}

static int save_refuse_descriptor(const struct sc_ctl *ctl, int fd, int error)
{
    sc_ctl_complain(&ctl->voice, "descriptor %d: %s", fd, strerror(error));
    return SC_CTL_TROUBLE;
}

/*
 * A file or a pipe is rarely meant: `scachectl put label` in a script has the
 * script's own input there. Returns what to exit with.
 */
static int save_check_descriptor(const struct sc_ctl *ctl, int fd)
{
    int type;
    socklen_t length = sizeof(type);
    int error = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ? errno : 0;

    if (error == EBADF)
        return sc_ctl_misused(&ctl->voice, "descriptor %d: %s", fd, strerror(error));
    if (error != 0 && error != ENOTSOCK)
        return save_refuse_descriptor(ctl, fd, error);
    if (error == ENOTSOCK && !ctl->args.any)
        return sc_ctl_misused(&ctl->voice,
                              "descriptor %d is no socket; name one by --fd N, or say --any", fd);
    return SC_CTL_DONE;
}

/* Returns what to exit with if there can be no copy. */
static int save_copy_descriptor(const struct sc_ctl *ctl, int fd, int *copy)
{
    int code = save_check_descriptor(ctl, fd);

    if (code != SC_CTL_DONE)
        return code;
    *copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (*copy >= 0)
        return SC_CTL_DONE;
    return save_refuse_descriptor(ctl, fd, errno);
}

int sc_ctl_save_endpoint(struct sc_ctl *ctl, const char *command, int ttl, const char *endpoint,
                         const char *property, int fd)
{
    int copy;
    int code = save_copy_descriptor(ctl, fd, &copy);

    if (code != SC_CTL_DONE)
        return code;
    int outcome = scache_save_endpoint(ctl->cache, copy, endpoint, property, ttl);
    if (outcome >= 0) {
        sc_ctl_record_begin(&ctl->out, command, save_result(outcome));
        sc_ctl_record_add_text(&ctl->out, "endpoint", endpoint);
        sc_ctl_record_add_text(&ctl->out, "endpoint_property", property);
        sc_ctl_outcome_note(ctl, outcome);
        sc_ctl_record_end(&ctl->out);
    }
    return sc_ctl_outcome_of_save(ctl, outcome);
}

int sc_ctl_save_destination(struct sc_ctl *ctl, const char *command, int ttl,
                            const char *destination, const char *property, const char *endpoint)
{
    int outcome = scache_save_destination(ctl->cache, destination, property, endpoint, ttl);

    if (outcome >= 0) {
        sc_ctl_record_begin(&ctl->out, command, save_result(outcome));
        sc_ctl_record_add_text(&ctl->out, "destination", destination);
        sc_ctl_record_add_text(&ctl->out, "destination_property", property);
        sc_ctl_record_add_text(&ctl->out, "endpoint", endpoint);
        sc_ctl_outcome_note(ctl, outcome);
        sc_ctl_record_end(&ctl->out);
    }
    return sc_ctl_outcome_of_save(ctl, outcome);
}

static int save_ttl_of(const struct sc_ctl *ctl)
{
    return ctl->args.ttl > 0 ? ctl->args.ttl : SC_CTL_TTL;
}

static const char *save_text_or_empty(const char *text)
{
    return text ? text : "";
}

/* The descriptor that a command line speaks of; a terminal is more often a mistake. */
static int save_descriptor_of(const struct sc_ctl *ctl)
{
    if (ctl->args.fd >= 0)
        return ctl->args.fd;
    if (isatty(STDIN_FILENO)) {
        sc_ctl_misused(&ctl->voice, "standard input is a terminal; name the connection by --fd N");
        return -1;
    }
    return STDIN_FILENO;
}

int sc_ctl_save(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    const char *property = save_text_or_empty(args->property);
    const char *endpoint = args->words[0];

    if (args->destination && args->fd >= 0)
        return sc_ctl_misused(&ctl->voice, "a binding has no descriptor; see put for both at once");
    if (args->destination)
        return sc_ctl_save_destination(ctl, "save", save_ttl_of(ctl), args->destination, property,
                                       endpoint);
    int fd = save_descriptor_of(ctl);
    if (fd < 0)
        return SC_CTL_USAGE;
    return sc_ctl_save_endpoint(ctl, "save", save_ttl_of(ctl), endpoint, property, fd);
}

static void save_print_put(struct sc_ctl *ctl, int outcome)
{
    const struct sc_ctl_args *args = &ctl->args;

    sc_ctl_record_begin(&ctl->out, "put", save_result(outcome));
    sc_ctl_record_add_text(&ctl->out, "endpoint", args->words[0]);
    sc_ctl_record_add_text(&ctl->out, "endpoint_property", save_text_or_empty(args->property));
    if (args->destination) {
        sc_ctl_record_add_text(&ctl->out, "destination", args->destination);
        sc_ctl_record_add_text(&ctl->out, "destination_property",
                               save_text_or_empty(args->destination_property));
    }
    sc_ctl_outcome_note(ctl, outcome);
    sc_ctl_record_end(&ctl->out);
}

/* Gives the descriptor away. */
static int save_put(const struct sc_ctl *ctl, int fd)
{
    const struct sc_ctl_args *args = &ctl->args;
    const char *property = save_text_or_empty(args->property);
    int ttl = save_ttl_of(ctl);

    if (!args->destination)
        return scache_put(ctl->cache, fd, args->words[0], property, ttl);
    return scache_put_bound(ctl->cache, fd, args->words[0], property, ttl, args->destination,
                            save_text_or_empty(args->destination_property),
                            args->destination_ttl > 0 ? args->destination_ttl : ttl);
}

int sc_ctl_put(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    int copy;

    if (!args->destination && (args->destination_ttl > 0 || args->destination_property))
        return sc_ctl_misused(&ctl->voice, "no --destination was given");
    int fd = save_descriptor_of(ctl);
    if (fd < 0)
        return SC_CTL_USAGE;
    int code = save_copy_descriptor(ctl, fd, &copy);
    if (code != SC_CTL_DONE)
        return code;
    int outcome = save_put(ctl, copy);
    if (outcome >= 0)
        save_print_put(ctl, outcome);
    return sc_ctl_outcome_of_save(ctl, outcome);
}
