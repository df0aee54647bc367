/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts a request to the control socket together. Which attributes go with
 * which request, the server knows.
 */
#include "request.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

void sc_ctl_request_init(struct sc_ctl_request *request, const char *name)
{
    *request = (struct sc_ctl_request){.attributes = {"request", name}, .count = 2};
}

void sc_ctl_request_add(struct sc_ctl_request *request, const char *name, const char *value)
{
    /* One that was left out could be a filter of a drop. */
    assert(request->count + 2 <= SC_CTL_REQUEST_MOST);
    if (!value)
        return;
    request->attributes[request->count++] = name;
    request->attributes[request->count++] = value;
    request->attributes[request->count] = NULL;
}

void sc_ctl_request_add_limit(struct sc_ctl_request *request, int limit)
{
    snprintf(request->limit, sizeof(request->limit), "%d", limit);
    sc_ctl_request_add(request, "limit", limit >= 0 ? request->limit : NULL);
}
