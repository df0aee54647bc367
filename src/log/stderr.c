/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines on standard error, and the ways not to wait for whoever reads them.
 * The waiting itself is done by the writer.
 */
#include "log/stderr.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "log/writer.h"

/* How long a line may take to get out before the sink is detached. */
enum { STDERR_PATIENCE_MS = 1000 };

/* Where that is, the same number on every Linux. */
enum { STDERR_NULL_MAJOR = 1, STDERR_NULL_MINOR = 3 };

/* Without a channel. Where nothing else can be had this may wait after all. */
static void stderr_write_line(const struct sc_stderr *to, const char *line, size_t length)
{
    int fd = to->way == SC_STDERR_OWN ? to->own : STDERR_FILENO;
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    if (to->way == SC_STDERR_PATIENT && poll(&room, 1, STDERR_PATIENCE_MS) == 0)
        return;
    if (to->way == SC_STDERR_POLLED && poll(&room, 1, 0) == 0)
        return;
    /* Of sockets it can be asked; a terminal, a pipe or a file is none. */
    if (to->way == SC_STDERR_POLLED &&
        (send(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 || errno != ENOTSOCK))
        return;
    while (write(fd, line, length) < 0 && errno == EINTR)
        continue;
}

static enum sc_stderr_way stderr_way_without_channel(const struct sc_stderr *to)
{
    return to->own >= 0 ? SC_STDERR_OWN : SC_STDERR_POLLED;
}

/* Whoever was at its other end will not come back. */
static void stderr_look_at_channel(struct sc_stderr *to)
{
    if (to->way == SC_STDERR_CHANNEL && to->channel.fd < 0) {
        sc_channel_fini(&to->channel);
        sc_channel_init(&to->channel, false);
        to->way = stderr_way_without_channel(to);
    }
    to->base.is_behind = sc_channel_is_behind(&to->channel);
}

static void stderr_write(struct sc_log_sink *base, enum sc_severity severity, const char *text,
                         size_t length)
{
    struct sc_stderr *to = SC_CONTAINER_OF(base, struct sc_stderr, base);
    char priority[8] = "";
    char line[SC_RECORD_MAX];

    if (to->in_journal)
        snprintf(priority, sizeof(priority), "<%d>", sc_record_priority(severity));
    int size = snprintf(line, sizeof(line), "%s%s: %.*s\n", priority, to->tag, (int)length, text);
    if (to->way == SC_STDERR_CHANNEL) {
        sc_channel_send(&to->channel, (struct sc_bytes){line, (size_t)size});
        stderr_look_at_channel(to);
        if (to->way == SC_STDERR_CHANNEL)
            return;
    }
    stderr_write_line(to, line, (size_t)size);
}

static void stderr_flush(struct sc_log_sink *base)
{
    struct sc_stderr *to = SC_CONTAINER_OF(base, struct sc_stderr, base);

    if (to->way == SC_STDERR_CHANNEL)
        sc_channel_flush(&to->channel, base);
    stderr_look_at_channel(to);
}

static void stderr_settle(struct sc_log_sink *base, int patience)
{
    struct sc_stderr *to = SC_CONTAINER_OF(base, struct sc_stderr, base);

    if (to->way != SC_STDERR_CHANNEL)
        return;
    sc_channel_settle(&to->channel, base, patience);
    if (to->has_writer)
        sc_writer_finish(to->channel.fd, patience);
}

/* Whether it is what the journal gave us: JOURNAL_STREAM names it by device and inode. */
static bool stderr_is_journal(const char *journal)
{
    struct stat file;
    unsigned long long device, inode;

    return journal && sscanf(journal, "%llu:%llu", &device, &inode) == 2 &&
           fstat(STDERR_FILENO, &file) == 0 && file.st_dev == device && file.st_ino == inode;
}

static bool stderr_is_null(const struct stat *file)
{
    return S_ISCHR(file->st_mode) && file->st_rdev == makedev(STDERR_NULL_MAJOR, STDERR_NULL_MINOR);
}

/*
 * Opens it anew, as long as the process is whoever was given it. A file has a
 * position, which a description of our own would not share.
 */
static void stderr_open_own(struct sc_stderr *to)
{
    struct stat file;

    if (fstat(STDERR_FILENO, &file) == 0 && !stderr_is_null(&file) &&
        (S_ISFIFO(file.st_mode) || S_ISCHR(file.st_mode)))
        to->own = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void sc_stderr_init(struct sc_stderr *to, const char *tag, const char *journal)
{
    *to = (struct sc_stderr){
        .base = {.write = stderr_write, .flush = stderr_flush, .settle = stderr_settle},
        .in_journal = stderr_is_journal(journal),
        .own = -1,
    };
    sc_channel_init(&to->channel, false);
    stderr_open_own(to);
    snprintf(to->tag, sizeof(to->tag), "%s", tag);
}

void sc_stderr_fini(struct sc_stderr *to)
{
    sc_channel_fini(&to->channel);
    if (to->own >= 0)
        close(to->own);
    to->own = -1;
}

/* A local socket takes what it has room for, and no lock of a stranger's is in the way. */
static bool stderr_is_local_socket(void)
{
    int domain = -1;
    socklen_t size = sizeof(domain);

    return getsockopt(STDERR_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           domain == AF_UNIX;
}

int sc_stderr_detach(struct sc_stderr *to, void (*confine)(void *context), void *context)
{
    struct sc_writer writer;
    struct stat file;

    to->way = SC_STDERR_PLAIN;
    if (fstat(STDERR_FILENO, &file) < 0 || stderr_is_null(&file))
        return 0;
    if (stderr_is_local_socket()) {
        int copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        if (copy >= 0) {
            sc_channel_take(&to->channel, copy);
            to->way = SC_STDERR_CHANNEL;
            return 0;
        }
    }
    to->way = stderr_way_without_channel(to);
    int error = sc_writer_start(&writer, confine, context);
    if (error < 0)
        return error;
    sc_channel_take(&to->channel, writer.queue);
    to->has_writer = true;
    to->way = SC_STDERR_CHANNEL;
    return 0;
}
