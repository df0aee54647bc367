/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the manual of the parameters: the list of the table that the server
 * itself uses, in mdoc(7). Given a file, prints that file with its line
 * "@PARAMETERS@" replaced by the list.
 *
 *   params2man [TEMPLATE]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/help.h"

static int fill_in(const char *path)
{
    FILE *template = fopen(path, "re");
    char *line = NULL;
    size_t size = 0;
    int lists = 0;

    if (!template) {
        perror(path);
        return EXIT_FAILURE;
    }
    while (getline(&line, &size, template) >= 0) {
        if (strcmp(line, "@PARAMETERS@\n") != 0) {
            fputs(line, stdout);
            continue;
        }
        sc_help_print_manual(stdout, SC_PROGRAM_SCACHE);
        lists++;
    }
    free(line);
    fclose(template);
    if (lists == 1)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s: there must be one line @PARAMETERS@\n", path);
    return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    int status = EXIT_SUCCESS;

    if (argc > 2) {
        fputs("usage: params2man [TEMPLATE]\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc == 2)
        status = fill_in(argv[1]);
    else
        sc_help_print_manual(stdout, SC_PROGRAM_SCACHE);
    return fflush(stdout) == 0 ? status : EXIT_FAILURE;
}
