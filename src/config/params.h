/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_PARAMS_H
#define SC_CONFIG_PARAMS_H

/*
 * The parameters of scache, in one table: what each is called, what it takes,
 * what it is when nobody sets it, what it means. Values, help texts and the
 * manual all come from that table.
 *
 * A set of values owns its texts and depends on no other set, so a running
 * process may load a second one and compare. A set of all zeros is empty and
 * may be ended; a set that was loaded has no null text.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/util.h"

enum sc_reuse_order { SC_REUSE_OLDEST, SC_REUSE_NEWEST };

enum { SC_PARAM_COUNT = 31 };

/* Where a value was set: an option of the command line, a line of the file, or neither. */
struct sc_param_origin {
    const char *option; /* such as "-o", or null; of static storage */
    size_t line;        /* 0: not in the file */
};

/* Times are in seconds. Each name is that of the parameter. */
struct sc_params {
    int64_t connection_cache_ttl_limit;
    int64_t connection_cache_status_update_time;
    bool connection_cache_greeting;
    int64_t connection_cache_session_limit;
    int64_t connection_cache_endpoint_session_limit;
    int64_t connection_cache_destination_binding_limit;
    int64_t connection_cache_binding_limit;
    int64_t connection_cache_user_session_limit;
    int64_t connection_cache_client_limit;
    int64_t connection_cache_memory_limit;
    int64_t connection_cache_message_limit;
    int connection_cache_reuse_order; /* of enum sc_reuse_order */
    bool connection_cache_check_peer;
    char *connection_cache_authorized_users;
    char *connection_cache_shared_users;
    int connection_cache_sandbox; /* of enum sc_sandbox_mode */
    char *config_directory;
    char *queue_directory;
    char *mail_owner;
    char *syslog_name;
    int syslog_facility; /* as syslog(3) has it, such as LOG_MAIL */
    char *maillog_file;
    char *maillog_file_prefixes;
    char *postlog_service_name;
    char *myhostname;
    int64_t daemon_timeout;
    int64_t ipc_timeout;
    int64_t max_idle;
    int64_t process_id;
    char *process_name;
    char *service_name;

    char *file; /* that was read; empty: none */
    struct sc_param_origin origins[SC_PARAM_COUNT];
};

enum sc_param_type {
    SC_PARAM_TEXT,
    SC_PARAM_BOOL,
    SC_PARAM_INTEGER,
    SC_PARAM_TIME,
    SC_PARAM_CHOICE
};

enum sc_param_mode { SC_MODE_MASTER = 1, SC_MODE_STANDALONE = 2, SC_MODE_BOTH = 3 };

/* One word that a choice takes; the list ends with a null word. */
struct sc_param_choice {
    const char *word;
    int value;
};

struct sc_param {
    const char *name;
    const char *unit;               /* what is counted; null: nothing */
    const char *default_master;     /* as it would stand in the file */
    const char *default_standalone; /* null: the same */
    const char *shown;              /* how the default is told when it is made at start, or null */
    const char *help;               /* a sentence, or some */
    const struct sc_param_choice *choices;
    int64_t min; /* of a text: bytes */
    int64_t max;
    size_t offset; /* in struct sc_params */
    enum sc_param_type type;
    enum sc_param_mode mode; /* where it has an effect; it is checked in both */
    bool any_case;           /* choices are told apart without regard to case */
    bool fixed;              /* cannot change in a running process */
    bool read_only;          /* what the file says is only for references to it */
};

/* The parameter of an index below SC_PARAM_COUNT, in the order of the manual. */
const struct sc_param *sc_param_get(size_t index);

/* The parameter of that name, or null. */
const struct sc_param *sc_param_find(const char *name, size_t length);

/*
 * Sets one value from its text. Returns 0; -EINVAL with the reason in why; or
 * -ENOMEM. After a failure the value is what it was.
 */
SC_MUST_CHECK int sc_param_set(const struct sc_param *param, struct sc_params *params,
                               const char *text, char *why, size_t why_size);

void sc_params_fini(struct sc_params *params);

/* Writes where a parameter was set, such as "/etc/postfix/main.cf, line 4", and returns it. */
const char *sc_params_where(const struct sc_params *params, const char *name, char *text,
                            size_t size);

/*
 * Calls back for each parameter whose values differ; look at its "fixed" for
 * whether it needs a restart.
 */
void sc_params_diff(const struct sc_params *one, const struct sc_params *other,
                    void (*differs)(void *context, const struct sc_param *param), void *context);

/*
 * Exchanges the values that cannot change in a running process, so that a
 * fresh set gets the ones in use; cannot fail. The old set is then to be ended.
 */
void sc_params_keep_fixed(struct sc_params *fresh, struct sc_params *old);

/* Prints the table for people on a terminal. */
void sc_params_help(FILE *out);

/* Prints the table as a list of mdoc(7). */
void sc_params_manual(FILE *out);

#endif
