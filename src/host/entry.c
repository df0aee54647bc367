/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides what a program is to do: tell about itself, look at a
 * configuration, or serve, and then on its own or under master(8). It does
 * none of these.
 */
#include "host/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/help.h"
#include "host/inspect.h"
#include "host/master.h"
#include "host/standalone.h"

/* No value of an option looks like these, so anywhere is as good as alone. */
static bool entry_has_word(int argc, char *argv[], const char *word)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], word) == 0)
            return true;
    return false;
}

/* What nobody could write down is no success: a script may have asked. */
static int entry_print_version(const struct sc_program *program)
{
    printf("%s %s\n", program->name, SC_VERSION);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int entry_print_help(const struct sc_program *program)
{
    fputs(program->usage, stdout);
    sc_help_print(stdout, program->params);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int sc_entry_run(const struct sc_program *program, int argc, char *argv[])
{
    if (entry_has_word(argc, argv, "--version"))
        return entry_print_version(program);
    if (entry_has_word(argc, argv, "--help"))
        return entry_print_help(program);
    if (sc_inspect_is_wanted(argc, argv))
        return sc_inspect_run(program, argc, argv);
    if (!program->serves_master || sc_standalone_is_wanted(argc, argv))
        return sc_standalone_run(program, argc, argv);
    return sc_master_run(program, argc, argv);
}
