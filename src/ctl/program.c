/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts a program with a connection, and waits for its end. What becomes of
 * the connection then is not decided here.
 */
#include "program.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "peer.h"

/* UCSPI: where the program reads, and where it writes. */
enum { READ_FD = 6, WRITE_FD = 7 };

/* Bytes of a variable with its name, a sign between them, and a NUL. */
enum { VARIABLE_MOST = 131072 };

/* All of the convention, so that nothing inherited is taken for ours. */
static const char *const variables[] = {
    "PROTO",           "TCPREMOTEIP",
    "TCPREMOTEPORT",   "TCPREMOTEHOST",
    "TCPREMOTEINFO",   "TCPLOCALIP",
    "TCPLOCALPORT",    "TCPLOCALHOST",
    "UNIXREMOTEPATH",  "UNIXLOCALPATH",
    "SCACHE_REUSED",   "SCACHE_ENDPOINT",
    "SCACHE_PROPERTY", "SCACHE_DESTINATION_PROPERTY",
};

/* One that the kernel would not pass on (Linux: 32 pages) shall not stop the program. */
static int program_set_variable(const char *name, const char *value)
{
    if (value && strlen(name) + strlen(value) + 2 > VARIABLE_MOST)
        return 0;
    return !value || setenv(name, value, 1) == 0 ? 0 : -ENOMEM;
}

static int program_set_tcp_variables(const struct sc_ctl_handed *handed)
{
    struct sc_ctl_address remote, local;
    int error = 0;

    if (!sc_ctl_peer_address(handed->fd, &remote) || !sc_ctl_peer_local_address(handed->fd, &local))
        return 0;
    error |= program_set_variable("PROTO", "TCP");
    error |= program_set_variable("TCPREMOTEIP", remote.host);
    error |= program_set_variable("TCPREMOTEPORT", remote.port);
    error |= program_set_variable("TCPREMOTEHOST", handed->remote_host);
    error |= program_set_variable("TCPLOCALIP", local.host);
    error |= program_set_variable("TCPLOCALPORT", local.port);
    return error;
}

static int program_set_unix_variables(const struct sc_ctl_handed *handed)
{
    char path[SC_CTL_PEER_SIZE];

    if (!sc_ctl_peer_path(handed->fd, path, sizeof(path)))
        return 0;
    return program_set_variable("PROTO", "UNIX") | program_set_variable("UNIXREMOTEPATH", path);
}

/* Our own environment serves: from now on this process is there for the program only. */
static int program_set_environment(const struct sc_ctl_handed *handed)
{
    int error = 0;

    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    error |= program_set_variable("SCACHE_REUSED", handed->is_reused ? "1" : "0");
    error |= program_set_variable("SCACHE_ENDPOINT", handed->endpoint);
    error |= program_set_variable("SCACHE_PROPERTY", handed->endpoint_property);
    error |= program_set_variable("SCACHE_DESTINATION_PROPERTY", handed->destination_property);
    error |= program_set_tcp_variables(handed);
    error |= program_set_unix_variables(handed);
    return error;
}

static void program_block_signals(struct sc_ctl_program *program)
{
    static const int numbers[] = {SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM};

    sigemptyset(&program->waits_for);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&program->waits_for, numbers[i]);
    sigprocmask(SIG_BLOCK, &program->waits_for, &program->before);
    /* Whoever ignores it has its children reaped by the kernel, their status lost. */
    signal(SIGCHLD, SIG_DFL);
}

/* Returns 0 or an errno value, which tells why the program could not be executed. */
static int program_spawn(struct sc_ctl_program *program, int fd, char *argv[])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);

    if (error)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        return error;
    }
    /* The first one also clears close-on-exec should the numbers be equal. */
    error = posix_spawn_file_actions_adddup2(&actions, fd, READ_FD);
    if (!error)
        error = posix_spawn_file_actions_adddup2(&actions, READ_FD, WRITE_FD);
    if (!error)
        error = posix_spawnattr_setsigmask(&attributes, &program->before);
    if (!error)
        error = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    if (!error)
        error = posix_spawnp(&program->pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

int sc_ctl_program_start(const struct sc_ctl *ctl, struct sc_ctl_program *program,
                         const struct sc_ctl_handed *handed)
{
    char **argv = ctl->args.program;

    if (program_set_environment(handed) != 0) {
        sc_ctl_exhausted(&ctl->voice);
        return SC_CTL_NO_CONNECTION;
    }
    program_block_signals(program);
    int error = program_spawn(program, handed->fd, argv);
    if (error == 0)
        return SC_CTL_DONE;
    sigprocmask(SIG_SETMASK, &program->before, NULL);
    sc_ctl_complain(&ctl->voice, "%s: %s", argv[0], strerror(error));
    return error == ENOENT ? SC_CTL_NO_PROGRAM : SC_CTL_CANNOT_EXECUTE;
}

/* What the terminal sends has reached the program too: it is in the same group. */
static void program_pass_on(const struct sc_ctl_program *program, const siginfo_t *signal)
{
    if (signal->si_signo != SIGCHLD && signal->si_code <= 0)
        kill(program->pid, signal->si_signo);
}

/* Whether it has ended. The signal that says so comes once, so no failure may hide it. */
static bool program_has_ended(const struct sc_ctl_program *program, int *status)
{
    pid_t ended;

    do {
        ended = waitpid(program->pid, status, WNOHANG);
    } while (ended < 0 && errno == EINTR);
    return ended == program->pid;
}

int sc_ctl_program_wait(struct sc_ctl_program *program)
{
    siginfo_t signal;
    int status;

    while (!program_has_ended(program, &status))
        if (sigwaitinfo(&program->waits_for, &signal) > 0)
            program_pass_on(program, &signal);
    sigprocmask(SIG_SETMASK, &program->before, NULL);
    return WIFSIGNALED(status) ? SC_CTL_SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
}
