/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_SCRIPT_H
#define SC_BENCH_SCRIPT_H

/*
 * What one client of the load generator says and what it must hear, byte for byte, as a short
 * circle of steps that is made once before the run: in the hot loop nothing is formatted and
 * nothing is parsed. Labels and properties are of the shape and size that Postfix's smtp(8) uses.
 * All texts of one kind have the same length, whatever the number of the client, so that every
 * client costs the same.
 *
 * A script owns its text. The floor server answers with the texts of number 0 whoever asks;
 * `canned` makes a script expect that.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "work.h"

#define SC_SCRIPT_STEPS 8
#define SC_SCRIPT_TEXT  4096

struct sc_step {
    const char *send;
    const char *want;
    uint16_t send_len;
    uint16_t want_len; /* 0: nothing comes back, go on at once */
    bool attach;       /* the client's descriptor rides on the first byte */
    bool want_fd;      /* the reply must carry exactly one descriptor */
    bool last;         /* this step completes a request */
};

struct sc_script {
    struct sc_step steps[SC_SCRIPT_STEPS];
    unsigned count;
    unsigned requests;
    size_t used;
    char text[SC_SCRIPT_TEXT];
};

/* Make the script for client `number` (below 1,000,000). */
void sc_script_init(struct sc_script *script, enum sc_work work, unsigned number, unsigned ttl,
                    bool canned);

/* The two steps that save connection `number` (save_endp and its descriptor), and with `bind` a
   third (save_dest). Label and property of the endpoint are `size` bytes together, if they are
   not longer in any case. */
void sc_script_init_fill(struct sc_script *script, unsigned number, unsigned ttl, size_t size,
                         bool bind);

#endif
