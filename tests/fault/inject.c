/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for the functions of calls.def, counts their calls, and makes one of them fail.
 * Whether the program then did right is judged by whoever started it.
 */
#include "inject.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <search.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

/* The numbers of the calls; all allocations are one. */
enum {
    FAULT_allocation,
#define NAMED(name, errors)                                      FAULT_##name,
#define CALL(type, failure, name, parameters, arguments, errors) FAULT_##name,
#define CODE(type, name, parameters, arguments, errors)          FAULT_##name,
#define BESIDE(name)
#include "calls.def"
#undef NAMED
#undef CALL
#undef CODE
    FAULT_CALLS
};

static const char *const names[FAULT_CALLS] = {
    "allocation",
#define NAMED(name, errors)                                      #name,
#define CALL(type, failure, name, parameters, arguments, errors) #name,
#define CODE(type, name, parameters, arguments, errors)          #name,
#include "calls.def"
#undef NAMED
#undef CALL
#undef CODE
};

_Static_assert((int)FAULT_CALLS <= (int)FAULT_CALLS_MOST, "the page is too small");

/* Functions that stand in for the C library's can get at nothing but globals. */
static struct {
    struct fault_page own; /* without anybody to share it with */
    struct fault_page *page;
    int chosen;  /* which call; -1: none */
    int eventfd; /* that libev has made */
    int64_t speed;
    struct timespec began;
    pid_t process;
} fault = {.page = &fault.own, .chosen = -1, .eventfd = -1, .speed = 1};

static int find_call(const char *name)
{
    for (int i = 0; i < FAULT_CALLS; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool fault_plan(const char *call, uint32_t nth, int error)
{
    struct fault_page *page = fault.page;

    fault.chosen = call ? find_call(call) : -1;
    page->nth = nth;
    page->error = error;
    if (fault.chosen < 0)
        return !call;
    page->each[fault.chosen].count = 0;
    page->happened = 0;
    return true;
}

bool fault_has_happened(void)
{
    return __atomic_load_n(&fault.page->happened, __ATOMIC_SEQ_CST) > 0;
}

int64_t fault_live_blocks(void)
{
    return __atomic_load_n(&fault.page->live_blocks, __ATOMIC_SEQ_CST);
}

/* Counts a call. Returns the error that it is to fail with, or 0. */
static int due(int call)
{
    struct fault_page *page = fault.page;
    uint64_t count = __atomic_add_fetch(&page->each[call].count, 1, __ATOMIC_SEQ_CST);

    if (call != fault.chosen || count != page->nth)
        return 0;
    __atomic_add_fetch(&page->happened, 1, __ATOMIC_SEQ_CST);
    errno = page->error;
    return page->error;
}

int __real_open64(const char *path, int flags, ...);
void *__real_mmap64(void *address, size_t length, int protection, int flags, int fd,
                    off64_t offset);
int __real_clock_gettime(clockid_t clock, struct timespec *now);

static struct fault_page *share_page(const char *path)
{
    int fd = __real_open64(path, O_RDWR | O_CLOEXEC);

    if (fd < 0)
        abort();
    void *page =
        __real_mmap64(NULL, sizeof(struct fault_page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        abort();
    close(fd);
    return page;
}

__attribute__((constructor)) static void start(void)
{
    const char *path = getenv("SC_FAULT_PAGE");
    const char *speed = getenv("SC_FAULT_SPEED");

    fault.process = getpid();
    if (speed && atoi(speed) > 1)
        fault.speed = atoi(speed);
    __real_clock_gettime(CLOCK_MONOTONIC, &fault.began);
    if (path)
        fault.page = share_page(path);
    fault.page->calls = FAULT_CALLS;
    for (int i = 0; i < FAULT_CALLS; i++)
        snprintf(fault.page->each[i].name, FAULT_NAME_SIZE, "%s", names[i]);
    if (fault.page->call[0] != '\0')
        fault.chosen = find_call(fault.page->call);
}

#define CALL(type, failure, name, parameters, arguments, errors)                                   \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        return due(FAULT_##name) ? failure : __real_##name arguments;                              \
    }
#define CODE(type, name, parameters, arguments, errors)                                            \
    type __real_##name parameters;                                                                 \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters                                                                  \
    {                                                                                              \
        int error = due(FAULT_##name);                                                             \
        return error ? error : __real_##name arguments;                                            \
    }
#define NAMED(name, errors)
#include "calls.def"
#undef NAMED
#undef CALL
#undef CODE
#undef BESIDE

int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return due(FAULT_open64) ? -1 : __real_open64(path, flags, mode);
}

int __real_openat64(int directory, const char *path, int flags, ...);
int __wrap_openat64(int directory, const char *path, int flags, ...);
int __wrap_openat64(int directory, const char *path, int flags, ...)
{
    va_list rest;

    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return due(FAULT_openat64) ? -1 : __real_openat64(directory, path, flags, mode);
}

/*
 * A command without an argument gets one that nobody looks at. F_GETFD fails
 * for what is not open and for nothing else.
 */
#define FCNTL(name)                                                                                \
    int __real_##name(int fd, int command, ...);                                                   \
    int __wrap_##name(int fd, int command, ...);                                                   \
    int __wrap_##name(int fd, int command, ...)                                                    \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, command);                                                                   \
        long argument = va_arg(rest, long);                                                        \
        va_end(rest);                                                                              \
        return command != F_GETFD && due(FAULT_##name) ? -1                                        \
                                                       : __real_##name(fd, command, argument);     \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
int __wrap_prctl(int option, ...)
{
    va_list rest;
    unsigned long words[4];

    va_start(rest, option);
    for (int i = 0; i < 4; i++)
        words[i] = va_arg(rest, unsigned long);
    va_end(rest);
    return due(FAULT_prctl) ? -1 : __real_prctl(option, words[0], words[1], words[2], words[3]);
}

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
    va_list rest;
    long words[6];

    va_start(rest, number);
    for (int i = 0; i < 6; i++)
        words[i] = va_arg(rest, long);
    va_end(rest);
    return due(FAULT_syscall)
               ? -1
               : __real_syscall(number, words[0], words[1], words[2], words[3], words[4], words[5]);
}

/* Its errors are numbers of its own; EAI_SYSTEM leads to errno. */
int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **list);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **list)
{
    return due(FAULT_getaddrinfo) ? EAI_SYSTEM : __real_getaddrinfo(host, port, hints, list);
}

/*
 * libev's way to be told of signals: if that cannot be watched or written,
 * libev tells nobody, and signals are lost. Writing eight bytes to it fails for
 * no reason that a program could meet, and watching it could only at the
 * start. So it is let be.
 */
int __real_eventfd(unsigned int value, int flags);
int __wrap_eventfd(unsigned int value, int flags);
int __wrap_eventfd(unsigned int value, int flags)
{
    if (due(FAULT_eventfd))
        return -1;
    fault.eventfd = __real_eventfd(value, flags);
    return fault.eventfd;
}

ssize_t __real_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length);
ssize_t __wrap_write(int fd, const void *bytes, size_t length)
{
    return fd != fault.eventfd && due(FAULT_write) ? -1 : __real_write(fd, bytes, length);
}

int __real_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    return fd != fault.eventfd && due(FAULT_epoll_ctl)
               ? -1
               : __real_epoll_ctl(epoll, operation, fd, event);
}

/* With a fast clock, what waits for it waits for a shorter time. */
int __real_epoll_wait(int fd, struct epoll_event *events, int most, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int timeout);
int __wrap_epoll_wait(int fd, struct epoll_event *events, int most, int timeout)
{
    if (timeout > 0 && fault.speed > 1)
        timeout = (int)(timeout / fault.speed + 1);
    return due(FAULT_epoll_wait) ? -1 : __real_epoll_wait(fd, events, most, timeout);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = __real_clock_gettime(clock, now);

    if (result == 0 && clock == CLOCK_MONOTONIC && fault.speed > 1) {
        int64_t passed = (now->tv_sec - fault.began.tv_sec) * INT64_C(1000000000) + now->tv_nsec -
                         fault.began.tv_nsec;
        passed = passed * fault.speed + fault.began.tv_nsec;
        now->tv_sec = fault.began.tv_sec + (time_t)(passed / 1000000000);
        now->tv_nsec = (long)(passed % 1000000000);
    }
    return result;
}

unsigned int __wrap_sleep(unsigned int seconds);
unsigned int __wrap_sleep(unsigned int seconds)
{
    usleep((useconds_t)(seconds * INT64_C(1000000) / fault.speed));
    return 0;
}

/* Children count nothing: they free what was allocated before they were. */
static void count_blocks(int64_t change)
{
    if (getpid() == fault.process)
        __atomic_add_fetch(&fault.page->live_blocks, change, __ATOMIC_SEQ_CST);
}

static void *counted(void *block)
{
    if (block)
        count_blocks(1);
    return block;
}

#define ALLOCATOR(type, name, parameters, arguments)                                               \
    type *__real_##name parameters;                                                                \
    type *__wrap_##name parameters;                                                                \
    type *__wrap_##name parameters                                                                 \
    {                                                                                              \
        return due(FAULT_allocation) ? NULL : counted(__real_##name arguments);                    \
    }
ALLOCATOR(void, malloc, (size_t size), (size))
ALLOCATOR(void, calloc, (size_t count, size_t size), (count, size))
ALLOCATOR(char, strdup, (const char *text), (text))
ALLOCATOR(char, strndup, (const char *text, size_t most), (text, most))

/* Only ever called without a buffer. */
ALLOCATOR(char, realpath, (const char *path, char *buffer), (path, buffer))
ALLOCATOR(char, getcwd, (char *buffer, size_t size), (buffer, size))

#define REALLOCATOR(name, parameters, arguments)                                                   \
    void *__real_##name parameters;                                                                \
    void *__wrap_##name parameters;                                                                \
    void *__wrap_##name parameters                                                                 \
    {                                                                                              \
        if (due(FAULT_allocation))                                                                 \
            return NULL;                                                                           \
        return block ? __real_##name arguments : counted(__real_##name arguments);                 \
    }
REALLOCATOR(realloc, (void *block, size_t size), (block, size))
REALLOCATOR(reallocarray, (void *block, size_t count, size_t size), (block, count, size))

void __real_free(void *block);
void __wrap_free(void *block);
void __wrap_free(void *block)
{
    if (block)
        count_blocks(-1);
    __real_free(block);
}

/* What these allocate is freed by others; the tree's nodes by tdestroy. */
void *__real_tsearch(const void *key, void **root, int (*compare)(const void *, const void *));
void *__wrap_tsearch(const void *key, void **root, int (*compare)(const void *, const void *));
void *__wrap_tsearch(const void *key, void **root, int (*compare)(const void *, const void *))
{
    return due(FAULT_allocation) ? NULL : __real_tsearch(key, root, compare);
}

ssize_t __real___getdelim(char **line, size_t *size, int end, FILE *file);
ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *file);
ssize_t __wrap___getdelim(char **line, size_t *size, int end, FILE *file)
{
    bool is_first = !*line;

    if (due(FAULT_allocation))
        return -1;
    ssize_t length = __real___getdelim(line, size, end, file);
    if (is_first && *line)
        count_blocks(1);
    return length;
}

int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **text, const char *format, ...)
{
    va_list rest;

    if (due(FAULT_allocation))
        return -1;
    va_start(rest, format);
    int length = vasprintf(text, format, rest);
    va_end(rest);
    if (length >= 0)
        count_blocks(1);
    return length;
}

int __real_setenv(const char *name, const char *value, int overwrite);
int __wrap_setenv(const char *name, const char *value, int overwrite);
int __wrap_setenv(const char *name, const char *value, int overwrite)
{
    return due(FAULT_allocation) ? -1 : __real_setenv(name, value, overwrite);
}
