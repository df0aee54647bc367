/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving up files, TCP ports and signals by Landlock. The C library knows none
 * of its system calls, and there is no library for it in Debian.
 */
#include "confine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Later than the oldest header that this is compiled with. */
#define ACCESS_TRUNCATE     (UINT64_C(1) << 14)
#define ACCESS_IOCTL_DEVICE (UINT64_C(1) << 15)
#define TCP_BIND            (UINT64_C(1) << 0)
#define TCP_CONNECT         (UINT64_C(1) << 1)
#define SCOPE_SIGNALS       (UINT64_C(1) << 1)

/* The version of Landlock that brought something. */
enum { SINCE_REFER = 2, SINCE_TRUNCATE = 3, SINCE_TCP = 4, SINCE_IOCTL = 5, SINCE_SCOPES = 6 };

/* As the kernel has it; older ones take the first member, or two. */
struct landlock_ruleset {
    uint64_t files;
    uint64_t net;
    uint64_t scoped;
};

static const uint64_t landlock_changing =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
    LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

static const uint64_t landlock_reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

static int landlock_create(int version, bool reads)
{
    struct landlock_ruleset ruleset = {.files = landlock_changing | (reads ? 0 : landlock_reading)};
    size_t size = offsetof(struct landlock_ruleset, net);

    if (version >= SINCE_REFER)
        ruleset.files |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= SINCE_TRUNCATE)
        ruleset.files |= ACCESS_TRUNCATE;
    if (version >= SINCE_IOCTL)
        ruleset.files |= ACCESS_IOCTL_DEVICE;
    if (version >= SINCE_TCP) {
        ruleset.net = TCP_BIND | TCP_CONNECT;
        size = offsetof(struct landlock_ruleset, scoped);
    }
    if (version >= SINCE_SCOPES) {
        ruleset.scoped = SCOPE_SIGNALS;
        size = sizeof(ruleset);
    }
    long fd = syscall(SYS_landlock_create_ruleset, &ruleset, size, 0U);
    return fd < 0 ? -errno : (int)fd;
}

static int landlock_allow_removal(int ruleset, const char *directory)
{
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_REMOVE_FILE,
        .parent_fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC),
    };

    if (rule.parent_fd < 0)
        return -errno;
    long result = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0U);
    int error = result < 0 ? -errno : 0;
    close(rule.parent_fd);
    return error;
}

/*
 * The kernel's version of Landlock; 0: it has none, or it is off. The filters
 * of containers often say EPERM of what they do not know, as if it were not
 * there.
 */
static int landlock_find_version(void)
{
    long version =
        syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);

    if (version >= 0)
        return (int)version;
    return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM ? 0 : -errno;
}

int sc_landlock_enter(const char *removable, bool reads)
{
    int version = landlock_find_version();

    if (version <= 0)
        return version;
    int ruleset = landlock_create(version, reads);
    if (ruleset < 0)
        return ruleset;
    int error = removable ? landlock_allow_removal(ruleset, removable) : 0;
    if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0U) < 0)
        error = -errno;
    close(ruleset);
    return error;
}
