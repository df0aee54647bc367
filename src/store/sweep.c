/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After something was dropped or a limit lowered, one sweep goes through all
 * endpoints, connections, destinations and bindings, and removes what must
 * not be found. A request that comes meanwhile makes it go round once more,
 * so that it always comes to its end. Then limits that users share are looked
 * at, last, since what has gone is room for them.
 */
#include "store/sweep.h"

#include "store/binding.h"
#include "store/connection.h"
#include "store/fate.h"
#include "store/known.h"
#include "store/limit.h"

/* What must go anyway goes first, and is room for the rest. */
static const enum sc_cursor_kind sweep_phases[] = {
    SC_CURSOR_CONNECTIONS,
    SC_CURSOR_BINDINGS,
    SC_CURSOR_ENDPOINTS,
    SC_CURSOR_DESTINATIONS,
};

static void sweep_begin_phase(struct sc_store *store, uint8_t phase)
{
    struct sc_store_cursor *cursor = &store->sweep.cursor;

    sc_store_cursor_fini(cursor);
    store->sweep.phase = phase;
    sc_store_cursor_init(cursor, store, sweep_phases[phase], NULL);
    cursor->everything = true;
}

void sc_sweep_request(struct sc_store *store)
{
    struct sc_sweep *sweep = &store->sweep;

    if (sweep->due) {
        sweep->again = true;
        return;
    }
    sweep->due = true;
    sweep_begin_phase(store, 0);
}

void sc_sweep_cancel(struct sc_store *store)
{
    sc_store_cursor_fini(&store->sweep.cursor);
    store->sweep.due = store->sweep.again = false;
}

static void sweep_connection(struct sc_connection *connection)
{
    enum sc_end fate = sc_fate_of_connection(connection);

    if (fate != SC_ENDS)
        sc_connection_end(connection, fate);
    else
        sc_connection_shorten(connection);
}

static void sweep_binding(struct sc_binding *binding)
{
    enum sc_end fate = sc_fate_of_binding(binding);

    if (fate != SC_ENDS)
        sc_binding_end(binding, fate);
}

/* What the cursor has come to. False: it has to come to the same again. */
static bool sweep_entry(struct sc_store_cursor *cursor, size_t *steps)
{
    bool unfinished = false;

    switch (cursor->kind) {
    case SC_CURSOR_CONNECTIONS:
        sweep_connection(cursor->connection);
        break;
    case SC_CURSOR_BINDINGS:
        sweep_binding(cursor->binding);
        break;
    case SC_CURSOR_ENDPOINTS:
        unfinished = sc_limit_settle_endpoint(cursor->endpoint, steps);
        break;
    case SC_CURSOR_DESTINATIONS:
        unfinished = sc_limit_settle_destination(cursor->destination, steps);
        break;
    case SC_CURSOR_KNOWN:
        break;
    }
    if (unfinished)
        sc_table_unread(&cursor->place);
    return !unfinished;
}

static void sweep_end_phase(struct sc_store *store)
{
    struct sc_sweep *sweep = &store->sweep;

    if (sweep->phase + 1U < SC_COUNT_OF(sweep_phases)) {
        sweep_begin_phase(store, (uint8_t)(sweep->phase + 1));
        return;
    }
    bool again = sweep->again;
    sc_sweep_cancel(store);
    if (again)
        sc_sweep_request(store);
}

/* Returns whether the sweep is not over yet. */
static bool sweep_some(struct sc_store *store, int64_t now, size_t *steps)
{
    while (store->sweep.due) {
        if (*steps == 0)
            return true;
        --*steps;
        switch (sc_store_cursor_next(&store->sweep.cursor, now, 1)) {
        case SC_CURSOR_ENTRY:
            if (!sweep_entry(&store->sweep.cursor, steps))
                return true;
            break;
        case SC_CURSOR_LATER:
            break;
        case SC_CURSOR_END:
            sweep_end_phase(store);
            break;
        }
    }
    return false;
}

bool sc_store_settle(struct sc_store *store, int64_t now, size_t steps)
{
    sc_store_see_time(store, now);
    if (sweep_some(store, now, &steps))
        return true;
    return sc_limit_settle(store, &steps) || sc_known_settle(store, steps);
}
