/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving up capabilities, all of them and for good. Which user the process
 * runs as is another matter (confine/identity).
 */
#include "confine/capabilities.h"

#include <cap-ng.h>
#include <errno.h>

/* Without the right to it, libcap-ng would complain to syslog(3), which may hang. */
void sc_capabilities_drop_bounds(void)
{
    if (capng_get_caps_process() < 0 || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
        return;
    capng_clear(CAPNG_SELECT_BOTH);
    (void)!capng_apply(CAPNG_SELECT_BOUNDS);
}

/* A service manager may have taken them already, and the system call that drops them too. */
int sc_capabilities_drop(void)
{
    if (capng_get_caps_process() == 0 && capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE)
        return 0;
    capng_clear(CAPNG_SELECT_ALL);
    /* Old kernels have no ambient set; emptying the others empties it too. */
    (void)!capng_apply(CAPNG_SELECT_AMBIENT);
    if (capng_apply(CAPNG_SELECT_CAPS) < 0)
        return errno != 0 ? -errno : -EPERM;
    return 0;
}
