/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_SETTINGS_H
#define SC_CONFIG_SETTINGS_H

/*
 * The settings of those who stand above this room and so cannot be included
 * by it. A room below has its settings in a header of its own. Each field is
 * called like its parameter, without "connection_cache_" in front. Texts
 * belong to the set of values; times are in milliseconds.
 */

#include <stdint.h>

#include "confine/mode.h"

struct sc_host_settings {
    char *queue_directory;
    char *mail_owner;
    int64_t daemon_timeout;
    int64_t max_idle;
    enum sc_sandbox_mode sandbox;
};

/* Who may connect, and who shares a space: lists of users. */
struct sc_access_settings {
    char *authorized_users;
    char *shared_users;
};

struct sc_mail_log_settings {
    char *syslog_name;
    int syslog_facility; /* as syslog(3) has it, such as LOG_MAIL */
    char *maillog_file;
    char *maillog_file_prefixes;
    char *postlog_service_name;
    char *myhostname;
};

#endif
