/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines, names and values of main.cf. What a value means, and what becomes of
 * a "$" in it, is not known here; nor how a file is opened.
 */
#include "config/cf.h"

#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/file.h"

enum { SHOWN = 200 /* bytes of a line or value that a message repeats */ };

static const struct sc_bytes byte_order_mark = SC_BYTES_INIT("\xef\xbb\xbf");

/* A logical line while it grows; it lies in the text that is parsed. */
struct logical_line {
    char *start; /* null: none has begun */
    size_t length;
    size_t number;
};

struct parser {
    struct sc_cf *cf;
    const struct sc_cf_file *file;
    struct sc_diag *diag;
    char *rest;
    char *end;
    size_t number; /* of the physical line that was taken last */
    struct logical_line line;
};

/* As isspace(3) in the C locale, whatever the locale is. */
static bool cf_is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct sc_bytes cf_trim(struct sc_bytes text)
{
    while (text.length > 0 && cf_is_blank(text.data[0])) {
        text.data++;
        text.length--;
    }
    while (text.length > 0 && cf_is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

static int cf_shown(struct sc_bytes text)
{
    return text.length < SHOWN ? (int)text.length : SHOWN;
}

static int cf_compare(const void *one, const void *other)
{
    struct sc_bytes a = ((const struct sc_cf_entry *)one)->name;
    struct sc_bytes b = ((const struct sc_cf_entry *)other)->name;
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

void sc_cf_init(struct sc_cf *cf)
{
    *cf = (struct sc_cf){0};
}

static void cf_free_entry(void *entry)
{
    free(entry);
}

void sc_cf_fini(struct sc_cf *cf)
{
    tdestroy(cf->tree, cf_free_entry);
    sc_cf_init(cf);
}

const struct sc_cf_entry *sc_cf_find(const struct sc_cf *cf, struct sc_bytes name)
{
    struct sc_cf_entry key = {.name = name};
    struct sc_cf_entry *const *node = tfind(&key, &cf->tree, cf_compare);

    return node ? *node : NULL;
}

/* One block holds the entry and both texts, so that it is freed whole. */
static struct sc_cf_entry *cf_new_entry(struct sc_bytes name, struct sc_bytes value)
{
    struct sc_cf_entry *entry = malloc(sizeof(*entry) + name.length + value.length + 2);

    if (!entry)
        return NULL;
    char *copy = entry->text + name.length + 1;
    memcpy(entry->text, name.data, name.length);
    entry->text[name.length] = '\0';
    if (value.length > 0)
        memcpy(copy, value.data, value.length);
    copy[value.length] = '\0';
    entry->name = (struct sc_bytes){entry->text, name.length};
    entry->value = copy;
    return entry;
}

int sc_cf_set(struct sc_cf *cf, struct sc_bytes name, struct sc_bytes value,
              struct sc_origin origin)
{
    struct sc_cf_entry *entry = cf_new_entry(name, value);

    if (!entry)
        return -ENOMEM;
    entry->origin = origin;
    struct sc_cf_entry **node = tsearch(entry, &cf->tree, cf_compare);
    if (!node) {
        free(entry);
        return -ENOMEM;
    }
    if (*node != entry) {
        free(*node);
        *node = entry;
    }
    return 0;
}

/* Returns null, or what is wrong. A name is one word. */
static const char *cf_split(struct sc_bytes text, struct sc_bytes *name, struct sc_bytes *value)
{
    size_t i = 0;

    text = cf_trim(text);
    while (i < text.length && text.data[i] != '=' && !cf_is_blank(text.data[i]))
        i++;
    *name = (struct sc_bytes){text.data, i};
    while (i < text.length && cf_is_blank(text.data[i]))
        i++;
    if (i == text.length || text.data[i] != '=')
        return "missing '=' after attribute name";
    if (name->length == 0)
        return "missing attribute name";
    *value = cf_trim((struct sc_bytes){text.data + i + 1, text.length - i - 1});
    return NULL;
}

int sc_cf_override(struct sc_cf *cf, const char *text, struct sc_diag *diag)
{
    struct sc_bytes name, value;
    const char *wrong = cf_split(sc_bytes_of(text), &name, &value);

    if (wrong)
        return sc_diag_fatal(diag, -EINVAL, "option -o: %s: \"%.*s\"", wrong, SHOWN, text);
    int error = sc_cf_set(cf, name, value, (struct sc_origin){.option = "-o"});
    return error < 0 ? sc_diag_out_of_memory(diag) : 0;
}

/* The same value again is no news. */
static void cf_warn_if_overridden(const struct parser *parser, struct sc_bytes name,
                                  struct sc_bytes value)
{
    const struct sc_cf_entry *old = sc_cf_find(parser->cf, name);

    /* What an earlier file set is there to be overridden. */
    if (!old || old->origin.file != parser->file->number ||
        sc_bytes_equal(sc_bytes_of(old->value), value))
        return;
    sc_diag_warn(parser->diag, "%s, line %zu: overriding earlier entry: %.*s=%.*s",
                 parser->file->path, parser->line.number, cf_shown(name), name.data, SHOWN,
                 old->value);
}

/* A text in memory cannot go on after NUL, so neither may a line seem to. */
static struct sc_bytes cf_cut_at_nul(const struct parser *parser, struct sc_bytes line)
{
    const char *nul = memchr(line.data, '\0', line.length);

    if (nul) {
        sc_diag_warn(parser->diag, "%s, line %zu: ignoring a NUL byte and what follows it",
                     parser->file->path, parser->line.number);
        line.length = (size_t)(nul - line.data);
    }
    return line;
}

/* What was joined so far is a whole line: the next begins without a blank, or there is none. */
static int cf_finish_line(struct parser *parser)
{
    struct sc_bytes line = {parser->line.start, parser->line.length};
    struct sc_bytes name, value;

    if (!line.data)
        return 0;
    parser->line.start = NULL;
    line = cf_cut_at_nul(parser, line);
    if (line.length > 0 && cf_is_blank(line.data[0])) {
        sc_diag_warn(parser->diag,
                     "%s, line %zu: logical line must not start with whitespace: \"%.*s\"",
                     parser->file->path, parser->line.number, cf_shown(line), line.data);
        return 0;
    }
    const char *wrong = cf_split(line, &name, &value);
    if (wrong)
        return sc_diag_fatal(parser->diag, -EINVAL, "%s, line %zu: %s: \"%.*s\"",
                             parser->file->path, parser->line.number, wrong, cf_shown(line),
                             line.data);
    cf_warn_if_overridden(parser, name, value);
    int error =
        sc_cf_set(parser->cf, name, value,
                  (struct sc_origin){.file = parser->file->number, .line = parser->line.number});
    return error < 0 ? sc_diag_out_of_memory(parser->diag) : 0;
}

/* Takes a physical line without its end; carriage returns belong to the end. */
static bool cf_take_line(struct parser *parser, char **start, size_t *length)
{
    if (parser->rest == parser->end)
        return false;
    char *newline = memchr(parser->rest, '\n', (size_t)(parser->end - parser->rest));
    char *stop = newline ? newline : parser->end;
    *start = parser->rest;
    parser->rest = newline ? newline + 1 : parser->end;
    parser->number++;
    while (stop > *start && stop[-1] == '\r')
        stop--;
    *length = (size_t)(stop - *start);
    return true;
}

/* Empty lines and comments, which a logical line goes on behind. */
static bool cf_says_nothing(const char *start, size_t length)
{
    struct sc_bytes text = cf_trim((struct sc_bytes){start, length});

    return text.length == 0 || text.data[0] == '#';
}

/* What is joined is never longer than what it was made of, so it is joined in place. */
static void cf_join_line(struct parser *parser, const char *start, size_t length)
{
    memmove(parser->line.start + parser->line.length, start, length);
    parser->line.length += length;
}

/*
 * A byte order mark is no part of a text; but Postfix reads its own file in
 * another way, and there the two should agree.
 */
static void cf_skip_mark(struct parser *parser)
{
    struct sc_bytes front = {parser->rest, byte_order_mark.length};

    if ((size_t)(parser->end - parser->rest) < front.length ||
        !sc_bytes_equal(front, byte_order_mark))
        return;
    if (parser->file->of_postfix)
        sc_diag_warn(parser->diag,
                     "%s, line 1: a byte order mark stands in front, so what this line sets is "
                     "ignored, by Postfix too",
                     parser->file->path);
    else
        parser->rest += front.length;
}

int sc_cf_parse(struct sc_cf *cf, const struct sc_cf_file *file, char *text, size_t length,
                struct sc_diag *diag)
{
    struct parser parser = {
        .cf = cf, .file = file, .diag = diag, .rest = text, .end = text + length};
    char *start;

    cf_skip_mark(&parser);
    while (cf_take_line(&parser, &start, &length)) {
        if (cf_says_nothing(start, length))
            continue;
        if (parser.line.start && cf_is_blank(*start)) {
            cf_join_line(&parser, start, length);
            continue;
        }
        int error = cf_finish_line(&parser);
        if (error < 0)
            return error;
        parser.line = (struct logical_line){start, length, parser.number};
    }
    return cf_finish_line(&parser);
}

int sc_cf_read(struct sc_cf *cf, const struct sc_cf_file *file, struct sc_diag *diag)
{
    struct sc_buf buf;

    sc_buf_init(&buf);
    int error = sc_file_read(file->path, SC_CF_FILE_MAX, &buf);
    if (error == -ENOENT && file->optional)
        return error;
    if (error == -ENOMEM)
        error = sc_diag_out_of_memory(diag);
    else if (error < 0)
        error = sc_diag_fatal(diag, error, "open %s: %s", file->path, sc_file_error(error));
    else if (sc_buf_length(&buf) > 0)
        error = sc_cf_parse(cf, file, buf.data, sc_buf_length(&buf), diag);
    sc_buf_fini(&buf);
    return error;
}

/* What twalk_r(3) hands on. */
struct walk {
    void (*visit)(const struct sc_cf_entry *entry, void *context);
    void *context;
};

static void cf_visit(const void *node, VISIT order, void *context)
{
    const struct walk *walk = context;

    if (order == postorder || order == leaf)
        walk->visit(*(const struct sc_cf_entry *const *)node, walk->context);
}

void sc_cf_walk(const struct sc_cf *cf,
                void (*visit)(const struct sc_cf_entry *entry, void *context), void *context)
{
    struct walk walk = {visit, context};

    twalk_r(cf->tree, cf_visit, &walk);
}
