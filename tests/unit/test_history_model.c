/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history told of events at random, beside a plain model of its reasons;
 * and books that add up.
 */
#include "support/check.h"

#include <string.h>

#include "history/history.h"
#include "support/random.h"

enum { MINUTE = 60000, EVICTING = 6, KEPT = 64 };

static const unsigned char key[SC_SHELF_KEY_LENGTH] = "not very random";

static struct sc_history history;
static struct sc_acquisition acquisition;
static int64_t now;

static int setup(void **state)
{
    const struct sc_history_settings settings = {KEPT, 10 * MINUTE};

    (void)state;
    now = 1000;
    sc_history_init(&history, key, now);
    sc_history_configure(&history, &settings, false, now);
    sc_acquisition_begin(&acquisition);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sc_history_fini(&history);
    return 0;
}

static struct sc_place_name endpoint(const char *label)
{
    return (struct sc_place_name){SC_PLACE_ENDPOINT, 0, sc_bytes_of(label), NULL};
}

static struct sc_place_name destination(const char *label)
{
    return (struct sc_place_name){SC_PLACE_DESTINATION, 0, sc_bytes_of(label), NULL};
}

static void save(const char *label)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_saved(&history, now, &name);
}

static void take(const char *label)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_taken(&history, &name);
}

static void lose(const char *label, enum sc_miss reason)
{
    const struct sc_place_name name = endpoint(label);

    sc_history_lost(&history, &name, (struct sc_loss){reason, EVICTING, false});
}

static void bind(const char *from, const char *to)
{
    const struct sc_place_name one = destination(from);
    const struct sc_place_name other = endpoint(to);

    sc_history_bound(&history, now, &one, &other, false);
}

static void unbind(const char *from, enum sc_miss reason)
{
    const struct sc_place_name name = destination(from);

    sc_history_unbound(&history, &name, (struct sc_loss){.reason = reason});
}

static enum sc_miss miss_at(struct sc_place_name name)
{
    return sc_history_look(&history, now, &acquisition, &name, false);
}

static enum sc_miss miss(const char *label)
{
    return miss_at(endpoint(label));
}

enum { LABELS = SC_PLACE_BONDS, STEPS = 100000 };

/* The same in the plainest words. */
struct model {
    int lost[LABELS][SC_MISSES];
    enum sc_miss latest[LABELS];
    int live[LABELS];
    bool bound[LABELS];
    bool ever[LABELS];
    enum sc_miss unbound_by;
    bool known;
};

static enum sc_miss model_at(const struct model *model, size_t at)
{
    for (enum sc_miss reason = 0; reason < SC_MISSES; reason++)
        if (model->lost[at][reason] > 0)
            return reason;
    return model->latest[at];
}

static enum sc_miss model_miss(struct model *model, size_t at)
{
    enum sc_miss reason = model_at(model, at);

    if (model->lost[at][reason] > 0)
        model->lost[at][reason]--;
    return reason;
}

static enum sc_miss model_miss_destination(struct model *model, const size_t order[LABELS])
{
    enum sc_miss gravest = SC_MISSES;
    size_t which = 0;
    bool anything = false;

    for (size_t i = 0; i < LABELS; i++)
        anything = anything || model->bound[i];
    for (size_t n = 0; n < LABELS; n++) {
        size_t i = order[n];
        if (!model->ever[i])
            continue;
        enum sc_miss its = model_at(model, i);
        if (!anything && model->live[i] > 0 && its > SC_MISS_UNBOUND)
            its = SC_MISS_UNBOUND;
        if (its < gravest) {
            gravest = its;
            which = i;
        }
    }
    if (gravest == SC_MISSES)
        return SC_MISS_UNKNOWN;
    return gravest == SC_MISS_UNBOUND ? gravest : model_miss(model, which);
}

static void order_first(size_t order[LABELS], size_t which)
{
    size_t at = 0;

    while (order[at] != which)
        at++;
    memmove(&order[1], &order[0], at * sizeof(order[0]));
    order[0] = which;
}

static void test_reasons_are_those_of_the_model(void **state)
{
    static const char *const labels[LABELS] = {"a", "b", "c", "d"};
    static const enum sc_miss losses[] = {SC_MISS_DEAD, SC_MISS_EVICTED, SC_MISS_DROPPED,
                                          SC_MISS_EXPIRED};
    struct model model = {.unbound_by = SC_MISS_UNKNOWN};
    struct random random = {number_from_environment("SCACHE_SEED", 1)};
    size_t order[LABELS] = {0, 1, 2, 3};
    uint64_t lookups = 0;

    (void)state;
    for (size_t i = 0; i < LABELS; i++)
        model.latest[i] = SC_MISS_UNKNOWN;
    for (int step = 0; step < STEPS; step++) {
        size_t at = random_below(&random, LABELS);
        enum sc_miss loss = losses[random_below(&random, 4)];
        switch (random_below(&random, 7)) {
        case 0:
            save(labels[at]);
            model.live[at]++;
            model.latest[at] = SC_MISS_IN_USE;
            break;
        case 1:
            if (model.live[at] == 0)
                break;
            take(labels[at]);
            model.live[at]--;
            model.latest[at] = SC_MISS_IN_USE;
            break;
        case 2:
            if (model.live[at] == 0)
                break;
            lose(labels[at], loss);
            model.live[at]--;
            model.lost[at][loss]++;
            model.latest[at] = loss;
            break;
        case 3:
            if (model.bound[at])
                break;
            bind("to", labels[at]);
            model.bound[at] = model.ever[at] = true;
            order_first(order, at);
            break;
        case 4:
            if (!model.bound[at])
                break;
            unbind("to", loss);
            model.bound[at] = false;
            break;
        case 5:
            assert_int_equal(miss(labels[at]), model_miss(&model, at));
            lookups++;
            break;
        default:
            assert_int_equal(miss_at(destination("to")), model_miss_destination(&model, order));
            lookups++;
            break;
        }
    }
    uint64_t told = history.forgotten.lookups;
    for (size_t i = 0; i < history.shelf.slot_count; i++) {
        const struct sc_place *one = sc_shelf_at(&history.shelf, i);
        if (!one)
            continue;
        assert_int_equal(one->lookups, sc_place_misses(one));
        told += one->lookups;
    }
    assert_int_equal(told, lookups);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reasons_are_those_of_the_model, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
