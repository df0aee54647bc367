/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket of a server, from the side of whoever asks. Which
 * requests there are, and what a record means, is not known here.
 */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/link.h"
#include "lib/place.h"
#include "lib/reason.h"
#include "scache.h"

/* For a place in the server's queue and its greeting; and how often a full queue is tried. */
enum { PATIENCE_MS = 1000, STEP_MS = 5, MS = 1000, NS = 1000000 };

enum { WHY_SIZE = 256, REQUEST_MOST = 16 * 1024 };

static const char control_suffix[] = ".control";
static const char control_protocol[] = "connection_cache_control";

struct scache_control {
    struct sc_place place;
    struct sc_link link;
    struct sc_buf greeting; /* a copy, since the link forgets what it has read */
    struct sc_bytes record; /* at hand, in the link's buffer */
    bool is_answered;       /* the last request is; or there was none */
    int status;
    long count;
    char why[WHY_SIZE]; /* the reason, of the server or of ours */
};

static int64_t control_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * MS + now.tv_nsec / NS;
}

/* Each place that a server is looked for at has its control socket beside it. */
static void control_move_places(struct sc_place *place)
{
    size_t kept = 0;

    for (size_t i = 0; i < place->count; i++) {
        char *path = place->paths[i];
        if (strlen(path) + sizeof(control_suffix) > sizeof(place->paths[i]))
            continue;
        strcat(path, control_suffix);
        memmove(place->paths[kept++], path, strlen(path) + 1);
    }
    place->count = kept;
}

struct scache_control *scache_control_open(const char *path)
{
    struct scache_control *control = calloc(1, sizeof(*control));
    int error = control ? sc_place_init(&control->place, path) : -ENOMEM;

    if (error == 0 && !path)
        control_move_places(&control->place);
    if (error == 0 && control->place.count == 0)
        error = -ENAMETOOLONG;
    if (error < 0) {
        free(control);
        errno = -error;
        return NULL;
    }
    sc_link_init(&control->link);
    sc_buf_init(&control->greeting);
    control->is_answered = true;
    return control;
}

void scache_control_close(struct scache_control *control)
{
    if (!control)
        return;
    sc_link_fini(&control->link);
    sc_buf_fini(&control->greeting);
    free(control);
}

const char *scache_control_path(const struct scache_control *control)
{
    return control ? sc_place_path(&control->place) : NULL;
}

int scache_control_fd(const struct scache_control *control)
{
    return control ? control->link.socket : -1;
}

/* From now on nothing that was said is to be believed. */
static int control_lose(struct scache_control *control, enum scache_reason reason,
                        const char *detail)
{
    sc_link_close(&control->link);
    control->record = (struct sc_bytes){0};
    control->is_answered = true;
    sc_reason_explain(control->why, sizeof(control->why), reason, sc_place_path(&control->place),
                      detail);
    return SCACHE_CONTROL_LOST;
}

static int control_lose_by(struct scache_control *control, int error)
{
    if (error == -ENOMEM)
        return control_lose(control, SCACHE_REASON_NO_MEMORY, NULL);
    return control_lose(control, SCACHE_REASON_BROKEN,
                        error == -ECONNRESET ? NULL : strerror(-error));
}

/* Waits until it can be read, or written to; false: until then it could not. */
static bool control_wait(const struct scache_control *control, short events, int64_t end)
{
    struct pollfd ready = {.fd = control->link.socket, .events = events};
    int64_t left = end < 0 ? -1 : end - control_now_ms();

    if (end >= 0 && left < 0)
        left = 0;
    return poll(&ready, 1, left > INT32_MAX ? INT32_MAX : (int)left) != 0;
}

static int control_dial(struct scache_control *control, int64_t end)
{
    static const struct timespec pause = {.tv_nsec = STEP_MS * NS};
    int socket;
    int error;

    while ((error = sc_place_dial(&control->place, 0, &socket)) == -EAGAIN &&
           control_now_ms() < end)
        nanosleep(&pause, NULL);
    if (error < 0) {
        const char *detail = *control->place.detail ? control->place.detail : strerror(-error);
        control_lose(control, control->place.reason, detail);
        return error;
    }
    sc_link_open(&control->link, socket);
    return 0;
}

/* The next list, by then; end: -1: for as long as it takes. */
static int control_receive(struct scache_control *control, int64_t end, struct sc_bytes *list)
{
    for (;;) {
        int error = sc_link_receive_list(&control->link, false, list);
        if (error != -EAGAIN)
            return error;
        if (!control_wait(control, POLLIN, end))
            return -ETIMEDOUT;
    }
}

static const char *control_find(struct sc_bytes list, const char *name)
{
    struct sc_list_reader reader = sc_list_read(list);
    struct sc_attribute attribute;

    /* Names and values have a NUL behind them. */
    while (sc_list_next(&reader, &attribute))
        if (strcmp(attribute.name.data, name) == 0)
            return attribute.value.data;
    return NULL;
}

static int control_take_greeting(struct scache_control *control, int64_t end)
{
    struct sc_bytes list;
    int error = control_receive(control, end, &list);

    if (error == -ETIMEDOUT)
        return control_lose(control, SCACHE_REASON_SLOW, NULL);
    if (error < 0)
        return control_lose_by(control, error);
    const char *protocol = control_find(list, "protocol");
    if (!protocol || strcmp(protocol, control_protocol) != 0)
        return control_lose(control, SCACHE_REASON_BROKEN, "it is no control socket");
    sc_buf_clear(&control->greeting, 0);
    error = sc_buf_append(&control->greeting, list);
    sc_link_forget_list(&control->link);
    return error < 0 ? control_lose_by(control, error) : 0;
}

static int control_connect(struct scache_control *control)
{
    int64_t end = control_now_ms() + PATIENCE_MS;

    if (sc_link_is_open(&control->link))
        return 0;
    if (control_dial(control, end) < 0)
        return SCACHE_CONTROL_LOST;
    return control_take_greeting(control, end);
}

static void control_forget_record(struct scache_control *control)
{
    if (control->record.length > 0)
        sc_link_forget_list(&control->link);
    control->record = (struct sc_bytes){0};
}

/* Names and values in turn. Returns 0, -EINVAL, -EMSGSIZE or -ENOMEM. */
static int control_write(struct scache_control *control, const char *const *attributes)
{
    struct sc_list_writer writer = sc_list_write(&control->link.out);

    for (; attributes[0]; attributes += 2) {
        if (!attributes[1] || !*attributes[0])
            return -EINVAL;
        sc_list_put(&writer, attributes[0], sc_bytes_of(attributes[1]));
    }
    int error = sc_list_end(&writer);
    if (error == 0 && sc_buf_length(&control->link.out) > REQUEST_MOST)
        error = -EMSGSIZE;
    return error;
}

static int control_send(struct scache_control *control)
{
    int64_t end = control_now_ms() + PATIENCE_MS;

    for (;;) {
        int error = sc_link_flush(&control->link);
        if (error == 0)
            return 0;
        if (error != -EAGAIN)
            return control_lose_by(control, error);
        if (!control_wait(control, POLLOUT, end))
            return control_lose(control, SCACHE_REASON_SLOW, NULL);
    }
}

/* Whoever is not gets a status behind the greeting, unasked, and then the end. */
static bool control_is_welcome(const struct scache_control *control)
{
    const char *access = scache_control_greeting(control, "access");

    return !access || strcmp(access, "none") != 0;
}

int scache_control_ask(struct scache_control *control, const char *const *attributes)
{
    if (!control || !attributes || !attributes[0])
        return -EINVAL;
    /* What is left of an answer would be taken for the next one's. */
    control_forget_record(control);
    if (!control->is_answered)
        sc_link_close(&control->link);
    control->is_answered = true;
    if (control_connect(control) != 0)
        return SCACHE_CONTROL_LOST;
    int error = control_write(control, attributes);
    if (error < 0) {
        sc_link_close(&control->link);
        return error;
    }
    control->is_answered = false;
    control->status = SCACHE_CONTROL_DONE;
    control->count = 0;
    control->why[0] = '\0';
    return control_is_welcome(control) ? control_send(control) : SCACHE_CONTROL_ASKED;
}

static int control_end(struct scache_control *control, struct sc_bytes list)
{
    const char *count = control_find(list, "count");
    const char *reason = control_find(list, "reason");

    control->status = atoi(control_find(list, "status"));
    control->count = count ? atol(count) : 0;
    snprintf(control->why, sizeof(control->why), "%s", reason ? reason : "");
    control->is_answered = true;
    return SCACHE_CONTROL_END;
}

int scache_control_next(struct scache_control *control, int milliseconds)
{
    struct sc_bytes list;

    if (!control)
        return -EINVAL;
    control_forget_record(control);
    if (!sc_link_is_open(&control->link))
        return SCACHE_CONTROL_LOST;
    if (control->is_answered)
        return SCACHE_CONTROL_END;
    int error =
        control_receive(control, milliseconds < 0 ? -1 : control_now_ms() + milliseconds, &list);
    if (error == -ETIMEDOUT)
        return SCACHE_CONTROL_LATER;
    if (error < 0)
        return control_lose_by(control, error);
    control->record = list;
    return control_find(list, "status") ? control_end(control, list) : SCACHE_CONTROL_RECORD;
}

static bool control_attribute(const struct scache_control *control, size_t index,
                              struct sc_attribute *attribute)
{
    struct sc_list_reader reader;

    if (!control || control->record.length == 0)
        return false;
    reader = sc_list_read(control->record);
    for (size_t i = 0; i <= index; i++)
        if (!sc_list_next(&reader, attribute))
            return false;
    return true;
}

const char *scache_control_name(const struct scache_control *control, size_t index)
{
    struct sc_attribute attribute;

    return control_attribute(control, index, &attribute) ? attribute.name.data : NULL;
}

const char *scache_control_value(const struct scache_control *control, size_t index)
{
    struct sc_attribute attribute;

    return control_attribute(control, index, &attribute) ? attribute.value.data : NULL;
}

const char *scache_control_greeting(const struct scache_control *control, const char *name)
{
    if (!control || !name || sc_buf_length(&control->greeting) == 0)
        return NULL;
    return control_find(sc_buf_bytes(&control->greeting), name);
}

int scache_control_status(const struct scache_control *control)
{
    return control ? control->status : -EINVAL;
}

long scache_control_count(const struct scache_control *control)
{
    return control ? control->count : 0;
}

const char *scache_control_text(const struct scache_control *control)
{
    return control ? control->why : "";
}
