/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_PAST_H
#define SC_CONTROL_PAST_H

/*
 * What the history knows, written as records: of one place, or behind the
 * record of something that has a place. All return 0 or -ENOMEM.
 */

#include "control/desk.h"
#include "control/record.h"

/* The place of an entry of the store, or null. */
const struct sc_place *sc_past_of_endpoint(const struct sc_desk *desk,
                                           struct sc_endpoint *endpoint);
const struct sc_place *sc_past_of_destination(const struct sc_desk *desk,
                                              struct sc_destination *destination);

/* Goes on with a record: how often it was looked up, and with what success. Null: nothing. */
void sc_past_put(struct sc_list_writer *record, const struct sc_desk *desk,
                 const struct sc_place *place);

/* A place as an entry of the store would be told, though nothing may be cached there any more. */
SC_MUST_CHECK int sc_past_tell_entry(struct sc_buf *out, const struct sc_desk *desk,
                                     const struct sc_place *place);

/* All that is known of a place: itself, its reasons, and its curve. */
SC_MUST_CHECK int sc_past_tell(struct sc_buf *out, const struct sc_desk *desk,
                               const struct sc_place *place);

/* Records of reasons and of a curve; shares are of @lookups. */
SC_MUST_CHECK int sc_past_tell_reason(struct sc_buf *out, enum sc_miss reason, uint64_t count);
SC_MUST_CHECK int sc_past_tell_curve(struct sc_buf *out, const struct sc_desk *desk,
                                     const struct sc_curve_point *points, uint64_t lookups);

/* What a place's look-ups would have found, of a destination at the endpoints it is bound to. */
void sc_past_read_curve(const struct sc_desk *desk, const struct sc_place *place,
                        struct sc_curve_point points[SC_CURVE_TIMES]);

/* How many of the times of a curve the history can tell of. */
size_t sc_past_times(const struct sc_desk *desk);

void sc_past_put_share(struct sc_list_writer *record, const char *name, double share);

#endif
