/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_FILE_H
#define SC_CONFIG_FILE_H

/*
 * A configuration file's bytes. Only a regular file of bounded size is read,
 * so that a pipe, a terminal or a device at its place holds nobody up.
 *
 * A message about a file shows a line of it. So root is careful where others
 * may write: in a directory that is not root's alone, a symbolic link must be
 * root's, and a file that has several names must be of the directory's owner.
 * Otherwise who may write there could make root show him any file.
 */

#include <stddef.h>

#include "base/buf.h"
#include "base/util.h"

/*
 * Appends a file to a buffer. Returns 0; -errno of open(2) and read(2); -EFBIG
 * for more bytes than @most; -EISDIR and -EINVAL for what is no regular file;
 * -EPERM for what root does not follow.
 */
SC_MUST_CHECK int sc_file_read(const char *path, size_t most, struct sc_buf *buf);

/* What an error of the above means. */
const char *sc_file_error(int error);

#endif
