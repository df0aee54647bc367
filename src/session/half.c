/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One direction of a tunnel, as far as it is the same for both. It neither
 * takes nor passes on anything by itself.
 */
#include "session/half.h"

void sc_half_init(struct sc_half *half)
{
    *half = (struct sc_half){.state = SC_HALF_OPEN, .spoke_at = -1};
    sc_buf_init(&half->waiting);
}

void sc_half_fini(struct sc_half *half)
{
    sc_buf_fini(&half->waiting);
}

void sc_half_begin(struct sc_half *half)
{
    half->waits = 0;
    half->again = half->later = false;
}

void sc_half_wake(struct sc_half *half)
{
    sc_half_begin(half);
    half->again = half->state != SC_HALF_SHUT;
}

void sc_half_wait_for_engine(struct sc_half *half, enum sc_engine_result result)
{
    sc_half_begin(half);
    if (result == SC_ENGINE_WANT_READ)
        half->waits = SC_TUNNEL_FAR_READ;
    else if (result == SC_ENGINE_WANT_WRITE)
        half->waits = SC_TUNNEL_FAR_WRITE;
    half->again = result == SC_ENGINE_AGAIN;
    half->later = result == SC_ENGINE_LATER;
}

void sc_half_drop_waiting(struct sc_half *half)
{
    sc_buf_clear(&half->waiting, 0);
}

void sc_half_shut(struct sc_half *half)
{
    sc_half_begin(half);
    sc_half_drop_waiting(half);
    half->state = SC_HALF_SHUT;
}
