/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CTL_UTIL_H
#define SC_CTL_UTIL_H

/*
 * The few compiler extensions that the tool uses, each behind a name that says
 * what it is for: its own, as it includes nothing of this tree but scache.h.
 */

#define SC_CTL_PRINTF(text, first) __attribute__((format(printf, text, first)))
#define SC_CTL_MUST_CHECK          __attribute__((warn_unused_result))
#define SC_CTL_COUNT_OF(array)     (sizeof(array) / sizeof((array)[0]))

#endif
