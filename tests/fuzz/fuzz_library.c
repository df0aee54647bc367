/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library against a server that says anything. The input is a script: one
 * byte of options, and then what the caller and the server do, one action
 * after the other, in one thread. Time stands still unless it is advanced.
 *
 * What must hold: a request is decided when its deadline has passed; what is
 * found was sent by the server and is handed over once, close-on-exec, and
 * not under a label that nobody asked for; while the server is let alone
 * nobody connects to it; and in the end no descriptor is left open, those that
 * were to be saved included.
 *
 * An action is a byte that says which (its highest bit: the library is not
 * called after it), and a byte of choices; see the actions. The way to the
 * server, io/dial, is stood in for here.
 */

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "descriptors.h"
#include "io/dial.h"
#include "lib/handle.h"
#include "support/spell.h"

enum { ACTIONS_MOST = 256, TREASURES = 4, DEADLINE_MS = 1000 };

/* Of the longest call there is: one that tries again and again. */
enum { TURNS_MOST = DEADLINE_MS / SC_EXCHANGE_RETRY_MS + 64 };

enum action {
    ACTION_ASK,
    ACTION_SAY,       /* so many bytes, which follow */
    ACTION_SAY_KNOWN, /* what a server would say */
    ACTION_HEAR,
    ACTION_HANG_UP,
    ACTION_ADVANCE,
    ACTION_CANCEL,
    ACTION_PING,
    ACTION_DIAL, /* how the next attempts to connect end */
    ACTION_TABLE,
    ACTION_DEADLINE,
    ACTION_NOTHING,
    ACTIONS
};

enum asked { ASKED_NOTHING, ASKED_SAVE, ASKED_FIND };

/* An open file of the server's, and how often it went either way. */
struct treasure {
    int fd;
    int far;
    uint64_t identity;
    size_t sent;
    size_t found;
};

struct stage {
    struct scache *cache;
    int peer; /* the server's end; -1: nobody is connected */
    int dial_error;
    size_t dials;
    bool table_is_full;
    struct treasure treasures[TREASURES];
    enum asked asked;
    bool by_destination;
    size_t label; /* the first that was asked for; the others come after it */
    size_t labels;
    int64_t asked_at;
    int deadline_ms;
};

static const char *const labels[] = {"e", "f", "g", "e"};

/* What stands in for a function of another room can be told nothing by its callers. */
static struct stage *on_stage;

int sc_dial_connect(const char *path, int *socket)
{
    int far;

    require(strcmp(path, "/nowhere") == 0);
    on_stage->dials++;
    if (on_stage->dial_error != 0)
        return on_stage->dial_error;
    if (!descriptor_pair(DESCRIPTOR_STREAM, socket, &far))
        return -EMFILE;
    descriptor_close(&on_stage->peer);
    on_stage->peer = far;
    return 0;
}

/* Nobody asks: the place is named. */
int sc_dial_user(int socket, uid_t *user)
{
    (void)socket;
    (void)user;
    require(false);
    return -EPERM;
}

bool sc_dial_has_room(int fd)
{
    require(fcntl(fd, F_GETFD) >= 0);
    return !on_stage->table_is_full;
}

/* What a server says when all is well, and what it nearly says. */
static const struct {
    const char *text; /* spelt */
    size_t carries;
} known[] = {
    {"protocol=connection_cache_protocol .", 0},
    {"status=2 label= property= property= .", 0}, /* to the probe */
    {"status=1 .", 0},                            /* Postfix's to that */
    {"status=0 .", 0},
    {"status=2 .", 0},
    {"dummy= .", 0},
    {".", 1},
    {".", 2},
    {"status=0 property=p .", 0},                   /* to find_endp */
    {"status=0 property=d property=p .", 0},        /* to find_dest */
    {"status=0 label=e property= property=p .", 1}, /* to take */
    {"status=0 label=f property=d property=p .", 1},
    {"status=0 label=x property= property=p .", 1},
    {"status=2 property= .", 0},
    {"status=2 property= property= .", 0},
    {"status=0 label=g property= property=p .", PASSED_MOST},
};

static size_t copies_of(size_t choice)
{
    static const size_t copies[] = {0, 1, 2, PASSED_MOST};

    return copies[choice % SC_COUNT_OF(copies)];
}

static void say(struct stage *stage, struct sc_bytes bytes, size_t which, size_t copies)
{
    struct treasure *treasure = &stage->treasures[which % TREASURES];

    if (stage->peer < 0 || bytes.length == 0)
        return;
    if (descriptors_send(stage->peer, bytes, treasure->fd, copies) > 0)
        treasure->sent += copies;
}

static void hear(struct stage *stage)
{
    char bytes[4096];
    struct passed passed;

    if (stage->peer < 0)
        return;
    descriptors_receive(stage->peer, bytes, sizeof(bytes), &passed);
    require(passed.count <= 1 && !passed.lost);
    for (size_t i = 0; i < passed.count; i++)
        close(passed.fds[i]);
}

static void hang_up(struct stage *stage, size_t choice)
{
    if (stage->peer < 0)
        return;
    if (choice == 0)
        descriptor_close(&stage->peer);
    else
        (void)shutdown(stage->peer, choice == 1 ? SHUT_WR : SHUT_RD);
}

/* A descriptor to save, the library's from now on; sometimes none. */
static int something_to_save(const struct stage *stage, size_t choice)
{
    return choice == 3 ? -1 : fcntl(stage->treasures[choice].fd, F_DUPFD_CLOEXEC, 0);
}

static int start_save(struct stage *stage, size_t kind, size_t which, size_t choice)
{
    const char *label = labels[which];
    int fd;

    switch (kind) {
    case 0:
        fd = something_to_save(stage, choice);
        return scache_start_save_endpoint(stage->cache, fd, label, "p", 5);
    case 1:
        return scache_start_save_destination(stage->cache, "d", "q", label, 5);
    case 2:
        fd = something_to_save(stage, choice);
        return scache_start_put(stage->cache, fd, label, "p", 5);
    default:
        fd = something_to_save(stage, choice);
        return scache_start_put_bound(stage->cache, fd, label, "p", 5, "d", "q", (int)choice);
    }
}

static int start_find(struct stage *stage, size_t kind, size_t which, size_t choice)
{
    const char *wanted[4] = {NULL};

    for (size_t i = 0; i < choice; i++)
        wanted[i] = labels[(which + i) % SC_COUNT_OF(labels)];
    stage->label = which;
    stage->labels = choice;
    stage->by_destination = kind == 1 || kind == 3;
    switch (kind) {
    case 0:
        stage->labels = 1;
        return scache_start_find_endpoint(stage->cache, labels[which]);
    case 1:
        return scache_start_find_destination(stage->cache, "d");
    case 2:
        if (choice == 1)
            return scache_start_take(stage->cache, labels[which]);
        return scache_start_take_any(stage->cache, choice == 3 ? "" : NULL, wanted);
    default:
        return scache_start_take_any(stage->cache, "d", wanted);
    }
}

static void ask(struct stage *stage, uint8_t byte)
{
    bool is_alone =
        clock_now_ms() < stage->cache->retry_at && !sc_link_is_open(&stage->cache->exchange.link);
    size_t dials = stage->dials;
    size_t kind = byte & 3;
    bool finds = byte & 4;

    if (stage->asked != ASKED_NOTHING) {
        require(scache_start_find_endpoint(stage->cache, "e") == -EBUSY);
        return;
    }
    int error = finds ? start_find(stage, kind, byte >> 3 & 3, byte >> 6)
                      : start_save(stage, kind, byte >> 3 & 3, byte >> 6);
    require(!is_alone || stage->dials == dials);
    if (error < 0)
        return;
    stage->asked = finds ? ASKED_FIND : ASKED_SAVE;
    stage->asked_at = clock_now_ms();
}

/* Whether the label of what was found is one that was asked for. */
static bool was_asked_for(const struct stage *stage, const char *label)
{
    for (size_t i = 0; i < stage->labels; i++)
        if (strcmp(label, labels[(stage->label + i) % SC_COUNT_OF(labels)]) == 0)
            return true;
    return stage->by_destination;
}

static void check_found(struct stage *stage, int fd)
{
    const struct scache *cache = stage->cache;
    uint64_t identity = descriptor_identity(fd);
    struct treasure *found = NULL;

    require((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    require(strlen(scache_found_property(cache)) +
                strlen(scache_found_destination_property(cache)) <
            1 << 21);
    require(was_asked_for(stage, scache_found_endpoint(cache)));
    for (size_t i = 0; i < TREASURES; i++)
        if (stage->treasures[i].identity == identity)
            found = &stage->treasures[i];
    require(found && ++found->found <= found->sent);
    close(fd);
}

static void take_result(struct stage *stage, int outcome)
{
    int fd = scache_steal_fd(stage->cache);

    require((fd >= 0) == (outcome == SCACHE_DONE));
    if (fd >= 0)
        check_found(stage, fd);
    else
        require(strlen(scache_found_endpoint(stage->cache)) == 0);
    require(scache_steal_fd(stage->cache) == -1);
}

static void check_pending(struct stage *stage)
{
    int timeout = scache_wait_ms(stage->cache);

    require(clock_now_ms() < stage->asked_at + stage->deadline_ms);
    require(timeout > 0 && timeout <= stage->deadline_ms);
    int fd = scache_wait_fd(stage->cache);
    require(fd < 0 || fcntl(fd, F_GETFD) >= 0);
    require((fd >= 0) == (scache_wait_events(stage->cache) != 0));
}

/* Goes on with the request. A result may be left to the next one to drop. */
static void dispatch(struct stage *stage, bool leaves_result)
{
    int outcome = scache_dispatch(stage->cache);

    if (outcome == SCACHE_PENDING) {
        check_pending(stage);
        return;
    }
    require((outcome == SCACHE_IDLE) == (stage->asked == ASKED_NOTHING));
    if (outcome == SCACHE_IDLE)
        return;
    require(outcome == SCACHE_DONE || outcome == SCACHE_MISS);
    require((outcome == SCACHE_MISS) == (scache_miss_reason(stage->cache) != SCACHE_REASON_NONE));
    require((outcome == SCACHE_MISS) == (*scache_miss_text(stage->cache) != '\0'));
    if (stage->asked == ASKED_FIND && !leaves_result)
        take_result(stage, outcome);
    stage->asked = ASKED_NOTHING;
}

static void cancel(struct stage *stage)
{
    scache_cancel(stage->cache);
    require(scache_dispatch(stage->cache) == SCACHE_IDLE);
    stage->asked = ASKED_NOTHING;
}

/* Finds nothing, but asks as much as any request. */
static void ping(struct stage *stage)
{
    if (stage->asked != ASKED_NOTHING) {
        require(scache_start_ping(stage->cache) == -EBUSY);
        return;
    }
    require(scache_start_ping(stage->cache) == 0);
    stage->asked = ASKED_SAVE;
    stage->asked_at = clock_now_ms();
}

static void act(struct stage *stage, struct script *script, enum action action, uint8_t byte)
{
    static const int errors[] = {0, -ECONNREFUSED, -EAGAIN, -ENOENT};
    static const int64_t times[] = {1, 2, 50, 100, 500, 999, 1000, 100000};
    size_t which;

    switch (action) {
    case ACTION_ASK:
        ask(stage, byte);
        break;
    case ACTION_PING:
        ping(stage);
        break;
    case ACTION_SAY:
        which = script_byte(script);
        say(stage, script_bytes(script, byte & 63), which, copies_of(byte >> 6));
        break;
    case ACTION_SAY_KNOWN:
        which = byte % SC_COUNT_OF(known);
        say(stage, spell(known[which].text), byte >> 4, known[which].carries);
        break;
    case ACTION_HEAR:
        hear(stage);
        break;
    case ACTION_HANG_UP:
        hang_up(stage, byte % 3);
        break;
    case ACTION_ADVANCE:
        clock_advance_ms(times[byte & 7]);
        break;
    case ACTION_CANCEL:
        cancel(stage);
        break;
    case ACTION_DIAL:
        stage->dial_error = errors[byte & 3];
        break;
    case ACTION_TABLE:
        stage->table_is_full = byte & 1;
        break;
    case ACTION_DEADLINE:
        if (stage->asked == ASKED_NOTHING &&
            scache_set_option(stage->cache, SCACHE_OPT_DEADLINE_MS, byte) == 0)
            stage->deadline_ms = byte;
        break;
    default:
        break;
    }
}

static void open_stage(struct stage *stage, uint8_t options)
{
    *stage = (struct stage){.peer = -1, .deadline_ms = DEADLINE_MS};
    on_stage = stage;
    for (size_t i = 0; i < TREASURES; i++) {
        struct treasure *treasure = &stage->treasures[i];
        require(descriptor_pair((enum descriptor_kind)(i % DESCRIPTOR_KINDS), &treasure->fd,
                                &treasure->far));
        treasure->identity = descriptor_identity(treasure->fd);
    }
    stage->cache = scache_open("/nowhere");
    require(stage->cache);
    require(scache_set_option(stage->cache, SCACHE_OPT_DEADLINE_MS, DEADLINE_MS) == 0);
    require(scache_set_option(stage->cache, SCACHE_OPT_HINTS, 0) == 0);
    require(scache_set_option(stage->cache, SCACHE_OPT_GREETING, (options & 1) == 0) == 0);
    require(scache_set_option(stage->cache, SCACHE_OPT_CLASSIC, options >> 1 & 1) == 0);
    stage->cache->clock = clock_now_ms;
}

/* Time goes by until nothing is under way any more: it must be soon. */
static void close_stage(struct stage *stage, bool in_the_midst)
{
    for (int i = 0; stage->asked != ASKED_NOTHING && !in_the_midst; i++) {
        require(i < TURNS_MOST);
        dispatch(stage, false);
        if (stage->asked != ASKED_NOTHING)
            clock_advance_ms(scache_wait_ms(stage->cache));
        hear(stage);
    }
    scache_close(stage->cache);
    descriptor_close(&stage->peer);
    for (size_t i = 0; i < TREASURES; i++) {
        descriptor_close(&stage->treasures[i].fd);
        descriptor_close(&stage->treasures[i].far);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    size_t before = descriptors_open();
    uint8_t options = script_byte(&script);
    struct stage stage;

    open_stage(&stage, options);
    for (int i = 0; i < ACTIONS_MOST && script.size > 0; i++) {
        uint8_t byte = script_byte(&script);
        enum action action = (enum action)((byte & 63) % ACTIONS);
        act(&stage, &script, action, script_byte(&script));
        if (byte < 128)
            dispatch(&stage, byte & 64);
    }
    close_stage(&stage, options & 4);
    require(descriptors_open() == before);
    return 0;
}
