/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lists of system calls, and the filter made of them. Who is confined by
 * which list, and when, is decided in sandbox.c.
 */
#include "confine/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The C library gives its memory areas names where the kernel can do that. */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

#ifdef __s390__
enum { CLONE_FLAGS = 1 };
#else
enum { CLONE_FLAGS = 0 };
#endif

enum { TIGHTEST_TREE = 2 };

/* What the process that closes sockets does; all others may do it too. */
static const char *const filter_for_dropper[] = {
    "exit",   "exit_group",      "getpid", /* after SIGSTOP and SIGCONT: */
    "gettid", "restart_syscall", "recv",      "recvfrom",      "rt_sigreturn",
    "send",   "sendto",          "sigreturn", "timer_settime", "timer_settime64",
};

/* Forking, and all that its children do before they confine themselves. */
static const char *const filter_for_nursery[] = {
    "brk",
    "close",
    "close_range",
    "fstat",
    "fstat64",
    "fstatat64",
    "getdents64",
    "getrandom",
    "getrlimit",
    "kill",
    "lseek",
    "madvise",
    "mremap",
    "munmap",
    "newfstatat",
    "recvmsg",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "seccomp",
    "sendmsg",
    "set_robust_list",
    "socketpair",
    "sysinfo", /* qsort(3) wants to know how much memory there is */
    "timer_create",
    "ugetrlimit",
    "uname",
    "wait4",
    "waitpid",
};

/* Waiting, bytes in and out of sockets that are there, and memory; see relay/worker. */
static const char *const filter_for_worker[] = {
    "brk",
    "clock_getres",
    "clock_getres_time64",
    "clock_gettime",
    "clock_gettime64",
    "close",
    "epoll_create", /* libev makes a new one when the kernel reports what is not there */
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "fstat",
    "fstat64",
    "fstatat64",
    "futex",
    "futex_time64",
    "getpeername",
    "getpid",
    "getrandom",
    "getrlimit",
    "getsockopt",
    "gettimeofday",
    "madvise",
    "mremap",
    "munmap",
    "newfstatat",
    "poll",
    "ppoll",
    "ppoll_time64",
    "read",
    "recvmsg",
    "rt_sigaction",
    "rt_sigprocmask",
    "sched_yield",
    "sendmsg",
    "setsockopt",
    "shutdown",
    "time",
    "ugetrlimit",
    "uname",
    "write", /* also the last words of a failed assertion */
    "writev",
};

static const char *const filter_for_cradle[] = {
    "timerfd_create",
    "timerfd_settime",
    "timerfd_settime64",
};

static const char *const filter_for_writer[] = {"poll", "ppoll", "ppoll_time64", "read", "write"};

static const char *const filter_for_server[] = {
    "_llseek",
    "accept",
    "accept4",
    "brk",
    "clock_getres",
    "clock_getres_time64",
    "clock_gettime",
    "clock_gettime64",
    "clock_nanosleep",
    "clock_nanosleep_time64",
    "close",
    "close_range",
    "connect",
    "epoll_create", /* libev makes a new one when the kernel reports what is not there */
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "fstat",
    "fstat64",
    "fstatat64",
    "futex",
    "futex_time64",
    "getegid",
    "getegid32",
    "geteuid",
    "geteuid32",
    "getgid",
    "getgid32",
    "getppid",
    "getrandom",
    "getrlimit",
    "getsockopt",
    "gettimeofday",
    "getuid",
    "getuid32",
    "lseek",
    "lstat",
    "lstat64",
    "madvise",
    "mremap",
    "munmap",
    "nanosleep",
    "newfstatat",
    "readv",
    "recvmsg",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigtimedwait",
    "rt_sigtimedwait_time64",
    "sched_getaffinity",
    "sched_yield",
    "sendmsg",
    "set_robust_list",
    "setsockopt",
    "shutdown",
    "sigaltstack",
    "stat",
    "stat64",
    "statx",
    "sysinfo", /* qsort(3) wants to know how much memory there is */
    "time",
    "timer_delete",
    "ugetrlimit",
    "uname",
    "wait4",
    "waitpid",
    "writev",
};

/* Where users come from a service, its module has a loop of its own. */
static const char *const filter_for_alone[] = {
    "fstatfs",         "fstatfs64",         "getdents64",      "pipe2",
    "readlink",        "readlinkat",        "statfs",          "timerfd_create",
    "timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64",
    "unlink",          "unlinkat",
};

/*
 * What the C library tries first and knows to do without, as on a kernel that
 * does not have it. Of clone3 a filter cannot see the flags.
 */
static const char *const filter_not_there[] = {"clone3", "faccessat2", "openat2"};

/* Sets of profiles. */
enum {
    FILTER_NURSERY = 1 << SC_FILTER_NURSERY,
    FILTER_CRADLE = 1 << SC_FILTER_CRADLE,
    FILTER_WORKER = FILTER_CRADLE | 1 << SC_FILTER_WORKER,
    FILTER_ALONE = 1 << SC_FILTER_ALONE,
    FILTER_SERVER = FILTER_ALONE | 1 << SC_FILTER_SERVER,
    FILTER_WRITER = FILTER_SERVER | 1 << SC_FILTER_WRITER,
    FILTER_FORKS = FILTER_NURSERY | FILTER_CRADLE,
    FILTER_MEMORY = FILTER_SERVER | FILTER_NURSERY | FILTER_WORKER,
    FILTER_ALL = FILTER_WRITER | FILTER_NURSERY | FILTER_WORKER | 1 << SC_FILTER_DROPPER,
};

static const struct filter_list {
    const char *const *names;
    size_t count;
    unsigned profiles;
} filter_lists[] = {
    {filter_for_dropper, SC_COUNT_OF(filter_for_dropper), FILTER_ALL},
    {filter_for_nursery, SC_COUNT_OF(filter_for_nursery), FILTER_FORKS},
    {filter_for_worker, SC_COUNT_OF(filter_for_worker), FILTER_WORKER},
    {filter_for_cradle, SC_COUNT_OF(filter_for_cradle), FILTER_CRADLE},
    {filter_for_writer, SC_COUNT_OF(filter_for_writer), FILTER_WRITER},
    {filter_for_server, SC_COUNT_OF(filter_for_server), FILTER_SERVER},
    {filter_for_alone, SC_COUNT_OF(filter_for_alone), FILTER_ALONE},
};

struct filter_rule {
    const char *name;
    unsigned profiles;
    struct scmp_arg_cmp condition;
};

#define IS(index, value)                                                                           \
    {                                                                                              \
        .arg = (index), .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = (value)        \
    }
#define IS_NULL(index)                                                                             \
    {                                                                                              \
        .arg = (index), .op = SCMP_CMP_EQ                                                          \
    }
#define HAS(index, bits)                                                                           \
    {                                                                                              \
        .arg = (index), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits), .datum_b = (bits)             \
    }
#define LACKS(index, bits)                                                                         \
    {                                                                                              \
        .arg = (index), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits)                                \
    }

#define NEW_NAMESPACES                                                                             \
    (CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |     \
     CLONE_NEWCGROUP)
#define CHANGES_FILES (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

static const struct filter_rule filter_rules[] = {
    {"clone", FILTER_SERVER, HAS(CLONE_FLAGS, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND)},
    {"clone", FILTER_SERVER, IS(CLONE_FLAGS, CLONE_FILES | SIGCHLD)}, /* see close/twin */
    {"clone", FILTER_FORKS, LACKS(CLONE_FLAGS, CLONE_VM | NEW_NAMESPACES)},
    {"mmap", FILTER_MEMORY, LACKS(2, PROT_EXEC)},
    {"mmap2", FILTER_MEMORY, LACKS(2, PROT_EXEC)},
    {"mprotect", FILTER_MEMORY, LACKS(2, PROT_EXEC)},
    {"prctl", FILTER_SERVER | FILTER_FORKS, IS(0, PR_SET_NAME)},
    {"prctl", FILTER_MEMORY, IS(0, PR_SET_VMA)},
    {"prctl", FILTER_SERVER, IS(0, PR_SET_PDEATHSIG)},
    {"prlimit64", FILTER_MEMORY, IS_NULL(2)}, /* asking, not setting */
    {"socket", FILTER_SERVER, IS(0, AF_UNIX)},
    {"open", FILTER_SERVER | FILTER_FORKS, LACKS(1, CHANGES_FILES)},
    {"openat", FILTER_SERVER | FILTER_FORKS, LACKS(2, CHANGES_FILES)},
    {"ioctl", FILTER_SERVER, IS(1, TCGETS)}, /* isatty(3) */
    {"ioctl", FILTER_SERVER | FILTER_WORKER, IS(1, SIOCOUTQ)},
    {"ioctl", FILTER_WORKER, IS(1, FIONREAD)},
    {"socketpair", FILTER_ALONE | 1 << SC_FILTER_WORKER, IS(0, AF_UNIX)},
    {"fcntl", FILTER_SERVER, IS(1, F_GETFD)},
    {"fcntl", FILTER_SERVER, IS(1, F_SETFD)},
    {"fcntl", FILTER_SERVER, IS(1, F_GETFL)},
    {"fcntl", FILTER_SERVER, IS(1, F_DUPFD_CLOEXEC)},
    {"fcntl", FILTER_ALONE, IS(1, F_SETFL)},
    {"fcntl64", FILTER_SERVER, IS(1, F_GETFD)},
    {"fcntl64", FILTER_SERVER, IS(1, F_SETFD)},
    {"fcntl64", FILTER_SERVER, IS(1, F_GETFL)},
    {"fcntl64", FILTER_SERVER, IS(1, F_DUPFD_CLOEXEC)},
    {"fcntl64", FILTER_ALONE, IS(1, F_SETFL)},
};

/* What is no system call of this machine is passed over. */
static int filter_add(scmp_filter_ctx filter, uint32_t action, const char *name,
                      const struct scmp_arg_cmp *condition)
{
    int number = seccomp_syscall_resolve_name(name);

    if (number == __NR_SCMP_ERROR)
        return 0;
    int error = seccomp_rule_add_array(filter, action, number, condition ? 1 : 0, condition);
    return error == -EDOM ? 0 : error;
}

static int filter_add_all(scmp_filter_ctx filter, uint32_t action, const char *const names[],
                          size_t count)
{
    int error = 0;

    for (size_t i = 0; i < count && error == 0; i++)
        error = filter_add(filter, action, names[i], NULL);
    return error;
}

/* abort(3) sends its signal to this process and no other. */
static int filter_add_conditional(scmp_filter_ctx filter, enum sc_filter_profile profile)
{
    const struct scmp_arg_cmp own = IS(0, (scmp_datum_t)getpid());
    int error = filter_add(filter, SCMP_ACT_ALLOW, "tgkill", &own);

    for (size_t i = 0; i < SC_COUNT_OF(filter_rules) && error == 0; i++)
        if ((filter_rules[i].profiles & 1U << profile) != 0)
            error = filter_add(filter, SCMP_ACT_ALLOW, filter_rules[i].name,
                               &filter_rules[i].condition);
    return error;
}

static int filter_add_profile(scmp_filter_ctx filter, enum sc_filter_profile profile)
{
    int error = 0;

    for (size_t i = 0; i < SC_COUNT_OF(filter_lists) && error == 0; i++)
        if ((filter_lists[i].profiles & 1U << profile) != 0)
            error = filter_add_all(filter, SCMP_ACT_ALLOW, filter_lists[i].names,
                                   filter_lists[i].count);
    if (error == 0)
        error = filter_add_all(filter, SCMP_ACT_ERRNO(ENOSYS), filter_not_there,
                               SC_COUNT_OF(filter_not_there));
    return error == 0 ? filter_add_conditional(filter, profile) : error;
}

/*
 * The kernel used to answer a filter with a guard against speculation that is
 * meant for code which is not trusted, and makes all of a process slower.
 */
static int filter_set_attributes(scmp_filter_ctx filter)
{
    int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);

    if (error == 0)
        error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    /* The rest is for speed only, and not everywhere. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_SSB, 1);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, TIGHTEST_TREE);
    (void)seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
    return error;
}

static uint32_t filter_action_of(enum sc_sandbox_mode mode)
{
    switch (mode) {
    case SC_SANDBOX_LOG:
        return SCMP_ACT_LOG;
    case SC_SANDBOX_KILL:
        return SCMP_ACT_KILL_PROCESS;
    default:
        return SCMP_ACT_ERRNO(EPERM);
    }
}

int sc_filter_load(enum sc_filter_profile profile, enum sc_sandbox_mode mode)
{
    scmp_filter_ctx filter = seccomp_init(filter_action_of(mode));

    if (!filter)
        return -ENOSYS;
    int error = filter_set_attributes(filter);
    if (error == 0)
        error = filter_add_profile(filter, profile);
    if (error == 0)
        error = seccomp_load(filter);
    seccomp_release(filter);
    return error;
}
