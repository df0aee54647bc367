/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scache, the shared connection cache server: decides who has started it.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/params.h"
#include "host/master.h"

static const char usage[] =
    "scache keeps open connections for the next process that needs one.\n"
    "\n"
    "Under Postfix, master(8) starts it; in master.cf:\n"
    "  scache  unix  -  -  n  -  1  ../../../../PATH/TO/scache\n"
    "See which options master(8) gives, and what they mean, in scache(8).\n"
    "\n"
    "  --help     show this text and all parameters\n"
    "  --version  show the version\n"
    "\n"
    "Parameters, set in main.cf or by -o NAME=VALUE:\n";

static int is_word(int argc, char *argv[], const char *word)
{
    return argc == 2 && strcmp(argv[1], word) == 0;
}

int main(int argc, char *argv[])
{
    /*
     * Large blocks go back to the system when they are freed, and a large
     * table costs nothing until it is touched, only if this does not adapt.
     */
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    if (is_word(argc, argv, "--version")) {
        puts("scache " SC_VERSION);
        return EXIT_SUCCESS;
    }
    if (is_word(argc, argv, "--help")) {
        fputs(usage, stdout);
        sc_params_help(stdout);
        return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    return sc_master_run(argc, argv);
}
