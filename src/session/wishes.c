/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Understands the values of a request for a session. Certificates are text
 * here; whether they are any good the engine finds out.
 */
#include "session/wishes.h"

#include <stdio.h>

static const char *const levels[] = {
    [SC_LEVEL_VERIFY] = "verify",
    [SC_LEVEL_PIN] = "pin",
    [SC_LEVEL_UNVERIFIED] = "unverified",
};

const char *sc_level_name(enum sc_level level)
{
    return levels[level];
}

static bool wishes_set_level(struct sc_wishes *wishes, struct sc_bytes word)
{
    for (size_t i = 0; i < SC_COUNT_OF(levels); i++)
        if (sc_bytes_equal(word, sc_bytes_of(levels[i]))) {
            wishes->level = (enum sc_level)i;
            return true;
        }
    return false;
}

/* No name is "any name" only where nothing is verified by it. */
static bool wishes_set_name(struct sc_wishes *wishes, struct sc_bytes text)
{
    if (text.length == 0)
        return wishes->level != SC_LEVEL_VERIFY;
    return sc_tls_name_set(&wishes->name, text) == 0;
}

static bool wishes_set_sni(struct sc_wishes *wishes, struct sc_bytes text)
{
    struct sc_tls_name name = wishes->name;

    if (sc_bytes_equal(text, SC_BYTES("-")))
        return true;
    if (text.length > 0 && (sc_tls_name_set(&name, text) < 0 || name.is_address))
        return false;
    if (!name.is_address)
        snprintf(wishes->sni, sizeof(wishes->sni), "%s", name.text);
    return true;
}

/* The next item of a list set apart by commas; false at its end. */
static bool wishes_next_item(struct sc_bytes *list, struct sc_bytes *item)
{
    if (!list->data)
        return false;
    const char *comma = list->length > 0 ? memchr(list->data, ',', list->length) : NULL;
    *item = *list;
    if (comma)
        item->length = (size_t)(comma - list->data);
    *list = comma ? (struct sc_bytes){comma + 1, list->length - item->length - 1}
                  : (struct sc_bytes){0};
    return true;
}

/*
 * What HTTP/2 keeps of the headers that it has sent is not in the socket, so
 * such a connection cannot be passed on.
 */
static bool wishes_set_alpn(struct sc_wishes *wishes, struct sc_bytes list)
{
    struct sc_bytes item;

    if (list.length == 0)
        return true;
    while (wishes_next_item(&list, &item)) {
        size_t room = sizeof(wishes->alpn) - wishes->alpn_length;
        if (item.length == 0 || item.length + 1 > room || sc_bytes_equal(item, SC_BYTES("h2")))
            return false;
        wishes->alpn[wishes->alpn_length] = (unsigned char)item.length;
        memcpy(wishes->alpn + wishes->alpn_length + 1, item.data, item.length);
        wishes->alpn_length += item.length + 1;
    }
    return true;
}

static bool wishes_set_protocols(struct sc_wishes *wishes, struct sc_bytes text)
{
    if (sc_bytes_equal(text, SC_BYTES(">=TLSv1.3")))
        wishes->least = SC_TLS_1_3;
    else if (text.length > 0 && !sc_bytes_equal(text, SC_BYTES(">=TLSv1.2")))
        return false;
    return true;
}

static int wishes_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

static bool wishes_add_pin(struct sc_wishes *wishes, struct sc_bytes text)
{
    const struct sc_bytes prefix = SC_BYTES("sha256:");

    if (wishes->pin_count == SC_PINS_MAX || text.length != prefix.length + 2 * SC_PIN_SIZE ||
        memcmp(text.data, prefix.data, prefix.length) != 0)
        return false;
    for (size_t i = 0; i < SC_PIN_SIZE; i++) {
        int high = wishes_digit(text.data[prefix.length + 2 * i]);
        int low = wishes_digit(text.data[prefix.length + 2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        wishes->pins[wishes->pin_count][i] = (unsigned char)(high << 4 | low);
    }
    wishes->pin_count++;
    return true;
}

static bool wishes_set_pins(struct sc_wishes *wishes, struct sc_bytes list)
{
    struct sc_bytes item;

    if (list.length == 0)
        return wishes->level != SC_LEVEL_PIN;
    while (wishes_next_item(&list, &item))
        if (!wishes_add_pin(wishes, item))
            return false;
    return true;
}

static bool wishes_set_handshake(struct sc_wishes *wishes, struct sc_bytes digits)
{
    int64_t number = 0;

    for (size_t i = 0; i < digits.length; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9')
            return false;
        number = number > INT32_MAX ? number : 10 * number + (digits.data[i] - '0');
    }
    wishes->handshake_ms = number;
    return digits.length == 0 || number > 0;
}

enum sc_tls_reason sc_wishes_understand(struct sc_wishes *wishes,
                                        const struct sc_tls_request *request)
{
    *wishes = (struct sc_wishes){.least = SC_TLS_1_2};
    if (request->malformed)
        return SC_TLS_REASON_REQUEST;
    if (!wishes_set_level(wishes, request->level))
        return SC_TLS_REASON_LEVEL;
    if (!wishes_set_name(wishes, request->name))
        return SC_TLS_REASON_NAME;
    if (!wishes_set_sni(wishes, request->sni))
        return SC_TLS_REASON_SNI;
    if (!wishes_set_alpn(wishes, request->alpn))
        return SC_TLS_REASON_ALPN_LIST;
    if (!wishes_set_protocols(wishes, request->protocols))
        return SC_TLS_REASON_PROTOCOLS;
    if (request->ca_pem.length > SC_TLS_PEM_MAX || request->client_pem.length > SC_TLS_PEM_MAX)
        return SC_TLS_REASON_PEM;
    wishes->ca_pem = request->ca_pem;
    wishes->client_pem = request->client_pem;
    if (!wishes_set_pins(wishes, request->pins))
        return SC_TLS_REASON_PINS;
    return wishes_set_handshake(wishes, request->handshake_ms) ? SC_TLS_REASON_NONE
                                                               : SC_TLS_REASON_HANDSHAKE_MS;
}
