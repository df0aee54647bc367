/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The least that a server of this protocol can do: canned replies and one stack of
 * descriptors. It checks, stores and expires nothing.
 */
#include "floor.h"

#include "text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FLOOR_EVENTS 64
#define FLOOR_BUFFER 4096
#define DUMMY_LEN    8

static const char greeting[] = "protocol\0connection_cache_protocol\0";
static const char dummy_list[] = "dummy\0\0";
static const char status_ok[] = "status\0000\0";
static const char miss_endp[] = "status\0002\0property\0\0";
static const char miss_dest[] = "status\0002\0property\0\0property\0\0";
static const char miss_take[] = "status\0002\0label\0\0property\0\0property\0\0";

enum state { AT_REQUEST, AT_DESCRIPTOR, AT_DUMMY };

struct canned {
    char text[4 * SC_TEXT_MAX];
    size_t len;
};

struct floor {
    int epoll_fd;
    int listen_fd;
    int *stack;
    size_t depth;
    size_t room;
    uint8_t *states; /* by descriptor number */
    struct canned endp;
    struct canned dest;
    struct canned take;
    char buffer[FLOOR_BUFFER];
};

static void floor_canned_add(struct canned *canned, const char *name, const char *value)
{
    size_t name_len = strlen(name) + 1;
    size_t value_len = strlen(value) + 1;
    memcpy(canned->text + canned->len, name, name_len);
    memcpy(canned->text + canned->len + name_len, value, value_len);
    canned->len += name_len + value_len;
}

static void floor_canned_init(struct floor *floor)
{
    char label[SC_TEXT_MAX];
    char endp[SC_TEXT_MAX];
    char dest[SC_TEXT_MAX];
    sc_text_make(label, SC_TEXT_ENDP_LABEL, 0);
    sc_text_make(endp, SC_TEXT_ENDP_PROP, 0);
    sc_text_make(dest, SC_TEXT_DEST_PROP, 0);

    floor_canned_add(&floor->endp, "status", "0");
    floor_canned_add(&floor->dest, "status", "0");
    floor_canned_add(&floor->take, "status", "0");
    floor_canned_add(&floor->take, "label", label);
    floor_canned_add(&floor->dest, "property", dest);
    floor_canned_add(&floor->take, "property", dest);
    floor_canned_add(&floor->endp, "property", endp);
    floor_canned_add(&floor->dest, "property", endp);
    floor_canned_add(&floor->take, "property", endp);
    /* The byte that ends each list is there already: the struct was zeroed. */
    floor->endp.len++;
    floor->dest.len++;
    floor->take.len++;
}

/* A reply that cannot be sent whole means that this is no benchmark any more. */
static void floor_reply(int fd, const char *text, size_t len)
{
    if (send(fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len && errno != EPIPE)
        perror("floor: send");
}

static void floor_reply_with_top(struct floor *floor, int fd, const char *text, size_t len)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    int top = floor->stack[--floor->depth];
    memcpy(CMSG_DATA(header), &top, sizeof(int));
    if (sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len && errno != EPIPE)
        perror("floor: sendmsg");
    close(top);
}

static void floor_push(struct floor *floor, int fd)
{
    if (floor->depth == floor->room) {
        floor->room = floor->room ? 2 * floor->room : 1024;
        floor->stack = reallocarray(floor->stack, floor->room, sizeof(int));
        if (floor->stack == NULL)
            abort();
    }
    floor->stack[floor->depth++] = fd;
}

/* Answer the request whose name this is. The rest of the bytes is taken on trust. */
static void floor_answer(struct floor *floor, int fd, const char *name)
{
    if (strcmp(name, "save_endp") == 0) {
        floor->states[fd] = AT_DESCRIPTOR;
        floor_reply(fd, dummy_list, sizeof(dummy_list));
    } else if (strcmp(name, "save_dest") == 0 || strcmp(name, "put") == 0) {
        floor_reply(fd, status_ok, sizeof(status_ok));
    } else if (strcmp(name, "find_dest") == 0) {
        if (floor->depth == 0) {
            floor_reply(fd, miss_dest, sizeof(miss_dest));
        } else {
            floor->states[fd] = AT_DUMMY;
            floor_reply(fd, floor->dest.text, floor->dest.len);
        }
    } else if (strcmp(name, "find_endp") == 0) {
        if (floor->depth == 0) {
            floor_reply(fd, miss_endp, sizeof(miss_endp));
        } else {
            floor->states[fd] = AT_DUMMY;
            floor_reply(fd, floor->endp.text, floor->endp.len);
        }
    } else if (strcmp(name, "take") == 0) {
        if (floor->depth == 0)
            floor_reply(fd, miss_take, sizeof(miss_take));
        else
            floor_reply_with_top(floor, fd, floor->take.text, floor->take.len);
    }
}

static void floor_serve(struct floor *floor, int fd, size_t len)
{
    const char *at = floor->buffer;

    switch (floor->states[fd]) {
    case AT_DESCRIPTOR:
        floor->states[fd] = AT_REQUEST;
        floor_reply(fd, status_ok, sizeof(status_ok));
        return;
    case AT_DUMMY:
        floor->states[fd] = AT_REQUEST;
        floor_reply_with_top(floor, fd, "", 1);
        return;
    default:
        /* The last acknowledgement may have the next request behind it. */
        if (*at == 'd') {
            at += DUMMY_LEN;
            len -= DUMMY_LEN;
        }
        if (len > sizeof("request"))
            floor_answer(floor, fd, at + sizeof("request"));
    }
}

static void floor_read_client(struct floor *floor, int fd)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = floor->buffer, .iov_len = FLOOR_BUFFER - 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    ssize_t got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            close(fd);
        return;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header != NULL && header->cmsg_type == SCM_RIGHTS) {
        int passed;
        memcpy(&passed, CMSG_DATA(header), sizeof(int));
        floor_push(floor, passed);
    }
    floor->buffer[got] = '\0';
    floor_serve(floor, fd, (size_t)got);
}

static void floor_accept_client(struct floor *floor)
{
    int fd = accept4(floor->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    floor->states[fd] = AT_REQUEST;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(floor->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        close(fd);
        return;
    }
    floor_reply(fd, greeting, sizeof(greeting));
}

static int floor_watch(int epoll_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return fd < 0 ? 0 : epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int sc_floor_run(int listen_fd, int status_fd)
{
    struct epoll_event events[FLOOR_EVENTS];
    struct floor *floor = calloc(1, sizeof(*floor));
    uint8_t *states = calloc((size_t)sysconf(_SC_OPEN_MAX), 1);
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

    if (floor == NULL || states == NULL || epoll_fd < 0 || floor_watch(epoll_fd, listen_fd) < 0 ||
        floor_watch(epoll_fd, status_fd) < 0) {
        perror("floor: start");
        return 1;
    }
    floor->listen_fd = listen_fd;
    floor->epoll_fd = epoll_fd;
    floor->states = states;
    floor_canned_init(floor);
    for (;;) {
        int ready = epoll_wait(epoll_fd, events, FLOOR_EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == status_fd)
                return 0; /* the process ends, and everything goes with it */
            if (fd == listen_fd)
                floor_accept_client(floor);
            else
                floor_read_client(floor, fd);
        }
    }
}
