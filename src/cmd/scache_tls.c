/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scache-tls, which keeps TLS sessions so that their plaintext ends can be
 * passed on and cached.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/standard.h"
#include "cmd/memory.h"
#include "cmd/tls_service.h"
#include "config/help.h"
#include "host/standalone.h"

static const char usage[] =
    "scache-tls keeps TLS sessions for programs that pass on their connections.\n"
    "\n"
    "In the foreground, with a socket of its own or one of systemd:\n"
    "  scache-tls --listen PATH [OPTION]...\n"
    "\n"
    "  --listen PATH    make a socket there; without, take the sockets of systemd\n"
    "  --mode MODE      of the socket file, octal (0600); who may write may connect\n"
    "  --owner USER     of the socket file\n"
    "  --group GROUP    of the socket file\n"
    "  --user USER      when started by root: run as this user\n"
    "  --config FILE    read parameters from it, in the syntax of main.cf\n"
    "  -o NAME=VALUE    set a parameter\n"
    "  -v               log sessions\n"
    "  --help           show this text and all parameters\n"
    "  --version        show the version\n"
    "\n"
    "SIGHUP reads the parameters again, SIGTERM ends the server when sessions are\n"
    "quiet. For example:\n"
    "  scache-tls --listen $XDG_RUNTIME_DIR/scache-tls.sock\n"
    "\n"
    "Parameters:\n";

static bool scache_tls_has_word(int argc, char *argv[], const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

int main(int argc, char *argv[])
{
    struct sc_tls_service tls;
    struct sc_service *services[] = {&tls.base};
    const struct sc_program program = {
        .name = "scache-tls",
        .params = SC_PROGRAM_TLS,
        .services = services,
        .service_count = SC_COUNT_OF(services),
    };

    if (sc_standard_open() < 0)
        return EXIT_FAILURE;
    sc_memory_prepare();
    sc_tls_service_init(&tls);
    if (scache_tls_has_word(argc, argv, "--version")) {
        puts("scache-tls " SC_VERSION);
        return EXIT_SUCCESS;
    }
    if (scache_tls_has_word(argc, argv, "--help")) {
        fputs(usage, stdout);
        sc_help_print(stdout, SC_PROGRAM_TLS);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return sc_standalone_run(&program, argc, argv);
}
