/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A server under test: talked to, listened to, looked at, and ended. How it is started is
 * launch.c's affair, what it is asked load.c's.
 */
#include "target.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STOP_TRIES  400
#define STOP_NAP_MS 5

static const char greeting[] = "protocol\0connection_cache_protocol\0";
static const char *const names[] = {"floor", "postfix", "scache"};

const char *sc_target_name(enum sc_target_kind kind)
{
    return names[kind];
}

int sc_target_parse(const char *name, enum sc_target_kind *kind)
{
    for (unsigned i = 0; i < SC_TARGET_KINDS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum sc_target_kind)i;
            return 0;
        }
    }
    return -EINVAL;
}

static void target_nap_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* A warning or worse is always shown: it may explain a figure. */
static void target_show_log(const struct sc_target *target, char *text)
{
    text[strcspn(text, "\n")] = '\0';
    bool grave = strstr(text, "warning: ") != NULL || strstr(text, "error: ") != NULL ||
                 strstr(text, "fatal: ") != NULL || strstr(text, "panic: ") != NULL;
    if (grave || target->verbose)
        fprintf(stderr, "scache-bench: %s logs: %s\n", names[target->kind], text);
}

void sc_target_drain(struct sc_target *target)
{
    char buffer[4096];

    if (target->attached)
        return;
    ssize_t got;
    while ((got = recv(target->launch.log_fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT)) > 0) {
        buffer[got] = '\0';
        target_show_log(target, buffer);
    }
}

static int target_read_greeting(int fd)
{
    char text[sizeof(greeting)];
    size_t have = 0;
    while (have < sizeof(text)) {
        ssize_t got = recv(fd, text + have, sizeof(text) - have, 0);
        if (got < 0)
            return -errno;
        if (got == 0)
            return -ECONNRESET;
        have += (size_t)got;
    }
    return memcmp(text, greeting, sizeof(text)) == 0 ? 0 : -EPROTO;
}

int sc_target_connect(const struct sc_target *target)
{
    struct timeval limit = {.tv_sec = 5};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    int err = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0 ||
        connect(fd, (const struct sockaddr *)&target->launch.addr, sizeof(target->launch.addr)) < 0)
        err = -errno;
    else
        err = target_read_greeting(fd);
    if (err < 0) {
        close(fd);
        return err;
    }
    return fd;
}

static int target_greets(struct sc_target *target)
{
    int fd = sc_target_connect(target);
    sc_target_drain(target);
    if (fd < 0) {
        fprintf(stderr, "scache-bench: %s does not greet its clients: %s\n", names[target->kind],
                strerror(-fd));
        return fd;
    }
    close(fd);
    return 0;
}

int sc_target_start(struct sc_target *target, enum sc_target_kind kind,
                    const struct sc_target_setup *setup)
{
    struct sc_launch_setup launch = setup->launch;

    launch.name = names[kind];
    launch.is_floor = kind == SC_TARGET_FLOOR;
    *target = (struct sc_target){.kind = kind, .launch.log_fd = -1, .verbose = setup->verbose};
    int err = sc_launch_start(&target->launch, &launch);
    if (err < 0)
        fprintf(stderr, "scache-bench: cannot start %s (%s): %s\n", names[kind], launch.program,
                strerror(-err));
    else
        err = target_greets(target);
    if (err < 0)
        sc_target_stop(target);
    return err;
}

int sc_target_attach(struct sc_target *target, const char *path)
{
    *target = (struct sc_target){.kind = SC_TARGET_SCACHE, .attached = true, .launch.log_fd = -1};
    if (strlen(path) >= sizeof(target->launch.addr.sun_path))
        return -ENAMETOOLONG;
    target->launch.addr.sun_family = AF_UNIX;
    strcpy(target->launch.addr.sun_path, path);
    int fd = sc_target_connect(target);
    if (fd < 0)
        return fd;
    struct ucred peer;
    socklen_t len = sizeof(peer);
    int err = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0 ? -errno : 0;
    if (err == 0)
        target->launch.pid = peer.pid;
    close(fd);
    return err;
}

static void target_wait_for_end(struct sc_target *target)
{
    int tries = 0;
    while (waitpid(target->launch.pid, NULL, WNOHANG) == 0) {
        if (++tries == STOP_TRIES) {
            fprintf(stderr, "scache-bench: %s does not end by itself\n", names[target->kind]);
            kill(target->launch.pid, SIGKILL);
        }
        sc_target_drain(target);
        target_nap_ms(STOP_NAP_MS);
    }
}

void sc_target_stop(struct sc_target *target)
{
    if (!target->attached) {
        if (target->launch.master > 0) {
            kill(target->launch.master, SIGKILL);
            waitpid(target->launch.master, NULL, 0);
        }
        if (target->launch.pid > 0)
            target_wait_for_end(target);
        if (target->launch.log_fd >= 0) {
            sc_target_drain(target);
            close(target->launch.log_fd);
        }
    }
    *target = (struct sc_target){.attached = true, .launch.log_fd = -1};
}

static uint64_t target_process_cpu(pid_t pid)
{
    clockid_t clock;
    struct timespec used;
    if (pid <= 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        return 0;
    return (uint64_t)used.tv_sec * 1000000000u + (uint64_t)used.tv_nsec;
}

/* The process that the target has started for itself counts with it; 0: there is none. */
static pid_t target_child_of(pid_t pid)
{
    char path[64];
    int child = 0;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%d", &child) != 1)
        child = 0;
    fclose(file);
    return child;
}

uint64_t sc_target_cpu(const struct sc_target *target)
{
    return target_process_cpu(target->launch.pid) +
           target_process_cpu(target_child_of(target->launch.pid));
}

uint64_t sc_target_master_cpu(const struct sc_target *target)
{
    return target_process_cpu(target->launch.master);
}

uint64_t sc_target_rss(const struct sc_target *target)
{
    char line[256];
    unsigned long kib = 0;
    snprintf(line, sizeof(line), "/proc/%d/smaps_rollup", (int)target->launch.pid);
    FILE *file = fopen(line, "re");
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL && sscanf(line, "Rss: %lu kB", &kib) != 1)
        continue;
    fclose(file);
    return (uint64_t)kib * 1024;
}
