/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_PLAY_LIMITS_H
#define SC_TESTS_PLAY_LIMITS_H

/* Limits and preferences that change, for store and model alike. */

#include "support/play.h"

void play_change_limits(struct play *play);
void play_change_weather(struct play *play);

/* Lets the store settle with @steps; the model follows. True: there is more to do. */
bool play_settle(struct play *play, size_t steps);

#endif
