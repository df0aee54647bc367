/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * To greet or not to greet. What a greeting is, the protocol says; who may
 * come in at all, the gate.
 */
#include "server/greeting.h"

enum {
    PATIENCE_MS = 20, /* who is silent for so long waits for a greeting */
    ENOUGH = 3        /* clients in a row that have to agree */
};

static void greeting_note(struct sc_greeting *greeting, int direction)
{
    struct sc_common *common = greeting->common;

    if (greeting->agreed * direction < 0)
        greeting->agreed = 0;
    greeting->agreed += direction;
    if (greeting->agreed * direction < ENOUGH)
        return;
    greeting->agreed = ENOUGH * direction;
    if (greeting->told == direction)
        return;
    greeting->told = direction;
    /* That they wait is what everybody expects: the mail log has no line for it. */
    if (direction > 0 && !sc_common_is_verbose(common))
        return;
    sc_log(common->log, SC_INFO,
           direction > 0 ? "clients wait for a greeting (Postfix 3.6 and later): they are greeted"
                         : "clients speak first (Postfix 3.5 and earlier): they are not greeted");
}

/* Some who were not greeted may have spoken meanwhile. */
static void greeting_catch_up(struct sc_greeting *greeting)
{
    while (greeting->spoke_first != greeting->common->spoke_first) {
        greeting->spoke_first++;
        greeting_note(greeting, -1);
    }
}

static void greeting_on_timer(struct sc_timer *timer)
{
    struct sc_greeting *greeting = SC_CONTAINER_OF(timer, struct sc_greeting, timer);
    struct sc_common *common = greeting->common;
    int64_t now = sc_loop_now(common->loop);
    struct sc_client *client;

    greeting_catch_up(greeting);
    while ((client = TAILQ_FIRST(&common->silent)) && client->guest.since + PATIENCE_MS <= now) {
        /* One that is speaking just now is served in this turn, and counts then. */
        if (sc_client_is_speaking(client))
            break;
        sc_client_greet(client);
        greeting_note(greeting, 1);
    }
    if (client)
        sc_timer_set(timer, client->guest.since + PATIENCE_MS > now
                                ? client->guest.since + PATIENCE_MS
                                : now + 1);
}

void sc_greeting_meet(struct sc_greeting *greeting, struct sc_client *client)
{
    enum sc_greeting_mode mode = greeting->common->settings.greeting;

    if (mode == SC_GREETING_NO)
        return;
    greeting_catch_up(greeting);
    bool at_once =
        mode == SC_GREETING_YES || (greeting->agreed == ENOUGH && !sc_client_is_speaking(client));
    if (at_once) {
        sc_client_greet(client);
        return;
    }
    sc_client_keep_silent(client);
    if (sc_timer_due(&greeting->timer) == INT64_MAX)
        sc_timer_set(&greeting->timer, client->guest.since + PATIENCE_MS);
}

int sc_greeting_init(struct sc_greeting *greeting, struct sc_common *common)
{
    greeting->common = common;
    return sc_timer_init(&greeting->timer, common->loop, greeting_on_timer);
}

void sc_greeting_fini(struct sc_greeting *greeting)
{
    sc_timer_fini(&greeting->timer);
}
