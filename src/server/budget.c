/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "io/peer.h"
#include "server/internal.h"

enum {
    RESERVE_MIN = 16,
    RESERVE_MAX = 512,
    FEWEST = 4,           /* clients and connections worth running for */
    CLOSER_WAIT_MS = 100, /* how long nothing is received for the closer's sake */
};

static size_t budget_at_most(size_t number, size_t limit)
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
    size_t clients = settings->client_limit > 0 ? settings->client_limit : descriptors / 4;
    *budget = (struct sc_budget){.reserve = reserve};
    budget->clients = budget_at_most(clients, available - FEWEST);
    budget->connections = available - budget->clients;
    return 0;
}

void sc_server_close_foreign(struct sc_server *server, int fd)
{
    sc_closer_take(server->closer, fd, sc_peer_is_socket(fd) ? SC_PEER_SOCKET : 0, 0);
}

void sc_server_reap(struct sc_server *server)
{
    uint8_t nature;
    int fd;

    while ((fd = sc_store_reap(server->store, &nature)) >= 0)
        sc_server_close_foreign(server, fd);
}

/*
 * Descriptors that are neither cached nor free: held on their way to clients,
 * or waiting to be closed beyond what the reserve is for.
 */
static size_t budget_spoken_for(const struct sc_server *server, struct sc_store_sizes sizes)
{
    size_t pending = sc_closer_pending(server->closer);
    size_t spare = server->budget.reserve / 2;

    return sizes.held + (pending > spare ? pending - spare : 0);
}

/*
 * Sees to it that the store keeps within the budget when one more is saved.
 * False if nothing can make room: all is on its way to clients, or hangs.
 */
bool sc_server_make_room(struct sc_server *server)
{
    struct sc_store_sizes sizes = sc_store_sizes(server->store);
    size_t taken = budget_spoken_for(server, sizes);

    if (taken >= server->budget.connections)
        return false;
    sc_store_set_descriptors(server->store, server->budget.connections - taken + sizes.held);
    return true;
}

/*
 * Whether descriptors are queued to be closed that would soon be missed. It
 * is worth a short wait, in which the closer catches up.
 */
bool sc_server_must_wait_for_closer(struct sc_server *server)
{
    if (sc_closer_queued(server->closer) < server->budget.reserve / 4) {
        server->crowded_since = server->now;
        return false;
    }
    return server->now - server->crowded_since < CLOSER_WAIT_MS;
}
