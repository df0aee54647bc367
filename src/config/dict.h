/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_DICT_H
#define SC_CONFIG_DICT_H

/*
 * All names that a value may refer to: what files and the command line set,
 * and for the rest the presets, some of which are made at start. A name means
 * what the command line says, else the last file that sets it, else the
 * preset; anything else is undefined, which is empty.
 *
 * The dictionary borrows its source and everything that hangs on it.
 */

#include <stddef.h>

#include "base/bytes.h"
#include "base/util.h"
#include "config/cf.h"
#include "config/diag.h"
#include "config/param.h"

/* Where a configuration comes from. What is null is as if it had not been there. */
struct sc_config_source {
    enum sc_param_program program;
    enum sc_param_mode mode;      /* master or standalone */
    const char *directory;        /* master: of main.cf and scache.cf; null: /etc/postfix */
    const char *file;             /* instead of these; standalone: null is none */
    const char *socket;           /* standalone: the path of the service's own; or null */
    const char *const *overrides; /* each "name=value", the last wins */
    size_t override_count;
    const char *max_idle;     /* of option -i; wins over all else */
    const char *process_name; /* null: scache */
    const char *service_name; /* null: empty */
    long process_id;          /* 0: that of this process */
    const char *host_name;    /* null: as gethostname(2) says */
};

enum { SC_DICT_NAME_MAX = 512 };

struct sc_dict {
    const struct sc_config_source *source;
    struct sc_cf cf;
    char *files[SC_ORIGIN_FILES]; /* that were read; null: none */
    const char *greeting;         /* its preset, if the version of Postfix is told; else null */
    char *control_socket;         /* its preset beside a socket of ours; else null */
    char *mydomain;               /* its preset; null: not known yet */
    char myhostname[SC_DICT_NAME_MAX];
    char process_id[24];
};

/*
 * Reads the file and the overrides. Returns 0 or -errno with the reason in the
 * diagnostics; then the dictionary is empty, and to end it is harmless.
 */
SC_MUST_CHECK int sc_dict_init(struct sc_dict *dict, const struct sc_config_source *source,
                               struct sc_diag *diag);
void sc_dict_fini(struct sc_dict *dict);

/*
 * The value of a name with all references expanded, as a text of the
 * caller's; an undefined name is empty. Returns 0 or -errno, with the reason
 * in the diagnostics.
 */
SC_MUST_CHECK int sc_dict_expand(const struct sc_dict *dict, struct sc_bytes name, char **value,
                                 struct sc_diag *diag);

/* Where a name was set. */
struct sc_origin sc_dict_origin(const struct sc_dict *dict, struct sc_bytes name);
const char *sc_dict_where(const struct sc_dict *dict, struct sc_bytes name, char *text,
                          size_t size);

/* Moves the paths of the files out; the dictionary goes on without. */
void sc_dict_steal_files(struct sc_dict *dict, char *files[SC_ORIGIN_FILES]);

/* What a name is when nobody sets it, as it would stand in a file; null: there is no such name. */
const char *sc_dict_preset(const struct sc_dict *dict, struct sc_bytes name);

#endif
