/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command watch: events as they happen, until somebody ends it.
 */
#include <errno.h>
#include <time.h>

#include "console.h"
#include "event.h"
#include "object.h"
#include "picture.h"

static int watch_take(void *context, const struct sc_ctl_facts *facts)
{
    struct sc_ctl_console *console = context;
    struct sc_ctl *ctl = console->ctl;
    const struct sc_ctl_sheet sheet = sc_ctl_sheet_of(ctl->out.file);
    struct sc_ctl_picture picture;

    if (ctl->args.json) {
        sc_ctl_object_print(&ctl->out, facts);
        return ctl->out.error;
    }
    int error = sc_ctl_picture_init(&picture);
    if (error == 0) {
        sc_ctl_event_print(facts, &sheet, sc_ctl_console_instance(console), time(NULL),
                           picture.file);
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    }
    sc_ctl_picture_fini(&picture);
    return error;
}

int sc_ctl_watch(struct sc_ctl *ctl)
{
    const struct sc_ctl_args *args = &ctl->args;
    struct sc_ctl_console console;
    struct sc_ctl_request request;

    sc_ctl_request_init(&request, "watch");
    sc_ctl_request_add(&request, "label", args->label);
    sc_ctl_request_add(&request, "contains", args->contains);
    int code = sc_ctl_console_init(&console, ctl);
    sc_ctl_request_add(&request, "user", sc_ctl_console_user(&console));
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, &request, watch_take, &console, NULL);
    sc_ctl_console_fini(&console);
    return code;
}
