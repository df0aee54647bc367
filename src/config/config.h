/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_CONFIG_H
#define SC_CONFIG_CONFIG_H

/*
 * Reading a configuration: a file, overrides and defaults in, typed values
 * out. Nothing is kept between two calls, nothing is logged, and no user,
 * directory or service that a value names is looked up. The file is read with
 * blocking calls: at start, or when a reload was asked for.
 */

#include "base/util.h"
#include "config/diag.h"
#include "config/dict.h"
#include "config/params.h"

/* Where main.cf is: what was named, or is null; else what the environment says. */
const char *sc_config_directory(const char *named);

/*
 * Fills a set of values, whatever it held. Returns 0; or -errno with the
 * reason in the diagnostics and an empty set: -ENOENT and others of open(2)
 * and read(2) for the file, -EFBIG when it is too large, -EINVAL for what is
 * wrong in it or on the command line, -ENOMEM. Who wants to know of each bad
 * value is told of each, and the reason is the last one.
 */
SC_MUST_CHECK int sc_config_load(struct sc_params *params, const struct sc_config_source *source,
                                 struct sc_diag *diag);

#endif
