/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of far ends, brought into one form. It asks no name service.
 */
#include "wire/tls_name.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

enum { LABEL_MAX = 63 };

static bool tls_name_is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* An underscore is in no host's name, but in names that certificates do carry. */
static bool tls_name_allows(char byte)
{
    return tls_name_is_digit(byte) || (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_';
}

static bool tls_name_is_label(struct sc_bytes label)
{
    if (label.length == 0 || label.length > LABEL_MAX || label.data[0] == '-' ||
        label.data[label.length - 1] == '-')
        return false;
    for (size_t i = 0; i < label.length; i++)
        if (!tls_name_allows(label.data[i]))
            return false;
    return true;
}

/* No top-level domain begins with a digit, but 127.1 and 0x7f000001 are addresses to some. */
static bool tls_name_is_dns(struct sc_bytes name)
{
    struct sc_bytes label = {name.data, 0};

    for (size_t i = 0; i < name.length; i++) {
        if (name.data[i] != '.') {
            label.length++;
            continue;
        }
        if (!tls_name_is_label(label))
            return false;
        label = (struct sc_bytes){name.data + i + 1, 0};
    }
    return tls_name_is_label(label) && !tls_name_is_digit(label.data[0]);
}

static bool tls_name_set_address(struct sc_tls_name *name, int family, const char *text)
{
    unsigned char address[sizeof(struct in6_addr)];

    name->is_address = inet_pton(family, text, address) == 1 &&
                       inet_ntop(family, address, name->text, sizeof(name->text)) != NULL;
    return name->is_address;
}

int sc_tls_name_set(struct sc_tls_name *name, struct sc_bytes text)
{
    char lower[SC_TLS_NAME_MAX + 1];

    *name = (struct sc_tls_name){0};
    if (text.length > 0 && text.data[text.length - 1] == '.')
        text.length--;
    if (text.length == 0 || text.length > SC_TLS_NAME_MAX)
        return -EINVAL;
    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];
        lower[i] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    lower[text.length] = '\0';
    if (strlen(lower) != text.length)
        return -EINVAL;
    if (tls_name_set_address(name, AF_INET, lower) || tls_name_set_address(name, AF_INET6, lower))
        return 0;
    if (!tls_name_is_dns((struct sc_bytes){lower, text.length}))
        return -EINVAL;
    snprintf(name->text, sizeof(name->text), "%s", lower);
    return 0;
}
