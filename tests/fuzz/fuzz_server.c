/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole server with real clients, sockets and descriptors. The input is a
 * script: four bytes of settings, and then what some clients do, one action
 * after the other. The witness says what must hold; and after each input
 * nothing may be left open.
 *
 * An action is a byte that says which (its highest bit: the server gets no
 * turn after it), and a byte whose parts say who and how:
 *
 *     bits 0 to 2   the client's slot
 *     bits 3 to 5   which thing, label, or number
 *     bits 6, 7     a choice
 *
 * tests/fuzz/seeds.py writes such scripts by name.
 */

#include "fuzz.h"

#include "clock.h"
#include "world.h"

enum { ACTIONS_MOST = 256, LONG_LIST = 8192 };

enum action {
    ACTION_CONNECT,
    ACTION_SAY,      /* so many bytes, which follow */
    ACTION_SAY_WITH, /* the same with a descriptor or some */
    ACTION_SAVE_ENDP,
    ACTION_FIND_ENDP,
    ACTION_SAVE_DEST,
    ACTION_FIND_DEST,
    ACTION_PUT,
    ACTION_TAKE,
    ACTION_DUMMY,
    ACTION_CARRY, /* one byte with a descriptor or some */
    ACTION_HEAR,
    ACTION_HALF_CLOSE,
    ACTION_CLOSE,
    ACTION_ADVANCE,
    ACTION_TURN,
    ACTION_SPOIL,
    ACTION_FORGET,
    ACTION_HANG,
    ACTION_CONFIGURE,
    ACTION_DRAIN,
    ACTION_REPORT,
    ACTION_TABLE,    /* the descriptor table gets smaller */
    ACTION_SAY_LONG, /* a value without an end in sight */
    ACTION_CARRY_SELF,
    ACTION_SERVE,
    ACTIONS
};

struct step {
    size_t slot;
    size_t which;  /* 0 to 7 */
    size_t choice; /* 0 to 3 */
};

static const struct sc_bytes labels[] = {
    SC_BYTES("a"),
    SC_BYTES("b"),
    SC_BYTES("c"),
    SC_BYTES("a\n"),
};

static const struct sc_bytes properties[] = {
    SC_BYTES(""),
    SC_BYTES("p"),
    SC_BYTES("q\n"),
    SC_BYTES("property"),
};

static const int64_t ttls[] = {1, 2, 10, 1000};

static struct sc_server_settings settings_of(const uint8_t header[4])
{
    static const size_t clients[] = {0, 1, 2, 4};
    static const size_t most[] = {0, 1, 2, 5};
    static const size_t texts[] = {0, 1, 20, 200};
    static const size_t messages[] = {64, 200, 4096, 100000};
    const uint8_t limits = header[2];
    const uint8_t more = header[3];

    return (struct sc_server_settings){
        .ttl_limit = ttls[header[1] >> 6] * 1000,
        .status_update_time = 5000,
        .request_time_limit = 10000,
        .message_limit = messages[header[1] >> 4 & 3],
        .greeting = header[0] & 1 ? SC_GREETING_NO : SC_GREETING_YES,
        .check_peer = (header[0] & 2) == 0,
        .client_limit = clients[header[1] >> 2 & 3],
        .limits =
            {
                .session_limit = most[limits & 3],
                .endpoint_session_limit = most[limits >> 2 & 3],
                .user_session_limit = most[limits >> 4 & 3],
                .binding_limit = most[limits >> 6],
                .destination_binding_limit = most[more & 3],
                .memory_limit = texts[more >> 2 & 3],
                .reuse_order = header[0] & 4 ? SC_REUSE_NEWEST : SC_REUSE_OLDEST,
            },
    };
}

static struct world_options options_of(const uint8_t header[4])
{
    static const size_t descriptors[] = {512, 128, 80, 64};

    return (struct world_options){
        .settings = settings_of(header),
        .descriptors = descriptors[header[1] & 3],
        .verbosity = header[0] >> 3 & 3,
        .has_small_buffers = (header[0] & 32) != 0,
    };
}

static void read_header(struct script *script, uint8_t header[4])
{
    for (int i = 0; i < 4; i++)
        header[i] = script_byte(script);
}

static struct step read_step(struct script *script)
{
    uint8_t byte = script_byte(script);

    return (struct step){(byte & 7) % WORLD_CLIENTS, byte >> 3 & 7, byte >> 6};
}

static size_t copies_of(size_t choice)
{
    static const size_t copies[] = {1, 0, 2, PASSED_MOST};

    return copies[choice];
}

static void say_request(struct world *world, size_t slot, const struct sc_request *request, int fd)
{
    struct sc_buf out;

    sc_buf_init(&out);
    require(sc_request_write(&out, request) == 0);
    world_say(world, slot, sc_buf_bytes(&out), fd, 1);
    sc_buf_fini(&out);
}

/* Two requests that only a server with put and take understands. */
static void say_modern(struct world *world, enum action action, struct step step)
{
    struct sc_buf rest;
    struct sc_request request = {
        .kind = action == ACTION_PUT ? SC_REQUEST_PUT : SC_REQUEST_TAKE,
        .ttl = ttls[step.choice],
        .binding_ttl = ttls[step.choice],
        .has_binding = step.which & 4,
        .endpoint = labels[step.which & 3],
        .endpoint_property = properties[step.which & 3],
        .destination_property = properties[step.choice],
    };
    int fd = -1;

    sc_buf_init(&rest);
    struct sc_list_writer list = sc_list_write(&rest);
    for (size_t i = 0; i < step.choice; i++)
        sc_list_put(&list, SC_ATTR_LABEL, labels[(step.which + i) & 3]);
    require(sc_list_end(&list) == 0);
    request.endpoints = sc_list_read(sc_buf_bytes(&rest));
    if (step.which & 4 || step.choice == 0)
        request.destination = labels[step.which & 3];
    if (action == ACTION_PUT)
        fd = world_thing(world, step.which, (enum descriptor_kind)(step.which % DESCRIPTOR_KINDS));
    say_request(world, step.slot, &request, fd);
    sc_buf_fini(&rest);
}

static void say_classic(struct world *world, enum action action, struct step step)
{
    static const enum sc_request_kind kinds[] = {
        [ACTION_SAVE_ENDP] = SC_REQUEST_SAVE_ENDP,
        [ACTION_FIND_ENDP] = SC_REQUEST_FIND_ENDP,
        [ACTION_SAVE_DEST] = SC_REQUEST_SAVE_DEST,
        [ACTION_FIND_DEST] = SC_REQUEST_FIND_DEST,
    };
    const struct sc_request request = {
        .kind = kinds[action],
        .ttl = ttls[step.choice],
        .destination = labels[step.which & 3],
        .destination_property = properties[step.choice],
        .endpoint = labels[(step.which + step.which / 4) & 3],
        .endpoint_property = properties[step.which & 3],
    };

    say_request(world, step.slot, &request, -1);
}

static void say_bytes(struct world *world, struct script *script, struct step step, bool carries)
{
    struct sc_bytes bytes = script_bytes(script, script_byte(script));
    int fd = -1;

    if (carries)
        fd = world_thing(world, step.which, (enum descriptor_kind)(step.which % DESCRIPTOR_KINDS));
    world_say(world, step.slot, bytes, fd, copies_of(step.choice));
}

static void carry(struct world *world, struct step step)
{
    int fd = world_thing(world, step.which, (enum descriptor_kind)(step.which % DESCRIPTOR_KINDS));

    world_say(world, step.slot, SC_BYTES("\0"), fd, copies_of(step.choice));
}

/* A client's own end, or the server's listener, is a descriptor like any other. */
static void carry_self(struct world *world, struct step step)
{
    int fd = step.choice == 1 ? world->listener : world->clients[step.slot].socket;

    world_say(world, step.slot, SC_BYTES("\0"), fd, 1);
}

static void say_long(struct world *world, struct step step)
{
    char text[LONG_LIST];

    memset(text, 'x', sizeof(text));
    world_say(world, step.slot, (struct sc_bytes){text, (size_t)64 << step.which}, -1, 0);
}

static void hear(struct world *world, struct step step)
{
    static const size_t sizes[] = {1, 2, 7, 20, 64, 300, 1000, 4096};

    world_hear(world, step.slot, sizes[step.which]);
}

static void configure(struct world *world, struct script *script)
{
    uint8_t header[4];

    read_header(script, header);
    struct sc_server_settings settings = settings_of(header);
    world_configure(world, &settings);
}

static void act(struct world *world, struct script *script, enum action action, struct step step)
{
    switch (action) {
    case ACTION_CONNECT:
        world_connect(world, step.slot, (int64_t)step.choice);
        break;
    case ACTION_SAY:
    case ACTION_SAY_WITH:
        say_bytes(world, script, step, action == ACTION_SAY_WITH);
        break;
    case ACTION_SAVE_ENDP:
    case ACTION_FIND_ENDP:
    case ACTION_SAVE_DEST:
    case ACTION_FIND_DEST:
        say_classic(world, action, step);
        break;
    case ACTION_PUT:
    case ACTION_TAKE:
        say_modern(world, action, step);
        break;
    case ACTION_DUMMY:
        world_say(world, step.slot, SC_BYTES("dummy\0\0\0"), -1, 0);
        break;
    case ACTION_CARRY:
        carry(world, step);
        break;
    case ACTION_CARRY_SELF:
        carry_self(world, step);
        break;
    case ACTION_SAY_LONG:
        say_long(world, step);
        break;
    case ACTION_HEAR:
        hear(world, step);
        break;
    case ACTION_HALF_CLOSE:
        world_half_close(world, step.slot, step.choice == 1);
        break;
    case ACTION_CLOSE:
        world_close(world, step.slot);
        break;
    case ACTION_SERVE:
        world_serve(world, step.slot);
        break;
    default:
        break;
    }
}

/* What is not done by a client. */
static void happen(struct world *world, struct script *script, enum action action, struct step step)
{
    switch (action) {
    case ACTION_ADVANCE:
        clock_advance_ms(INT64_C(1) << (2 * step.which + step.choice / 2));
        break;
    case ACTION_TURN:
        world_turn(world);
        break;
    case ACTION_SPOIL:
        world_spoil(world, step.which, step.choice == 0);
        break;
    case ACTION_FORGET:
        world_forget(world, step.which);
        break;
    case ACTION_HANG:
        closer_double_hang(world->closer, step.choice != 0);
        break;
    case ACTION_CONFIGURE:
        configure(world, script);
        break;
    case ACTION_DRAIN:
        world_drain(world, (int64_t)step.which * 10);
        break;
    case ACTION_REPORT:
        sc_server_report(world->server);
        break;
    case ACTION_TABLE:
        descriptors_limit(step.choice == 0 ? DESCRIPTORS_MOST : 8 + 4 * step.which);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    size_t before = descriptors_open();
    struct world world;
    uint8_t header[4];

    read_header(&script, header);
    struct world_options options = options_of(header);
    world_init(&world, &options);
    for (int i = 0; i < ACTIONS_MOST && script.size > 0; i++) {
        uint8_t byte = script_byte(&script);
        enum action action = (enum action)((byte & 127) % ACTIONS);
        struct step step = read_step(&script);
        act(&world, &script, action, step);
        happen(&world, &script, action, step);
        if (byte < 128)
            world_turn(&world);
    }
    world_fini(&world);
    require(descriptors_open() == before);
    return 0;
}
