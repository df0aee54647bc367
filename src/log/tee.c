/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two sinks for one. It formats nothing and keeps nothing.
 */
#include "log/tee.h"

static void tee_write(struct sc_log_sink *base, enum sc_severity severity, const char *text,
                      size_t length)
{
    struct sc_tee *tee = SC_CONTAINER_OF(base, struct sc_tee, base);

    tee->one->write(tee->one, severity, text, length);
    tee->other->write(tee->other, severity, text, length);
    base->is_behind = tee->one->is_behind || tee->other->is_behind;
}

static void tee_flush(struct sc_log_sink *base)
{
    struct sc_tee *tee = SC_CONTAINER_OF(base, struct sc_tee, base);

    tee->one->flush(tee->one);
    tee->other->flush(tee->other);
    base->is_behind = tee->one->is_behind || tee->other->is_behind;
}

static void tee_settle(struct sc_log_sink *base, int patience)
{
    struct sc_tee *tee = SC_CONTAINER_OF(base, struct sc_tee, base);

    tee->one->settle(tee->one, patience);
    tee->other->settle(tee->other, patience);
}

void sc_tee_init(struct sc_tee *tee, struct sc_log_sink *one, struct sc_log_sink *other)
{
    *tee = (struct sc_tee){
        .base = {.write = tee_write, .flush = tee_flush, .settle = tee_settle},
        .one = one,
        .other = other,
    };
}
