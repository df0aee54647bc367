/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_TEXT_H
#define SC_BENCH_TEXT_H

/*
 * Labels and properties of one client, by its number. All texts of one kind have the same length,
 * whatever the number, so that every client costs the same.
 */

#include <stddef.h>

enum sc_text { SC_TEXT_ENDP_LABEL, SC_TEXT_ENDP_PROP, SC_TEXT_DEST_LABEL, SC_TEXT_DEST_PROP };

#define SC_TEXT_MAX 192

/* Writes one, without its end; returns its length. */
size_t sc_text_make(char out[SC_TEXT_MAX], enum sc_text kind, unsigned number);

#endif
