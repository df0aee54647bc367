/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects what is drawn. What it looks like is decided by who draws.
 */
#include "picture.h"

#include <errno.h>
#include <stdlib.h>

#include "paint.h"

int sc_ctl_picture_init(struct sc_ctl_picture *picture)
{
    *picture = (struct sc_ctl_picture){0};
    picture->file = open_memstream(&picture->text, &picture->length);
    return picture->file ? 0 : -ENOMEM;
}

void sc_ctl_picture_fini(struct sc_ctl_picture *picture)
{
    if (picture->file)
        fclose(picture->file);
    free(picture->text);
    *picture = (struct sc_ctl_picture){0};
}

int sc_ctl_picture_end(struct sc_ctl_picture *picture)
{
    FILE *file = picture->file;

    picture->file = NULL;
    return !file || fclose(file) == 0 ? 0 : -ENOMEM;
}

int sc_ctl_picture_show(struct sc_ctl_picture *picture, const char *option, FILE *out)
{
    int error = sc_ctl_picture_end(picture);

    if (error == 0)
        sc_ctl_paint(out, picture->text, sc_ctl_paint_is_wanted(option, out));
    fflush(out);
    return error;
}
