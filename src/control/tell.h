/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_TELL_H
#define SC_CONTROL_TELL_H

/*
 * Records of what there is: counters, connections, bindings, places, clients,
 * users, parameters. Each function writes one kind; pure but for what it is
 * handed. All return 0 or -ENOMEM.
 */

#include "control/desk.h"
#include "control/record.h"

SC_MUST_CHECK int sc_tell_stats(struct sc_buf *out, const struct sc_desk *desk, uint64_t *count);

/* @properties: with them; @at_length: with what is asked of the descriptor. */
SC_MUST_CHECK int sc_tell_connection(struct sc_buf *out, const struct sc_desk *desk,
                                     const struct sc_connection *connection, bool properties,
                                     bool at_length);
SC_MUST_CHECK int sc_tell_binding(struct sc_buf *out, const struct sc_desk *desk,
                                  const struct sc_binding *binding, bool properties);
SC_MUST_CHECK int sc_tell_endpoint(struct sc_buf *out, const struct sc_desk *desk,
                                   struct sc_endpoint *endpoint);
SC_MUST_CHECK int sc_tell_destination(struct sc_buf *out, const struct sc_desk *desk,
                                      struct sc_destination *destination);
SC_MUST_CHECK int sc_tell_client(struct sc_buf *out, const struct sc_desk *desk,
                                 const struct sc_guest *guest);
SC_MUST_CHECK int sc_tell_user(struct sc_buf *out, const struct sc_user *user);

#endif
