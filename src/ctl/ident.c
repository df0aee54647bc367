/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes IDs for the screen, and reads them again. Nothing is looked up here.
 */
#include "ident.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IDENT_TAG_LENGTH = 4, IDENT_HASH_LENGTH = 8 };

/* FNV-1a with the end of the text in it. It need not withstand anybody: see the header. */
static uint32_t ident_hash(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return (hash ^ 0xffU) * 16777619U;
}

static uint32_t ident_start(void)
{
    return 2166136261U;
}

/* Four hexadecimal digits are enough to tell one start of a server from the next. */
static uint32_t ident_tag(const char *instance)
{
    uint32_t hash = ident_hash(ident_start(), instance);

    return (hash ^ hash >> 16) & 0xffff;
}

static uint32_t ident_place(const struct sc_ctl_facts *facts)
{
    uint32_t hash = ident_hash(ident_start(), sc_ctl_facts_text(facts, "record"));

    hash = ident_hash(hash, sc_ctl_facts_text(facts, "user"));
    return ident_hash(hash, sc_ctl_facts_text(facts, "label"));
}

/* Only digits, as the server's numbers are; anything else would be a stranger's text on a screen.
 */
static bool ident_is_number(const char *id)
{
    size_t length = strspn(id, "0123456789");

    return length > 0 && length <= SC_CTL_IDENT_DIGITS && id[length] == '\0';
}

const char *sc_ctl_ident_write(char text[SC_CTL_IDENT_SIZE], const struct sc_ctl_facts *facts,
                               const char *instance)
{
    const char *id = sc_ctl_facts_find(facts, "id");

    if (id && ident_is_number(id))
        snprintf(text, SC_CTL_IDENT_SIZE, "%s.%04" PRIx32, id, ident_tag(instance));
    else
        snprintf(text, SC_CTL_IDENT_SIZE, "x%08" PRIx32, ident_place(facts));
    return text;
}

/* So many hexadecimal digits and no more. */
static bool ident_read_hex(const char *text, size_t length, uint32_t *number)
{
    if (strlen(text) != length || strspn(text, "0123456789abcdef") != length)
        return false;
    *number = (uint32_t)strtoul(text, NULL, 16);
    return true;
}

bool sc_ctl_ident_read(struct sc_ctl_ident *ident, const char *word)
{
    size_t digits = strspn(word, "0123456789");

    *ident = (struct sc_ctl_ident){.is_place = *word == 'x'};
    if (ident->is_place)
        return ident_read_hex(word + 1, IDENT_HASH_LENGTH, &ident->hash);
    if (digits == 0 || digits > SC_CTL_IDENT_DIGITS || word[digits] != '.')
        return false;
    memcpy(ident->digits, word, digits);
    return ident_read_hex(word + digits + 1, IDENT_TAG_LENGTH, &ident->hash);
}

bool sc_ctl_ident_is_of(const struct sc_ctl_ident *ident, const char *instance)
{
    return !ident->is_place && ident->hash == ident_tag(instance);
}

bool sc_ctl_ident_is(const struct sc_ctl_ident *ident, const struct sc_ctl_facts *facts)
{
    const char *id = sc_ctl_facts_find(facts, "id");

    if (ident->is_place)
        return !id && ident_place(facts) == ident->hash;
    return id && strcmp(id, ident->digits) == 0;
}
