/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_EXPORTER_LEAF_H
#define SC_EXPORTER_LEAF_H

/*
 * A text written into a file in one step: who reads the file finds the text of
 * before or this one, never a part. For the textfile collector of Prometheus's
 * node exporter, which reads whenever it likes.
 */

#include <stddef.h>

/*
 * Replaces the file at a path, readable by everybody. The new one is made
 * beside it under a name that begins with a dot and does not end in .prom, so
 * no collector takes it for one of its own. Returns 0 or -errno, and then the
 * file is as it was.
 */
__attribute__((warn_unused_result)) int sc_leaf_write(const char *path, const char *text,
                                                      size_t length);

#endif
