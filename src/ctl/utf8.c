/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decodes UTF-8, one character at a time. How wide a character is on a screen
 * is no matter of this file.
 */
#include "utf8.h"

/* The length of the sequence that a byte begins, or 0: it begins none. */
static size_t utf8_sequence_length(unsigned char first)
{
    if (first < 0x80)
        return first ? 1 : 0;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Neither over-long, nor half of a surrogate pair, nor beyond Unicode. */
static bool utf8_is_scalar(uint32_t code, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

size_t sc_ctl_utf8_decode(const char *text, uint32_t *code)
{
    unsigned char first = (unsigned char)*text;
    size_t length = utf8_sequence_length(first);

    if (length == 0)
        return 0;
    *code = length == 1 ? first : first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char next = (unsigned char)text[i];
        /* The NUL at the end of the text fails this too. */
        if ((next & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (next & 0x3f);
    }
    return utf8_is_scalar(*code, length) ? length : 0;
}

/* Beside the two blocks of controls: marks of direction, which reorder what stands around them. */
bool sc_ctl_utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0xfeff ||
           (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2060 && code <= 0x206f);
}
