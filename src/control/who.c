/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each class of users may ask the control service for. Which class
 * somebody is of, the host says.
 */
#include "control/who.h"

const char *sc_who_access_name(enum sc_access access)
{
    static const char *const names[] = {"none", "own", "look", "all"};

    return names[access];
}

/* One who sees only what is his own. */
static bool who_may_own(const struct sc_who *who, const struct sc_ask *ask)
{
    if (ask->user >= 0 && ask->user != who->space)
        return false;
    switch (ask->kind) {
    case SC_ASK_LIST:
        return ask->what != SC_ASK_CLIENTS && ask->what != SC_ASK_USERS && !ask->properties;
    case SC_ASK_SHOW:
    case SC_ASK_WATCH:
    case SC_ASK_DROP:
        return true;
    default:
        return false;
    }
}

bool sc_who_may(const struct sc_who *who, const struct sc_ask *ask)
{
    switch (who->access) {
    case SC_ACCESS_ALL:
        return true;
    case SC_ACCESS_LOOK:
        return !sc_ask_changes(ask->kind) && !ask->properties;
    case SC_ACCESS_OWN:
        return who_may_own(who, ask);
    case SC_ACCESS_NONE:
        break;
    }
    return false;
}
