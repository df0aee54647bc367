/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a put or a take is asked with, one request after the other, of a server
 * that knows neither. What is answered decides whether there is a next one, and
 * that is for whoever asks to see.
 */
#include "lib/classic.h"

void sc_classic_begin(struct sc_classic *classic, const struct sc_request *asked)
{
    *classic = (struct sc_classic){.asked = *asked};
}

static bool classic_next_of_put(struct sc_request *asked, bool is_first, struct sc_request *next)
{
    *next = *asked;
    if (is_first) {
        next->kind = SC_REQUEST_SAVE_ENDP;
        return true;
    }
    next->kind = SC_REQUEST_SAVE_DEST;
    next->ttl = asked->binding_ttl;
    bool has_binding = asked->has_binding;
    asked->has_binding = false;
    return has_binding;
}

static bool classic_next_of_take(struct sc_request *asked, bool is_first, struct sc_request *next)
{
    *next = *asked;
    if (is_first && asked->destination.length > 0) {
        next->kind = SC_REQUEST_FIND_DEST;
        return true;
    }
    next->kind = SC_REQUEST_FIND_ENDP;
    return sc_request_next_endpoint(asked, &next->endpoint);
}

bool sc_classic_next(struct sc_classic *classic, struct sc_request *next)
{
    bool is_first = !classic->has_begun;

    classic->has_begun = true;
    if (classic->asked.kind == SC_REQUEST_PUT)
        return classic_next_of_put(&classic->asked, is_first, next);
    if (classic->asked.kind == SC_REQUEST_TAKE)
        return classic_next_of_take(&classic->asked, is_first, next);
    *next = classic->asked;
    return is_first;
}
