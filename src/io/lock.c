/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lock file of a server. It does not know what the lock protects, asks
 * nobody whether he is alive but the kernel, and takes a lock from no process
 * that could ever run again.
 */
#include "io/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/*
 * How often a lock is tried whose file is exchanged by others meanwhile; and
 * how often one, that many milliseconds apart, of which nobody can say who
 * has it: a server that was killed while it forked has it for a moment more.
 */
enum { LOCK_TRIES = 100, LOCK_WAITS = 20, LOCK_WAIT_MS = 10 };

/* A flag of a process in /proc/PID/stat (proc(5), PF_EXITING of the kernel). */
enum { LOCK_IS_EXITING = 0x4 };

/* SIGKILL in the masks of pending signals in /proc/PID/status. */
#define LOCK_IS_KILLED (UINT64_C(1) << (SIGKILL - 1))

static bool lock_is_at(int fd, int directory, const char *name)
{
    struct stat opened, named;

    return fstat(fd, &opened) == 0 && fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/*
 * A line of /proc/locks is "1: FLOCK  ADVISORY  WRITE 1234 fd:01:5678 0 EOF".
 * Some file systems show another device there than stat(2) tells, so the
 * number of the file decides where no device fits.
 */
static pid_t lock_read_holder(FILE *locks, const struct stat *file)
{
    char line[256];
    long pid, found = 0;
    unsigned major, minor;
    uintmax_t inode;

    while (fgets(line, sizeof(line), locks)) {
        if (sscanf(line, "%*u: FLOCK %*s %*s %ld %x:%x:%ju", &pid, &major, &minor, &inode) != 4 ||
            inode != file->st_ino || pid <= 0)
            continue;
        found = pid;
        if (makedev(major, minor) == file->st_dev)
            break;
    }
    return (pid_t)found;
}

static void lock_find_holder(struct sc_lock *lock, int fd)
{
    struct stat file, process;
    char path[64];
    FILE *locks = fopen("/proc/locks", "re");

    lock->holder = 0;
    if (!locks)
        return;
    if (fstat(fd, &file) == 0)
        lock->holder = lock_read_holder(locks, &file);
    (void)fclose(locks);
    snprintf(path, sizeof(path), "/proc/%ld", (long)lock->holder);
    lock->holder_user = stat(path, &process) == 0 ? process.st_uid : (uid_t)-1;
}

/* Reads a small file of /proc whole. Returns whether it could. */
static bool lock_read_text(pid_t pid, const char *name, char *text, size_t size)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t length = fread(text, 1, size - 1, file);
    (void)fclose(file);
    text[length] = '\0';
    return length > 0;
}

/* Whether its state is that of a zombie, or it is on its way out. */
static bool lock_is_ending(pid_t pid)
{
    char text[1024], state;
    unsigned long flags;

    if (!lock_read_text(pid, "stat", text, sizeof(text)))
        return false;
    const char *rest = strrchr(text, ')'); /* A process may be called anything. */
    if (!rest || sscanf(rest, ") %c %*d %*d %*d %*d %*d %lu", &state, &flags) != 2)
        return false;
    return state == 'Z' || state == 'X' || (flags & LOCK_IS_EXITING) != 0;
}

/* Whether it has been killed, and has only not come out of the kernel yet. */
static bool lock_is_killed(pid_t pid)
{
    char text[8192];

    if (!lock_read_text(pid, "status", text, sizeof(text)))
        return false;
    const char *pending = strstr(text, "\nShdPnd:");
    return pending && (strtoull(pending + strlen("\nShdPnd:"), NULL, 16) & LOCK_IS_KILLED) != 0;
}

/*
 * A process that will never run a line of its program again serves nobody,
 * though what it had open may hang. kill(2) knows of every process there is,
 * also where /proc does not show those of others.
 */
static bool lock_holder_is_dead(const struct sc_lock *lock)
{
    if (lock->holder == 0)
        return false; /* in another namespace, perhaps: nothing is known */
    if (kill(lock->holder, 0) < 0)
        return errno == ESRCH;
    return lock_is_ending(lock->holder) || lock_is_killed(lock->holder);
}

/* A link elsewhere, a pipe or a device: what is there is not a lock of ours. */
static int lock_check_kind(int fd)
{
    struct stat file;

    if (fstat(fd, &file) < 0)
        return -errno;
    return S_ISREG(file.st_mode) && file.st_nlink <= 1 ? 0 : -EPERM;
}

static int lock_open(struct sc_lock *lock)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int fd = openat(lock->directory, lock->name, flags | O_CREAT | O_EXCL, 0600);

    lock->fresh = fd >= 0;
    if (fd < 0 && errno == EEXIST)
        fd = openat(lock->directory, lock->name, flags);
    if (fd < 0)
        return errno == ENOENT ? -EAGAIN : -errno; /* It has just been removed. */
    int error = lock_check_kind(fd);
    if (error < 0) {
        close(fd);
        return error;
    }
    return fd;
}

/* Returns 0; -EAGAIN, to be tried again; -EADDRINUSE, the holder is noted; or another -errno. */
static int lock_try(struct sc_lock *lock)
{
    int fd = lock_open(lock);

    if (fd < 0)
        return fd;
    int error = flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    if (error == 0 && !lock_is_at(fd, lock->directory, lock->name))
        error = -EAGAIN; /* Its last owner has just removed it. */
    if (error == -EWOULDBLOCK) {
        lock_find_holder(lock, fd);
        error = lock_is_at(fd, lock->directory, lock->name) ? -EADDRINUSE : -EAGAIN;
    }
    if (error == 0)
        lock->fd = fd;
    else
        close(fd);
    return error;
}

static int lock_try_often(struct sc_lock *lock)
{
    int error = -EAGAIN;

    for (int i = 0; i < LOCK_TRIES && error == -EAGAIN; i++)
        error = lock_try(lock);
    return error == -EAGAIN ? -EADDRINUSE : error;
}

/*
 * The file that a dead server's descriptors hold gives way to a fresh one. Of
 * several who find it at the same time one has the directory's own lock, and
 * looks again when he has it: a lock that somebody has just made is his.
 */
static int lock_take_over(struct sc_lock *lock)
{
    int directory = openat(lock->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (directory < 0)
        return -EADDRINUSE;
    if (flock(directory, LOCK_EX | LOCK_NB) < 0) {
        close(directory);
        return -EADDRINUSE; /* He who has it removes the dead one's file, and nobody else does. */
    }
    int error = lock_try_often(lock);
    if (error == -EADDRINUSE && lock_holder_is_dead(lock)) {
        error = unlinkat(lock->directory, lock->name, 0) < 0 && errno != ENOENT ? -errno : 0;
        if (error == 0)
            error = lock_try_often(lock);
        lock->fresh = false; /* There was a lock, so a socket beside it is stale. */
    }
    close(directory);
    return error;
}

int sc_lock_take(struct sc_lock *lock, int directory, const char *name)
{
    *lock = (struct sc_lock){.fd = -1, .directory = directory};
    if (strlen(name) >= sizeof(lock->name))
        return -ENAMETOOLONG;
    snprintf(lock->name, sizeof(lock->name), "%s", name);
    int error = lock_try_often(lock);
    for (int i = 0; i < LOCK_WAITS && error == -EADDRINUSE && lock->holder == 0; i++) {
        (void)poll(NULL, 0, LOCK_WAIT_MS);
        error = lock_try_often(lock);
    }
    if (error == -EADDRINUSE && lock_holder_is_dead(lock))
        error = lock_take_over(lock);
    return error;
}

bool sc_lock_is_whole(const struct sc_lock *lock)
{
    return lock->fd < 0 || lock_is_at(lock->fd, lock->directory, lock->name);
}

void sc_lock_release(struct sc_lock *lock)
{
    if (lock->fd < 0)
        return;
    if (lock_is_at(lock->fd, lock->directory, lock->name))
        (void)unlinkat(lock->directory, lock->name, 0);
    close(lock->fd);
    lock->fd = -1;
}
