/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads recorded conversations, the .vec files of tests/scenario, as bytes for the session.
 * tests/scenario/vec.py reads the same files to play them to real servers.
 */
#include "support/check.h"

#include "support/conversation.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_LINE = 4096, MOST = 256 };

struct loader {
    struct conversation *all;
    size_t count;
    size_t first; /* of the file at hand */
    const char *file;
};

static struct conversation *client(struct loader *loader, const char *name)
{
    char wanted[CONVERSATION_NAME];

    snprintf(wanted, sizeof(wanted), "%.60s:%.30s", loader->file, name);
    for (size_t i = loader->first; i < loader->count; i++)
        if (strcmp(loader->all[i].name, wanted) == 0)
            return &loader->all[i];
    assert_true(loader->count < MOST);
    struct conversation *added = &loader->all[loader->count++];
    *added = (struct conversation){0};
    memcpy(added->name, wanted, sizeof(wanted));
    sc_buf_init(&added->sent);
    sc_buf_init(&added->answered);
    return added;
}

static char hexadecimal(const char *digits)
{
    char text[3] = {digits[0], digits[1], '\0'};

    return (char)strtoul(text, NULL, 16);
}

/* The byte that the escape behind a backslash stands for, and what is behind it. */
static const char *unescape(const char *text, char *byte)
{
    switch (*byte = *text++) {
    case '0':
        *byte = '\0';
        break;
    case 'n':
        *byte = '\n';
        break;
    case 't':
        *byte = '\t';
        break;
    case 'x':
        *byte = hexadecimal(text);
        return text + 2;
    default:
        assert_int_equal(*byte, '\\');
    }
    return text;
}

/* Appends bytes up to the given end, which may be the string's. */
static const char *append_until(struct sc_buf *buf, const char *text, char end)
{
    while (*text != end) {
        char byte = *text++;
        if (byte == '\\')
            text = unescape(text, &byte);
        assert_int_equal(sc_buf_append(buf, (struct sc_bytes){&byte, 1}), 0);
    }
    return text;
}

/* Undoes the escapes, also "N times over", and appends the bytes. */
static void append(struct sc_buf *buf, const char *text)
{
    const char *repeat;

    while ((repeat = strstr(text, "\\*"))) {
        char *inner;
        const char *end = NULL;
        unsigned long times = strtoul(repeat + 2, &inner, 10);
        char *before = strndup(text, (size_t)(repeat - text));
        append_until(buf, before, '\0');
        free(before);
        while (times-- > 0)
            end = append_until(buf, inner + 1, ')');
        assert_non_null(end);
        text = end + 1;
    }
    append_until(buf, text, '\0');
}

static void add_sent(struct conversation *conversation, const char *text, int descriptors)
{
    size_t start = sc_buf_length(&conversation->sent);

    assert_true(conversation->count < CONVERSATION_MESSAGES);
    append(&conversation->sent, text);
    conversation->messages[conversation->count++] = (struct conversation_message){
        .start = start,
        .length = sc_buf_length(&conversation->sent) - start,
        .descriptors = descriptors,
        .has_waited = sc_buf_length(&conversation->answered) > conversation->answered_before,
    };
    conversation->answered_before = sc_buf_length(&conversation->answered);
}

static int count_words(const char *text)
{
    int count = 0;

    for (bool inside = false; *text; text++) {
        count += !inside && *text != ' ';
        inside = *text != ' ';
    }
    return count;
}

/* What follows if the line starts so, else a null pointer. */
static const char *after(const char *line, const char *start)
{
    size_t length = strlen(start);

    return strncmp(line, start, length) == 0 ? line + length : NULL;
}

static const char *second_word(const char *text)
{
    const char *blank = strchr(text, ' ');

    assert_non_null(blank);
    return blank + 1;
}

static void add_line(struct conversation *to, const char *line)
{
    const char *text;

    if ((text = after(line, "> ")))
        add_sent(to, text, 0);
    else if ((text = after(line, ">fd ")))
        add_sent(to, "\\0", count_words(text));
    else if ((text = after(line, ">fdmsg ")))
        add_sent(to, second_word(text), 1);
    else if ((text = after(line, "< ")))
        append(&to->answered, text);
    else if ((text = after(line, "<fdmsg ")))
        append(&to->answered, second_word(text));
    else if (after(line, "<fd ") || after(line, "<nofd"))
        append(&to->answered, "\\0");
    else if (after(line, "shutdown"))
        to->is_shut_down = true;
    else if (after(line, "<eof"))
        to->is_refused = !to->is_shut_down;
}

static void load_file(struct loader *loader, const char *directory)
{
    char path[LONGEST_LINE];
    char line[LONGEST_LINE];

    snprintf(path, sizeof(path), "%s/%s", directory, loader->file);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    loader->first = loader->count;
    struct conversation *current = client(loader, "main");
    while (fgets(line, sizeof(line), file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '@')
            current = client(loader, line + 1);
        else
            add_line(current, line);
    }
    fclose(file);
}

static int is_vector(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".vec") == 0;
}

size_t conversation_load(const char *directory, struct conversation **conversations)
{
    struct loader loader = {.all = calloc(MOST, sizeof(*loader.all))};
    struct dirent **files;

    assert_non_null(loader.all);
    int count = scandir(directory, &files, is_vector, alphasort);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        loader.file = files[i]->d_name;
        load_file(&loader, directory);
        free(files[i]);
    }
    free(files);
    *conversations = loader.all;
    return loader.count;
}

void conversation_free(struct conversation *conversations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sc_buf_fini(&conversations[i].sent);
        sc_buf_fini(&conversations[i].answered);
    }
    free(conversations);
}
