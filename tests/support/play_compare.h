/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_PLAY_COMPARE_H
#define SC_TESTS_PLAY_COMPARE_H

/* Whether store and model are the same, in what they did and in what they hold. */

#include "support/play.h"

/* What the observer was told since the last time, and what the model wrote down. */
void play_compare_events(struct play *play);
void play_compare_reaped(struct play *play);
void play_compare_sizes(struct play *play);
void play_compare_all(struct play *play);

#endif
