/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a server gives up once it has started, in the order that works, and
 * what is said where something cannot be. How each thing is given up is the
 * affair of the other files here.
 */
#include "confine/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "confine/capabilities.h"
#include "confine/filter.h"
#include "confine/landlock.h"

/* No user has this name, so every source of users is asked for it. */
static const char sandbox_no_user[] = "no user:";

static int sandbox_complain(const struct sc_sandbox *sandbox, const char *what, int error)
{
    bool fatal = sandbox->mode == SC_SANDBOX_KILL;

    sc_log(sandbox->log, fatal ? SC_FATAL : SC_WARNING, "sandbox: cannot %s: %s", what,
           strerror(-error));
    return fatal ? error : 0;
}

void sc_sandbox_drop_bounds(enum sc_sandbox_mode mode)
{
    if (mode != SC_SANDBOX_NO)
        sc_capabilities_drop_bounds();
}

/* Descriptors of others are in memory, and what is said about them. */
static int sandbox_hide_memory(void)
{
    const struct rlimit none = {0, 0};

    if (prctl(PR_SET_DUMPABLE, 0) < 0 || setrlimit(RLIMIT_CORE, &none) < 0)
        return -errno;
    return 0;
}

static int sandbox_forbid_new_privileges(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

/* The directory of a path, for which there is room. */
static const char *sandbox_directory_of(const char *path, char directory[PATH_MAX])
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return ".";
    if (slash == path)
        return "/";
    snprintf(directory, PATH_MAX, "%.*s", (int)(slash - path), path);
    return directory;
}

static int sandbox_give_up_files(const struct sc_sandbox *sandbox)
{
    char directory[PATH_MAX];

    return sc_landlock_enter(
        sandbox->socket ? sandbox_directory_of(sandbox->socket, directory) : NULL, sandbox->alone);
}

/* Without its capabilities even root may only do what files' modes say. */
static void sandbox_look_ahead(const struct sc_sandbox *sandbox)
{
    char directory[PATH_MAX];

    if (sandbox->config && faccessat(AT_FDCWD, sandbox->config, R_OK, AT_EACCESS) < 0)
        sc_log(sandbox->log, SC_WARNING,
               "%s: without privileges it cannot be read again: %s; a change needs a restart",
               sandbox->config, strerror(errno));
    if (sandbox->socket && faccessat(AT_FDCWD, sandbox_directory_of(sandbox->socket, directory),
                                     W_OK | X_OK, AT_EACCESS) < 0)
        sc_log(sandbox->log, SC_WARNING,
               "%s: without privileges it cannot be removed at the end: %s", sandbox->socket,
               strerror(errno));
}

int sc_sandbox_give_up(const struct sc_sandbox *sandbox)
{
    int error = 0;
    int problem;

    if (sandbox->mode == SC_SANDBOX_NO)
        return 0;
    /* Modules that find users can be loaded as long as code can be. */
    if (sandbox->config)
        (void)getpwnam(sandbox_no_user);
    sc_sandbox_drop_bounds(sandbox->mode);
    if ((problem = sandbox_hide_memory()) < 0)
        error = sandbox_complain(sandbox, "prevent core dumps", problem);
    if (error == 0 && (problem = sandbox_forbid_new_privileges()) < 0)
        error = sandbox_complain(sandbox, "give up new privileges", problem);
    if (error == 0 && (problem = sc_capabilities_drop()) < 0)
        error = sandbox_complain(sandbox, "give up capabilities", problem);
    if (error == 0)
        sandbox_look_ahead(sandbox);
    if (error == 0 && sandbox->mode != SC_SANDBOX_LOG &&
        (problem = sandbox_give_up_files(sandbox)) < 0)
        error = sandbox_complain(sandbox, "give up files", problem);
    return error;
}

int sc_sandbox_enter(const struct sc_sandbox *sandbox)
{
    enum sc_filter_profile profile = sandbox->alone ? SC_FILTER_ALONE : SC_FILTER_SERVER;

    if (sandbox->mode == SC_SANDBOX_NO)
        return 0;
    int problem = sc_filter_load(profile, sandbox->mode);
    return problem < 0 ? sandbox_complain(sandbox, "give up system calls", problem) : 0;
}

/* What works beside the server goes on without, unless it is to die rather than that. */
static void sandbox_confine(enum sc_filter_profile profile, enum sc_sandbox_mode mode)
{
    if (mode != SC_SANDBOX_NO && sc_filter_load(profile, mode) < 0 && mode == SC_SANDBOX_KILL)
        _exit(1);
}

void sc_sandbox_confine_writer(enum sc_sandbox_mode mode)
{
    sandbox_confine(SC_FILTER_WRITER, mode);
}

void sc_sandbox_confine_nursery(enum sc_sandbox_mode mode)
{
    sandbox_confine(SC_FILTER_NURSERY, mode);
}

void sc_sandbox_confine_dropper(enum sc_sandbox_mode mode)
{
    sandbox_confine(SC_FILTER_DROPPER, mode);
}

void sc_sandbox_confine_cradle(enum sc_sandbox_mode mode)
{
    sandbox_confine(SC_FILTER_CRADLE, mode);
}

void sc_sandbox_confine_worker(enum sc_sandbox_mode mode)
{
    sandbox_confine(SC_FILTER_WORKER, mode);
}
