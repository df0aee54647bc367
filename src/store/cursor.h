/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_STORE_CURSOR_H
#define SC_STORE_CURSOR_H

/* What those who take entries out must tell the cursors. */

#include "store/entry.h"

void sc_cursor_step_over(struct sc_store *store, const void *leaving, void *following);

/* Before a connection leaves its line; likewise the others. */
static inline void sc_cursor_leave_connection(struct sc_store *store,
                                              const struct sc_connection *connection)
{
    if (!LIST_EMPTY(&store->cursors))
        sc_cursor_step_over(store, connection, TAILQ_NEXT(connection, link));
}

static inline void sc_cursor_leave_binding(struct sc_store *store, const struct sc_binding *binding)
{
    if (!LIST_EMPTY(&store->cursors))
        sc_cursor_step_over(store, binding, TAILQ_NEXT(binding, link));
}

static inline void sc_cursor_leave_known(struct sc_store *store, const struct sc_known *known)
{
    if (!LIST_EMPTY(&store->cursors))
        sc_cursor_step_over(store, known, TAILQ_NEXT(known, link_of_space));
}

/* Before a space goes, which is empty. */
void sc_cursor_leave_space(const struct sc_space *space);

#endif
