/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The weather of a play: what is preferred for a while, and which limits
 * hold. It says nothing about single operations.
 */
#include "support/play_limits.h"

#include "support/check.h"
#include "support/model_settle.h"
#include "support/play_compare.h"

static size_t any_limit(struct play *play, uint32_t most)
{
    return play_one_in(play, 2) ? 0 : 1 + play_below(play, play_one_in(play, 4) ? 3 : most);
}

static bool is_lower(int64_t limit, int64_t before)
{
    return limit > 0 && (before == 0 || limit < before);
}

/*
 * A lower limit of age shortens lives in the order of the store's tables: so
 * all is settled before, and again at once after.
 */
void play_change_limits(struct play *play)
{
    struct sc_store_limits limits = {
        .session_limit = any_limit(play, 1000),
        .endpoint_session_limit = any_limit(play, 30),
        .user_session_limit = any_limit(play, 500),
        .binding_limit = any_limit(play, 500),
        .destination_binding_limit = any_limit(play, 30),
        .memory_limit = play_one_in(play, 2) ? any_limit(play, 30000) : 0,
        .lifetime_limit = play_one_in(play, 2) ? 0 : 1 + play_below(play, 3000),
        .use_limit = play_one_in(play, 2) ? 0 : 1 + play_below(play, 5),
        .known = any_limit(play, 50),
        .remember = play_one_in(play, 3),
        .reuse_order = play_one_in(play, 3) ? SC_REUSE_NEWEST : SC_REUSE_OLDEST,
    };
    bool shortens = is_lower(limits.lifetime_limit, play->model.limits.lifetime_limit);

    while (shortens && play_settle(play, 1 + play_below(play, 100)))
        continue;
    sc_store_set_limits(play->store, &limits);
    if (shortens)
        model_set_limits(&play->model, &limits);
    play->model.limits = limits;
    while (shortens && play_settle(play, 1 + play_below(play, 100)))
        continue;
    play->model.descriptors = play_one_in(play, 3) ? 1 + play_below(play, 500) : 0;
    sc_store_set_descriptors(play->store, play->model.descriptors);
    /* What could not be found for a while need not have been shown. */
    for (size_t i = 0; i < play->model.connections.count; i++)
        play->model.connections.entries[i].stayed = 0;
}

bool play_settle(struct play *play, size_t steps)
{
    play_compare_events(play);
    bool more = sc_store_settle(play->store, play->now, steps);
    model_see_time(&play->model, play->now);
    for (size_t i = 0; i < play->events.count; i++)
        model_follow(&play->model, play->events.events[i]);
    model_follow_known(&play->model, sc_store_sizes(play->store).known);
    play_compare_events(play);
    play_compare_reaped(play);
    if (!more)
        model_assert_settled(&play->model);
    return more;
}

void play_change_weather(struct play *play)
{
    static const uint32_t labels[] = {1, 2, 5, 20, 100, 700};
    static const uint32_t ttls[] = {50, 500, 2000, 5000};
    static const uint32_t ticks[] = {1, 3, 3, 10};

    play->weather = (struct weather){
        .labels = labels[play_below(play, SC_COUNT_OF(labels))],
        .spaces = 1 + play_below(play, MODEL_SPACES),
        .longest_ttl = ttls[play_below(play, SC_COUNT_OF(ttls))],
        .ttl_step = play_one_in(play, 2) ? 1 : 25,
        .tick = ticks[play_below(play, SC_COUNT_OF(ticks))],
        .saves = 20 + play_below(play, 60),
    };
    play_change_limits(play);
}
