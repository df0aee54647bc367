/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of one connection to one client. When it may be sent, and what is
 * said around it, the client decides.
 */
#include "server/delivery.h"

#include "io/pass.h"

void sc_delivery_promise(struct sc_delivery *delivery, struct sc_connection *connection,
                         enum sc_counter hit)
{
    *delivery = (struct sc_delivery){
        .state = SC_DELIVERY_PROMISED,
        .connection = connection,
        .hit = hit,
    };
}

void sc_delivery_ride(struct sc_delivery *delivery, size_t at)
{
    delivery->state = SC_DELIVERY_RIDING;
    delivery->at = at;
}

ssize_t sc_delivery_send(const struct sc_delivery *delivery, int output, int passing,
                         struct sc_bytes bytes)
{
    if (!sc_delivery_is_riding(delivery))
        return sc_pass_send(output, bytes, -1);
    if (delivery->at == 0)
        return sc_pass_send(passing, bytes, sc_connection_descriptor(delivery->connection));
    bytes.length = delivery->at;
    return sc_pass_send(output, bytes, -1);
}

bool sc_delivery_note_sent(struct sc_delivery *delivery, struct sc_common *common, size_t length)
{
    struct sc_connection *connection = delivery->connection;

    if (!sc_delivery_is_riding(delivery))
        return false;
    if (delivery->at > 0) {
        delivery->at -= length;
        return false;
    }
    uint8_t nature = sc_connection_nature(connection);
    int64_t user = sc_space_user(sc_connection_space(connection));
    int64_t now = sc_loop_now(common->loop);
    sc_stats_count(&common->stats, delivery->hit);
    sc_stats_observe(&common->stats, SC_HISTOGRAM_IDLE,
                     (uint64_t)sc_connection_age(connection, now));
    sc_common_close(common, sc_connection_steal(connection, now), nature, user);
    *delivery = (struct sc_delivery){0};
    return true;
}

void sc_delivery_give_back(struct sc_delivery *delivery, struct sc_common *common)
{
    if (delivery->state == SC_DELIVERY_NONE)
        return;
    sc_stats_count(&common->stats, SC_CONNECTIONS_GIVEN_BACK);
    sc_connection_put_back(delivery->connection, sc_loop_now(common->loop));
    *delivery = (struct sc_delivery){0};
    sc_common_reap(common);
    sc_common_note_sizes(common);
}
