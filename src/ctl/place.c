/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Searches for places by their ID. Nothing is done to them here.
 */
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ident.h"

struct place_search {
    struct sc_ctl_found_place *place;
    const struct sc_ctl_ident *ident;
};

/* One that is there twice, as what moves meanwhile can be, is one. */
static bool place_is_same(const struct sc_ctl_found_place *place, const struct sc_ctl_facts *facts)
{
    return place->label && strcmp(place->label, sc_ctl_facts_text(facts, "label")) == 0 &&
           strcmp(place->user, sc_ctl_facts_text(facts, "user")) == 0;
}

static int place_take(void *context, const struct sc_ctl_facts *facts)
{
    struct place_search *search = context;
    struct sc_ctl_found_place *place = search->place;

    if (!sc_ctl_ident_is(search->ident, facts) || place_is_same(place, facts))
        return 0;
    place->count++;
    if (place->count > 1)
        return 0;
    snprintf(place->user, sizeof(place->user), "%s", sc_ctl_facts_text(facts, "user"));
    place->is_cut = sc_ctl_facts_is(facts, "cut", "label");
    place->label = strdup(sc_ctl_facts_text(facts, "label"));
    return place->label ? 0 : -ENOMEM;
}

int sc_ctl_place_find(struct sc_ctl_found_place *place, struct sc_ctl_console *console,
                      const char *kind, const struct sc_ctl_ident *ident)
{
    struct place_search search = {place, ident};
    struct sc_ctl_request request;

    *place = (struct sc_ctl_found_place){0};
    sc_ctl_request_init(&request, "list");
    sc_ctl_request_add(&request, "kind", kind);
    int code = sc_ctl_console_each(console, &request, place_take, &search, NULL);
    if (code != SC_CTL_DONE || (place->count == 1 && !place->is_cut))
        return code;
    if (place->is_cut)
        sc_ctl_complain(&console->ctl->voice,
                        "its label is too long to be told; name the connections by their IDs");
    else if (place->count > 1)
        sc_ctl_complain(&console->ctl->voice, "%d of the %s have this ID; name the label",
                        place->count, kind);
    return SC_CTL_MISS;
}

void sc_ctl_place_fini(struct sc_ctl_found_place *place)
{
    free(place->label);
    place->label = NULL;
}
