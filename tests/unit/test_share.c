/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who has most, beside a search from end to end by the rule's own words. What it is that is shared
 * does not matter here.
 */
#include "support/check.h"

#include <stdlib.h>

#include "store/share.h"
#include "support/random.h"

enum { MEMBERS = 12, STEPS = 200000 };

struct crowd {
    struct sc_share share;
    struct sc_member members[MEMBERS];
    size_t totals[MEMBERS];
    bool can_go[MEMBERS];
};

static void crowd_set(struct crowd *crowd, uint32_t who, size_t total, bool can_go)
{
    crowd->totals[who] = total;
    crowd->can_go[who] = can_go;
    sc_share_set(&crowd->share, &crowd->members[who], total, can_go);
    assert_int_equal(sc_member_total(&crowd->members[who]), total);
}

/* The one who has most; among equals @newcomer, then the lowest. */
static int most_of(const struct crowd *crowd, bool only_givers, int newcomer, size_t amount)
{
    int most = -1;
    size_t its = 0;

    for (int who = 0; who < MEMBERS; who++) {
        size_t total = crowd->totals[who] + (who == newcomer ? amount : 0);
        bool counts =
            crowd->can_go[who] || who == newcomer || (!only_givers && crowd->totals[who] > 0);
        if (counts && (most < 0 || total > its || (total == its && who == newcomer))) {
            most = who;
            its = total;
        }
    }
    return most;
}

/*
 * He gives who has most of those who can, the newcomer counted. If that is
 * the newcomer, and nothing of his can go, he is refused when he has most of
 * all; otherwise who has most of the others gives.
 */
static int victim_of(const struct crowd *crowd, int newcomer, size_t amount)
{
    int giver = most_of(crowd, true, newcomer, amount);

    if (giver < 0 || giver != newcomer || crowd->can_go[giver])
        return giver;
    return most_of(crowd, false, newcomer, amount) == newcomer ? -1 : most_of(crowd, true, -1, 0);
}

static void assert_victim(struct crowd *crowd, int newcomer, size_t amount)
{
    struct sc_member *found =
        sc_share_victim(&crowd->share, newcomer < 0 ? NULL : &crowd->members[newcomer], amount);

    assert_int_equal(found ? found - crowd->members : -1, victim_of(crowd, newcomer, amount));
}

static void rule_holds_whatever_they_have(void **state)
{
    struct random random = {number_from_environment("SCACHE_SEED", 22)};
    struct crowd *crowd = calloc(1, sizeof(*crowd));

    (void)state;
    assert_non_null(crowd);
    sc_share_init(&crowd->share);
    assert_int_equal(sc_share_reserve(&crowd->share, MEMBERS), 0);
    for (uint32_t who = 0; who < MEMBERS; who++)
        sc_member_init(&crowd->members[who], who);
    assert_victim(crowd, -1, 0);
    assert_victim(crowd, 3, 1);
    for (int step = 0; step < STEPS; step++) {
        uint32_t who = random_below(&random, MEMBERS);
        size_t total = random_below(&random, step / 1000 % 2 ? 4 : 1000);
        crowd_set(crowd, who, total, total > 0 && random_below(&random, 3) > 0);
        assert_victim(crowd, -1, 0);
        assert_victim(crowd, (int)random_below(&random, MEMBERS), 1 + random_below(&random, 3));
        struct sc_member *first = sc_share_first(&crowd->share);
        assert_int_equal(first ? first - crowd->members : -1, most_of(crowd, true, -1, 0));
    }
    sc_share_fini(&crowd->share);
    free(crowd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_holds_whatever_they_have),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
