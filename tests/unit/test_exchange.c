/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each request of the library against a scripted server: in full, byte by byte, broken off after
 * every byte, and answered wrongly in every turn. Real servers are in tests/system/client_cases.c.
 */
#include "support/check.h"

#include <poll.h>
#include <unistd.h>

#include "lib/handle.h"
#include "support/scripted.h"
#include "support/spell.h"

/*
 * Each kind of request in full, against a server that speaks as it should,
 * byte by byte, and that dies or falls silent after each single byte.
 */

#define GREETS                                                                                     \
    {                                                                                              \
        .says = "protocol=connection_cache_protocol ."                                             \
    }
#define PROBED(answer)                                                                             \
    {                                                                                              \
        .hears = "request=take label= .", .says = answer                                           \
    }
#define MODERN  PROBED("status=2 label= property= property= .")
#define CLASSIC PROBED("status=1 .")
#define TAKES_LEAVE                                                                                \
    {                                                                                              \
        .hears = "dummy= ."                                                                        \
    }
#define HANDS_OVER                                                                                 \
    {                                                                                              \
        .hears = "dummy= .", .says = ".", .gives = 1                                               \
    }

static const struct turn find_endp[] = {
    GREETS,
    {.hears = "request=find_endp label=e .", .says = "status=0 property=ep ."},
    HANDS_OVER,
    TAKES_LEAVE,
};

static const struct turn find_dest[] = {
    GREETS,
    {.hears = "request=find_dest label=d .", .says = "status=0 property=dp property=ep ."},
    HANDS_OVER,
    TAKES_LEAVE,
};

static const struct turn save_endp[] = {
    GREETS,
    {.hears = "request=save_endp ttl=5 label=e property=ep .", .says = "dummy= ."},
    {.hears = ".", .takes = 1, .says = "status=0 ."},
};

static const struct turn save_dest[] = {
    GREETS,
    {.hears = "request=save_dest ttl=5 label=d property=dp label=e .", .says = "status=0 ."},
};

static const struct turn put_modern[] = {
    GREETS,
    MODERN,
    {.hears = "request=put ttl=5 label=e property=ep ttl=9 label=d property=dp .",
     .takes = 1,
     .says = "status=0 ."},
};

static const struct turn put_classic[] = {
    GREETS,
    CLASSIC,
    {.hears = "request=save_endp ttl=5 label=e property=ep .", .says = "dummy= ."},
    {.hears = ".", .takes = 1, .says = "status=0 ."},
    {.hears = "request=save_dest ttl=9 label=d property=dp label=e .", .says = "status=2 ."},
};

static const struct turn take_modern[] = {
    GREETS,
    MODERN,
    {.hears = "request=take label= label=x label=e .",
     .says = "status=0 label=e property= property=ep .",
     .gives = 1},
};

static const struct turn take_by_destination[] = {
    GREETS,
    MODERN,
    {.hears = "request=take label=d label=x .",
     .says = "status=0 label=e property=dp property=ep .",
     .gives = 1},
};

static const struct turn take_classic[] = {
    GREETS,
    CLASSIC,
    {.hears = "request=find_dest label=d .", .says = "status=2 property= property= ."},
    {.hears = "request=find_endp label=x .", .says = "status=2 property= ."},
    {.hears = "request=find_endp label=e .", .says = "status=0 property=ep ."},
    HANDS_OVER,
    TAKES_LEAVE,
};

static const struct turn ping_modern[] = {
    GREETS,
    MODERN,
};

static const struct turn ping_classic[] = {
    GREETS,
    CLASSIC,
};

static const struct turn take_nothing[] = {
    GREETS,
    MODERN,
    {.hears = "request=take label= label=e .", .says = "status=2 label= property= property= ."},
};

enum request {
    FIND_ENDP,
    FIND_DEST,
    SAVE_ENDP,
    SAVE_DEST,
    PUT,
    TAKE,
    TAKE_BY_DEST,
    TAKE_ALL,
    TAKE_NOTHING,
    PING
};

struct scenario {
    const char *name;
    enum request request;
    const struct turn *turns;
    size_t count;
    size_t decided; /* turns after which nothing can change the outcome */
    int outcome;
    const char *endpoint;
    const char *endpoint_property;
    const char *destination_property;
};

#define TURNS(list) list, SC_COUNT_OF(list)

static const struct scenario scenarios[] = {
    {"find_endp", FIND_ENDP, TURNS(find_endp), 3, SCACHE_DONE, "e", "ep", ""},
    {"find_dest", FIND_DEST, TURNS(find_dest), 3, SCACHE_DONE, "", "ep", "dp"},
    {"save_endp", SAVE_ENDP, TURNS(save_endp), 3, SCACHE_DONE, "", "", ""},
    {"save_dest", SAVE_DEST, TURNS(save_dest), 2, SCACHE_DONE, "", "", ""},
    {"put", PUT, TURNS(put_modern), 3, SCACHE_DONE, "", "", ""},
    {"classic put", PUT, TURNS(put_classic), 4, SCACHE_DONE, "", "", ""},
    {"take", TAKE, TURNS(take_modern), 3, SCACHE_DONE, "e", "ep", ""},
    {"take by destination", TAKE_BY_DEST, TURNS(take_by_destination), 3, SCACHE_DONE, "e", "ep",
     "dp"},
    {"classic take", TAKE_ALL, TURNS(take_classic), 6, SCACHE_DONE, "e", "ep", ""},
    {"ping", PING, TURNS(ping_modern), 2, SCACHE_DONE, "", "", ""},
    {"classic ping", PING, TURNS(ping_classic), 2, SCACHE_DONE, "", "", ""},
    {"miss", TAKE_NOTHING, TURNS(take_nothing), 3, SCACHE_MISS, "", "", ""},
};

static int start(struct scripted *server, const struct scenario *scenario)
{
    static const char *const endpoints[] = {"x", "e", NULL};
    static const char *const first[] = {"x", NULL};
    struct scache *cache = server->cache;
    int fd = server->saved;

    switch (scenario->request) {
    case FIND_ENDP:
        return scache_start_find_endpoint(cache, "e");
    case FIND_DEST:
        return scache_start_find_destination(cache, "d");
    case SAVE_ENDP:
        server->saved = -1;
        return scache_start_save_endpoint(cache, fd, "e", "ep", 5);
    case SAVE_DEST:
        return scache_start_save_destination(cache, "d", "dp", "e", 5);
    case PUT:
        server->saved = -1;
        return scache_start_put_bound(cache, fd, "e", "ep", 5, "d", "dp", 9);
    case TAKE:
        return scache_start_take_any(cache, NULL, endpoints);
    case TAKE_BY_DEST:
        return scache_start_take_any(cache, "d", first);
    case TAKE_ALL:
        return scache_start_take_any(cache, "d", endpoints);
    case PING:
        return scache_start_ping(cache);
    case TAKE_NOTHING:
        break;
    }
    return scache_start_take_any(cache, NULL, endpoints + 1);
}

static bool hands_over(const struct scenario *scenario)
{
    return scenario->outcome == SCACHE_DONE && scenario->request != SAVE_ENDP &&
           scenario->request != SAVE_DEST && scenario->request != PUT && scenario->request != PING;
}

static void check_result(struct scripted *server, const struct scenario *scenario)
{
    assert_string_equal(scache_found_endpoint(server->cache), scenario->endpoint);
    assert_string_equal(scache_found_property(server->cache), scenario->endpoint_property);
    assert_string_equal(scache_found_destination_property(server->cache),
                        scenario->destination_property);
    int found = scache_steal_fd(server->cache);
    assert_int_equal(found >= 0, hands_over(scenario));
    if (found < 0)
        return;
    assert_true(is_same(found, server->treasure));
    close(found);
    assert_int_equal(scache_steal_fd(server->cache), -1);
}

static void play_in_full(const struct scenario *scenario, bool by_bytes)
{
    struct scripted server;
    size_t before;

    scripted_open(&server);
    server.by_bytes = by_bytes;
    before = count_descriptors();
    assert_int_equal(start(&server, scenario), 0);
    assert_int_equal(scripted_play(&server, scenario->turns, scenario->count), scenario->outcome);
    check_result(&server, scenario);
    assert_true(sc_link_is_open(&server.cache->exchange.link));
    bool saves = server.saved < 0;
    assert_int_equal(count_descriptors(), before + (saves ? 1 : 2));
    assert_int_equal(is_at_end(server.saved_far_end), saves);
    scripted_close(&server);
}

static void every_request_comes_to_its_outcome(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(scenarios); i++)
        play_in_full(&scenarios[i], false);
}

static void a_reply_may_come_byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(scenarios); i++)
        play_in_full(&scenarios[i], true);
}

static size_t bytes_of(const struct scenario *scenario, size_t turns)
{
    size_t sum = 0;

    for (size_t i = 0; i < turns; i++)
        sum += spell(scenario->turns[i].says).length;
    return sum;
}

static void play_until(const struct scenario *scenario, size_t budget, enum ending ending)
{
    bool is_decided = budget >= bytes_of(scenario, scenario->decided);
    struct scripted server;

    scripted_open(&server);
    size_t before = count_descriptors();
    server.budget = budget;
    server.ending = ending;
    assert_int_equal(start(&server, scenario), 0);
    assert_int_equal(scripted_play(&server, scenario->turns, scenario->count),
                     is_decided ? scenario->outcome : SCACHE_MISS);
    assert_false(sc_link_is_open(&server.cache->exchange.link));
    assert_int_equal(scache_steal_fd(server.cache), -1);
    bool saves = server.saved < 0;
    size_t peers = ending == DIES ? 0 : 1;
    assert_int_equal(count_descriptors(), before + peers - (saves ? 1 : 0));
    scripted_hang_up(&server);
    assert_int_equal(is_at_end(server.saved_far_end), saves);
    close(server.treasure);
    server.treasure = -1;
    assert_true(is_at_end(server.far_end));
    scripted_close(&server);
}

static void a_server_that_breaks_off_is_a_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(scenarios); i++) {
        size_t all = bytes_of(&scenarios[i], scenarios[i].count);
        for (size_t budget = 0; budget < all; budget++) {
            play_until(&scenarios[i], budget, DIES);
            play_until(&scenarios[i], budget, FALLS_SILENT);
        }
    }
}

/* A turn that goes wrong, in place of the scenario's. */
struct wrong {
    const struct scenario *scenario;
    size_t turn;
    const char *says;
    int gives;
};

#define ON_FIND (&scenarios[0])
#define ON_SAVE (&scenarios[2])
#define ON_PUTS (&scenarios[4])
#define ON_TAKE (&scenarios[6])
#define ON_MISS (&scenarios[11])

static const struct wrong wrongs[] = {
    {ON_FIND, 0, "protocol=another .", 0},
    {ON_FIND, 0, ".", 0},
    {ON_FIND, 0, "protocol=connection_cache_protocol .", 1},
    {ON_FIND, 0, "protocol=connection_cache_protocol . status=0 property=ep .", 0},
    {ON_FIND, 1, "status=0 property=dp property=ep .", 0},
    {ON_FIND, 1, "status=0 property=ep .", 1},
    {ON_FIND, 1, "status=0 property=ep . .", 0},
    {ON_FIND, 1, "dummy= .", 0},
    {ON_FIND, 1, "status=2 property= .", 1},
    {ON_FIND, 2, ".", 0},
    {ON_FIND, 2, ".", 2},
    {ON_FIND, 2, "x", 1},
    {ON_SAVE, 1, "status=0 .", 0},
    {ON_SAVE, 1, "dummy= status=0 .", 0},
    {ON_SAVE, 1, "dummy= .", 1},
    {ON_SAVE, 2, "status=0 . x", 0},
    {ON_SAVE, 2, "status=0 .", 1},
    {ON_SAVE, 2, "dummy= .", 0},
    {ON_PUTS, 1, "status=0 .", 0},
    {ON_PUTS, 1, "status=2 .", 0},
    {ON_PUTS, 1, "status=0 label=e property= property= .", 1},
    {ON_PUTS, 1, "status=2 label= property= property= .", 1},
    {ON_PUTS, 2, "status=0 .", 1},
    {ON_PUTS, 2, "status=0 property= .", 0},
    {ON_TAKE, 2, "status=0 label=f property= property=ep .", 1},
    {ON_TAKE, 2, "status=0 label= property= property=ep .", 1},
    {ON_TAKE, 2, "status=0 label=e property=dp property=ep .", 1},
    {ON_TAKE, 2, "status=0 label=e property= property=ep .", 0},
    {ON_TAKE, 2, "status=0 label=e property= property=ep .", 2},
    {ON_TAKE, 2, "status=0 label=e property= property=ep . x", 1},
    {ON_TAKE, 2, "status=0 property= property=ep .", 1},
    {ON_TAKE, 2, "x", 1},
    {ON_MISS, 2, "status=2 label= property= property= .", 1},
    {ON_MISS, 2, "status=2 label=e property= property= .", 0},
};

static void play_wrong(const struct wrong *wrong)
{
    struct turn turns[8];
    struct scripted server;
    size_t before;

    for (size_t i = 0; i <= wrong->turn; i++)
        turns[i] = wrong->scenario->turns[i];
    turns[wrong->turn].says = wrong->says;
    turns[wrong->turn].gives = wrong->gives;
    scripted_open(&server);
    before = count_descriptors();
    assert_int_equal(start(&server, wrong->scenario), 0);
    /* What is no complete list ends by the deadline. */
    server.ending = FALLS_SILENT;
    server.budget = spell(wrong->says).length;
    for (size_t i = 0; i < wrong->turn; i++)
        server.budget += spell(turns[i].says).length;
    turns[wrong->turn + 1] = (struct turn){.says = "never%20said"};
    assert_int_equal(scripted_play(&server, turns, wrong->turn + 2), SCACHE_MISS);
    assert_false(sc_link_is_open(&server.cache->exchange.link));
    assert_int_equal(count_descriptors(), before + (server.saved < 0 ? 0 : 1));
    scripted_hang_up(&server);
    close(server.treasure);
    server.treasure = -1;
    assert_true(is_at_end(server.far_end));
    assert_int_equal(is_at_end(server.saved_far_end), server.saved < 0);
    scripted_close(&server);
}

static void a_reply_that_cannot_be_the_answer_is_a_miss(void **state)
{
    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(wrongs); i++)
        play_wrong(&wrongs[i]);
}

static void hears_something(struct scripted *server)
{
    char bytes[256];
    int descriptors = 0;

    assert_int_equal(scache_dispatch(server->cache), SCACHE_PENDING);
    assert_true(scripted_hear(server, bytes, sizeof(bytes), &descriptors) > 0);
}

/* Further on in a reply it belongs to something else. */
static void a_descriptor_comes_with_the_first_byte_or_not_at_all(void **state)
{
    struct scripted server;

    (void)state;
    scripted_open(&server);
    size_t before = count_descriptors();
    assert_int_equal(start(&server, ON_TAKE), 0);
    scripted_accept(&server);
    scripted_say(&server, "protocol=connection_cache_protocol .", 0);
    hears_something(&server);
    scripted_say(&server, "status=2 label= property= property= .", 0);
    hears_something(&server);
    scripted_say(&server, "status .", 0);
    assert_int_equal(scache_dispatch(server.cache), SCACHE_PENDING);
    scripted_say(&server, "0=label e=property . property=ep .", 1);
    assert_int_equal(scripted_outcome(&server), SCACHE_MISS);
    assert_int_equal(count_descriptors(), before + 1);
    scripted_close(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_comes_to_its_outcome),
        cmocka_unit_test(a_reply_may_come_byte_by_byte),
        cmocka_unit_test(a_server_that_breaks_off_is_a_miss),
        cmocka_unit_test(a_reply_that_cannot_be_the_answer_is_a_miss),
        cmocka_unit_test(a_descriptor_comes_with_the_first_byte_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
