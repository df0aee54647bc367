/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads records that were written down. It is for tests: lines are right, or
 * the test is wrong.
 */
#include "support/check.h"

#include "support/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/words.h"

/* Where a value ends that begins here: at a blank, or behind its second quote. */
static size_t recorded_length(const char *value)
{
    size_t length = 1;

    if (*value != '"')
        return strcspn(value, " ");
    while (value[length] && value[length] != '"')
        length += value[length] == '\\' ? 2 : 1;
    return length + 1;
}

void recorded_read(struct sc_ctl_facts *facts, const char *line)
{
    sc_ctl_facts_clear(facts);
    while (*line) {
        size_t name_length = strcspn(line, "=");
        const char *value = line + name_length + 1;
        char *words[SC_CTL_WORDS_MAX];
        assert_true(line[name_length] == '=');
        size_t length = recorded_length(value);
        char *name = strndup(line, name_length);
        char *text = strndup(value, length);
        int count = sc_ctl_words_split(text, words);
        assert_in_range(count, 0, 1);
        assert_int_equal(sc_ctl_facts_add(facts, name, count ? words[0] : ""), 0);
        free(name);
        free(text);
        line = value + length;
        line += strspn(line, " ");
    }
}

void recorded_read_all(const char *const *lines,
                       void (*take)(void *context, const struct sc_ctl_facts *facts), void *context)
{
    struct sc_ctl_facts facts;

    sc_ctl_facts_init(&facts);
    for (; *lines; lines++) {
        recorded_read(&facts, *lines);
        take(context, &facts);
    }
    sc_ctl_facts_fini(&facts);
}

char *recorded_print(void (*print)(void *context, FILE *out), void *context)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    print(context, out);
    assert_int_equal(fclose(out), 0);
    return text;
}
