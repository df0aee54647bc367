/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labels and properties of the shape and length that Postfix's smtp(8) uses, made from a number.
 * They are texts without the NUL and the names around them, which script.c adds.
 */
#include "text.h"

#include <assert.h>
#include <stdio.h>

size_t sc_text_make(char out[SC_TEXT_MAX], enum sc_text kind, unsigned number)
{
    unsigned a = 100 + number / 10000 % 100;
    unsigned b = 100 + number / 100 % 100;
    unsigned c = 100 + number % 100;
    int len = 0;

    switch (kind) {
    case SC_TEXT_ENDP_LABEL:
        len = snprintf(out, SC_TEXT_MAX, "smtp\n10.%u.%u.%u\n25\n0\n", a, b, c);
        break;
    case SC_TEXT_ENDP_PROP:
        len = snprintf(out, SC_TEXT_MAX,
                       "tls_level=0\nreuse_count=0\nendpoint_features=34695\nexpire_time=%u\n\n",
                       1795000000 + number);
        break;
    case SC_TEXT_DEST_LABEL:
        len = snprintf(out, SC_TEXT_MAX, "smtp\nd%06u.example.com\n25\n", number);
        break;
    case SC_TEXT_DEST_PROP:
        len = snprintf(out, SC_TEXT_MAX,
                       "destination=d%06u.example.com\nhost_name=mx.d%06u.example.com\n"
                       "host_addr=10.%u.%u.%u\ndestination_features=4096\n\n",
                       number, number, a, b, c);
        break;
    }
    assert(len > 0 && len < SC_TEXT_MAX);
    return (size_t)len;
}
