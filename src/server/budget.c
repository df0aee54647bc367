/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "server/internal.h"

enum {
    RESERVE_MIN = 16,
    RESERVE_MAX = 512,
    FEWEST = 4,           /* clients and connections worth running for */
    CLOSER_HANGS_MS = 100 /* a closer that closed nothing for so long does not count on */
};

static size_t at_most(size_t number, size_t limit)
{
    return limit > 0 && limit < number ? limit : number;
}

int sc_budget_make(struct sc_budget *budget, size_t descriptors, size_t used,
                   const struct sc_server_settings *settings)
{
    size_t reserve = descriptors / 16;

    if (reserve < RESERVE_MIN)
        reserve = RESERVE_MIN;
    if (reserve > RESERVE_MAX)
        reserve = RESERVE_MAX;
    if (descriptors < used + reserve + 2 * FEWEST)
        return -EMFILE;
    size_t available = descriptors - used - reserve;
    size_t clients = settings->clients > 0 ? settings->clients : descriptors / 4;
    *budget = (struct sc_budget){.reserve = reserve};
    budget->clients = at_most(clients, available - FEWEST);
    budget->connections = available - budget->clients;
    return 0;
}

void sc_server_limit_store(struct sc_server *server)
{
    struct sc_store_limits limits = server->settings.limits;

    limits.connections = at_most(server->budget.connections, limits.connections);
    sc_store_set_limits(server->store, &limits);
}

void sc_server_close_foreign(struct sc_server *server, int fd)
{
    sc_closer_take(server->closer, fd);
}

void sc_server_reap(struct sc_server *server)
{
    int fd;

    while ((fd = sc_store_reap(server->store)) >= 0)
        sc_server_close_foreign(server, fd);
}

/*
 * Makes room for one connection more. False if that is not enough, because
 * too many of those that made room cannot be closed.
 */
bool sc_server_make_room(struct sc_server *server)
{
    struct sc_store_sizes sizes = sc_store_sizes(server->store);
    const struct sc_budget *budget = &server->budget;

    while (sizes.connections + sizes.held >= budget->connections) {
        if (!sc_store_evict(server->store))
            return false; /* All are held, on their way to clients. */
        sizes.connections--;
    }
    sc_server_reap(server);
    return sizes.connections + sizes.held + sc_closer_pending(server->closer) <
           budget->connections + budget->reserve / 2;
}

/*
 * Whether descriptors wait to be closed that would soon be missed. There is
 * no point in waiting for a closer that hangs.
 */
bool sc_server_must_wait_for_closer(struct sc_server *server)
{
    size_t closed = sc_closer_closed(server->closer);

    if (closed != server->closer_closed || sc_closer_pending(server->closer) == 0) {
        server->closer_closed = closed;
        server->closer_moved = server->now;
    }
    struct sc_store_sizes sizes = sc_store_sizes(server->store);
    size_t open = sizes.connections + sizes.held + sc_closer_pending(server->closer);
    return open >= server->budget.connections + server->budget.reserve / 4 &&
           server->now - server->closer_moved < CLOSER_HANGS_MS;
}
