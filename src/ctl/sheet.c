/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks a terminal how wide it is. Nothing is drawn here.
 */
#include "sheet.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SHEET_USUAL = 80, SHEET_LEAST = 20, SHEET_MOST = 1000, SHEET_OF_FILE = 132 };

static int sheet_width_of(FILE *out)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (columns && atoi(columns) >= SHEET_LEAST)
        return atoi(columns);
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0)
        return size.ws_col > 0 ? size.ws_col : SHEET_USUAL;
    return SHEET_OF_FILE;
}

struct sc_ctl_sheet sc_ctl_sheet_of(FILE *out)
{
    int width = sheet_width_of(out);

    return (struct sc_ctl_sheet){
        .width = width > SHEET_MOST ? SHEET_MOST : width,
        .is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
    };
}
