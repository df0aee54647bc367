/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks the control socket, and tells what went wrong. What the records mean is
 * each command's matter.
 */
#include "console.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path beside that of --socket; null: none was said, or there is no memory. */
static char *console_path(const struct sc_ctl_args *args)
{
    char *path = NULL;

    if (args->control)
        return strdup(args->control);
    if (!args->socket || asprintf(&path, "%s.control", args->socket) < 0)
        return NULL;
    return path;
}

int sc_ctl_console_init(struct sc_ctl_console *console, struct sc_ctl *ctl)
{
    char *path = console_path(&ctl->args);
    bool is_named = ctl->args.control || ctl->args.socket;

    *console = (struct sc_ctl_console){.ctl = ctl};
    sc_ctl_facts_init(&console->facts);
    if (ctl->args.user && !sc_ctl_user_read(console->user, ctl->args.user)) {
        free(path);
        return sc_ctl_misused(&ctl->voice, "--user %s: there is no such user", ctl->args.user);
    }
    if (is_named && !path)
        return sc_ctl_exhausted(&ctl->voice);
    console->control = scache_control_open(path);
    int error = console->control ? 0 : errno;
    free(path);
    if (error == EINVAL)
        return sc_ctl_misused(&ctl->voice, "--control: an empty path");
    if (error == ENAMETOOLONG)
        return sc_ctl_misused(&ctl->voice,
                              "the path of the control socket is longer than one can be");
    return error ? sc_ctl_exhausted(&ctl->voice) : SC_CTL_DONE;
}

void sc_ctl_console_fini(struct sc_ctl_console *console)
{
    scache_control_close(console->control);
    sc_ctl_facts_fini(&console->facts);
}

const char *sc_ctl_console_user(const struct sc_ctl_console *console)
{
    return console->user[0] ? console->user : NULL;
}

static int console_lost(const struct sc_ctl_console *console)
{
    const char *path = scache_control_path(console->control);
    bool is_postfix = strstr(path, "/private/") || strstr(path, "/public/");

    sc_ctl_complain(&console->ctl->voice, "%s%s", scache_control_text(console->control),
                    is_postfix ? "; under Postfix the next delivery starts it" : "");
    return SC_CTL_AWAY;
}

int sc_ctl_console_ask(struct sc_ctl_console *console, const struct sc_ctl_request *request)
{
    const struct sc_ctl_voice *voice = &console->ctl->voice;
    int step = scache_control_ask(console->control, request->attributes);

    switch (step) {
    case SCACHE_CONTROL_ASKED:
        return SC_CTL_DONE;
    case -EMSGSIZE:
        return sc_ctl_misused(voice, "a label of more than 16 KiB; name it by its ID");
    case -ENOMEM:
        return sc_ctl_exhausted(voice);
    case -EINVAL:
        return sc_ctl_misused(voice, "a request that cannot be asked");
    default:
        return console_lost(console);
    }
}

static int console_read(struct sc_ctl_console *console)
{
    const char *name;
    int error = 0;

    sc_ctl_facts_clear(&console->facts);
    for (size_t i = 0; error == 0 && (name = scache_control_name(console->control, i)); i++)
        error = sc_ctl_facts_add(&console->facts, name, scache_control_value(console->control, i));
    return error;
}

int sc_ctl_console_next(struct sc_ctl_console *console, int milliseconds)
{
    int step = scache_control_next(console->control, milliseconds);

    if (step == SCACHE_CONTROL_RECORD && console_read(console) < 0)
        return -ENOMEM;
    return step;
}

int sc_ctl_console_end(struct sc_ctl_console *console, int step)
{
    const struct sc_ctl_voice *voice = &console->ctl->voice;
    const char *reason = scache_control_text(console->control);

    if (step == -ENOMEM)
        return sc_ctl_exhausted(voice);
    if (step != SCACHE_CONTROL_END)
        return console_lost(console);
    switch (scache_control_status(console->control)) {
    case SCACHE_CONTROL_DONE:
        return SC_CTL_DONE;
    case SCACHE_CONTROL_FORBIDDEN:
        sc_ctl_complain(voice, "%s", reason);
        return SC_CTL_FORBIDDEN;
    case SCACHE_CONTROL_IMPOSSIBLE:
        sc_ctl_complain(voice, "%s", reason);
        return SC_CTL_MISS;
    default:
        sc_ctl_complain(voice, "the server does not understand: %s", reason);
        return SC_CTL_TROUBLE;
    }
}

int sc_ctl_console_each(struct sc_ctl_console *console, const struct sc_ctl_request *request,
                        int (*take)(void *context, const struct sc_ctl_facts *facts), void *context,
                        long *count)
{
    int code = sc_ctl_console_ask(console, request);
    int step = SCACHE_CONTROL_RECORD;

    if (code != SC_CTL_DONE)
        return code;
    while (step == SCACHE_CONTROL_RECORD) {
        step = sc_ctl_console_next(console, -1);
        if (step == SCACHE_CONTROL_RECORD && take(context, &console->facts) < 0)
            step = -ENOMEM;
    }
    if (count)
        *count = scache_control_count(console->control);
    return sc_ctl_console_end(console, step);
}

const char *sc_ctl_console_instance(const struct sc_ctl_console *console)
{
    const char *instance = scache_control_greeting(console->control, "instance");

    return instance ? instance : "";
}

int sc_ctl_console_greeting(const struct sc_ctl_console *console, struct sc_ctl_facts *facts)
{
    static const char *const names[] = {"program", "mode", "pid", "instance", "access"};

    sc_ctl_facts_clear(facts);
    for (size_t i = 0; i < SC_CTL_COUNT_OF(names); i++) {
        const char *value = scache_control_greeting(console->control, names[i]);
        if (value && sc_ctl_facts_add(facts, names[i], value) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* What is asked for matters little: there is no other way to be greeted. */
int sc_ctl_console_meet(struct sc_ctl_console *console)
{
    struct sc_ctl_request request;
    int step = SCACHE_CONTROL_RECORD;

    sc_ctl_request_init(&request, "list");
    sc_ctl_request_add(&request, "kind", "connections");
    sc_ctl_request_add_limit(&request, 1);
    int code = sc_ctl_console_ask(console, &request);
    while (code == SC_CTL_DONE && step == SCACHE_CONTROL_RECORD)
        step = sc_ctl_console_next(console, -1);
    return code == SC_CTL_DONE ? sc_ctl_console_end(console, step) : code;
}
