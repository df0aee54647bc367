/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps a record, and finds in it. Which names there are is not known here.
 */
#include "facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FACTS_FIRST_ROOM = 16 };

void sc_ctl_facts_init(struct sc_ctl_facts *facts)
{
    *facts = (struct sc_ctl_facts){0};
}

void sc_ctl_facts_clear(struct sc_ctl_facts *facts)
{
    for (size_t i = 0; i < facts->count; i++) {
        free(facts->list[i].name);
        free(facts->list[i].value);
    }
    facts->count = 0;
}

void sc_ctl_facts_fini(struct sc_ctl_facts *facts)
{
    sc_ctl_facts_clear(facts);
    free(facts->list);
    sc_ctl_facts_init(facts);
}

static int facts_make_room(struct sc_ctl_facts *facts)
{
    size_t room = facts->room ? 2 * facts->room : FACTS_FIRST_ROOM;

    if (facts->count < facts->room)
        return 0;
    struct sc_ctl_fact *list = reallocarray(facts->list, room, sizeof(*list));
    if (!list)
        return -ENOMEM;
    facts->list = list;
    facts->room = room;
    return 0;
}

int sc_ctl_facts_add(struct sc_ctl_facts *facts, const char *name, const char *value)
{
    struct sc_ctl_fact fact = {strdup(name), strdup(value)};

    if (!fact.name || !fact.value || facts_make_room(facts) < 0) {
        free(fact.name);
        free(fact.value);
        return -ENOMEM;
    }
    facts->list[facts->count++] = fact;
    return 0;
}

const char *sc_ctl_facts_find(const struct sc_ctl_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++)
        if (strcmp(facts->list[i].name, name) == 0)
            return facts->list[i].value;
    return NULL;
}

const char *sc_ctl_facts_text(const struct sc_ctl_facts *facts, const char *name)
{
    const char *value = sc_ctl_facts_find(facts, name);

    return value ? value : "";
}

int64_t sc_ctl_facts_number(const struct sc_ctl_facts *facts, const char *name, int64_t otherwise)
{
    const char *value = sc_ctl_facts_find(facts, name);
    char *end;

    if (!value || !*value)
        return otherwise;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    return *end == '\0' && errno == 0 ? number : otherwise;
}

double sc_ctl_facts_real(const struct sc_ctl_facts *facts, const char *name, double otherwise)
{
    const char *value = sc_ctl_facts_find(facts, name);
    char *end;

    if (!value || !*value)
        return otherwise;
    double number = strtod(value, &end);
    return *end == '\0' ? number : otherwise;
}

bool sc_ctl_facts_is(const struct sc_ctl_facts *facts, const char *name, const char *value)
{
    return strcmp(sc_ctl_facts_text(facts, name), value) == 0;
}
