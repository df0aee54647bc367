/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labels, escaped, and the look at those of others. What they are labels of,
 * and whether two series have the same, is not known here.
 */
#include "labels.h"

#include <stddef.h>
#include <string.h>

enum { LABELS_TAIL = 0x80, LABELS_TAIL_BITS = 0xc0 };

static bool labels_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool labels_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sc_labels_may_name(const char *text)
{
    if (!labels_is_letter(*text))
        return false;
    while (labels_is_letter(*text) || labels_is_digit(*text))
        text++;
    return *text == '\0';
}

/* What the second byte must be at least: shorter forms exist for what is below. */
static unsigned char labels_second_least(unsigned char first)
{
    return first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : LABELS_TAIL;
}

/* And at most: above are halves of pairs, and what is beyond Unicode. */
static unsigned char labels_second_most(unsigned char first)
{
    return first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
}

/* The length of the character of UTF-8 that a text begins with; 0: none, or its end. */
static size_t labels_character(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0];

    if (first == 0)
        return 0;
    if (first < LABELS_TAIL)
        return 1;
    size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (length == 0 || bytes[1] < labels_second_least(first) ||
        bytes[1] > labels_second_most(first))
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((bytes[i] & LABELS_TAIL_BITS) != LABELS_TAIL)
            return 0;
    return length;
}

static bool labels_is_reserved(const char *name, size_t length)
{
    return (length >= 2 && memcmp(name, "__", 2) == 0) ||
           (length == 2 && memcmp(name, "le", 2) == 0) ||
           (length == 5 && memcmp(name, "cache", 5) == 0);
}

/* Behind the value that a text begins with, which has quotation marks around it; null: none. */
static const char *labels_skip_value(const char *text)
{
    if (*text++ != '"')
        return NULL;
    while (*text != '"') {
        size_t length = labels_character(text);
        if (length == 0 || *text == '\n')
            return NULL;
        if (*text == '\\' && !strchr("\\\"n", text[1]))
            return NULL;
        /* What is escaped is one byte, and a NUL is found by strchr() too. */
        if (*text == '\\' && text[1] == '\0')
            return NULL;
        text += *text == '\\' ? 2 : length;
    }
    return text + 1;
}

static const char *labels_skip_label(const char *text)
{
    const char *end = text;

    while (labels_is_letter(*end) || (end > text && labels_is_digit(*end)))
        end++;
    if (end == text || *end != '=' || labels_is_reserved(text, (size_t)(end - text)))
        return NULL;
    return labels_skip_value(end + 1);
}

bool sc_labels_are_sound(const char *text)
{
    if (*text == '\0')
        return true;
    for (;;) {
        text = labels_skip_label(text);
        if (!text)
            return false;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}

static void labels_put_escaped(FILE *out, const char *text, const char *escaped)
{
    while (*text) {
        size_t length = labels_character(text);
        if (*text == '\n')
            fputs("\\n", out);
        else if (strchr(escaped, *text))
            fprintf(out, "\\%c", *text);
        else if (length == 0 || (length == 1 && ((unsigned char)*text < ' ' || *text == 0x7f)))
            fprintf(out, "\\\\x%02x", (unsigned char)*text);
        else
            fwrite(text, 1, length, out);
        text += length > 0 ? length : 1;
    }
}

void sc_labels_put(FILE *out, const char *name, const char *value)
{
    fprintf(out, "%s=\"", name);
    labels_put_escaped(out, value, "\\\"");
    fputc('"', out);
}

void sc_labels_put_help(FILE *out, const char *help)
{
    labels_put_escaped(out, help, "\\");
}
