/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cuts a line into words, in place. What they mean is the shell's matter.
 */
#include "words.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const char blanks[] = " \t\r\n\v\f";

static int words_hex_digit(char character)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = character ? strchr(digits, tolower((unsigned char)character)) : NULL;

    return found ? (int)(found - digits) : -1;
}

/* Reads what follows "\x"; zero is no byte of a label. */
static int words_unescape_hex(char **from, char *byte)
{
    int high = words_hex_digit((*from)[0]);
    int low = high < 0 ? -1 : words_hex_digit((*from)[1]);

    if (low < 0 || high + low == 0)
        return -EINVAL;
    *byte = (char)(high * 16 + low);
    *from += 2;
    return 0;
}

/* Reads what follows a backslash. */
static int words_unescape(char **from, char *byte)
{
    static const char letters[] = "nrt\"\\";
    static const char meanings[] = "\n\r\t\"\\";
    char letter = **from;

    if (letter == '\0')
        return -EINVAL;
    ++*from;
    if (letter == 'x')
        return words_unescape_hex(from, byte);
    const char *known = strchr(letters, letter);
    if (!known)
        return -EINVAL;
    *byte = meanings[known - letters];
    return 0;
}

/* Undoes the quotes in place; the line then goes on behind the second one. */
static int words_cut_quoted(char **line)
{
    char *from = *line + 1;
    char *to = *line;

    while (*from != '"') {
        char byte = *from;
        if (byte == '\0')
            return -EINVAL;
        from++;
        if (byte == '\\' && words_unescape(&from, &byte) < 0)
            return -EINVAL;
        *to++ = byte;
    }
    from++;
    if (*from != '\0' && !strchr(blanks, *from))
        return -EINVAL;
    /* In front of the second quote at the latest: the first one is gone. */
    *to = '\0';
    *line = from;
    return 0;
}

static void words_cut_plain(char **line)
{
    *line += strcspn(*line, blanks);
    if (**line)
        *(*line)++ = '\0';
}

int sc_ctl_words_split(char *line, char *words[SC_CTL_WORDS_MAX])
{
    int count = 0;

    for (;;) {
        line += strspn(line, blanks);
        if (*line == '\0' || *line == '#')
            return count;
        char *word = line;
        if (*line == '"') {
            int error = words_cut_quoted(&line);
            if (error < 0)
                return error;
        } else {
            words_cut_plain(&line);
        }
        if (count < SC_CTL_WORDS_MAX)
            words[count] = word;
        count++;
    }
}
