/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_UTF8_H
#define SC_CTL_UTF8_H

/*
 * Characters of UTF-8 in texts of any bytes, whatever the locale. Over-long
 * forms, halves of surrogate pairs and what is beyond Unicode are no
 * characters.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length in bytes of the character that a C string begins with, and the
 * character itself in @code; 0: it begins with none, or has ended.
 */
size_t sc_ctl_utf8_decode(const char *text, uint32_t *code);

/* Whether a character moves a terminal's cursor, or changes how it shows the next ones. */
bool sc_ctl_utf8_is_control(uint32_t code);

#endif
