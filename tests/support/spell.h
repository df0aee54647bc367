/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_SPELL_H
#define SC_TESTS_SPELL_H

/*
 * Bytes of the protocol, spelt so that people can read them. Words are apart by
 * blanks:
 *
 *     name=value   an attribute: name and value, a NUL behind each
 *     .            a NUL: the end of a list, or the byte that carries a descriptor
 *     anything     these bytes, with nothing behind
 *
 * Within a word %XX is the byte of that number, so %20 is a blank. What is not
 * said is not there: a list without its "." has no end yet.
 *
 *     "request=find_endp label=e ."     "status=0 property= ."     "dummy= ."
 */

#include "base/bytes.h"

enum { SPELL_LONGEST = 2048, SPELL_KEPT = 64 };

/* The bytes, of null none; they stay until SPELL_KEPT other texts were asked for. */
struct sc_bytes spell(const char *text);

#endif
