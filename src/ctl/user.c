/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads and writes users. Who may see whom, the server knows.
 */
#include "user.h"

#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USER_DIGITS = 18 };

static const int64_t user_shared = INT64_C(1) << 32;
static const char user_share[] = "share";

/* Only digits, and not too many; negative: something else. */
static int64_t user_number(const char *text)
{
    size_t length = strspn(text, "0123456789");

    if (length == 0 || length > USER_DIGITS || text[length] != '\0')
        return -1;
    return strtoll(text, NULL, 10);
}

static int64_t user_find(const char *word)
{
    const struct passwd *entry;
    int64_t number = user_number(word);

    if (number >= 0)
        return number;
    if (strncmp(word, user_share, strlen(user_share)) == 0) {
        number = user_number(word + strlen(user_share));
        if (number > 0)
            return user_shared + number - 1;
    }
    entry = getpwnam(word);
    return entry ? (int64_t)entry->pw_uid : -1;
}

bool sc_ctl_user_read(char number[SC_CTL_USER_SIZE], const char *word)
{
    int64_t user = user_find(word);

    snprintf(number, SC_CTL_USER_SIZE, "%lld", (long long)user);
    return user >= 0;
}

const char *sc_ctl_user_show(char text[SC_CTL_USER_SIZE], const char *number)
{
    int64_t user = user_number(number);

    if (user < user_shared)
        return number;
    snprintf(text, SC_CTL_USER_SIZE, "%s%lld", user_share, (long long)(user - user_shared + 1));
    return text;
}
