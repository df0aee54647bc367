/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tunnel under every order of events: all states are visited that it, a
 * far end and a caller can get into together, with few bytes each way and
 * pipes that are nearly always full, and with every choice that an engine or
 * a kernel has. In each state it is tried what becomes of it when both sides
 * from then on do what they should. Only time stands still; see test_tunnel.
 */
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/relayed.h"
#include "support/visited.h"

enum { CHOICES_MAX = 64, PATH_MAX_LENGTH = 63 };

enum action {
    TURN, /* for all that is ready; those that follow: for one thing alone */
    TURN_FAR_READ,
    TURN_FAR_WRITE,
    TURN_PLAIN_READ,
    TURN_PLAIN_WRITE,
    TURN_FOR_NOTHING,
    CALLER_WRITES,
    CALLER_READS,
    CALLER_ENDS,
    CALLER_IS_DEAF,
    CALLER_LEAVES,
    FAR_WRITES,
    FAR_READS,
    FAR_FAREWELL,
    FAR_FIN,
    FAR_RESET,
    FAR_IS_DEAF, /* of which only who speaks to it learns */
    DISMISSED,
    ACTIONS
};

struct state {
    struct relayed relayed; /* without the tunnel's buffers */
    size_t up_waiting, down_waiting;
    char path[PATH_MAX_LENGTH + 1]; /* how it was come to: a letter for each action */
};

/* One run of choices: what was chosen, and of how many. */
struct choices {
    int taken[CHOICES_MAX];
    int counts[CHOICES_MAX];
    int used;
    int fixed; /* so many are given; those behind are 0 */
};

struct model {
    size_t most; /* bytes in each direction */
    struct visited visited;
    struct state *stack;
    size_t depth, room;
    char *scratch;
    char path[PATH_MAX_LENGTH + 2]; /* of what is tried just now */
};

static int model_choose(struct relayed *relayed, int count)
{
    struct choices *choices = relayed->chooser;
    int at = choices->used++;

    assert_true(at < CHOICES_MAX);
    if (at >= choices->fixed)
        choices->taken[at] = 0;
    choices->counts[at] = count;
    return choices->taken[at];
}

/* Prepares the next run; false: all were had. */
static bool model_next_choices(struct choices *choices)
{
    int at = choices->used - 1;

    while (at >= 0 && choices->taken[at] + 1 >= choices->counts[at])
        at--;
    if (at < 0)
        return false;
    choices->taken[at]++;
    choices->fixed = at + 1;
    choices->used = 0;
    return true;
}

static void model_fill(struct sc_buf *buf, size_t place, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = relayed_byte(place + i);
        assert_int_equal(sc_buf_append(buf, (struct sc_bytes){&byte, 1}), 0);
    }
}

static void model_restore(const struct model *model, const struct state *state,
                          struct relayed *relayed)
{
    *relayed = state->relayed;
    relayed->tunnel.engine = &relayed->engine;
    relayed->tunnel.limits = &relayed->limits;
    if (relayed->tunnel.plain)
        relayed->tunnel.plain = &relayed->plain;
    relayed->scratch = model->scratch;
    relayed->choose = NULL;
    sc_buf_init(&relayed->tunnel.up.waiting);
    sc_buf_init(&relayed->tunnel.down.waiting);
    model_fill(&relayed->tunnel.up.waiting, relayed->pushed, state->up_waiting);
    model_fill(&relayed->tunnel.down.waiting, relayed->delivered, state->down_waiting);
}

static void model_save(struct state *state, struct relayed *relayed)
{
    state->relayed = *relayed;
    state->up_waiting = sc_buf_length(&relayed->tunnel.up.waiting);
    state->down_waiting = sc_buf_length(&relayed->tunnel.down.waiting);
}

static void model_drop(struct relayed *relayed)
{
    sc_tunnel_fini(&relayed->tunnel);
}

static struct visited_key model_key(const struct relayed *r)
{
    const struct sc_tunnel *t = &r->tunnel;
    const size_t numbers[] = {
        r->caller_wrote,
        r->taken,
        r->pushed,
        r->far_heard,
        r->far_wrote,
        r->opened,
        r->delivered,
        r->caller_heard,
        r->offered,
        r->caller_ended,
        r->caller_deaf,
        r->caller_left,
        r->caller_sees_end,
        r->is_dismissed,
        r->far,
        r->far_sees_farewell,
        r->is_broken,
        r->far_was_deaf,
        sc_buf_length(&t->up.waiting),
        sc_buf_length(&t->down.waiting),
        t->phase,
        t->up.state,
        (size_t)t->up.waits,
        t->up.again,
        t->up.later,
        t->down.state,
        (size_t)t->down.waits,
        t->down.again,
        t->down.later,
        t->is_clean,
        t->is_lost,
        t->drops,
        t->far_was_last,
        t->cause,
        t->plain != NULL,
        t->up.spoke_at >= 0,
        t->down.spoke_at >= 0,
    };
    struct visited_key key = {{0}};

    _Static_assert(SC_COUNT_OF(numbers) <= VISITED_KEY, "a key has room");
    for (size_t i = 0; i < SC_COUNT_OF(numbers); i++)
        key.bytes[i] = (unsigned char)numbers[i];
    return key;
}

/* Remembers a state that is new, and that it is to be gone on from. */
static void model_visit(struct model *model, struct relayed *relayed)
{
    struct visited_key key = model_key(relayed);

    if (!visited_add(&model->visited, &key))
        return;
    if (model->depth == model->room) {
        model->room = model->room > 0 ? 2 * model->room : 64;
        model->stack = realloc(model->stack, model->room * sizeof(*model->stack));
        assert_non_null(model->stack);
    }
    model_save(&model->stack[model->depth], relayed);
    memcpy(model->stack[model->depth++].path, model->path, PATH_MAX_LENGTH);
}

/* A turn for one reason that does nothing would be called for again and again. */
static bool model_turn(struct relayed *relayed, int of)
{
    int ready = relayed_ready(relayed) & sc_tunnel_wants(&relayed->tunnel) & of;
    struct visited_key before = model_key(relayed);

    if (ready == 0)
        return false;
    sc_tunnel_turn(&relayed->tunnel, ready, relayed->now, relayed->scratch);
    struct visited_key after = model_key(relayed);
    assert_true(relayed->quirk || memcmp(&before, &after, sizeof(before)) != 0);
    return true;
}

static bool model_speak(struct relayed *relayed, enum far_end far)
{
    if (relayed->far != FAR_SPEAKS)
        return false;
    relayed->far = far;
    relayed->is_broken = relayed->is_broken || far == FAR_IS_LOST;
    return true;
}

static bool model_act_for_caller(const struct model *model, struct relayed *relayed,
                                 enum action action)
{
    bool is_there = !relayed->caller_left;

    switch (action) {
    case CALLER_WRITES:
        return relayed->caller_wrote < model->most && relayed_caller_writes(relayed, 1) > 0;
    case CALLER_READS:
        return relayed_caller_reads(relayed, 1) > 0;
    case CALLER_ENDS:
        relayed->caller_ended = true;
        return is_there;
    case CALLER_IS_DEAF:
        relayed->caller_deaf = true;
        return is_there;
    default:
        relayed->caller_left = true;
        return is_there;
    }
}

/* False: it cannot happen now. */
static bool model_act(const struct model *model, struct relayed *relayed, enum action action)
{
    switch (action) {
    case TURN:
        return model_turn(relayed, SC_TUNNEL_ALL);
    case TURN_FAR_READ:
    case TURN_FAR_WRITE:
    case TURN_PLAIN_READ:
    case TURN_PLAIN_WRITE:
        return model_turn(relayed, 1 << (action - TURN_FAR_READ));
    case TURN_FOR_NOTHING:
        sc_tunnel_turn(&relayed->tunnel, 0, relayed->now, relayed->scratch);
        return true;
    case FAR_WRITES:
        return relayed->far_wrote < model->most && relayed_far_writes(relayed, 1) > 0;
    case FAR_READS:
        return relayed_far_reads(relayed, 1) > 0;
    case FAR_FAREWELL:
        return model_speak(relayed, FAR_SAYS_FAREWELL);
    case FAR_FIN:
        return model_speak(relayed, FAR_HANGS_UP);
    case FAR_RESET:
        return model_speak(relayed, FAR_IS_LOST);
    case FAR_IS_DEAF:
        relayed->is_broken = relayed->far_was_deaf = true;
        return true;
    case DISMISSED:
        relayed->is_dismissed = relayed->is_dismissed || relayed->tunnel.plain;
        sc_tunnel_dismiss(&relayed->tunnel, SC_TUNNEL_CAUSE_LIMIT, relayed->now);
        return true;
    default:
        return model_act_for_caller(model, relayed, action);
    }
}

/* From now on both sides take what is there, and the engine has no moods. */
static void model_let_go_on(struct relayed *relayed)
{
    bool moved = true;
    int rounds = 0;

    while (moved) {
        assert_true(++rounds < 1000);
        /* What is due a little later is due now. */
        struct visited_key before = model_key(relayed);
        sc_tunnel_turn(&relayed->tunnel, 0, relayed->now, relayed->scratch);
        relayed_settle(relayed);
        relayed_far_reads(relayed, SIZE_MAX);
        relayed_caller_reads(relayed, SIZE_MAX);
        struct visited_key after = model_key(relayed);
        moved = memcmp(&before, &after, sizeof(before)) != 0;
    }
}

static void model_check_downwards(const struct relayed *relayed)
{
    const struct sc_tunnel *tunnel = &relayed->tunnel;
    bool listens = !relayed->caller_left && !relayed->caller_deaf && !relayed->is_dismissed;
    bool given_up = tunnel->is_lost && relayed->far_was_deaf;

    if (sc_tunnel_end(tunnel) == SC_TLS_END_CLEAN) {
        assert_int_equal(relayed->far, FAR_SAYS_FAREWELL);
        assert_int_equal(relayed->delivered, relayed->far_wrote);
    }
    /* To whom nothing can be said any more is not listened to for ever. */
    if (given_up)
        assert_int_equal(tunnel->phase, SC_TUNNEL_GONE);
    if (!listens || given_up)
        return;
    assert_int_equal(relayed->caller_heard, relayed->far_wrote);
    if (relayed->far == FAR_SAYS_FAREWELL) {
        assert_true(relayed->caller_sees_end);
        assert_int_equal(sc_tunnel_end(tunnel), SC_TLS_END_CLEAN);
    } else if (relayed->far == FAR_HANGS_UP) {
        assert_int_equal(tunnel->phase, SC_TUNNEL_GONE);
        assert_int_equal(sc_tunnel_end(tunnel), SC_TLS_END_TRUNCATED);
    } else if (relayed->far == FAR_IS_LOST) {
        assert_int_equal(tunnel->phase, SC_TUNNEL_GONE);
        assert_int_equal(sc_tunnel_end(tunnel), SC_TLS_END_ERROR);
    } else {
        assert_int_equal(sc_tunnel_end(tunnel), SC_TLS_END_OPEN);
    }
}

static void model_check_upwards(const struct relayed *relayed)
{
    bool ended = relayed->far != FAR_SPEAKS && relayed->far != FAR_SAYS_FAREWELL;

    if (ended || relayed->is_broken)
        return;
    /* All that was taken arrives, whatever else happens. */
    assert_int_equal(relayed->far_heard, relayed->taken);
    if (relayed->is_dismissed) {
        assert_true(relayed->far_sees_farewell);
        return;
    }
    assert_int_equal(relayed->far_heard, relayed->caller_wrote);
    assert_int_equal(relayed->far_sees_farewell, relayed->caller_ended || relayed->caller_left);
}

/* What is waited for can happen, and whoever has something to do waits for something. */
static void model_check_waits(const struct sc_tunnel *tunnel)
{
    const struct sc_half *halves[] = {&tunnel->up, &tunnel->down};

    if (!tunnel->plain)
        assert_int_equal(sc_tunnel_wants(tunnel) & (SC_TUNNEL_PLAIN_READ | SC_TUNNEL_PLAIN_WRITE),
                         0);
    for (size_t i = 0; i < SC_COUNT_OF(halves) && tunnel->phase == SC_TUNNEL_OPEN; i++)
        if (halves[i]->state != SC_HALF_SHUT)
            assert_true(halves[i]->waits != 0 || halves[i]->again || halves[i]->later);
}

/* What must be true at last, whatever has happened before. */
static void model_check_end(const struct model *model, const struct state *state)
{
    struct relayed relayed;

    model_check_waits(&state->relayed.tunnel);
    model_restore(model, state, &relayed);
    model_let_go_on(&relayed);
    model_check_downwards(&relayed);
    model_check_upwards(&relayed);
    bool nobody = relayed.caller_left || relayed.is_dismissed ||
                  (relayed.caller_ended && relayed.tunnel.drops);
    bool both_ended = (nobody || relayed.caller_ended) && relayed.far != FAR_SPEAKS;
    if (both_ended || relayed.tunnel.is_lost)
        assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_GONE);
    else if (nobody)
        assert_int_equal(relayed.tunnel.phase, SC_TUNNEL_LINGER);
    if (relayed.tunnel.phase == SC_TUNNEL_GONE) {
        assert_int_equal(sc_tunnel_wants(&relayed.tunnel), 0);
        assert_true(sc_tunnel_due(&relayed.tunnel, relayed.now) == INT64_MAX);
        assert_true(sc_tunnel_has_let_go(&relayed.tunnel));
    }
    model_drop(&relayed);
}

static void model_go_on_from(struct model *model, const struct state *state)
{
    size_t length = strlen(state->path);

    for (int action = 0; action < ACTIONS; action++) {
        struct choices choices = {.used = 0};
        memcpy(model->path, state->path, length);
        model->path[length] = (char)('a' + action);
        model->path[length + 1] = '\0';
        do {
            struct relayed relayed;
            model_restore(model, state, &relayed);
            relayed.choose = model_choose;
            relayed.chooser = &choices;
            bool happened = model_act(model, &relayed, (enum action)action);
            if (happened)
                model_visit(model, &relayed);
            model_drop(&relayed);
            if (!happened)
                break;
        } while (model_next_choices(&choices));
    }
}

/* Says how a state was come to in which something does not hold. */
static int model_print_path(void **state)
{
    struct model *model = *state;

    if (model->path[0] != '\0')
        print_message("the actions before: %s\n", model->path);
    return 0;
}

static void model_explore(struct model *model, size_t most, size_t net_size, size_t pipe_size)
{
    struct relayed first;

    *model = (struct model){.most = most};
    relayed_open(&first, net_size, pipe_size);
    model->scratch = first.scratch;
    model_visit(model, &first);
    model_drop(&first);
    while (model->depth > 0) {
        struct state state = model->stack[--model->depth];
        memcpy(model->path, state.path, sizeof(state.path));
        model_check_end(model, &state);
        model_go_on_from(model, &state);
    }
    print_message("bytes %zu, pipes %zu and %zu: %zu states\n", most, net_size, pipe_size,
                  model->visited.count);
    assert_true(model->visited.count > 1000);
    visited_fini(&model->visited);
    free(model->stack);
    free(model->scratch);
    model->path[0] = '\0';
}

static void test_pipes_that_hold_one_byte(void **state)
{
    model_explore(*state, 2, 1, 1);
}

static void test_a_narrow_net(void **state)
{
    model_explore(*state, 2, 1, 2);
}

static void test_a_narrow_caller(void **state)
{
    model_explore(*state, 2, 2, 1);
}

int main(void)
{
    struct model model;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate_setup_teardown(test_pipes_that_hold_one_byte, NULL,
                                                 model_print_path, &model),
        cmocka_unit_test_prestate_setup_teardown(test_a_narrow_net, NULL, model_print_path, &model),
        cmocka_unit_test_prestate_setup_teardown(test_a_narrow_caller, NULL, model_print_path,
                                                 &model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
