/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scache, the shared connection cache server: decides who has started it.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ev.h>

#include "base/standard.h"
#include "config/help.h"
#include "host/inspect.h"
#include "host/master.h"
#include "host/standalone.h"

static const char usage[] =
    "scache keeps open connections for the next process that needs one.\n"
    "\n"
    "Under Postfix, master(8) starts it; in master.cf:\n"
    "  scache  unix  -  -  n  -  1  ../../../../PATH/TO/scache\n"
    "For the options that master(8) gives see scache(8).\n"
    "\n"
    "On its own, in the foreground:\n"
    "  scache --listen PATH [OPTION]...\n"
    "\n"
    "  --listen PATH    make a socket there; without, take the sockets of systemd\n"
    "  --mode MODE      of the socket file, octal (0600); who may write may connect\n"
    "  --owner USER     of the socket file\n"
    "  --group GROUP    of the socket file\n"
    "  --user USER      when started by root: run as this user\n"
    "  --config FILE    read parameters from it, in the syntax of main.cf\n"
    "  -o NAME=VALUE    set a parameter\n"
    "  -v               log clients and requests; twice: what they say too\n"
    "  --check          say what is wrong with the configuration; status 1 if anything is\n"
    "  --print-config   show which values hold, and where each was set; -n: only if it was\n"
    "                   Without --config and --listen these two look at Postfix's\n"
    "                   configuration, of the directory -c DIR if given\n"
    "  --help           show this text and all parameters\n"
    "  --version        show the version\n"
    "\n"
    "SIGHUP reads the parameters again, SIGTERM ends the server. For example:\n"
    "  scache --listen $XDG_RUNTIME_DIR/scache.sock -o connection_cache_ttl_limit=5m\n"
    "\n"
    "Parameters:\n";

/* Costs no memory until it is needed; and how often, a millisecond apart, more is tried for. */
enum { RESERVE_SIZE = 1024 * 1024, TRIES = 1000 };

static void *reserve;

/* Gives up the reserve, or waits for what others give back. */
static void scache_make_memory(void)
{
    static const struct timespec pause = {.tv_nsec = 1000000};

    if (!reserve)
        nanosleep(&pause, NULL);
    free(reserve);
    reserve = NULL;
}

/*
 * The event loop's memory. libev ends the process when it gets none, so there
 * is a reserve for it; beyond that, what others give back is waited for.
 */
static void *scache_allocate_for_loop(void *block, long size)
{
    if (size == 0) {
        free(block);
        return NULL;
    }

    void *fresh = NULL;
    for (int i = 0; !fresh && i <= TRIES; i++) {
        if (i > 0)
            scache_make_memory();
        fresh = realloc(block, (size_t)size);
    }
    if (!reserve)
        reserve = malloc(RESERVE_SIZE);
    return fresh;
}

/* No value of an option looks like these, so anywhere is as good as alone. */
static bool scache_has_word(int argc, char *argv[], const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

int main(int argc, char *argv[])
{
    if (sc_standard_open() < 0)
        return EXIT_FAILURE;
    /*
     * Large blocks go back to the system when they are freed, and a large
     * table costs nothing until it is touched, only if this does not adapt.
     */
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    ev_set_allocator(scache_allocate_for_loop);
    if (scache_has_word(argc, argv, "--version")) {
        puts("scache " SC_VERSION);
        return EXIT_SUCCESS;
    }
    if (scache_has_word(argc, argv, "--help")) {
        fputs(usage, stdout);
        sc_help_print(stdout, SC_PROGRAM_SCACHE);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (sc_inspect_is_wanted(argc, argv))
        return sc_inspect_run(argc, argv);
    if (sc_standalone_is_wanted(argc, argv))
        return sc_standalone_run(argc, argv);
    return sc_master_run(argc, argv);
}
