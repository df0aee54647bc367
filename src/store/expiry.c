/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What has expired is removed in the order in which it expired, connections
 * before bindings, and so many at a time as the caller has time for.
 */
#include "store/expiry.h"

#include "store/binding.h"
#include "store/connection.h"
#include "store/fate.h"
#include "store/known.h"
#include "store/space.h"

enum { AT_ONCE = 4 };

static bool expiry_of_connections(struct sc_store *store, size_t *steps)
{
    const struct sc_heap_key *first;

    while ((first = sc_heap_top(&store->live_spaces)) && first->expires <= store->now) {
        if (*steps == 0)
            return true;
        --*steps;
        const struct sc_space *space = SC_CONTAINER_OF(first, struct sc_space, endpoint_rank.key);
        struct sc_connection *connection = sc_space_first_connection(space);
        sc_connection_end(connection, sc_fate_of_connection(connection));
    }
    return false;
}

static bool expiry_of_bindings(struct sc_store *store, size_t *steps)
{
    const struct sc_heap_key *first;

    while ((first = sc_heap_top(&store->bound_spaces)) && first->expires <= store->now) {
        if (*steps == 0)
            return true;
        --*steps;
        const struct sc_space *space =
            SC_CONTAINER_OF(first, struct sc_space, destination_rank.key);
        struct sc_binding *binding = sc_space_first_binding(space);
        sc_binding_end(binding, sc_fate_of_binding(binding));
    }
    return false;
}

bool sc_store_expire(struct sc_store *store, int64_t now, size_t steps)
{
    sc_store_see_time(store, now);
    bool more = expiry_of_connections(store, &steps);
    more = expiry_of_bindings(store, &steps) || more;
    more = sc_known_expire(store, steps) || more;
    if (!more) {
        store->quiet_until = sc_store_next_expiry(store);
        sc_store_expect(store, sc_known_next_expiry(store));
    }
    return more;
}

void sc_expiry_remove_few(struct sc_store *store)
{
    (void)sc_store_expire(store, store->now, AT_ONCE);
}

int64_t sc_store_next_expiry(const struct sc_store *store)
{
    const struct sc_heap_key *connection = sc_heap_top(&store->live_spaces);
    const struct sc_heap_key *binding = sc_heap_top(&store->bound_spaces);
    int64_t next = connection ? connection->expires : INT64_MAX;

    return binding && binding->expires < next ? binding->expires : next;
}
