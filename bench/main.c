/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments and commands of scache-bench. Nothing is measured here: each
 * command has a file of its own.
 */
#include "bench.h"
#include "compare.h"
#include "floor.h"
#include "keeper.h"
#include "pin.h"
#include "report.h"
#include "rows.h"
#include "series.h"
#include "storebench.h"

#include "base/standard.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STATUS_FD 5
#define LISTEN_FD 6

#define CURVE_ROUNDS  2
#define CURVE_SECONDS 0.3
#define CURVE_CLIENTS 8

static const char help[] =
    "usage: scache-bench COMMAND [OPTION]...\n"
    "\n"
    "Compares three servers on this machine, in turn and in one run: the floor (canned\n"
    "replies, so that only the kernel's cost is left), Postfix's own scache(8) when it is\n"
    "installed, and this project's. Every reply and every descriptor is checked.\n"
    "\n"
    "commands\n"
    "  all      every wanted figure against what is measured, then the curves\n"
    "  rows     the wanted figures alone\n"
    "  run      one comparison, as the options say\n"
    "  clients  rate and latency against the number of clients, 1 to 256\n"
    "  cached   rate, CPU time and size against connections cached, 0 to 15,000\n"
    "  idle     size against idle clients, 0 to 10,000\n"
    "  store    the store by itself, without a server\n"
    "  load     drive a server that runs already, with --connect\n"
    "  floor    be the floor server, on descriptor 6 (the other commands start it)\n"
    "\n"
    "options\n"
    "  -w, --workload NAME   cycle: save_endp, save_dest, find_dest (the default);\n"
    "                        endpoint: save_endp, find_endp; miss: look-ups that find\n"
    "                        nothing; puttake: put and take, one round trip each\n"
    "  -c, --clients N       clients without think time (16)\n"
    "  -C, --cached N        connections cached beforehand under labels of their own (0)\n"
    "  -b, --bind            those have bindings too\n"
    "  -i, --idle N          clients connected that say nothing (0)\n"
    "  -1, --one-label       all clients use one endpoint and one destination\n"
    "  -u, --unix            pass UNIX sockets instead of TCP connections\n"
    "  -s, --seconds S       measured time of a turn (0.5)\n"
    "  -r, --rounds N        turns of each server (5, at most 100)\n"
    "  -f, --full            all: 2 s a turn and 11 rounds, curves as well\n"
    "  -a, --apart           server and load generator each on a processor of its own; else\n"
    "                        the kernel puts them where it likes, as in real life\n"
    "  -S, --servers LIST    of floor,postfix,scache (all that are there)\n"
    "  -p, --scache PATH     this project's server (beside this program)\n"
    "  -P, --postfix PATH    Postfix's (/usr/lib/postfix/sbin/scache)\n"
    "  -o, --out DIR         results.json and columns for gnuplot go there\n"
    "  -x, --connect PATH    load: the server's socket\n"
    "  -v, --verbose         show what the servers log\n"
    "  -h, --help            this text\n"
    "\n"
    "exit status: 0 all wanted figures met; 1 some not; 2 a wrong reply, or no run\n"
    "\n"
    "examples\n"
    "  scache-bench all --out /tmp/bench && gnuplot -e \"dir='/tmp/bench'\" bench/plot.gp\n"
    "  scache-bench run -w puttake -c 1 -S floor,scache\n"
    "  scache-bench run -C 15000 -b -c 8 -S scache -s 10 -r 1    # and perf top -p its process\n";

static const struct option options[] = {{"workload", required_argument, NULL, 'w'},
                                        {"clients", required_argument, NULL, 'c'},
                                        {"cached", required_argument, NULL, 'C'},
                                        {"bind", no_argument, NULL, 'b'},
                                        {"idle", required_argument, NULL, 'i'},
                                        {"one-label", no_argument, NULL, '1'},
                                        {"unix", no_argument, NULL, 'u'},
                                        {"seconds", required_argument, NULL, 's'},
                                        {"rounds", required_argument, NULL, 'r'},
                                        {"full", no_argument, NULL, 'f'},
                                        {"apart", no_argument, NULL, 'a'},
                                        {"servers", required_argument, NULL, 'S'},
                                        {"scache", required_argument, NULL, 'p'},
                                        {"postfix", required_argument, NULL, 'P'},
                                        {"out", required_argument, NULL, 'o'},
                                        {"connect", required_argument, NULL, 'x'},
                                        {"verbose", no_argument, NULL, 'v'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};

/* Every wanted figure, then the curves, which are shorter unless time was given. */
static int main_all(struct sc_bench *bench)
{
    unsigned rounds = bench->rounds;
    double seconds = bench->seconds;
    int met = sc_rows_run(bench);

    if (met < 0)
        return met;
    if (!bench->full) {
        bench->rounds = CURVE_ROUNDS;
        bench->seconds = CURVE_SECONDS;
    }
    bench->clients = CURVE_CLIENTS;
    int err = sc_series_clients(bench);
    if (err == 0)
        err = sc_series_cached(bench);
    if (err == 0)
        err = sc_series_idle(bench);
    bench->rounds = rounds;
    bench->seconds = seconds;
    return err < 0 ? err : met;
}

/* Each returns 0 or -errno; positive: a row of the specification was not met. */
static const struct command {
    const char *name;
    int (*work)(struct sc_bench *);
} commands[] = {
    {"all", main_all},
    {"rows", sc_rows_run},
    {"run", sc_compare_run},
    {"clients", sc_series_clients},
    {"cached", sc_series_cached},
    {"idle", sc_series_idle},
    {"store", sc_storebench_run},
    {"load", sc_compare_load},
};

static void main_usage_error(const char *what, const char *value)
{
    fprintf(stderr, "scache-bench: %s: %s (try --help)\n", what, value);
    exit(2);
}

static unsigned main_number(const char *text, unsigned min, unsigned max)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || value < min || value > max)
        main_usage_error("not a number that will do", text);
    return (unsigned)value;
}

static double main_seconds(const char *text)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !(value >= 0.01 && value <= 3600))
        main_usage_error("not a time that will do", text);
    return value;
}

static void main_servers(struct sc_bench *bench, const char *list)
{
    char name[16];
    enum sc_target_kind kind;
    memset(bench->wanted, 0, sizeof(bench->wanted));
    while (*list != '\0') {
        size_t len = strcspn(list, ",");
        snprintf(name, sizeof(name), "%.*s", (int)len, list);
        if (sc_target_parse(name, &kind) < 0)
            main_usage_error("no such server", name);
        bench->wanted[kind] = true;
        list += len + (list[len] == ',');
    }
}

static void main_option_take(struct sc_bench *bench, int letter)
{
    switch (letter) {
    case 'w':
        if (sc_work_parse(optarg, &bench->work) < 0)
            main_usage_error("no such workload", optarg);
        break;
    case 'c':
        bench->clients = main_number(optarg, 1, 4000);
        break;
    case 'C':
        bench->cached = main_number(optarg, 0, 800000);
        break;
    case 'i':
        bench->idle = main_number(optarg, 0, 100000);
        break;
    case 's':
        bench->seconds = main_seconds(optarg);
        break;
    case 'r':
        bench->rounds = main_number(optarg, 1, SC_ROUNDS_MAX);
        break;
    case 'S':
        main_servers(bench, optarg);
        break;
    case 'p':
        bench->programs[SC_TARGET_SCACHE] = optarg;
        break;
    case 'P':
        bench->programs[SC_TARGET_POSTFIX] = optarg;
        break;
    case 'o':
        bench->out = optarg;
        break;
    case 'x':
        bench->connect = optarg;
        break;
    default:
        exit(2);
    }
}

static void main_flag_take(struct sc_bench *bench, int letter)
{
    switch (letter) {
    case 'b':
        bench->bind = true;
        break;
    case '1':
        bench->one_label = true;
        break;
    case 'u':
        bench->unix_pairs = true;
        break;
    case 'f':
        bench->full = true;
        bench->seconds = 2;
        bench->rounds = 11;
        break;
    case 'a':
        bench->apart = true;
        break;
    case 'v':
        bench->verbose = true;
        break;
    case 'h':
        fputs(help, stdout);
        exit(0);
    default:
        main_option_take(bench, letter);
    }
}

/* Our own path names the floor, and the directory where scache is by default. */
static void main_find_programs(struct sc_bench *bench)
{
    static char self[PATH_MAX];
    static char beside[PATH_MAX + 8];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (len < 0)
        main_usage_error("cannot find out where I am", "/proc/self/exe");
    self[len] = '\0';
    bench->programs[SC_TARGET_FLOOR] = self;
    snprintf(beside, sizeof(beside), "%.*s/scache", (int)(strrchr(self, '/') - self), self);
    bench->programs[SC_TARGET_SCACHE] = beside;
    bench->programs[SC_TARGET_POSTFIX] = "/usr/lib/postfix/sbin/scache";
}

static void main_check_programs(struct sc_bench *bench)
{
    static char absolute[SC_TARGET_KINDS][PATH_MAX];
    for (int kind = 0; kind < SC_TARGET_KINDS; kind++) {
        const char *program = bench->programs[kind];
        if (!bench->wanted[kind])
            continue;
        if (access(program, X_OK) == 0 && realpath(program, absolute[kind]) != NULL) {
            bench->programs[kind] = absolute[kind];
            continue;
        }
        fprintf(stderr, "scache-bench: no %s here, so without it (%s)\n",
                sc_target_name((enum sc_target_kind)kind), program);
        bench->wanted[kind] = false;
    }
}

static void main_raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static const struct command *main_command_find(const char *name)
{
    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    main_usage_error("no such command", name);
    return NULL;
}

static int main_command_work(struct sc_bench *bench)
{
    const struct command *command = main_command_find(bench->command);
    int err = sc_report_begin(bench);
    if (err < 0)
        return err;
    bench->server_cpu = bench->load_cpu = -1;
    if (bench->apart)
        sc_pin_choose(&bench->server_cpu, &bench->load_cpu);
    sc_pin(bench->load_cpu);
    sc_supply_init(&bench->pool, bench->unix_pairs);
    int result = command->work(bench);
    sc_supply_fini(&bench->pool);
    err = sc_report_end(bench);
    return result < 0 ? result : err < 0 ? err : result;
}

int main(int argc, char **argv)
{
    struct sc_bench bench = {.wanted = {true, true, true},
                             .rounds = 5,
                             .seconds = 0.5,
                             .warm_up = 0.1,
                             .clients = 16,
                             .ttl = 10000};
    int letter;

    if (sc_standard_open() < 0)
        return 1;
    main_find_programs(&bench);
    while ((letter = getopt_long(argc, argv, "w:c:C:bi:1us:r:faS:p:P:o:x:vh", options, NULL)) >= 0)
        main_flag_take(&bench, letter);
    if (optind >= argc) {
        fputs(help, stderr);
        return 2;
    }
    bench.command = argv[optind];
    main_raise_limit();
    if (strcmp(bench.command, "floor") == 0)
        return sc_floor_run(LISTEN_FD, STATUS_FD);
    main_command_find(bench.command);
    main_check_programs(&bench);
    return sc_keeper_run(&bench, main_command_work);
}
