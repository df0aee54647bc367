/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_MODEL_SETTLE_H
#define SC_TESTS_MODEL_SETTLE_H

/*
 * Limits that change, and what follows from that. The order in which the
 * store settles depends on its tables. So the model follows what it was told,
 * and checks that each step was right; and in the end that nothing is left to
 * do.
 */

#include "support/model_scope.h"

void model_follow(struct model *model, struct model_event event);
void model_follow_known(struct model *model, size_t known);
void model_assert_settled(struct model *model);

/* Limits that are new; those of age hold for all that is cached. */
void model_set_limits(struct model *model, const struct sc_store_limits *limits);

#endif
