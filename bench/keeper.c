/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waits for the child that does the work, and cleans up behind it whatever became of it. It
 * measures nothing itself.
 */
#include "keeper.h"

#include "bench.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int keeper_remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void keeper_remove_home(const char *home)
{
    if (nftw(home, keeper_remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0 && errno != ENOENT)
        fprintf(stderr, "scache-bench: cannot remove %s: %s\n", home, strerror(errno));
}

static int keeper_make_home(char *home, size_t size)
{
    const char *base = getenv("TMPDIR");
    if (base == NULL || *base != '/' || strlen(base) > 30)
        base = "/tmp"; /* names of sockets have to be short */
    snprintf(home, size, "%s/scache-bench.XXXXXX", base);
    if (mkdtemp(home) == NULL || chmod(home, 0755) < 0) {
        fprintf(stderr, "scache-bench: %s: %s\n", home, strerror(errno));
        return -errno;
    }
    return 0;
}

/* Wait for the worker, or for somebody to interrupt us. */
static int keeper_wait_worker(pid_t worker, const sigset_t *signals)
{
    for (;;) {
        int status;
        int signal = sigwaitinfo(signals, NULL);
        if (signal == SIGCHLD) {
            if (waitpid(worker, &status, WNOHANG) != worker)
                continue;
            if (WIFEXITED(status))
                return WEXITSTATUS(status);
            fprintf(stderr, "scache-bench: ended by signal %d\n", WTERMSIG(status));
            return 2;
        }
        if (signal > 0) {
            fputs("\nscache-bench: interrupted\n", stderr);
            return 128 + signal;
        }
    }
}

static void keeper_worker_main(struct sc_bench *bench, int (*work)(struct sc_bench *),
                               const sigset_t *before)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigprocmask(SIG_SETMASK, before, NULL);
    /* Ours is not the terminal's group now; writing there must not stop us. */
    signal(SIGTTOU, SIG_IGN);
    int result = work(bench);
    fflush(NULL);
    _exit(result < 0 ? 2 : result);
}

int sc_keeper_run(struct sc_bench *bench, int (*work)(struct sc_bench *))
{
    char home[64];
    sigset_t signals;
    sigset_t before;

    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, &before);
    if (keeper_make_home(home, sizeof(home)) < 0)
        return 2;
    bench->home = home;
    /* Servers whose parent has gone become our children, so that we can wait for them. */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t worker = fork();
    if (worker == 0)
        keeper_worker_main(bench, work, &before);
    int status = 2;
    if (worker > 0) {
        setpgid(worker, worker);
        status = keeper_wait_worker(worker, &signals);
        kill(-worker, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
            continue;
    } else {
        perror("scache-bench: fork");
    }
    keeper_remove_home(home);
    return status;
}
