/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The help texts of the commands that look at the server. The manual page says
 * more.
 */
#include <stddef.h>

#include "help_page.h"

#define COMMON                                                                                     \
    "  -s, --socket PATH    of the server, as everywhere; beside it is the control socket\n"       \
    "      --control PATH   the control socket itself, wherever it is\n"                           \
    "  -j, --json           print each line as a JSON object\n"                                    \
    "      --color WHEN     auto, always, never\n"                                                 \
    "  -h, --help           show this text\n"                                                      \
    "  -V, --version        show the version\n"

static const char stats[] =
    "scachectl stats shows how much is reused, why the rest is not, and how full the server is.\n"
    "\n"
    "  scachectl stats [OPTION]...\n"
    "\n"
    "      --every SECONDS  print a line for each interval instead, as vmstat does\n"
    "  -n, --count N        so many lines (without end)\n" COMMON "\n"
    "A visit is one wish for a connection, whatever way it was looked for. What is counted is\n"
    "counted since the server's start, or since the line before. With --json all that is\n"
    "counted is printed, a line each; with --every again and again.\n"
    "\n"
    "  scachectl stats\n"
    "  scachectl stats --every 5\n"
    "  scachectl stats --json |\n"
    "      jq -r "
    "'select(.family==\"connections_ended\")|[.labels.cause,.value]|@tsv'\n";

static const char list[] =
    "scachectl list prints what is cached and who is connected, a line each.\n"
    "\n"
    "  scachectl list [OPTION]... destinations|endpoints|connections|bindings|clients|users\n"
    "\n"
    "      --label LABEL     only what lies under this label, or is bound to or from it\n"
    "      --contains TEXT   only where a label contains this\n"
    "      --user USER       only this user's: a number, a name, or share1 for those who are in\n"
    "                        the first set of connection_cache_shared_users\n"
    "      --sort BY         the largest first: age, connections; with a history also lookups,\n"
    "                        recent, hits, misses\n"
    "      --limit N         so many of them\n"
    "      --long            look at each connection: silent, gone, unknown\n"
    "      --properties      the properties, too; with --exact or --json\n"
    "      --exact           whole values, in the form that scachectl shell reads\n" COMMON "\n"
    "The ID is what show and drop take. A label is shown in one line: a blank between its\n"
    "fields, and what does not print as \\xHH; --exact and --json have it as it is.\n"
    "\n"
    "Exit codes: 0; 1 there is none; 3 no server; 5 this user may not see that.\n"
    "\n"
    "  scachectl list endpoints --sort connections --limit 10\n"
    "  scachectl list connections --contains example.com --long\n"
    "  scachectl list clients --json | jq .process\n";

static const char show[] =
    "scachectl show prints all about a place, a connection or a binding.\n"
    "\n"
    "  scachectl show [OPTION]... LABEL|ID\n"
    "\n"
    "      --user USER      only this user's place: a number, a name, share1\n" COMMON "\n"
    "LABEL is a destination or an endpoint, as it was saved: $'...' of the shell has newlines.\n"
    "ID is the first column of list. Shown is what lies there or is bound to it; where the\n"
    "server keeps a history (connection_cache_history_limit), how often it was asked for, why\n"
    "there was nothing, and how much more or less would have been reused if connections were\n"
    "kept for other times.\n"
    "\n"
    "Exit codes: 0; 1 nothing is known of it; 3 no server; 5 this user may not see that.\n"
    "\n"
    "  scachectl show x8d343f79\n"
    "  scachectl show 6.50a1\n"
    "  scachectl show $'smtp\\nexample.com\\n25\\n'\n";

static const char watch[] =
    "scachectl watch prints what happens in the cache, as it happens, until it is ended.\n"
    "\n"
    "  scachectl watch [OPTION]...\n"
    "\n"
    "      --label LABEL    only what concerns this destination or endpoint\n"
    "      --contains TEXT  only where a label contains this\n"
    "      --user USER      only this user's: a number, a name, share1\n" COMMON "\n"
    "What comes faster than it can be shown is left out, and how much that was is told: the\n"
    "server waits for nobody who looks.\n"
    "\n"
    "  scachectl watch\n"
    "  scachectl watch --json --contains example.com | head -n 20\n";

static const char advise[] =
    "scachectl advise says what another configuration would bring, from what the server has\n"
    "seen: which limit costs how much, and how long connections should be kept.\n"
    "\n"
    "  scachectl advise [OPTION]...\n"
    "\n"
    "      --html FILE      write a page with curves for a browser instead\n"
    "      --user USER      only from this user's: a number, a name, share1\n" COMMON "\n"
    "The server counts what would have been reused if connections had been kept for other\n"
    "times, by watching the places that it remembers (connection_cache_history_limit). Wait\n"
    "for half an hour of usual work before you look.\n"
    "\n"
    "Exit codes: 0; 1 the server keeps no history; 3 no server; 5 this user may not ask.\n"
    "\n"
    "  scachectl advise\n"
    "  scachectl advise --html advice.html\n";

static const char drop[] =
    "scachectl drop closes cached connections, and forgets bindings.\n"
    "\n"
    "  scachectl drop [OPTION]... connections|bindings ID\n"
    "  scachectl drop [OPTION]... endpoints|destinations LABEL|ID\n"
    "  scachectl drop [OPTION]... all\n"
    "\n"
    "      --user USER      only this user's: a number, a name, share1\n"
    "      --dry-run        only say how many it would be\n" COMMON "\n"
    "With a destination go its bindings, and the connections of all endpoints that it is\n"
    "bound to. A connection that somebody has taken out is his, and stays. An ID of a server\n"
    "that has been started again since drops nothing.\n"
    "\n"
    "Exit codes: 0; 1 there is none; 3 no server; 5 this user may not drop that.\n"
    "\n"
    "  scachectl drop destinations --dry-run x1d325947\n"
    "  scachectl drop destinations $'smtp\\nexample.com\\n25\\n'\n"
    "  scachectl drop all --user www-data\n";

static const char params[] =
    "scachectl params prints the parameters of the server, and where their values are from.\n"
    "\n"
    "  scachectl params [OPTION]... [NAME]\n" COMMON "\n"
    "Exit codes: 0; 1 there is no such parameter; 3 no server; 5 this user may not ask.\n"
    "\n"
    "  scachectl params\n"
    "  scachectl params connection_cache_ttl_limit\n";

static const char set[] =
    "scachectl set gives a parameter of the running server another value for a while.\n"
    "\n"
    "  scachectl set [OPTION]... NAME=VALUE --for TIME\n"
    "\n"
    "      --for TIME       90s, 10m, 2h; one day at most\n" COMMON "\n"
    "After that time the usual value is in force again, whatever has become of scachectl. A\n"
    "value that shall stay goes into the configuration file. Limits can be changed, and the\n"
    "order in which connections are handed out; who may connect, paths and the sandbox cannot.\n"
    "Everything is logged.\n"
    "\n"
    "Exit codes: 0; 1 there is no such parameter, or no such value; 3 no server; 5 this user\n"
    "may not, or nobody may change it this way.\n"
    "\n"
    "  scachectl set connection_cache_ttl_limit=5s --for 10m\n";

static const char unset[] =
    "scachectl unset gives a parameter its usual value again, before its time is over.\n"
    "\n"
    "  scachectl unset [OPTION]... NAME\n" COMMON "\n"
    "Exit codes: 0; 1 it has no other value, or there is no such parameter; 3 no server; 5\n"
    "this user may not.\n"
    "\n"
    "  scachectl unset connection_cache_ttl_limit\n";

static const char metrics[] =
    "scachectl metrics prints what is counted in the form that Prometheus collects.\n"
    "\n"
    "  scachectl metrics [OPTION]...\n"
    "\n"
    "  -o, --output FILE    replace this file, all at once: for the textfile collector of\n"
    "                       Prometheus' node exporter\n" COMMON "\n"
    "Exit codes: 0; 3 no server, which scache_up 0 tells, alone; 4 it cannot be written.\n"
    "\n"
    "  scachectl metrics\n"
    "  scachectl metrics --output /var/lib/prometheus/node-exporter/scache.prom\n";

const struct sc_ctl_help_page sc_ctl_help_control[] = {
    {"stats", stats},   {"list", list},       {"show", show},     {"watch", watch},
    {"advise", advise}, {"drop", drop},       {"params", params}, {"set", set},
    {"unset", unset},   {"metrics", metrics}, {NULL, NULL},
};
