/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command advise: asks for what is known, has conclusions drawn, and shows
 * them or writes a page of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "advice_page.h"
#include "advice_text.h"
#include "console.h"
#include "picture.h"

static int advise_take(void *context, const struct sc_ctl_facts *facts)
{
    return sc_ctl_advice_add(context, facts);
}

static int advise_write_page(const struct sc_ctl *ctl, const struct sc_ctl_advice *advice)
{
    const char *path = ctl->args.html;
    FILE *file = fopen(path, "we");
    bool is_written = false;

    if (file) {
        sc_ctl_advice_print_page(advice, time(NULL), file);
        is_written = !ferror(file);
        is_written = fclose(file) == 0 && is_written;
    }
    if (is_written)
        return SC_CTL_DONE;
    sc_ctl_complain(&ctl->voice, "--html %s: %s", path, strerror(errno));
    return SC_CTL_TROUBLE;
}

static int advise_show(struct sc_ctl *ctl, const struct sc_ctl_advice *advice)
{
    const struct sc_ctl_sheet sheet = sc_ctl_sheet_of(ctl->out.file);
    struct sc_ctl_picture picture;
    int error = sc_ctl_picture_init(&picture);

    if (error == 0) {
        sc_ctl_advice_print(advice, &sheet, picture.file);
        error = sc_ctl_picture_show(&picture, ctl->args.color, ctl->out.file);
    }
    sc_ctl_picture_fini(&picture);
    return error < 0 ? sc_ctl_exhausted(&ctl->voice) : SC_CTL_DONE;
}

static int advise_tell(struct sc_ctl *ctl, struct sc_ctl_advice *advice)
{
    sc_ctl_advice_conclude(advice);
    if (ctl->args.html)
        return advise_write_page(ctl, advice);
    if (!ctl->args.json)
        return advise_show(ctl, advice);
    sc_ctl_advice_print_json(advice, &ctl->out);
    return SC_CTL_DONE;
}

int sc_ctl_advise(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    struct sc_ctl_request request;
    struct sc_ctl_advice advice;

    sc_ctl_advice_init(&advice);
    sc_ctl_request_init(&request, "advise");
    int code = sc_ctl_console_init(&console, ctl);
    sc_ctl_request_add(&request, "user", sc_ctl_console_user(&console));
    if (code == SC_CTL_DONE)
        code = sc_ctl_console_each(&console, &request, advise_take, &advice, NULL);
    if (code == SC_CTL_DONE)
        code = advise_tell(ctl, &advice);
    sc_ctl_console_fini(&console);
    sc_ctl_advice_fini(&advice);
    return code;
}
