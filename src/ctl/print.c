/* SPDX-License-Identifier: BSD-2-Clause */
#include "print.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The length of the sequence that a byte begins, or 0: it begins none. */
static size_t print_sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Neither over-long, nor half of a surrogate pair, nor beyond Unicode. */
static bool print_is_scalar(uint32_t code, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    return code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

/* The length of the UTF-8 character at the start of a text, and the character; 0: there is none. */
static size_t print_decode(const char *text, uint32_t *code)
{
    unsigned char first = (unsigned char)*text;
    size_t length = print_sequence_length(first);

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
    return print_is_scalar(*code, length) ? length : 0;
}

static bool print_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* The letter that stands behind a backslash for this character, in both forms; or 0. */
static char print_short_escape(uint32_t code)
{
    switch (code) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '"':
    case '\\':
        return (char)code;
    default:
        return '\0';
    }
}

static void print_write_hex(FILE *file, const char *prefix, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(file, "%s%02x", prefix, (unsigned char)bytes[i]);
}

static void print_write_bytes(const struct sc_ctl_out *out, const char *bytes, size_t length)
{
    uint32_t code;

    if (!out->json)
        print_write_hex(out->file, "\\x", bytes, length);
    else if (print_decode(bytes, &code) == length)
        fprintf(out->file, "\\u%04x", (unsigned)code);
    else
        fputs("\\ufffd", out->file);
}

/* Returns whether all of it was UTF-8. */
static bool print_write_quoted(const struct sc_ctl_out *out, const char *value)
{
    bool is_utf8 = true;

    putc('"', out->file);
    while (*value) {
        uint32_t code = 0;
        size_t length = print_decode(value, &code);
        char letter = length ? print_short_escape(code) : '\0';
        if (letter)
            fprintf(out->file, "\\%c", letter);
        else if (length && !print_is_control(code))
            fwrite(value, 1, length, out->file);
        else
            print_write_bytes(out, value, length ? length : 1);
        is_utf8 = is_utf8 && length;
        value += length ? length : 1;
    }
    putc('"', out->file);
    return is_utf8;
}

void sc_ctl_print_begin(struct sc_ctl_out *out, const char *command, const char *result)
{
    const char *format = out->json ? "{\"command\":\"%s\",\"result\":\"%s\"" : "%s: %s";

    fprintf(out->file, format, command, result);
}

static void print_write_name(const struct sc_ctl_out *out, const char *name, const char *suffix)
{
    fprintf(out->file, out->json ? ",\"%s%s\":" : " %s%s=", name, suffix);
}

void sc_ctl_print_text(struct sc_ctl_out *out, const char *name, const char *value)
{
    print_write_name(out, name, "");
    if (print_write_quoted(out, value) || !out->json)
        return;
    print_write_name(out, name, "_hex");
    putc('"', out->file);
    print_write_hex(out->file, "", value, strlen(value));
    putc('"', out->file);
}

void sc_ctl_print_number(struct sc_ctl_out *out, const char *name, double value)
{
    print_write_name(out, name, "");
    fprintf(out->file, "%.6g", value);
}

void sc_ctl_print_end(struct sc_ctl_out *out)
{
    fputs(out->json ? "}\n" : "\n", out->file);
    /* Whoever drives this through a pipe waits for the line. */
    fflush(out->file);
}
