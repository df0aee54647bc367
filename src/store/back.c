/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way back of a connection that was held and not delivered. Whether it
 * may come back, and who goes if a limit is lower now; no other way of what
 * is held.
 */
#include "store/connection.h"
#include "store/fate.h"
#include "store/limit.h"

void sc_connection_put_back(struct sc_connection *connection, int64_t now)
{
    struct sc_endpoint *endpoint = connection->endpoint;

    sc_store_see_time(endpoint->space->store, now);
    (void)sc_connection_age_out(connection);
    enum sc_end fate = sc_fate_of_connection(connection);
    if (fate != SC_ENDS) {
        sc_connection_discard(connection, fate);
        return;
    }
    sc_connection_return(connection);
    sc_limit_make_room_for_returned(endpoint);
}
