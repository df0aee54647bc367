/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_PLAY_CURSOR_H
#define SC_TESTS_PLAY_CURSOR_H

/* Cursors that go on a little now and then. */

#include "support/play.h"

/* Begins one somewhere, unless that one is on its way. */
void play_begin_cursor(struct play *play);

/* Each goes on; one that has come to its end is judged. */
void play_move_cursors(struct play *play);

#endif
