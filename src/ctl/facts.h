/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_FACTS_H
#define SC_CTL_FACTS_H

/*
 * One record of the server's control socket: names and values in their order,
 * a name perhaps more than once. All that the screens show is made of these,
 * so what they show can be tried without a server.
 *
 * It owns its texts. What is not there is null, or the number that the caller
 * says; a number that does not parse is not there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util.h"

struct sc_ctl_fact {
    char *name;
    char *value;
};

struct sc_ctl_facts {
    struct sc_ctl_fact *list;
    size_t count;
    size_t room;
};

void sc_ctl_facts_init(struct sc_ctl_facts *facts);
void sc_ctl_facts_fini(struct sc_ctl_facts *facts);

/* Forgets all that was added. */
void sc_ctl_facts_clear(struct sc_ctl_facts *facts);

/* Copies both. Returns 0 or -ENOMEM. */
SC_CTL_MUST_CHECK int sc_ctl_facts_add(struct sc_ctl_facts *facts, const char *name,
                                       const char *value);

/* The first of that name, or null. */
const char *sc_ctl_facts_find(const struct sc_ctl_facts *facts, const char *name);

/* The same as a text that is never null. */
const char *sc_ctl_facts_text(const struct sc_ctl_facts *facts, const char *name);

int64_t sc_ctl_facts_number(const struct sc_ctl_facts *facts, const char *name, int64_t otherwise);
double sc_ctl_facts_real(const struct sc_ctl_facts *facts, const char *name, double otherwise);

/* Whether the first of that name is this value. */
bool sc_ctl_facts_is(const struct sc_ctl_facts *facts, const char *name, const char *value);

#endif
