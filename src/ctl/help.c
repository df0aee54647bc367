/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds help texts, and gives an overview. What is said about a command is
 * elsewhere.
 */
#include "help.h"

#include <stddef.h>
#include <string.h>

#include "help_page.h"

const char sc_ctl_help_overview[] =
    "scachectl keeps open connections in a cache, takes them out again, and looks at the\n"
    "server that has them.\n"
    "\n"
    "  scachectl [OPTION]... COMMAND [OPTION]... [WORD]... [-- PROGRAM [ARG]...]\n"
    "\n"
    "To use the cache:\n"
    "\n"
    "  run --to WHERE -- PROGRAM   run a program with a cached connection, or a new one\n"
    "  put ENDPOINT                cache a connection, and perhaps a destination for it\n"
    "  take [ENDPOINT]...          take one out, by destination or by endpoint\n"
    "  save ENDPOINT               the same by Postfix's requests: a connection or a binding\n"
    "  find ENDPOINT               the same: by endpoint or by destination\n"
    "  shell                       read requests from standard input, one a line\n"
    "  ping                        ask whether a server answers\n"
    "\n"
    "To look at the server, and to change what it does:\n"
    "\n"
    "  stats                       how much is reused, and why the rest is not\n"
    "  list KIND                   destinations, endpoints, connections, bindings, clients,\n"
    "                              users\n"
    "  show LABEL|ID               all about a place, a connection or a binding\n"
    "  watch                       what happens, as it happens\n"
    "  advise                      what another configuration would bring\n"
    "  drop KIND [LABEL|ID]        close what is cached: one, some, or all\n"
    "  params [NAME]               the parameters, and where their values are from\n"
    "  set NAME=VALUE --for TIME   another value for a while\n"
    "  unset NAME                  the usual one again\n"
    "  metrics                     what is counted, for Prometheus\n"
    "\n"
    "  help COMMAND                show all about a command, with examples\n"
    "\n"
    "  -s, --socket PATH    of the server ($SCACHE_SOCKET, $XDG_RUNTIME_DIR/scache.sock,\n"
    "                       /run/user/UID/scache.sock, /run/scache/scache.sock)\n"
    "  -j, --json           print each line as a JSON object\n"
    "  -h, --help           show this text\n"
    "  -V, --version        show the version\n"
    "\n"
    "To use the cache:\n"
    "\n"
    "      --deadline MS    for each request (250, or $SCACHE_DEADLINE)\n"
    "      --classic        use Postfix's own requests only\n"
    "      --no-greeting    for Postfix 3.5 and earlier, whose server does not speak first\n"
    "\n"
    "To look at the server:\n"
    "\n"
    "      --control PATH   its control socket (the socket's path with .control behind it)\n"
    "      --color WHEN     auto, always, never\n"
    "\n"
    "Exit codes: 0 found, saved, answered; 1 not found, or dropped; 2 the command line\n"
    "is wrong; 3 no server answers; 4 no memory, or the output could not be written; 5 the\n"
    "server would not. With a program: its own; 125 it was not run, as there was no\n"
    "connection for it; 126 and 127 it could not be executed; 128+N signal N ended it.\n"
    "\n"
    "To see one connection serve three programs in a row, start a server first:\n"
    "\n"
    "  scache --listen $XDG_RUNTIME_DIR/scache.sock &\n"
    "  for i in 1 2 3; do\n"
    "      scachectl run -v --to tcp:127.0.0.1:6379 -- \\\n"
    "          bash -c 'echo PING >&7; read -r answer <&6; echo $SCACHE_REUSED $answer'\n"
    "  done\n"
    "  scachectl stats\n";

static const char *help_find(const struct sc_ctl_help_page *page, const char *command)
{
    while (page->command && strcmp(page->command, command) != 0)
        page++;
    return page->text;
}

const char *sc_ctl_help_find(const char *command)
{
    const char *text = help_find(sc_ctl_help_cache, command);

    return text ? text : help_find(sc_ctl_help_control, command);
}
