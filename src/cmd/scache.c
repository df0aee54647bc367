/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scache, the shared connection cache server: its services, and what it says
 * of itself. Who starts it how is decided by the hosts.
 */
#include <stdlib.h>

#include "base/standard.h"
#include "cmd/cache_service.h"
#include "cmd/control_service.h"
#include "cmd/memory.h"
#include "host/entry.h"

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

int main(int argc, char *argv[])
{
    struct sc_cache_service cache;
    struct sc_control_service control;
    struct sc_service *services[] = {&cache.base, &control.base};
    const struct sc_program program = {
        .name = "scache",
        .usage = usage,
        .params = SC_PROGRAM_SCACHE,
        .serves_master = true,
        .services = services,
        .service_count = SC_COUNT_OF(services),
    };

    if (sc_standard_open() < 0)
        return EXIT_FAILURE;
    sc_memory_prepare();
    sc_cache_service_init(&cache);
    sc_control_service_init(&control, &cache);
    return sc_entry_run(&program, argc, argv);
}
