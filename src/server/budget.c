/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How descriptors are shared out among clients, connections, a reserve, and
 * those on their way. It knows numbers and nothing else.
 */
#include "server/budget.h"

#include <errno.h>

enum {
    RESERVE_LEAST = 16,
    RESERVE_MOST = 512,
    RESERVE_PART = 16,
    CLIENTS_PART = 4,
    UNREAD_PART = 8, /* the kernel lets a user have as many on their way as open */
    FEWEST = 4       /* clients and connections worth running for */
};

static size_t budget_between(size_t number, size_t least, size_t most)
{
    if (number < least)
        return least;
    return number > most ? most : number;
}

int sc_budget_make(struct sc_budget *budget, size_t descriptors, size_t used, size_t client_limit)
{
    size_t reserve = budget_between(descriptors / RESERVE_PART, RESERVE_LEAST, RESERVE_MOST);

    if (descriptors < used + reserve + 2 * FEWEST)
        return -EMFILE;
    size_t available = descriptors - used - reserve;
    size_t clients = client_limit > 0 ? client_limit : descriptors / CLIENTS_PART;
    clients = budget_between(clients, 1, available - FEWEST);
    *budget = (struct sc_budget){
        .clients = clients,
        .connections = available - clients,
        .reserve = reserve,
        .unread = descriptors / UNREAD_PART,
    };
    return 0;
}

size_t sc_budget_connections(const struct sc_budget *budget, size_t closing, size_t lingering)
{
    size_t spare = budget->reserve / 2;
    size_t taken = lingering + (closing > spare ? closing - spare : 0);

    return budget->connections > taken ? budget->connections - taken : 0;
}

size_t sc_budget_unread_share(const struct sc_budget *budget, size_t others)
{
    size_t left = budget->unread > others ? budget->unread - others : 0;

    return left < 2 ? 1 : left / 2;
}
