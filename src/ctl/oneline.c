/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a label in one line. What its fields mean is not known here.
 */
#include "oneline.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "utf8.h"

/* One character of the line: its bytes, and how wide they are. */
struct oneline_piece {
    char bytes[8];
    int width;
    size_t eaten; /* bytes of the label that it stands for */
};

/* The end of a label without the fields at its end that say nothing: empty ones, and "*". */
static const char *oneline_end(const char *label)
{
    const char *end = label + strlen(label);

    while (end > label) {
        if (end[-1] == '\n')
            end--;
        else if (end[-1] == '*' && end - 1 > label && end[-2] == '\n')
            end -= 2;
        else
            break;
    }
    return end;
}

static struct oneline_piece oneline_escape(const char *from)
{
    struct oneline_piece piece = {.width = 4, .eaten = 1};

    snprintf(piece.bytes, sizeof(piece.bytes), "\\x%02x", (unsigned char)*from);
    return piece;
}

static struct oneline_piece oneline_next(const char *from, bool is_utf8)
{
    struct oneline_piece piece = {0};
    uint32_t code = 0;
    size_t length = sc_ctl_utf8_decode(from, &code);

    if (code == '\n')
        return (struct oneline_piece){.bytes = " ", .width = 1, .eaten = 1};
    if (length == 0 || sc_ctl_utf8_is_control(code) || (length > 1 && !is_utf8))
        return oneline_escape(from);
    piece.width = length == 1 ? 1 : wcwidth((wchar_t)code);
    if (piece.width < 1)
        return oneline_escape(from);
    memcpy(piece.bytes, from, length);
    piece.eaten = length;
    return piece;
}

/* Whether what is left of a label is no wider than so much. */
static bool oneline_fits(const char *from, const char *end, int width, bool is_utf8)
{
    while (from < end && width >= 0) {
        struct oneline_piece piece = oneline_next(from, is_utf8);
        width -= piece.width;
        from += piece.eaten;
    }
    return width >= 0;
}

int sc_ctl_oneline(char *line, const char *label, int width, bool is_utf8)
{
    const char *end = oneline_end(label);
    bool is_whole = oneline_fits(label, end, width, is_utf8);
    int room = is_whole ? width : width - 1; /* for the ellipsis */
    int used = 0;

    *line = '\0';
    while (label < end) {
        struct oneline_piece piece = oneline_next(label, is_utf8);
        if (used + piece.width > room)
            break;
        line = stpcpy(line, piece.bytes);
        used += piece.width;
        label += piece.eaten;
    }
    if (is_whole)
        return used;
    strcpy(line, is_utf8 ? "\xe2\x80\xa6" : "~");
    return used + 1;
}
