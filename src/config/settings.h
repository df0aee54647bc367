/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_SETTINGS_H
#define SC_CONFIG_SETTINGS_H

/*
 * Where values live: one structure for each room that reads some, all of them
 * side by side in struct sc_params, and each handed to its room as it is. A
 * room below this one has its structure in a header of its own; those of rooms
 * above are here. Each field is called like its parameter, without
 * "connection_cache_" in front. Times are in milliseconds.
 *
 * Types only. Texts belong to the set of values: see params.h.
 */

#include <stdbool.h>
#include <stdint.h>

#include "config/origin.h"
#include "confine/mode.h"
#include "relay/settings.h"
#include "server/settings.h"

/* Each parameter's number, so that code which names one that is not there does not compile. */
enum sc_param_id {
#define PARAMETER(name, ...) SC_PARAM_##name,
#include "config/parameters.def"
#undef PARAMETER
    SC_PARAM_COUNT
};

/* Whose a parameter is. Another program knows its name and looks no further. */
enum sc_param_program { SC_PROGRAM_SCACHE, SC_PROGRAM_TLS };

struct sc_host_settings {
    char *queue_directory;
    char *mail_owner;
    char *user; /* empty: whoever has started it */
    int64_t daemon_timeout;
    int64_t max_idle;
    enum sc_sandbox_mode sandbox;
};

/* Who may connect, and who shares a space: lists of users. */
struct sc_access_settings {
    char *authorized_users;
    char *shared_users;
};

/* The control socket, and who may use it. */
struct sc_control_settings {
    char *control_socket;
    char *control_users;
    char *stats_users;
    size_t control_client_limit;
};

struct sc_mail_log_settings {
    char *syslog_name;
    int syslog_facility; /* as syslog(3) has it, such as LOG_MAIL */
    char *maillog_file;
    char *maillog_file_prefixes;
    char *postlog_service_name;
    char *myhostname;
};

/* What engines of TLS are told: see tls/policy.h. */
struct sc_tls_settings {
    char *ca_file;
    char *ciphers;
    int protocols; /* an enum sc_tls_version: the oldest */
    bool allow_unverified;
};

struct sc_params {
    enum sc_param_program program; /* whose values they are */
    struct sc_server_settings server;
    struct sc_relay_settings relay;
    struct sc_tls_settings tls;
    struct sc_host_settings host;
    struct sc_access_settings access;
    struct sc_mail_log_settings mail_log;
    struct sc_control_settings control;

    /* What only presets of other parameters refer to. */
    struct {
        int64_t ipc_timeout;
    } referred;

    char *files[SC_ORIGIN_FILES]; /* that were read; null: none */
    struct sc_origin origins[SC_PARAM_COUNT];
};

#endif
