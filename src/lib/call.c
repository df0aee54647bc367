/* SPDX-License-Identifier: BSD-2-Clause */
#include "lib/call.h"

#include <errno.h>
#include <unistd.h>

#include "scache.h"
#include "wire/response.h"

/* Kept between calls; longer ones are rare and given back. */
enum { BYTES_KEPT = 4096 };

static const struct sc_found nothing = {{"", 0}, {"", 0}, {"", 0}};

void sc_call_init(struct sc_call *call)
{
    *call = (struct sc_call){.saving = -1, .found_fd = -1, .found = nothing};
    sc_buf_init(&call->bytes);
}

void sc_call_fini(struct sc_call *call)
{
    sc_call_settle(call);
    sc_call_drop_found(call);
    sc_buf_fini(&call->bytes);
}

int sc_call_set(struct sc_call *call, const struct sc_request *request, int fd)
{
    sc_buf_clear(&call->bytes, BYTES_KEPT);
    int error = sc_request_write(&call->bytes, request);
    if (error < 0)
        return error;
    if (sc_buf_length(&call->bytes) > SCACHE_MESSAGE_MAX)
        return -EMSGSIZE;
    call->request = sc_request_parse(sc_buf_bytes(&call->bytes));
    if (call->request.malformed)
        return -EINVAL;
    call->saving = fd;
    return 0;
}

bool sc_call_is_ping(const struct sc_call *call)
{
    const struct sc_request *asked = &call->request;

    return asked->kind == SC_REQUEST_TAKE && asked->destination.length == 0 &&
           asked->endpoints.rest.length == 0;
}

void sc_call_settle(struct sc_call *call)
{
    if (call->saving >= 0)
        close(call->saving);
    call->saving = -1;
}

void sc_call_take_found(struct sc_call *call, struct sc_found found, int fd)
{
    call->found = found;
    call->found_fd = fd;
}

int sc_call_steal_found(struct sc_call *call)
{
    int fd = call->found_fd;

    call->found_fd = -1;
    return fd;
}

void sc_call_drop_found(struct sc_call *call)
{
    int fd = sc_call_steal_found(call);

    if (fd >= 0)
        close(fd);
    call->found = nothing;
}
