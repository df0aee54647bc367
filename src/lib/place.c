/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The search for a server, and whether what is found can be trusted. What is
 * said to it is no matter of this file.
 */
#include "lib/place.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/standard.h"

/* Nobody, or everybody: /proc/sys/kernel/overflowuid as it comes. */
enum { OVERFLOW_USER = 65534 };

enum { PASSWD_SIZE = 1024 };

static void place_add(struct sc_place *place, const char *directory, const char *name)
{
    char *path = place->paths[place->count];
    int length = snprintf(path, sizeof(place->paths[0]), "%s/%s", directory, name);

    if (length > 0 && (size_t)length < sizeof(place->paths[0]))
        place->count++;
}

static void place_add_defaults(struct sc_place *place)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    char directory[64];

    /* A relative one is no place (as XDG's specification says too). */
    if (runtime && *runtime == '/')
        place_add(place, runtime, "scache.sock");
    snprintf(directory, sizeof(directory), "/run/user/%u", (unsigned)geteuid());
    if (!runtime || strcmp(runtime, directory) != 0)
        place_add(place, directory, "scache.sock");
    snprintf(place->paths[place->count++], sizeof(place->paths[0]), "%s", SCACHE_DEFAULT_PATH);
}

int sc_place_init(struct sc_place *place, const char *path)
{
    const char *named = secure_getenv("SCACHE_SOCKET");

    *place = (struct sc_place){.reason = SCACHE_REASON_AWAY};
    sc_hints_init(&place->hints);
    if (!path && named && *named)
        path = named;
    if (!path) {
        place_add_defaults(place);
        return 0;
    }
    place->is_named = true;
    place->count = 1;
    size_t length = strlen(path);
    if (length > SC_DIAL_PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(place->paths[0], path, length + 1);
    return length > 0 ? 0 : -EINVAL;
}

const char *sc_place_path(const struct sc_place *place)
{
    return place->paths[place->current];
}

/* Whoever the service runs as, if there is such a user here. */
static bool place_is_service(uid_t user)
{
    char buffer[PASSWD_SIZE];
    struct passwd entry;
    struct passwd *found = NULL;

    return getpwnam_r(SC_SERVICE_USER, &entry, buffer, sizeof(buffer), &found) == 0 && found &&
           found->pw_uid == user;
}

static bool place_is_trusted(const struct sc_place *place, uid_t user)
{
    if (user == 0 || (user == geteuid() && user != OVERFLOW_USER))
        return true;
    return strcmp(sc_place_path(place), SCACHE_DEFAULT_PATH) == 0 && place_is_service(user);
}

static int place_distrust(struct sc_place *place, const char *why, uid_t user)
{
    place->reason = SCACHE_REASON_DISTRUSTED;
    snprintf(place->detail, sizeof(place->detail), why, (unsigned)user);
    return -EPERM;
}

static int place_check_directory(struct sc_place *place, int directory)
{
    struct stat what;

    if (fstat(directory, &what) < 0)
        return -errno;
    if (!place_is_trusted(place, what.st_uid))
        return place_distrust(place, "its directory belongs to user %u", what.st_uid);
    if ((what.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return place_distrust(place, "others may write to its directory", 0);
    return 0;
}

/* Opened once, so that what is checked is what is used. */
static int place_open_directory(const char *path)
{
    char directory[SC_DIAL_PATH_MAX + 1];
    size_t length = (size_t)(strrchr(path, '/') - path);

    memcpy(directory, path, length);
    directory[length] = '\0';
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : sc_standard_avoid(fd);
}

/* Dials the socket of that name in the directory, also where there is no /proc. */
static int place_dial_in(int directory, const char *path, int *socket)
{
    char inside[SC_DIAL_PATH_MAX + 1];

    snprintf(inside, sizeof(inside), "/proc/self/fd/%d%s", directory, strrchr(path, '/'));
    int error = sc_dial_connect(inside, socket);
    if (error == -ENOENT && access("/proc/self/fd", F_OK) < 0)
        error = sc_dial_connect(path, socket);
    return error;
}

static int place_check_server(struct sc_place *place, int socket)
{
    uid_t user;
    int error = sc_dial_user(socket, &user);

    if (error < 0)
        return error;
    return place_is_trusted(place, user)
               ? 0
               : place_distrust(place, "the server there is user %u's", user);
}

/* Whether it has not answered a moment ago, be it another process. */
static bool place_is_said_to_be_slow(struct sc_place *place, int64_t now)
{
    if (!place->heeds_hints)
        return false;
    struct sc_hint hint = sc_hints_find(&place->hints, sc_place_path(place), now);
    place->is_hinted = hint.until != 0;
    place->hinted_until = hint.until;
    if (hint.until <= now)
        return false;
    place->reason = SCACHE_REASON_BACKING_OFF;
    return true;
}

static int place_dial_unnamed(struct sc_place *place, int64_t now, int *socket)
{
    const char *path = sc_place_path(place);
    int directory = place_open_directory(path);
    int dialled;

    if (directory < 0)
        return directory;
    int error = place_check_directory(place, directory);
    if (error == 0 && place_is_said_to_be_slow(place, now))
        error = -EBUSY;
    if (error == 0)
        error = place_dial_in(directory, path, &dialled);
    close(directory);
    if (error < 0)
        return error;
    error = place_check_server(place, dialled);
    if (error < 0)
        close(dialled);
    else
        *socket = dialled;
    return error;
}

/* What an error of one place says. Distrust has said so already. */
static enum scache_reason place_reason_of(int error)
{
    switch (-error) {
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
        return SCACHE_REASON_NO_MEMORY;
    case EACCES:
    case EPERM:
        return SCACHE_REASON_REFUSED;
    default:
        return SCACHE_REASON_AWAY;
    }
}

static int place_dial_named(struct sc_place *place, int64_t now, int *socket)
{
    if (place_is_said_to_be_slow(place, now))
        return -EBUSY;
    return sc_dial_connect(sc_place_path(place), socket);
}

static int place_dial_current(struct sc_place *place, int64_t now, int *socket)
{
    place->reason = SCACHE_REASON_NONE;
    place->detail[0] = '\0';
    int error = place->is_named ? place_dial_named(place, now, socket)
                                : place_dial_unnamed(place, now, socket);
    if (error < 0 && place->reason == SCACHE_REASON_NONE)
        place->reason = place_reason_of(error);
    return error;
}

/*
 * The places are told apart by how much their failure says: that there is a
 * server which may not be used says more than that there is none.
 */
int sc_place_dial(struct sc_place *place, int64_t now, int *socket)
{
    struct sc_place telling = *place;
    int telling_error = -ENOENT;

    for (place->current = 0; place->current < place->count; place->current++) {
        int error = place_dial_current(place, now, socket);
        if (error == 0 || error == -EAGAIN)
            return error;
        if (place->current == 0 || telling.reason == SCACHE_REASON_AWAY) {
            telling = *place;
            telling_error = error;
        }
    }
    *place = telling;
    return telling_error;
}

void sc_place_is_slow(struct sc_place *place, int64_t now)
{
    sc_hints_leave(&place->hints, sc_place_path(place), now);
    place->is_hinted = true;
}

void sc_place_answers(struct sc_place *place)
{
    if (place->is_hinted)
        sc_hints_remove(&place->hints, sc_place_path(place));
    place->is_hinted = false;
}
