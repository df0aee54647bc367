/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The help texts of the commands that use the cache. The manual page says
 * more.
 */
#include <stddef.h>

#include "help_page.h"

#define COMMON                                                                                     \
    "  -s, --socket PATH    of the server ($SCACHE_SOCKET, $XDG_RUNTIME_DIR/scache.sock,\n"        \
    "                       /run/user/UID/scache.sock, /run/scache/scache.sock)\n"                 \
    "  -j, --json           print each line as a JSON object\n"                                    \
    "      --deadline MS    for each request (250, or $SCACHE_DEADLINE)\n"                         \
    "      --classic        use Postfix's own requests only\n"                                     \
    "      --no-greeting    for Postfix 3.5 and earlier, whose server does not speak first\n"      \
    "  -h, --help           show this text\n"                                                      \
    "  -V, --version        show the version\n"

static const char ping[] =
    "scachectl ping asks whether a server answers, and how soon.\n"
    "\n"
    "  scachectl ping [OPTION]...\n"
    "\n"
    "It leaves nothing in the cache. Exit codes: 0 it answers, 3 it does not, 5 it would not.\n"
    "\n" COMMON "\n"
    "  scachectl ping || echo 'no cache today'\n"
    "  scachectl ping --json --deadline 50\n";

static const char save[] =
    "scachectl save caches a connection under an endpoint, or binds a destination to one.\n"
    "\n"
    "  scachectl save [-t TTL] [-p PROPERTY] [-f FD] ENDPOINT\n"
    "  scachectl save [-t TTL] [-p PROPERTY] -d DESTINATION ENDPOINT\n"
    "\n"
    "  -t, --ttl SECONDS         how long it may stay (60); the server may grant less\n"
    "  -p, --property TEXT       what one must know to go on using it (empty)\n"
    "  -f, --fd N                the connection's descriptor (0, standard input)\n"
    "      --any                 save the descriptor even if it is no socket\n"
    "  -d, --destination LABEL   bind this to the endpoint; no connection is saved\n" COMMON "\n"
    "It uses Postfix's own requests; put does the same in one round trip. Exit codes:\n"
    "0 saved, 1 dropped, 3 no server.\n"
    "\n"
    "  exec 6<>/dev/tcp/127.0.0.1/6379                 # bash opens a connection\n"
    "  scachectl save --ttl 30 --fd 6 redis@127.0.0.1\n"
    "  scachectl save --ttl 300 --destination redis redis@127.0.0.1\n";

static const char find[] =
    "scachectl find takes a connection out of the cache.\n"
    "\n"
    "  scachectl find [OPTION]... ENDPOINT [-- PROGRAM [ARG]...]\n"
    "  scachectl find [OPTION]... -d DESTINATION [-- PROGRAM [ARG]...]\n"
    "\n"
    "  -d, --destination LABEL   of the first of its endpoints that has one\n"
    "  -v, --verbose             with a program: print the line too, on standard error\n" COMMON
    "\n"
    "Without a program it prints what it has found and closes the connection. With one,\n"
    "that has the connection as descriptors 6 and 7, its property in $SCACHE_PROPERTY,\n"
    "and its exit code is the command's. What it does not save again is closed when it\n"
    "ends. Exit codes: 0 found, 1 not found, 3 no server; with a program its own, and 125\n"
    "when it was not run: nothing found, or no server (--json says why).\n"
    "\n"
    "  scachectl find redis@127.0.0.1\n"
    "  scachectl find -d redis -- sh -c 'echo PING >&7; head -n 1 <&6'\n"
    "  scachectl find a -- scachectl save --fd 6 b      # move it to another endpoint\n";

static const char put[] =
    "scachectl put caches a connection, and a destination for it, in one round trip.\n"
    "\n"
    "  scachectl put [OPTION]... ENDPOINT\n"
    "\n"
    "  -t, --ttl SECONDS              how long it may stay (60); the server may grant less\n"
    "  -p, --property TEXT            what one must know to go on using it (empty)\n"
    "  -f, --fd N                     its descriptor (0, standard input)\n"
    "      --any                      save the descriptor even if it is no socket\n"
    "  -d, --destination LABEL        bind this to the endpoint, too\n"
    "      --destination-property TEXT    of the binding (empty)\n"
    "      --destination-ttl SECONDS      of the binding (as --ttl)\n" COMMON "\n"
    "A server of Postfix's gets its own requests instead. Exit codes: 0 saved, 1 dropped,\n"
    "3 no server.\n"
    "\n"
    "  exec 6<>/dev/tcp/127.0.0.1/6379                 # bash opens a connection\n"
    "  scachectl put --ttl 30 --fd 6 --destination redis redis@127.0.0.1\n";

static const char take[] =
    "scachectl take takes a connection out of the cache in one round trip.\n"
    "\n"
    "  scachectl take [OPTION]... ENDPOINT... [-- PROGRAM [ARG]...]\n"
    "  scachectl take [OPTION]... -d DESTINATION [ENDPOINT]... [-- PROGRAM [ARG]...]\n"
    "\n"
    "  -d, --destination LABEL   try this first; then the endpoints in their order\n"
    "  -v, --verbose             with a program: print the line too, on standard error\n" COMMON
    "\n"
    "What it does with the connection, and the exit codes, are those of find.\n"
    "\n"
    "  scachectl take --json -d redis redis@127.0.0.1 redis@127.0.0.2\n"
    "  scachectl take -d redis -- sh -c 'echo PING >&7; head -n 1 <&6'\n";

static const char shell[] =
    "scachectl shell reads requests from standard input, one a line, and prints a line\n"
    "for each. On a terminal it has a prompt with line editing.\n"
    "\n"
    "  scachectl shell [OPTION]...\n"
    "\n"
    "  save_endp TTL ENDPOINT PROPERTY FD                cache a connection\n"
    "  find_endp ENDPOINT                                take one out, print, close\n"
    "  save_dest TTL DESTINATION PROPERTY ENDPOINT       bind a destination\n"
    "  find_dest DESTINATION                             take one out, print, close\n"
    "  sleep SECONDS                                     wait; 0.2 is allowed\n"
    "  # text                                            nothing\n"
    "  help, quit\n"
    "\n"
    "FD is the number of a socket that the shell was started with.\n"
    "A word in \"double quotes\" may hold blanks, be empty, and have \\n \\t \\\" \\\\ \\xHH.\n"
    "\n"
    "      --any            FD may be anything that is open; a number that is not open stands\n"
    "                       for a copy of standard input, as Postfix's own tests have it\n" COMMON
    "\n"
    "Exit codes: 0, also when something was not found; 2 a line was wrong, after the\n"
    "others have been done; 3 no server answered a request. At a prompt always 0.\n"
    "\n"
    "  printf '%s\\n' 'save_endp 10 a \"\" 12' 'save_dest 10 d \"\" a' 'find_dest d' |\n"
    "      scachectl shell --any\n";

static const char run[] =
    "scachectl run runs a program with a connection that is cached, or else opened, and\n"
    "gives it back to the cache when the program exits 0 and nothing is under way on it.\n"
    "\n"
    "  scachectl run --to WHERE [OPTION]... -- PROGRAM [ARG]...\n"
    "\n"
    "      --to WHERE           tcp:HOST:PORT, tcp:[ADDRESS]:PORT, unix:PATH\n"
    "  -t, --ttl SECONDS        how long it may stay in the cache (60)\n"
    "      --service NAME       share it with all who say so, instead of with the same\n"
    "                           program, arguments and directory only\n"
    "      --field NAME=VALUE   what else makes it unequal to others, such as a user's name\n"
    "      --label LABEL        say all of this yourself; the network is added\n"
    "      --label-exact        nothing is: the endpoint has the very --label\n"
    "      --quiet-protocol     the far end speaks only when asked, and PROGRAM reads all of\n"
    "                           it: keep the connection though nobody knows who spoke last\n"
    "      --max-age SECONDS    close it when it is so old\n"
    "      --max-uses N         close it when so many programs have had it\n"
    "  -p, --property TEXT      saved with it, for whoever else takes it (empty)\n"
    "      --connect-timeout S  for each address of HOST (30)\n"
    "  -v, --verbose            say on standard error what became of it, and why\n" COMMON "\n"
    "The program reads from descriptor 6 and writes to 7 (UCSPI). Its environment has\n"
    "PROTO, TCPREMOTEIP, TCPREMOTEPORT, TCPLOCALIP, TCPLOCALPORT, TCPREMOTEHOST if HOST\n"
    "is a name, UNIXREMOTEPATH, and SCACHE_REUSED: 1 or 0. It must leave the connection\n"
    "where the next one can go on. A connection is closed if an answer may still come: with\n"
    "TCP that is seen, over UNIX-domain sockets only --quiet-protocol says it cannot be.\n"
    "Without a server it works too.\n"
    "\n"
    "The exit code is the program's; 125: no connection; 126, 127: not executed; 128+N:\n"
    "ended by signal N; 2: the command line is wrong.\n"
    "\n"
    "  scachectl run --to tcp:www.example.net:80 --ttl 10 --service fetch -- ./fetch /a.html\n"
    "  scachectl run -v --to unix:/run/redis/redis.sock --quiet-protocol --field db=0 -- \\\n"
    "      bash -c 'echo PING >&7; read -r answer <&6; echo $answer'\n";

const struct sc_ctl_help_page sc_ctl_help_cache[] = {
    {"ping", ping}, {"save", save},   {"find", find}, {"put", put},
    {"take", take}, {"shell", shell}, {"run", run},   {NULL, NULL},
};
