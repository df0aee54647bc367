/* SPDX-License-Identifier: BSD-2-Clause */
#include "config/params.h"
#include "confine/mode.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>

enum { MESSAGE_LEAST = 64, MESSAGE_MOST = 256 * 1024 * 1024 };

static const struct sc_param_choice reuse_orders[] = {
    {"oldest", SC_REUSE_OLDEST},
    {"newest", SC_REUSE_NEWEST},
    {NULL, 0},
};

static const struct sc_param_choice sandbox_modes[] = {
    {"yes", SC_SANDBOX_YES},
    {"log", SC_SANDBOX_LOG},
    {"kill", SC_SANDBOX_KILL},
    {"no", SC_SANDBOX_NO},
    {NULL, 0},
};

/* The names that Postfix 3.7 takes, in lower case only. */
static const struct sc_param_choice facilities[] = {
    {"mail", LOG_MAIL},     {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV},
    {"cron", LOG_CRON},     {"daemon", LOG_DAEMON}, {"ftp", LOG_FTP},
    {"kern", LOG_KERN},     {"lpr", LOG_LPR},       {"news", LOG_NEWS},
    {"syslog", LOG_SYSLOG}, {"user", LOG_USER},     {"uucp", LOG_UUCP},
    {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}, {NULL, 0},
};

#define NAMED(field)            .name = #field, .offset = offsetof(struct sc_params, field)
#define TEXT(field)             NAMED(field), .type = SC_PARAM_TEXT, .max = INT_MAX
#define BOOLEAN(field)          NAMED(field), .type = SC_PARAM_BOOL
#define TIME(field)             NAMED(field), .type = SC_PARAM_TIME, .unit = "s", .min = 1, .max = INT_MAX
#define INTEGER_TO(field, most) NAMED(field), .type = SC_PARAM_INTEGER, .max = (most)
#define INTEGER(field)          INTEGER_TO(field, INT_MAX)
#define CHOICE(field)           NAMED(field), .type = SC_PARAM_CHOICE

static const struct sc_param table[] = {
    {
        TIME(connection_cache_ttl_limit),
        .default_master = "2s",
        .default_standalone = "60s",
        .mode = SC_MODE_BOTH,
        .help = "The longest time to live of a connection or a binding; a client that asks for "
                "more gets this.",
    },
    {
        TIME(connection_cache_status_update_time),
        .default_master = "600s",
        .mode = SC_MODE_BOTH,
        .help = "How often statistics are logged.",
    },
    {
        BOOLEAN(connection_cache_greeting),
        .default_master = "yes",
        .mode = SC_MODE_BOTH,
        .help = "Whether the server announces its protocol to a new client. Postfix 3.6 and later "
                "expects that; Postfix 3.5 and earlier needs \"no\".",
    },
    {
        INTEGER(connection_cache_session_limit),
        .unit = "connections",
        .default_master = "0",
        .mode = SC_MODE_BOTH,
        .help = "The most connections in the cache. 0: as many as there are descriptors for.",
    },
    {
        INTEGER(connection_cache_endpoint_session_limit),
        .unit = "connections",
        .default_master = "0",
        .mode = SC_MODE_BOTH,
        .help = "The most connections under one endpoint. 0: no limit.",
    },
    {
        INTEGER(connection_cache_destination_binding_limit),
        .unit = "bindings",
        .default_master = "100",
        .min = 1,
        .mode = SC_MODE_BOTH,
        .help = "The most bindings of one destination. At the limit the one that is nearest to "
                "its expiry makes room.",
    },
    {
        INTEGER(connection_cache_binding_limit),
        .unit = "bindings",
        .default_master = "100000",
        .min = 1,
        .mode = SC_MODE_BOTH,
        .help = "The most bindings in all. At the limit the one that is nearest to its expiry "
                "makes room.",
    },
    {
        INTEGER(connection_cache_user_session_limit),
        .unit = "connections",
        .default_master = "0",
        .mode = SC_MODE_STANDALONE,
        .help = "The most connections of one user. 0: no limit.",
    },
    {
        INTEGER(connection_cache_client_limit),
        .unit = "clients",
        .default_master = "0",
        .mode = SC_MODE_BOTH,
        .help = "The most clients at once. 0: a quarter of the descriptors. At the limit the "
                "client that has been idle longest between requests is closed; while none is "
                "idle, newcomers wait.",
    },
    {
        INTEGER(connection_cache_memory_limit),
        .unit = "bytes",
        .default_master = "134217728",
        .mode = SC_MODE_BOTH,
        .help = "The most text, labels and properties together, that connections may hold, and "
                "as much again that bindings may hold. At the limit those that are nearest to "
                "their expiry make room. 0: no limit.",
    },
    {
        INTEGER_TO(connection_cache_message_limit, MESSAGE_MOST),
        .unit = "bytes",
        .default_master = "262144",
        .min = MESSAGE_LEAST,
        .mode = SC_MODE_BOTH,
        .help = "The longest request.",
    },
    {
        CHOICE(connection_cache_reuse_order),
        .choices = reuse_orders,
        .any_case = true,
        .default_master = "oldest",
        .mode = SC_MODE_BOTH,
        .help = "Which connection of an endpoint is handed out first: oldest or newest.",
    },
    {
        BOOLEAN(connection_cache_check_peer),
        .default_master = "yes",
        .mode = SC_MODE_BOTH,
        .help = "Whether a cached socket whose far end closed it, or spoke, while it was idle is "
                "dropped instead of handed out.",
    },
    {
        TEXT(connection_cache_authorized_users),
        .default_master = "",
        .mode = SC_MODE_STANDALONE,
        .fixed = true,
        .help = "Who may connect, besides root and the user that the server runs as: names, set "
                "apart by commas or blanks.",
    },
    {
        TEXT(connection_cache_shared_users),
        .default_master = "",
        .mode = SC_MODE_STANDALONE,
        .fixed = true,
        .help = "Users who share one name space, so that each is handed what another has saved. "
                "All others find only what they have saved themselves.",
    },
    {
        CHOICE(connection_cache_sandbox),
        .choices = sandbox_modes,
        .any_case = true,
        .default_master = "yes",
        .mode = SC_MODE_BOTH,
        .fixed = true,
        .help = "Whether the server, once it has started, gives up what it does not need: "
                "capabilities, core dumps, files, and all system calls that it does not use. "
                "Others fail (yes), are reported to the kernel's audit log and go on (log), or end "
                "the process (kill, for tests and the cautious). With no, nothing is given up.",
    },
    {
        TEXT(config_directory),
        .default_master = "/etc/postfix",
        .default_standalone = "",
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .read_only = true,
        .help = "Where main.cf is. The environment variable MAIL_CONFIG decides; setting it in "
                "main.cf has no effect but on references to it.",
    },
    {
        TEXT(queue_directory),
        .default_master = "/var/spool/postfix",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "The directory in which the server works, and with a chroot its root.",
    },
    {
        TEXT(mail_owner),
        .default_master = "postfix",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "The user that the server runs as.",
    },
    {
        TEXT(syslog_name),
        .default_master = "${multi_instance_name?{$multi_instance_name}:{postfix}}",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .help = "What precedes the process name in the log.",
    },
    {
        CHOICE(syslog_facility),
        .choices = facilities,
        .default_master = "mail",
        .mode = SC_MODE_MASTER,
        .help = "The syslog facility of the log, as syslog.conf(5) names it.",
    },
    {
        TEXT(maillog_file),
        .default_master = "",
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "When not empty, the log goes to Postfix's postlogd(8), which writes this file, "
                "instead of to syslog.",
    },
    {
        TEXT(maillog_file_prefixes),
        .default_master = "/var, /dev/stdout",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "What maillog_file may begin with.",
    },
    {
        TEXT(postlog_service_name),
        .default_master = "postlog",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "The name of the postlogd(8) service in master.cf.",
    },
    {
        TEXT(myhostname),
        .default_master = "",
        .shown = "the name of the host, with mydomain added when it has no dot",
        .min = 1,
        .mode = SC_MODE_MASTER,
        .fixed = true,
        .help = "The name of the host; its first label stands in the records of maillog_file.",
    },
    {
        TIME(daemon_timeout),
        .default_master = "18000s",
        .mode = SC_MODE_BOTH,
        .fixed = true,
        .help = "A process that has not come back to its event loop for so long is ended.",
    },
    {
        TIME(ipc_timeout),
        .default_master = "3600s",
        .mode = SC_MODE_BOTH,
        .help = "How long a client may take over one request. Between requests it may be idle for "
                "ever.",
    },
    {
        TIME(max_idle),
        .default_master = "100s",
        .mode = SC_MODE_MASTER,
        .help = "How long the server stays when no client is connected.",
    },
    {
        INTEGER(process_id),
        .default_master = "",
        .shown = "made at start",
        .mode = SC_MODE_BOTH,
        .fixed = true,
        .read_only = true,
        .help = "The process's number; for references.",
    },
    {
        TEXT(process_name),
        .default_master = "scache",
        .mode = SC_MODE_BOTH,
        .fixed = true,
        .read_only = true,
        .help = "The name of the program; for references.",
    },
    {
        TEXT(service_name),
        .default_master = "",
        .shown = "the name in master.cf",
        .mode = SC_MODE_BOTH,
        .fixed = true,
        .read_only = true,
        .help = "The name of the service; for references.",
    },
};

static_assert(SC_COUNT_OF(table) == SC_PARAM_COUNT, "each parameter has a place for its origin");

const struct sc_param *sc_param_get(size_t index)
{
    assert(index < SC_PARAM_COUNT);
    return &table[index];
}

const struct sc_param *sc_param_find(const char *name, size_t length)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}
