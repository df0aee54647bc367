/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Turns spelt lists into bytes. Whether they make a list, and of what, is for
 * those to say who are tested with them.
 */
#include "support/spell.h"

#include <assert.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct speller {
    char *bytes;
    size_t length;
};

static void speller_add(struct speller *speller, char byte)
{
    assert(speller->length < SPELL_LONGEST);
    speller->bytes[speller->length++] = byte;
}

/* One byte of a word; returns where the next begins. */
static const char *speller_take(struct speller *speller, const char *text)
{
    char digits[3] = {0};

    if (*text != '%') {
        speller_add(speller, *text);
        return text + 1;
    }
    assert(isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2]));
    memcpy(digits, text + 1, 2);
    speller_add(speller, (char)strtoul(digits, NULL, 16));
    return text + 3;
}

static const char *speller_take_word(struct speller *speller, const char *text)
{
    const char *end = text + strcspn(text, " ");
    const char *sign = memchr(text, '=', (size_t)(end - text));

    if (end - text == 1 && *text == '.') {
        speller_add(speller, '\0');
        return end;
    }
    while (text < end) {
        if (text == sign) {
            speller_add(speller, '\0');
            text++;
        } else {
            text = speller_take(speller, text);
        }
    }
    if (sign)
        speller_add(speller, '\0');
    return end;
}

static struct sc_bytes speller_spell(char *bytes, const char *text)
{
    struct speller speller = {bytes, 0};

    while (*text) {
        if (*text == ' ')
            text++;
        else
            text = speller_take_word(&speller, text);
    }
    return (struct sc_bytes){speller.bytes, speller.length};
}

struct sc_bytes spell(const char *text)
{
    static struct {
        char text[SPELL_LONGEST];
        char bytes[SPELL_LONGEST];
        struct sc_bytes view;
    } kept[SPELL_KEPT];
    static unsigned next;

    if (!text)
        return SC_BYTES("");
    for (unsigned i = 0; i < SPELL_KEPT; i++)
        if (kept[i].view.data && strcmp(kept[i].text, text) == 0)
            return kept[i].view;
    unsigned at = next++ % SPELL_KEPT;
    assert(strlen(text) < SPELL_LONGEST);
    strcpy(kept[at].text, text);
    kept[at].view = speller_spell(kept[at].bytes, text);
    return kept[at].view;
}
