/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts, in the text of a property. It reads no clock.
 */
#include "tally.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scache.h"

struct sc_ctl_tally sc_ctl_tally_new(int64_t now)
{
    return (struct sc_ctl_tally){.is_known = true, .opened = now};
}

/* Reads "NAME=NUMBER\n" and goes behind it. */
static bool tally_read_line(const char **text, const char *name, int64_t *number)
{
    size_t length = strlen(name);
    char *end;

    if (strncmp(*text, name, length) != 0 || (*text)[length] != '=' ||
        !isdigit((unsigned char)(*text)[length + 1]))
        return false;
    errno = 0;
    *number = strtoll(*text + length + 1, &end, 10);
    if (errno != 0 || *end != '\n')
        return false;
    *text = end + 1;
    return true;
}

struct sc_ctl_tally sc_ctl_tally_read(const char *property, int64_t now)
{
    struct sc_ctl_tally tally = {0};

    tally.is_known = tally_read_line(&property, "opened", &tally.opened) &&
                     tally_read_line(&property, "uses", &tally.uses) && tally.opened <= now;
    return tally;
}

char *sc_ctl_tally_write(const struct sc_ctl_tally *tally, const char *text)
{
    struct scache_label *label = scache_label_new();

    scache_label_add_number(label, "opened", (long)tally->opened);
    scache_label_add_number(label, "uses", (long)tally->uses);
    if (text)
        scache_label_add(label, "text", text);
    const char *property = scache_label_text(label);
    char *copy = property ? strdup(property) : NULL;
    scache_label_free(label);
    return copy;
}

bool sc_ctl_tally_is_old(const struct sc_ctl_tally *tally, int64_t now, int max_age)
{
    return max_age >= 0 && (!tally->is_known || now - tally->opened >= max_age);
}

bool sc_ctl_tally_is_used_up(const struct sc_ctl_tally *tally, int max_uses)
{
    return max_uses >= 0 && (!tally->is_known || tally->uses >= max_uses);
}

int sc_ctl_tally_ttl(const struct sc_ctl_tally *tally, int64_t now, int max_age, int ttl)
{
    int64_t left = max_age < 0 ? ttl : tally->opened + max_age - now;

    if (left > ttl)
        left = ttl;
    return left < 1 ? 1 : (int)left;
}
