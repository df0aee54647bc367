/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints the expanded value of a name as a configuration file has it, for
 * comparing with what Postfix makes of the same file.
 *
 *   cfeval FILE NAME
 *
 * Warnings go to standard error; what is fatal does so too, with status 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "config/dict.h"

static void warn(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "warning: %s\n", text);
}

int main(int argc, char *argv[])
{
    struct sc_diag diag = {.warn = warn};
    struct sc_config_source source = {.mode = SC_MODE_MASTER};
    struct sc_dict dict;
    char *value = NULL;

    if (argc != 3) {
        fputs("usage: cfeval FILE NAME\n", stderr);
        return EXIT_FAILURE;
    }
    source.file = argv[1];
    int error = sc_dict_init(&dict, &source, &diag);
    if (error == 0)
        error = sc_dict_expand(&dict, sc_bytes_of(argv[2]), &value, &diag);
    if (error < 0)
        fprintf(stderr, "fatal: %s\n", diag.fatal);
    else
        puts(value);
    free(value);
    sc_dict_fini(&dict);
    return error < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
