/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Saves connections one by one, by a client that waits for every reply: this is before the
 * measurement, so it need not be fast.
 */
#include "fill.h"

#include "script.h"
#include "wrong.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DRAIN_EVERY 32

static int fill_step_send(int fd, const struct sc_step *step, int passed)
{
    union {
        char space[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)step->send, .iov_len = step->send_len};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (step->attach) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof(control.space);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof(int));
    }
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent == step->send_len ? 0 : sent < 0 ? -errno : -EMSGSIZE;
}

static int fill_step_do(const struct sc_target *target, int fd, const struct sc_step *step,
                        int passed)
{
    char buffer[64]; /* replies to saves are short */
    int err = fill_step_send(fd, step, passed);
    if (err < 0)
        return sc_wrong_send(target, 0, step, err);
    ssize_t got = recv(fd, buffer, step->want_len, MSG_WAITALL);
    if (got <= 0)
        return sc_wrong_end(target, 0, step, got < 0 ? -errno : 0);
    if (got != step->want_len || memcmp(buffer, step->want, step->want_len) != 0)
        return sc_wrong_reply(target, 0, step, 0, buffer, (size_t)got);
    return 0;
}

static int fill_one(struct sc_target *target, int fd, struct sc_script *script, int passed)
{
    for (unsigned i = 0; i < script->count; i++) {
        int err = fill_step_do(target, fd, &script->steps[i], passed);
        if (err < 0)
            return err;
    }
    return 0;
}

int sc_fill_cache(struct sc_target *target, struct sc_supply *pool, const struct sc_fill *fill)
{
    struct sc_script script;
    int err = sc_supply_grow(pool, 1);
    if (err < 0)
        return err;
    int fd = sc_target_connect(target);
    if (fd < 0) {
        fprintf(stderr, "scache-bench: %s: %s\n", sc_target_name(target->kind), strerror(-fd));
        return fd;
    }
    for (unsigned i = 0; i < fill->count && err == 0; i++) {
        sc_script_init_fill(&script, fill->first + i, fill->ttl, fill->size, fill->bind);
        err = fill_one(target, fd, &script, pool->pairs[0].near);
        if (i % DRAIN_EVERY == 0)
            sc_target_drain(target);
    }
    close(fd);
    sc_target_drain(target);
    return err;
}
