/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns marks into the sequences that terminals have in common.
 */
#include "paint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const sequences[SC_CTL_PAINTS] = {
    NULL, "\033[0m", "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[7m", "\033[1;7m",
};

void sc_ctl_paint(FILE *out, const char *text, bool colour)
{
    while (*text) {
        size_t length = strcspn(text, "\001\002\003\004\005\006\007");
        fwrite(text, 1, length, out);
        text += length;
        if (*text && colour)
            fputs(sequences[(unsigned char)*text], out);
        text += *text ? 1 : 0;
    }
}

bool sc_ctl_paint_is_wanted(const char *option, FILE *out)
{
    const char *refusal = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");

    if (option && strcmp(option, "auto") != 0)
        return strcmp(option, "always") == 0;
    if (refusal && *refusal)
        return false;
    return isatty(fileno(out)) && terminal && strcmp(terminal, "dumb") != 0;
}
