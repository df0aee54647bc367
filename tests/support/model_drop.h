/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_MODEL_DROP_H
#define SC_TESTS_MODEL_DROP_H

/* Dropping from the model, each as the store's call of that name. */

#include "support/model_scope.h"

void model_clear(struct model *model, enum sc_end end);
int model_reap(struct model *model);

void model_drop_all(struct model *model);
void model_drop_space(struct model *model, int space);
size_t model_drop_endpoint(struct model *model, int space, int endpoint);
size_t model_drop_destination(struct model *model, int space, int destination);
void model_drop_one(struct model *model, bool is_binding, uint64_t id, enum sc_end end);

#endif
