/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real server with clients around it in one process, on a clock that is moved by hand. What
 * happens is decided by the fuzz target, what is right by the witness.
 */
#include "world.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "fuzz.h"

enum {
    HEARD_AT_ONCE = 4096,
    QUIET_TURNS = 6,
    SETTLING_TIMES = 2,
    SETTLING_MS = 150,
    LEAVING_MS = 2000,
    ROUNDS_FOR_ONE = 6, /* more than the longest time for a request */
    COLLECTING_MS = 5,
};

static void check_record(struct sc_log_sink *sink, enum sc_severity severity, const char *text,
                         size_t length)
{
    (void)sink;
    (void)severity;
    require(length <= SC_LOG_PREFIX_MAX + SC_LOG_TEXT_MAX);
    for (size_t i = 0; i < length; i++)
        require(text[i] >= ' ' && text[i] <= '~');
}

static int64_t admit(void *context, const struct sc_caller *caller, int fd)
{
    struct world *world = context;
    struct world_waiting first = world->waiting[0];
    struct world_client *client = &world->clients[first.slot];
    const int small = 1;

    require(caller->user == (int64_t)getuid() && caller->process == (int64_t)getpid());
    require(world->waiting_count > 0);
    memmove(world->waiting, world->waiting + 1, --world->waiting_count * sizeof(world->waiting[0]));
    if (first.space == WORLD_REFUSED)
        return -EPERM;
    if (client->generation == first.generation)
        client->is_admitted = true;
    if (world->has_small_buffers)
        require(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)) == 0);
    return first.space;
}

static void clients_changed(void *context, size_t clients)
{
    ((struct world *)context)->clients_of_server = clients;
}

static void drained(void *context)
{
    struct world *world = context;

    require(world->is_draining && !world->is_drained);
    world->is_drained = true;
}

/* On a name of the kernel's choice, which leaves no file behind. */
static int listen_somewhere(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    require(fd >= 0);
    require(bind(fd, (struct sockaddr *)&address, sizeof(address.sun_family)) == 0);
    require(listen(fd, WORLD_WAITING) == 0);
    return fd;
}

void world_init(struct world *world, const struct world_options *options)
{
    *world = (struct world){
        .sink.write = check_record,
        .settings = options->settings,
        .has_small_buffers = options->has_small_buffers,
    };
    /* As every host of a server does; a pipe may have lost its reader. */
    signal(SIGPIPE, SIG_IGN);
    world->log = (struct sc_log){&world->sink, options->verbosity};
    for (size_t i = 0; i < WORLD_CLIENTS; i++)
        world->clients[i].socket = world->clients[i].output = -1;
    for (size_t i = 0; i < WORLD_THINGS; i++)
        world->things[i].near = world->things[i].far = -1;
    witness_init(&world->witness);
    world->witness.limit = options->settings.message_limit;
    world->witness.greets = options->settings.greeting != SC_GREETING_NO;
    world->witness.checks_peer = options->settings.check_peer;
    world->witness.ttl_limit = options->settings.ttl_limit;
    require(sc_loop_new(&world->loop) == 0);
    world->closer = closer_double_new();
    struct sc_server_options server = {
        .loop = world->loop,
        .log = &world->log,
        .closer = world->closer,
        .key = "not very random",
        .descriptors = options->descriptors,
        .descriptors_used = 10,
        .settings = options->settings,
        .host = {admit, NULL, clients_changed, drained, world},
    };
    require(sc_server_new(&world->server, &server) == 0);
    world->listener = listen_somewhere();
    require(sc_server_listen(world->server, world->listener) == 0);
}

void world_turn(struct world *world)
{
    sc_loop_turn(world->loop);
}

static int connect_to(int listener)
{
    struct sockaddr_un address;
    socklen_t size = sizeof(address);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    require(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    if (connect(fd, (struct sockaddr *)&address, size) == 0)
        return fd;
    close(fd);
    return -1;
}

static void fill_slot(struct world *world, size_t slot, int socket, int64_t space, bool is_greeted)
{
    struct world_client *client = &world->clients[slot];
    unsigned generation = client->generation + 1;

    *client = (struct world_client){
        .socket = socket,
        .output = -1,
        .served_input = -1,
        .served_output = -1,
        .generation = generation,
    };
    witness_client_init(&client->witness, &world->witness, space, is_greeted);
}

void world_connect(struct world *world, size_t slot, int64_t space)
{
    if (world->clients[slot].socket >= 0 || world->waiting_count == WORLD_WAITING)
        return;
    int fd = connect_to(world->listener);
    if (fd < 0)
        return;
    bool refused = space == WORLD_REFUSED;
    fill_slot(world, slot, fd, space, refused || world->settings.greeting != SC_GREETING_NO);
    world->clients[slot].witness.is_refused = refused;
    world->waiting[world->waiting_count++] =
        (struct world_waiting){slot, world->clients[slot].generation, space};
}

/*
 * Its descriptors come by another way than its replies, so their order cannot
 * be told and the witness hears nothing of it.
 */
void world_serve(struct world *world, size_t slot)
{
    struct world_client *client = &world->clients[slot];
    int input[2];
    int output[2];

    if (client->socket >= 0 || world->is_draining ||
        !descriptor_pair(DESCRIPTOR_STREAM, &input[0], &input[1]))
        return;
    if (!descriptor_pair(DESCRIPTOR_STREAM, &output[0], &output[1])) {
        descriptor_close(&input[0]);
        descriptor_close(&input[1]);
        return;
    }
    fill_slot(world, slot, input[0], 0, false);
    client->is_deaf = true;
    client->output = output[0];
    client->served_input = input[1];
    client->served_output = output[1];
    require(sc_server_serve(world->server, input[1], output[1]) == 0);
}

void world_say(struct world *world, size_t slot, struct sc_bytes bytes, int fd, size_t copies)
{
    struct world_client *client = &world->clients[slot];

    if (client->socket < 0 || bytes.length == 0)
        return;
    if (fd < 0)
        copies = 0;
    ssize_t sent = descriptors_send(client->socket, bytes, fd, copies);
    if (sent <= 0)
        return;
    bytes.length = (size_t)sent;
    witness_said(&client->witness, bytes, copies, copies == 1 ? descriptor_identity(fd) : 0,
                 clock_now_ms());
}

static void hear_end(struct world_client *client, const struct passed *passed)
{
    if (passed->length == 0 || (passed->length < 0 && errno != EAGAIN))
        client->is_lost = true;
}

/* What the witness is not told of; whether there was anything. */
static bool hear_blindly(int fd, char *bytes, size_t size)
{
    struct passed passed;

    descriptors_receive(fd, bytes, size, &passed);
    for (size_t i = 0; i < passed.count; i++)
        close(passed.fds[i]);
    return passed.length > 0;
}

bool world_hear(struct world *world, size_t slot, size_t most)
{
    struct world_client *client = &world->clients[slot];
    char bytes[HEARD_AT_ONCE];
    struct passed passed;
    uint64_t identity = 0;
    bool heard = false;

    if (client->socket < 0 || (client->is_lost && client->output < 0))
        return false;
    if (client->output >= 0)
        heard = hear_blindly(client->output, bytes, sizeof(bytes));
    descriptors_receive(client->socket, bytes, most < sizeof(bytes) ? most : sizeof(bytes),
                        &passed);
    hear_end(client, &passed);
    require(passed.count <= 1);
    if (passed.count == 1)
        identity = descriptor_identity(passed.fds[0]);
    if (passed.count == 1)
        close(passed.fds[0]);
    /* Our own table was full: what was lost there is nobody else's fault. */
    if (passed.lost)
        client->is_deaf = true;
    if (!client->is_deaf && passed.length > 0)
        witness_heard(&client->witness, (struct sc_bytes){bytes, (size_t)passed.length}, identity,
                      clock_now_ms());
    return heard || passed.length > 0;
}

void world_half_close(struct world *world, size_t slot, bool hearing)
{
    struct world_client *client = &world->clients[slot];

    if (client->socket < 0)
        return;
    (void)shutdown(client->socket, hearing ? SHUT_RD : SHUT_WR);
    if (hearing)
        client->is_deaf = true;
}

void world_close(struct world *world, size_t slot)
{
    struct world_client *client = &world->clients[slot];

    /* What the server was told to serve is closed after the server has gone. */
    if (client->socket < 0 || client->output >= 0)
        return;
    descriptor_close(&client->socket);
    client->generation++;
    witness_client_fini(&client->witness);
}

int world_thing(struct world *world, size_t which, enum descriptor_kind kind)
{
    struct world_thing *thing = &world->things[which];

    if (thing->near < 0) {
        descriptor_close(&thing->far);
        thing->kind = kind;
        if (!descriptor_pair(kind, &thing->near, &thing->far))
            return -1;
        thing->identity = descriptor_identity(thing->near);
    }
    return thing->near;
}

void world_spoil(struct world *world, size_t which, bool by_closing)
{
    struct world_thing *thing = &world->things[which];

    if (thing->far < 0)
        return;
    if (by_closing)
        descriptor_close(&thing->far);
    else if (write(thing->far, "x", 1) != 1)
        return;
    if (thing->kind == DESCRIPTOR_STREAM)
        witness_spoil(&world->witness, thing->identity);
}

void world_forget(struct world *world, size_t which)
{
    descriptor_close(&world->things[which].near);
}

void world_configure(struct world *world, const struct sc_server_settings *settings)
{
    struct sc_server_settings fresh = *settings;

    /* These are the clients' from when they came, and the witness knows one of each. */
    fresh.message_limit = world->settings.message_limit;
    fresh.greeting = world->settings.greeting;
    if (!fresh.check_peer)
        world->witness.checks_peer = false;
    if (fresh.ttl_limit > world->witness.ttl_limit)
        world->witness.ttl_limit = fresh.ttl_limit;
    world->settings = fresh;
    sc_server_configure(world->server, &fresh);
}

void world_drain(struct world *world, int64_t patience)
{
    world->is_draining = true;
    sc_server_drain(world->server, patience);
}

static bool hear_all(struct world *world)
{
    bool heard = false;

    for (size_t slot = 0; slot < WORLD_CLIENTS; slot++)
        while (world_hear(world, slot, HEARD_AT_ONCE))
            heard = true;
    return heard;
}

/* Turns until nobody is accepted, hears anything or is closed any more, with some patience. */
static void turn_until_quiet(struct world *world)
{
    for (int quiet = 0; quiet < QUIET_TURNS; quiet++) {
        size_t waiting = world->waiting_count;
        size_t closing = sc_closer_pending(world->closer);
        world_turn(world);
        clock_advance_ms(quiet % 2);
        if (hear_all(world) || world->waiting_count < waiting ||
            sc_closer_pending(world->closer) != closing)
            quiet = 0;
    }
}

/* Everybody reads, nothing hangs, and a little time passes. */
static void settle(struct world *world)
{
    descriptors_limit(DESCRIPTORS_MOST);
    closer_double_hang(world->closer, false);
    for (int i = 0; i < SETTLING_TIMES; i++) {
        turn_until_quiet(world);
        clock_advance_ms(SETTLING_MS);
    }
    turn_until_quiet(world);
    for (size_t slot = 0; slot < WORLD_CLIENTS; slot++) {
        const struct world_client *client = &world->clients[slot];
        if (client->socket >= 0 && client->is_admitted && !client->is_lost && !client->is_deaf)
            require(witness_is_settled(&client->witness));
    }
}

/* What the server was told to serve and serves no more may hold some client's own end. */
static void throw_away_unread(struct world *world)
{
    char bytes[HEARD_AT_ONCE];

    for (size_t slot = 0; slot < WORLD_CLIENTS; slot++) {
        const struct world_client *client = &world->clients[slot];
        if (client->output < 0)
            continue;
        while (recv(client->served_input, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
            continue;
    }
}

/* Everybody leaves; a client whose own end is cached is not gone by that. */
static void leave(struct world *world)
{
    for (size_t slot = 0; slot < WORLD_CLIENTS; slot++) {
        world_half_close(world, slot, false);
        world_close(world, slot);
    }
    /*
     * Those who still wait to be accepted are let in one by one. One whose own
     * end is cached is gone only when that has expired; one whose own end lies
     * unread in its queue, when its time is over, which may take so many rounds.
     */
    for (int i = 0; i <= WORLD_WAITING * ROUNDS_FOR_ONE; i++) {
        turn_until_quiet(world);
        if (world->clients_of_server == 0 && (world->waiting_count == 0 || world->is_draining))
            break;
        throw_away_unread(world);
        /* The kernel collects what lies in no queue but its own, but not at once. */
        if (i > WORLD_WAITING)
            (void)poll(NULL, 0, COLLECTING_MS);
        clock_advance_ms(LEAVING_MS + world->witness.ttl_limit);
    }
    require(world->waiting_count == 0 || world->is_draining);
    require(world->clients_of_server == 0);
    require(world->is_drained == world->is_draining);
}

static void close_clients(struct world *world)
{
    for (size_t slot = 0; slot < WORLD_CLIENTS; slot++) {
        struct world_client *client = &world->clients[slot];
        if (client->socket < 0)
            continue;
        descriptor_close(&client->output);
        descriptor_close(&client->served_input);
        descriptor_close(&client->served_output);
        world_close(world, slot);
    }
}

void world_fini(struct world *world)
{
    settle(world);
    leave(world);
    sc_server_free(world->server);
    close_clients(world);
    closer_double_free(world->closer);
    sc_loop_free(world->loop);
    descriptor_close(&world->listener);
    for (size_t i = 0; i < WORLD_THINGS; i++) {
        descriptor_close(&world->things[i].near);
        descriptor_close(&world->things[i].far);
    }
    witness_fini(&world->witness);
}
