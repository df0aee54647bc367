/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Drives one server with many clients and checks every reply and descriptor. It compares
 * nothing: that is for those who have several results.
 */
#include "load.h"

#include "busy.h"
#include "wrong.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LOAD_EVENTS      256
#define LOAD_BUFFER      2048
#define LOAD_PATIENCE_MS 5000
#define LOOK_EVERY       1024 /* descriptors: one in so many is looked at */
#define DRAIN_EVERY      4096 /* requests: look at the server's log */
#define NS_IN_SECOND     1000000000.0

union rights {
    char space[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr align;
};

enum phase { PHASE_WARM, PHASE_MEASURE, PHASE_FINISH };

struct client {
    const struct sc_script *script;
    uint64_t start; /* of the request under way */
    int fd;
    unsigned index;
    unsigned step;
    unsigned have; /* bytes of this step's reply that came */
    int received;  /* descriptor that came with them, or -1 */
};

struct load {
    struct sc_target *target;
    struct sc_supply *pool;
    const struct sc_load_plan *plan;
    struct sc_load_result *result;
    struct client *clients;
    struct sc_script *scripts;
    int epoll_fd;
    enum phase phase;
    unsigned live;
    bool canned;
    uint64_t now;
    uint64_t phase_end;
    uint64_t requests;
    uint64_t descriptors;
    uint64_t drained_at;
    uint64_t start_time;
    uint64_t start_requests;
    uint64_t start_descriptors;
    uint64_t start_cpu;
    uint64_t start_own_cpu;
    uint64_t start_master_cpu;
    uint64_t start_busy;
};

static uint64_t load_clock_ns(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static int load_send_attached(int fd, const struct sc_step *step, int passed)
{
    union rights control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)step->send, .iov_len = step->send_len};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = CMSG_SPACE(sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &passed, sizeof(int));
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent == step->send_len ? 0 : sent < 0 ? -errno : -EMSGSIZE;
}

static int load_step_send(struct load *load, const struct client *client,
                          const struct sc_step *step)
{
    int err = 0;
    if (step->attach) {
        err = load_send_attached(client->fd, step, load->pool->pairs[client->index].near);
    } else {
        ssize_t sent = send(client->fd, step->send, step->send_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent != step->send_len)
            err = sent < 0 ? -errno : -EMSGSIZE;
    }
    return err < 0 ? sc_wrong_send(load->target, client->index, step, err) : 0;
}

static void load_request_done(struct load *load, struct client *client)
{
    load->requests++;
    load->now = load_clock_ns(CLOCK_MONOTONIC);
    if (load->phase == PHASE_MEASURE)
        sc_hist_add(&load->result->hist, load->now - client->start);
    client->start = load->now;
}

static void load_client_leave(struct load *load, struct client *client)
{
    close(client->fd);
    client->fd = -1;
    load->live--;
}

/* Begin with the client's present step, and go through those that bring no reply. */
static int load_client_go_on(struct load *load, struct client *client)
{
    for (;;) {
        if (client->step == client->script->count) {
            client->step = 0;
            if (load->phase == PHASE_FINISH) {
                load_client_leave(load, client);
                return 0;
            }
        }
        const struct sc_step *step = &client->script->steps[client->step];
        int err = load_step_send(load, client, step);
        if (err < 0)
            return err;
        if (step->want_len > 0)
            return 0;
        if (step->last)
            load_request_done(load, client);
        client->step++;
    }
}

static int load_descriptor_check(struct load *load, struct client *client)
{
    const struct sc_step *step = &client->script->steps[client->step];
    if ((client->received >= 0) != step->want_fd)
        return sc_wrong_descriptor(load->target, client->index, step,
                                   step->want_fd ? "no descriptor came with the reply"
                                                 : "a descriptor came that was not due");
    if (client->received < 0)
        return 0;
    bool right = load->descriptors++ % LOOK_EVERY != 0 ||
                 sc_supply_owns(load->pool, client->received, client->index,
                                load->canned || load->plan->one_label);
    close(client->received);
    client->received = -1;
    if (!right)
        return sc_wrong_descriptor(load->target, client->index, step,
                                   "another descriptor came than the one given away");
    return 0;
}

/* Keep the one descriptor that a message may carry. Two are an error of the server's. */
static int load_rights_take(struct client *client, struct msghdr *message)
{
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header == NULL || header->cmsg_type != SCM_RIGHTS)
        return 0;
    if (header->cmsg_len != CMSG_LEN(sizeof(int)) || client->received >= 0 ||
        (message->msg_flags & MSG_CTRUNC))
        return -EPROTO;
    memcpy(&client->received, CMSG_DATA(header), sizeof(int));
    return 0;
}

static int load_client_ready(struct load *load, struct client *client)
{
    char buffer[LOAD_BUFFER];
    union rights control;
    struct iovec part = {.iov_base = buffer, .iov_len = sizeof(buffer)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    ssize_t got = recvmsg(client->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    const struct sc_step *step = &client->script->steps[client->step];
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN)
            return 0;
        return sc_wrong_end(load->target, client->index, step, got < 0 ? -errno : 0);
    }
    if (load_rights_take(client, &message) < 0)
        return sc_wrong_descriptor(load->target, client->index, step,
                                   "more than one descriptor came");
    if (client->have + (size_t)got > step->want_len ||
        memcmp(step->want + client->have, buffer, (size_t)got) != 0)
        return sc_wrong_reply(load->target, client->index, step, client->have, buffer, (size_t)got);
    client->have += (unsigned)got;
    if (client->have < step->want_len)
        return 0;
    int err = load_descriptor_check(load, client);
    if (err < 0)
        return err;
    if (step->last)
        load_request_done(load, client);
    client->have = 0;
    client->step++;
    return load_client_go_on(load, client);
}

static void load_measure_begin(struct load *load)
{
    load->start_time = load->now;
    load->start_requests = load->requests;
    load->start_descriptors = load->descriptors;
    load->start_cpu = sc_target_cpu(load->target);
    load->start_master_cpu = sc_target_master_cpu(load->target);
    load->start_busy = sc_busy_ns();
    load->start_own_cpu = load_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
    load->phase_end = load->now + (uint64_t)(load->plan->seconds * NS_IN_SECOND);
    load->phase = PHASE_MEASURE;
}

static void load_measure_end(struct load *load)
{
    struct sc_load_result *result = load->result;
    result->cpu_ns = sc_target_cpu(load->target) - load->start_cpu;
    result->own_cpu_ns = load_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - load->start_own_cpu;
    uint64_t known = result->cpu_ns + result->own_cpu_ns + sc_target_master_cpu(load->target) -
                     load->start_master_cpu;
    uint64_t busy = sc_busy_ns() - load->start_busy;
    result->others_ns = busy > known ? busy - known : 0;
    result->seconds = (double)(load->now - load->start_time) / NS_IN_SECOND;
    result->requests = load->requests - load->start_requests;
    result->descriptors = load->descriptors - load->start_descriptors;
    load->phase = PHASE_FINISH;
    result->rss = sc_target_rss(load->target);
}

static void load_turn_end(struct load *load)
{
    if (load->requests - load->drained_at >= DRAIN_EVERY) {
        load->drained_at = load->requests;
        sc_target_drain(load->target);
    }
    if (load->phase != PHASE_FINISH && load->now >= load->phase_end) {
        if (load->phase == PHASE_WARM)
            load_measure_begin(load);
        else
            load_measure_end(load);
    }
}

static int load_loop(struct load *load)
{
    struct epoll_event events[LOAD_EVENTS];

    while (load->live > 0) {
        int ready = epoll_wait(load->epoll_fd, events, LOAD_EVENTS, LOAD_PATIENCE_MS);
        if (ready == 0)
            return sc_wrong_silence(load->target, LOAD_PATIENCE_MS / 1000);
        for (int i = 0; i < ready; i++) {
            int err = load_client_ready(load, events[i].data.ptr);
            if (err < 0)
                return err;
        }
        load_turn_end(load);
    }
    return 0;
}

static int load_client_join(struct load *load, unsigned index)
{
    struct client *client = &load->clients[index];
    const struct sc_load_plan *plan = load->plan;
    unsigned number = plan->one_label ? 0 : index;

    sc_script_init(&load->scripts[index], plan->work, number, plan->ttl, load->canned);
    *client = (struct client){.script = &load->scripts[index], .index = index, .received = -1};
    client->fd = sc_target_connect(load->target);
    if (client->fd < 0)
        return client->fd;
    load->live++;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    return epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0 ? -errno : 0;
}

static int load_begin(struct load *load)
{
    unsigned count = load->plan->clients;
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load->clients = calloc(count, sizeof(*load->clients));
    load->scripts = calloc(count, sizeof(*load->scripts));
    if (load->epoll_fd < 0 || load->clients == NULL || load->scripts == NULL)
        return -ENOMEM;
    int err = sc_supply_grow(load->pool, count);
    for (unsigned i = 0; i < count && err == 0; i++)
        err = load_client_join(load, i);
    if (err < 0)
        fprintf(stderr, "scache-bench: client %u of %u cannot join: %s\n", load->live, count,
                strerror(-err));
    return err;
}

static void load_end(struct load *load)
{
    for (unsigned i = 0; load->clients != NULL && i < load->plan->clients; i++) {
        if (load->clients[i].script != NULL && load->clients[i].fd >= 0)
            close(load->clients[i].fd);
    }
    if (load->epoll_fd >= 0)
        close(load->epoll_fd);
    free(load->clients);
    free(load->scripts);
}

int sc_load_run(struct sc_target *target, struct sc_supply *pool, const struct sc_load_plan *plan,
                struct sc_load_result *result)
{
    struct load load = {.target = target, .pool = pool, .plan = plan, .result = result};

    memset(result, 0, sizeof(*result));
    load.canned = target->kind == SC_TARGET_FLOOR;
    int err = load_begin(&load);
    load.now = load_clock_ns(CLOCK_MONOTONIC);
    load.phase_end = load.now + (uint64_t)(plan->warm_up * NS_IN_SECOND);
    for (unsigned i = 0; i < plan->clients && err == 0; i++) {
        load.clients[i].start = load.now;
        err = load_client_go_on(&load, &load.clients[i]);
    }
    if (err == 0)
        err = load_loop(&load);
    load_end(&load);
    sc_target_drain(target);
    return err;
}
