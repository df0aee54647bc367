/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the manual of the parameters: the list of the table that the server
 * itself uses, in mdoc(7). Given a file, prints that file with its line
 * "@PARAMETERS@" replaced by the list.
 *
 *   params2man [--tls] [TEMPLATE]
 *
 * --tls: those of scache-tls.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/help.h"

static int fill_in(const char *path, enum sc_param_program program)
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
        sc_help_print_manual(stdout, program);
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
    enum sc_param_program program = SC_PROGRAM_SCACHE;
    int status = EXIT_SUCCESS;

    if (argc > 1 && strcmp(argv[1], "--tls") == 0) {
        program = SC_PROGRAM_TLS;
        argc--;
        argv++;
    }
    if (argc > 2) {
        fputs("usage: params2man [--tls] [TEMPLATE]\n", stderr);
        return EXIT_FAILURE;
    }
    if (argc == 2)
        status = fill_in(argv[1], program);
    else
        sc_help_print_manual(stdout, program);
    return fflush(stdout) == 0 ? status : EXIT_FAILURE;
}
