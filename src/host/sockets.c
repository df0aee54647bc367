/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a server on its own listens, and what is said when it cannot. Who
 * comes in there is the affair of the services.
 */
#include "host/sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/crew.h"

void sc_sockets_find_given(struct sc_given *given)
{
    sc_given_init(given, getpid(), getenv("LISTEN_PID"), getenv("LISTEN_FDS"),
                  getenv("LISTEN_FDNAMES"));
}

void sc_sockets_init(struct sc_sockets *sockets)
{
    *sockets = (struct sc_sockets){.listen = SC_LISTEN_NONE};
}

/* Who has the name, as far as that can be known. */
static void sockets_explain_holder(const struct sc_lock *lock, struct sc_log *log, const char *path)
{
    if (lock->holder > 0)
        sc_log(log, SC_FATAL,
               "%s: another server is using this socket: process %ld of user %lu; stop it, or "
               "listen elsewhere",
               path, (long)lock->holder, (unsigned long)lock->holder_user);
    else
        sc_log(log, SC_FATAL,
               "%s: another server is using this socket%s; stop it, or listen elsewhere", path,
               lock->fresh ? ", though its lock file has been removed" : "");
}

/* "Permission denied" alone would leave the reader guessing; each case says what to do. */
static void sockets_explain(const struct sc_sockets *sockets, struct sc_log *log, const char *path,
                            int error)
{
    if (error == -EADDRINUSE)
        sockets_explain_holder(&sockets->listen.lock, log, path);
    else if (error == -EEXIST)
        sc_log(log, SC_FATAL, "%s: there is something else than a socket; move it away", path);
    else if (error == -ENAMETOOLONG)
        sc_log(log, SC_FATAL, "%s: a socket's path has at most %d bytes", path,
               SC_LISTEN_PATH_MAX - 1);
    else if (sockets->listen.obstacle[0] != '\0')
        sc_log(log, SC_FATAL, "%s: cannot listen there: %s belongs to user %lu: %s", path,
               sockets->listen.obstacle, (unsigned long)sockets->listen.obstacle_owner,
               strerror(-error));
    else
        sc_log(log, SC_FATAL, "%s: cannot listen there: %s", path, strerror(-error));
}

/* What a later version has stored with the manager, or asked it to open, is not for us. */
static int sockets_adopt(struct sc_sockets *sockets, const struct sc_program *program,
                         struct sc_log *log)
{
    int listeners = 0;

    for (int i = 0; i < sockets->given.count; i++) {
        int fd = SC_GIVEN_FIRST + i;
        struct sc_bytes name = sc_given_name(&sockets->given, fd);
        if (!sc_crew_find(program, name)) {
            sc_log(log, SC_WARNING,
                   "descriptor %d of the service manager is ignored: nothing here is called %.*s",
                   fd, SC_LOG_VIEW(name));
            continue;
        }
        int error = sc_listen_adopt(fd);
        if (error < 0) {
            sc_log(log, SC_FATAL, "descriptor %d is no listening UNIX stream socket", fd);
            return error;
        }
        listeners++;
    }
    if (listeners > 0)
        return 0;
    sc_log(log, SC_FATAL, "nowhere to listen: say --listen PATH (see %s --help)", program->name);
    return -EINVAL;
}

int sc_sockets_open(struct sc_sockets *sockets, const struct sc_program *program,
                    const struct sc_arguments *arguments, uid_t owner, gid_t group,
                    struct sc_log *log)
{
    struct sc_listen_options options = {
        .path = arguments->listen,
        .mode = arguments->mode,
        .owner = arguments->owner == (uid_t)-1 ? owner : arguments->owner,
        .group = arguments->group == (gid_t)-1 ? group : arguments->group,
    };

    if (!arguments->listen) {
        sc_sockets_find_given(&sockets->given);
        return sockets_adopt(sockets, program, log);
    }
    int error = sc_listen_open(&sockets->listen, &options);
    if (error < 0)
        sockets_explain(sockets, log, arguments->listen, error);
    return error;
}

/* The socket of our own is always the first service's. */
int sc_sockets_listen(const struct sc_sockets *sockets, const struct sc_program *program)
{
    int error = 0;

    if (sockets->listen.fd >= 0) {
        struct sc_service *service = program->services[0];
        return service->calls->listen(service, sockets->listen.fd);
    }
    for (int i = 0; i < sockets->given.count && error == 0; i++) {
        int fd = SC_GIVEN_FIRST + i;
        struct sc_service *service = sc_crew_find(program, sc_given_name(&sockets->given, fd));
        if (service)
            error = service->calls->listen(service, fd);
    }
    return error;
}

void sc_sockets_check(struct sc_sockets *sockets, struct sc_log *log)
{
    static const char *const losses[] = {
        [SC_LISTEN_UNLOCKED] = "its lock file was removed: another server could take the name",
        [SC_LISTEN_UNNAMED] = "the socket was removed: nobody can connect any more",
    };
    enum sc_listen_loss loss = sc_listen_check(&sockets->listen);

    if (loss != SC_LISTEN_WHOLE && loss != sockets->lost)
        sc_log(log, SC_WARNING, "%s: %s; a restart mends that", sockets->listen.path, losses[loss]);
    sockets->lost = loss;
}

void sc_sockets_close(struct sc_sockets *sockets)
{
    sc_listen_close(&sockets->listen);
}
