/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts one server the way master(8) does it, but for the work that master does meanwhile. What
 * the server says, and when it ends, is target.c's affair.
 */
#include "launch.h"

#include "master.h"
#include "pin.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LISTEN_BACKLOG 4096

/* The descriptors that the child is going to have, in the order of their numbers from 3 on. */
enum { FD_FLOW_READ, FD_FLOW_WRITE, FD_STATUS, FD_LISTEN, FD_COUNT };

struct nest {
    int fds[FD_COUNT];
    const char *owner; /* mail_owner: whom the server becomes */
};

static int launch_make_dir(const char *home, const char *name)
{
    char path[128];
    snprintf(path, sizeof(path), "%s%s", home, name);
    if (mkdir(path, 0755) < 0)
        return -errno;
    return 0;
}

/* The user whom `-u` turns the server into. Without root it stays what it is. */
static const char *launch_mail_owner(void)
{
    if (geteuid() == 0)
        return getpwnam("postfix") != NULL ? "postfix" : "nobody";
    const struct passwd *self = getpwuid(geteuid());
    return self != NULL ? self->pw_name : "nobody";
}

static int launch_write_main_cf(const struct sc_launch *launch, const struct sc_launch_setup *setup,
                                const char *owner)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/main.cf", launch->home);
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return -errno;
    fprintf(file,
            "compatibility_level = 3.6\n"
            "queue_directory = %s/queue\n"
            "data_directory = %s/queue\n"
            "mail_owner = %s\n"
            "myhostname = bench.example.com\n"
            "maillog_file = /var/log/scache-bench.log\n"
            "max_idle = 10000s\n"
            "connection_cache_status_update_time = 10000s\n"
            "connection_cache_ttl_limit = %us\n",
            launch->home, launch->home, owner, setup->ttl_limit);
    if (setup->client_limit > 0)
        fprintf(file, "connection_cache_client_limit = %u\n", setup->client_limit);
    return fclose(file) == 0 ? 0 : -errno;
}

static int launch_make_home(struct sc_launch *launch, const struct sc_launch_setup *setup,
                            const char *owner)
{
    snprintf(launch->home, sizeof(launch->home), "%s/%s.XXXXXX", setup->home, setup->name);
    if (mkdtemp(launch->home) == NULL || chmod(launch->home, 0755) < 0)
        return -errno;
    static const char *const below[] = {"/queue", "/queue/private", "/queue/public", "/queue/pid"};
    for (unsigned i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
        int err = launch_make_dir(launch->home, below[i]);
        if (err < 0)
            return err;
    }
    return launch_write_main_cf(launch, setup, owner);
}

static int launch_open_listener(struct sc_launch *launch)
{
    launch->addr.sun_family = AF_UNIX;
    snprintf(launch->addr.sun_path, sizeof(launch->addr.sun_path), "%s/queue/private/scache",
             launch->home);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (bind(fd, (struct sockaddr *)&launch->addr, sizeof(launch->addr)) < 0 ||
        chmod(launch->addr.sun_path, 0666) < 0 || listen(fd, LISTEN_BACKLOG) < 0) {
        int err = -errno;
        close(fd);
        return err;
    }
    return fd;
}

static int launch_open_postlog(struct sc_launch *launch)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/queue/public/postlog", launch->home);
    launch->log_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (launch->log_fd < 0 || bind(launch->log_fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
        chmod(addr.sun_path, 0666) < 0)
        return -errno;
    return 0;
}

/* Our end of the status channel goes to the stand-in for master alone. */
static int launch_open_status(struct nest *nest, struct sc_launch *launch)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    nest->fds[FD_STATUS] = ends[1];
    launch->master = sc_master_start(ends[0]);
    close(ends[0]);
    return launch->master < 0 ? (int)launch->master : 0;
}

static int launch_nest_open(struct nest *nest, struct sc_launch *launch)
{
    if (pipe2(nest->fds, O_CLOEXEC) < 0)
        return -errno;
    int err = launch_open_status(nest, launch);
    if (err == 0)
        err = launch_open_postlog(launch);
    if (err < 0)
        return err;
    nest->fds[FD_LISTEN] = launch_open_listener(launch);
    return nest->fds[FD_LISTEN] < 0 ? nest->fds[FD_LISTEN] : 0;
}

static void launch_nest_close(struct nest *nest)
{
    for (unsigned i = 0; i < FD_COUNT; i++) {
        if (nest->fds[i] >= 0)
            close(nest->fds[i]);
    }
}

/* Move our descriptors to 3, 4, 5, 6, by way of numbers that are free of both sets. */
static void launch_child_descriptors(const struct nest *nest)
{
    int high[FD_COUNT];
    for (int i = 0; i < FD_COUNT; i++)
        high[i] = fcntl(nest->fds[i], F_DUPFD_CLOEXEC, 32);
    for (int i = 0; i < FD_COUNT; i++) {
        if (high[i] < 0 || dup2(high[i], 3 + i) < 0)
            _exit(127);
    }
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        if (nothing > 6)
            close(nothing);
    }
}

static void launch_child_environment(const struct sc_launch *launch)
{
    char path[160];
    setenv("MAIL_CONFIG", launch->home, 1);
    setenv("GENERATION", "1", 1);
    setenv("MAIL_LOGTAG", "bench", 1);
    snprintf(path, sizeof(path), "%s/queue/public/postlog", launch->home);
    setenv("POSTLOG_SERVICE", path, 1);
    setenv("POSTLOG_HOSTNAME", "bench", 1);
}

static void launch_child_exec(const struct sc_launch *launch, const struct sc_launch_setup *setup,
                              const struct nest *nest)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    sc_pin(setup->cpu);
    launch_child_descriptors(nest);
    launch_child_environment(launch);
    char queue[128];
    snprintf(queue, sizeof(queue), "%s/queue", launch->home);
    if (chdir(queue) < 0)
        _exit(127);
    if (setup->is_floor)
        execl(setup->program, "scache-bench", "floor", (char *)NULL);
    else
        execl(setup->program, "scache", "-l", "-n", "scache", "-t", "unix",
              geteuid() == 0 ? "-u" : (char *)NULL, (char *)NULL);
    _exit(127);
}

int sc_launch_start(struct sc_launch *launch, const struct sc_launch_setup *setup)
{
    struct nest nest = {.fds = {-1, -1, -1, -1}, .owner = launch_mail_owner()};

    if (access(setup->program, X_OK) < 0)
        return -errno;
    int err = launch_make_home(launch, setup, nest.owner);
    if (err == 0)
        err = launch_nest_open(&nest, launch);
    if (err == 0) {
        launch->pid = fork();
        if (launch->pid == 0)
            launch_child_exec(launch, setup, &nest);
        if (launch->pid < 0)
            err = -errno;
    }
    launch_nest_close(&nest);
    return err;
}
