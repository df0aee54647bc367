/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hints about servers that do not answer: files that are written by one
 * process and read by the next. When to heed one is decided elsewhere.
 */
#include "lib/hint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/standard.h"

/* How long the first is, and for how long after its end the next is longer. */
enum { FIRST_MS = 1000, REMEMBERED_MS = 60000 };

/* "scache-hint.USER.HASH", and the same with the process id behind it; the text of one. */
enum { NAME_SIZE = 64, TEXT_SIZE = 256 };

static void hint_add_directory(struct sc_hints *hints, const char *path)
{
    if (strlen(path) < SC_HINT_DIRECTORY_SIZE)
        strcpy(hints->directories[hints->count++], path);
}

void sc_hints_init(struct sc_hints *hints)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    char own[64];

    *hints = (struct sc_hints){.count = 0};
    if (getauxval(AT_SECURE) != 0)
        return;
    if (runtime && *runtime == '/')
        hint_add_directory(hints, runtime);
    snprintf(own, sizeof(own), "/run/user/%u", (unsigned)geteuid());
    hint_add_directory(hints, own);
    hint_add_directory(hints, "/dev/shm");
}

/* Nobody else can make, rename or remove a file of ours in it. */
static bool hint_is_safe(const struct stat *directory)
{
    bool is_shared = (directory->st_mode & (S_IWGRP | S_IWOTH)) != 0;

    if (is_shared)
        return directory->st_uid == 0 && (directory->st_mode & S_ISVTX) != 0;
    return directory->st_uid == geteuid();
}

/* The first directory that will do, to be closed; or -errno. */
static int hint_open_directory(const struct sc_hints *hints)
{
    struct stat what;

    for (size_t i = 0; i < hints->count; i++) {
        int fd = open(hints->directories[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (fstat(fd, &what) == 0 && hint_is_safe(&what))
            return sc_standard_avoid(fd);
        close(fd);
    }
    return -ENOENT;
}

/* FNV-1a: which file; the path itself stands in it. */
static void hint_make_name(const char *path, char name[NAME_SIZE])
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *path; path++)
        hash = (hash ^ (unsigned char)*path) * UINT64_C(0x100000001b3);
    snprintf(name, NAME_SIZE, "scache-hint.%u.%016llx", (unsigned)geteuid(),
             (unsigned long long)hash);
}

/* What the file is that a name leads to, if it is one of ours; its length, or -1. */
static ssize_t hint_read_file(int directory, const char *name, char text[TEXT_SIZE])
{
    struct stat what;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -1;
    fd = sc_standard_avoid(fd);
    if (fd < 0)
        return -1;
    bool is_ours = fstat(fd, &what) == 0 && S_ISREG(what.st_mode) && what.st_uid == geteuid() &&
                   (what.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    ssize_t length = is_ours ? read(fd, text, TEXT_SIZE - 1) : -1;
    close(fd);
    if (length >= 0)
        text[length] = '\0';
    return length;
}

/* "PATH newline UNTIL blank DELAY newline", of this server and of these days. */
static struct sc_hint hint_parse(const char *text, const char *path, int64_t now)
{
    const struct sc_hint none = {.until = 0};
    size_t length = strlen(path);
    long long until;
    int delay;
    int end = 0;

    if (strncmp(text, path, length) != 0 || text[length] != '\n')
        return none;
    if (sscanf(text + length + 1, "%lld %d%n", &until, &delay, &end) != 2 ||
        strcmp(text + length + 1 + end, "\n") != 0)
        return none;
    if (until > now + SC_HINT_MOST_MS || until < now - REMEMBERED_MS || until < 1 || delay < 1 ||
        delay > SC_HINT_MOST_MS)
        return none;
    return (struct sc_hint){.until = until, .delay_ms = delay};
}

struct sc_hint sc_hints_find(const struct sc_hints *hints, const char *path, int64_t now)
{
    int directory = hint_open_directory(hints);
    char name[NAME_SIZE];
    char text[TEXT_SIZE];

    if (directory < 0)
        return (struct sc_hint){.until = 0};
    hint_make_name(path, name);
    ssize_t length = hint_read_file(directory, name, text);
    close(directory);
    return length > 0 ? hint_parse(text, path, now) : (struct sc_hint){.until = 0};
}

/* Writes a file that was not there; what cannot be written whole is removed. */
static bool hint_write_file(int directory, const char *name, const char *text)
{
    size_t length = strlen(text);
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        return false;
    fd = sc_standard_avoid(fd);
    bool is_written = fd >= 0 && write(fd, text, length) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    if (!is_written)
        unlinkat(directory, name, 0);
    return is_written;
}

void sc_hints_leave(const struct sc_hints *hints, const char *path, int64_t now)
{
    struct sc_hint last = sc_hints_find(hints, path, now);
    int delay = last.until == 0                        ? FIRST_MS
                : last.delay_ms >= SC_HINT_MOST_MS / 2 ? SC_HINT_MOST_MS
                                                       : 2 * last.delay_ms;
    int directory = hint_open_directory(hints);
    char name[NAME_SIZE];
    char fresh[NAME_SIZE + 16];
    char text[TEXT_SIZE];

    if (directory < 0)
        return;
    hint_make_name(path, name);
    snprintf(fresh, sizeof(fresh), "%s.%u", name, (unsigned)getpid());
    snprintf(text, sizeof(text), "%s\n%lld %d\n", path, (long long)(now + delay), delay);
    /* A name that is taken was left by a process that died here; this time there is no hint. */
    if (!hint_write_file(directory, fresh, text) || renameat(directory, fresh, directory, name) < 0)
        unlinkat(directory, fresh, 0);
    close(directory);
}

void sc_hints_remove(const struct sc_hints *hints, const char *path)
{
    int directory = hint_open_directory(hints);
    char name[NAME_SIZE];

    if (directory < 0)
        return;
    hint_make_name(path, name);
    unlinkat(directory, name, 0);
    close(directory);
}
