/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes records: the text form itself, the JSON form by json-c. It knows no
 * names of commands or members.
 */
#include "record.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* The letter that stands behind a backslash for this character; or 0. */
static char record_short_escape(uint32_t code)
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

static void record_write_hex(FILE *file, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        fprintf(file, "\\x%02x", (unsigned char)bytes[i]);
}

static void record_write_quoted(FILE *file, const char *value)
{
    putc('"', file);
    while (*value) {
        uint32_t code = 0;
        size_t length = sc_ctl_utf8_decode(value, &code);
        char letter = length ? record_short_escape(code) : '\0';
        if (letter)
            fprintf(file, "\\%c", letter);
        else if (length && !sc_ctl_utf8_is_control(code))
            fwrite(value, 1, length, file);
        else
            record_write_hex(file, value, length ? length : 1);
        value += length ? length : 1;
    }
    putc('"', file);
}

/* Takes the value; null stands for a value for which there was no memory. */
static void record_add_member(struct sc_ctl_out *out, const char *name, struct json_object *value)
{
    if (!value || !out->line || json_object_object_add(out->line, name, value) != 0) {
        json_object_put(value);
        out->error = -ENOMEM;
    }
}

/* The same text with a replacement for each byte that is not UTF-8; null: no memory. */
static char *record_replace(const char *value, bool *is_same)
{
    char *copy = malloc(strlen(value) * (sizeof(replacement) - 1) + 1);
    char *to = copy;
    uint32_t code;

    *is_same = true;
    while (copy && *value) {
        size_t length = sc_ctl_utf8_decode(value, &code);
        const char *from = length ? value : replacement;
        *is_same = *is_same && length;
        to = mempcpy(to, from, length ? length : sizeof(replacement) - 1);
        value += length ? length : 1;
    }
    if (copy)
        *to = '\0';
    return copy;
}

static void record_add_hex(struct sc_ctl_out *out, const char *name, const char *value)
{
    static const char digits[] = "0123456789abcdef";
    size_t length = strlen(value);
    char *hex = malloc(2 * length + 1);
    char *longer = NULL;

    if (hex && asprintf(&longer, "%s_hex", name) >= 0) {
        for (size_t i = 0; i < length; i++) {
            hex[2 * i] = digits[(unsigned char)value[i] >> 4];
            hex[2 * i + 1] = digits[value[i] & 0xf];
        }
        record_add_member(out, longer, json_object_new_string_len(hex, (int)(2 * length)));
        free(longer);
    } else {
        out->error = -ENOMEM;
    }
    free(hex);
}

void sc_ctl_record_note_text(struct sc_ctl_out *out, const char *name, const char *value)
{
    bool is_same;

    if (!out->json)
        return;
    char *text = record_replace(value, &is_same);
    record_add_member(out, name, text ? json_object_new_string(text) : NULL);
    free(text);
    if (!is_same)
        record_add_hex(out, name, value);
}

void sc_ctl_record_begin(struct sc_ctl_out *out, const char *command, const char *result)
{
    if (!out->json) {
        fprintf(out->file, "%s: %s", command, result);
        return;
    }
    json_object_put(out->line);
    out->line = json_object_new_object();
    sc_ctl_record_note_text(out, "command", command);
    sc_ctl_record_note_text(out, "result", result);
}

void sc_ctl_record_open(struct sc_ctl_out *out, const char *kind)
{
    if (!out->json) {
        fputs(kind, out->file);
        return;
    }
    json_object_put(out->line);
    out->line = json_object_new_object();
    sc_ctl_record_note_text(out, "record", kind);
}

void sc_ctl_record_take(struct sc_ctl_out *out, const char *name, struct json_object *value)
{
    if (out->json)
        record_add_member(out, name, value);
    else
        json_object_put(value);
}

void sc_ctl_record_add_numeral(struct sc_ctl_out *out, const char *name, const char *digits)
{
    if (out->json)
        record_add_member(out, name, json_object_new_double_s(strtod(digits, NULL), digits));
    else
        fprintf(out->file, " %s=%s", name, digits);
}

void sc_ctl_record_add_flag(struct sc_ctl_out *out, const char *name, bool value)
{
    if (out->json)
        record_add_member(out, name, json_object_new_boolean(value));
    else
        fprintf(out->file, " %s=%s", name, value ? "yes" : "no");
}

static struct json_object *record_make_list(const char *numbers)
{
    struct json_object *list = json_object_new_array();
    char *end;

    for (double number = strtod(numbers, &end); list && end != numbers;
         number = strtod(numbers, &end)) {
        size_t length = (size_t)(end - numbers);
        char *text = strndup(numbers + strspn(numbers, " "), length - strspn(numbers, " "));
        struct json_object *item = text ? json_object_new_double_s(number, text) : NULL;
        free(text);
        if (!item || json_object_array_add(list, item) != 0) {
            json_object_put(item);
            json_object_put(list);
            return NULL;
        }
        numbers = end;
    }
    return list;
}

void sc_ctl_record_add_numbers(struct sc_ctl_out *out, const char *name, const char *numbers)
{
    if (out->json)
        record_add_member(out, name, record_make_list(numbers));
    else
        sc_ctl_record_add_text(out, name, numbers);
}

void sc_ctl_record_add_text(struct sc_ctl_out *out, const char *name, const char *value)
{
    if (out->json) {
        sc_ctl_record_note_text(out, name, value);
        return;
    }
    fprintf(out->file, " %s=", name);
    record_write_quoted(out->file, value);
}

void sc_ctl_record_add_number(struct sc_ctl_out *out, const char *name, long long value)
{
    if (out->json)
        record_add_member(out, name, json_object_new_int64(value));
    else
        fprintf(out->file, " %s=%lld", name, value);
}

void sc_ctl_record_add_real(struct sc_ctl_out *out, const char *name, double value)
{
    char text[32];

    snprintf(text, sizeof(text), "%.6g", value);
    if (out->json)
        record_add_member(out, name, json_object_new_double_s(value, text));
    else
        fprintf(out->file, " %s=%s", name, text);
}

/* json-c writes characters above 0x7e as they are; here they stand in strings only. */
static void record_write_json(FILE *file, const char *text)
{
    while (*text) {
        uint32_t code = 0;
        size_t length = sc_ctl_utf8_decode(text, &code);
        if (length && sc_ctl_utf8_is_control(code))
            fprintf(file, "\\u%04x", (unsigned)code);
        else
            fwrite(text, 1, length ? length : 1, file);
        text += length ? length : 1;
    }
}

static void record_end_json(struct sc_ctl_out *out)
{
    const char *text = NULL;

    if (out->error == 0)
        text = json_object_to_json_string_ext(out->line, JSON_C_TO_STRING_PLAIN |
                                                             JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text) {
        record_write_json(out->file, text);
        putc('\n', out->file);
    } else {
        out->error = -ENOMEM;
    }
    json_object_put(out->line);
    out->line = NULL;
}

void sc_ctl_record_end(struct sc_ctl_out *out)
{
    if (out->json)
        record_end_json(out);
    else
        putc('\n', out->file);
    /* Whoever drives this through a pipe waits for the line. */
    fflush(out->file);
}
