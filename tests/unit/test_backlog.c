/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * close/backlog: lines of numbers, in order, by user and kind, beside a naive
 * list of what must be in them; and how much of what hangs is whose.
 */
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#include "close/backlog.h"
#include "support/random.h"

enum { SIZE = 400, USERS = 5, ALL = SC_BACKLOG_USERS + 10 };

static struct sc_backlog *fresh(size_t size)
{
    struct sc_backlog *backlog = malloc(sizeof(*backlog));

    assert_non_null(backlog);
    assert_int_equal(sc_backlog_init(backlog, size), 0);
    return backlog;
}

static void end(struct sc_backlog *backlog)
{
    sc_backlog_fini(backlog);
    free(backlog);
}

static struct sc_backlog_line *sockets_of(struct sc_backlog *backlog, int64_t user)
{
    return sc_backlog_line(backlog, SC_BACKLOG_SOCKETS, user);
}

static void they_come_in_order(void **state)
{
    struct sc_backlog *backlog = fresh(SIZE);
    struct sc_backlog_line *line = sockets_of(backlog, 7);
    static const int numbers[] = {3, SIZE - 1, 0, 100};
    int fds[8];

    (void)state;
    assert_int_equal(line->user, 7);
    assert_int_equal(sc_backlog_take(backlog, line, fds, 8), 0);
    for (size_t i = 0; i < SC_COUNT_OF(numbers); i++)
        sc_backlog_add(backlog, line, numbers[i], 50 + (int64_t)i);
    assert_int_equal(line->since, 50);
    assert_int_equal(sc_backlog_count(backlog, 7), 4);
    assert_int_equal(sc_backlog_take(backlog, line, fds, 3), 3);
    assert_memory_equal(fds, numbers, 3 * sizeof(*fds));
    assert_int_equal(sc_backlog_take(backlog, line, fds, 3), 1);
    assert_int_equal(fds[0], 100);
    sc_backlog_add(backlog, line, 3, 90); /* a number may come again when it has left */
    assert_int_equal(line->since, 90);
    assert_int_equal(backlog->counts[SC_BACKLOG_SOCKETS], 1);
    assert_int_equal(backlog->counts[SC_BACKLOG_OTHERS], 0);
    end(backlog);
}

static void what_does_not_fit_is_told(void **state)
{
    struct sc_backlog *backlog = fresh(SIZE);

    (void)state;
    assert_true(sc_backlog_fits(backlog, 0));
    assert_true(sc_backlog_fits(backlog, SIZE - 1));
    assert_false(sc_backlog_fits(backlog, SIZE));
    assert_false(sc_backlog_fits(backlog, -1));
    end(backlog);
}

/* A line stays where it is while it is needed; a place that nobody needs is given to others. */
static void users_come_and_go(void **state)
{
    struct sc_backlog *backlog = fresh(SIZE);
    struct sc_backlog_line *busy = sockets_of(backlog, 1);
    int fd;

    (void)state;
    busy->busy = 1;
    sc_backlog_add(backlog, sockets_of(backlog, 2), 5, 0);
    for (int64_t user = 100; user < 100 + 3 * ALL; user++) {
        struct sc_backlog_line *line = sockets_of(backlog, user);
        assert_int_equal(line->user, user);
        assert_int_equal(line->count, 0);
        sc_backlog_add(backlog, line, 6, 0);
        assert_int_equal(sc_backlog_take(backlog, line, &fd, 1), 1);
        assert_ptr_equal(sockets_of(backlog, 1), busy);
    }
    assert_true(backlog->user_count <= 3);
    assert_int_equal(sc_backlog_count(backlog, 2), 1);
    assert_int_equal(sc_backlog_count(backlog, 99), 0);
    end(backlog);
}

/* More users than there are places: the last share one, and nothing is lost. */
static void too_many_users_share(void **state)
{
    struct sc_backlog *backlog = fresh(2 * ALL);
    size_t taken = 0;
    int fds[ALL];

    (void)state;
    for (int user = 0; user < ALL; user++)
        sc_backlog_add(backlog, sockets_of(backlog, user), user, 0);
    assert_int_equal(backlog->counts[SC_BACKLOG_SOCKETS], ALL);
    assert_int_equal(backlog->user_count, SC_BACKLOG_USERS);
    for (size_t i = 0; i < backlog->user_count; i++)
        taken += sc_backlog_take(backlog, &backlog->users[i].lines[SC_BACKLOG_SOCKETS], fds + taken,
                                 ALL);
    assert_int_equal(taken, ALL);
    for (int user = 0; user < ALL; user++)
        assert_int_equal(fds[user], user);
    end(backlog);
}

/* Whoever makes all hang that he can leaves something to everybody who comes after him. */
static void nobody_uses_up_what_is_left(void **state)
{
    static const unsigned totals[] = {1, 2, 3, 16, 256};

    (void)state;
    for (size_t i = 0; i < SC_COUNT_OF(totals); i++) {
        unsigned busy = 0, users = 0;
        for (;;) {
            unsigned own = 0;
            while (sc_backlog_may_use(own, busy, totals[i])) {
                own++;
                busy++;
            }
            if (own == 0)
                break;
            assert_true(users > 0 || own <= totals[i] / 2 + 1);
            users++;
        }
        assert_int_equal(busy, totals[i]);
        assert_true(users > 1 || totals[i] < 3);
    }
}

/* What is in which line, in a way that cannot go wrong. */
struct naive {
    int fds[USERS][SC_BACKLOG_KINDS][SIZE];
    size_t counts[USERS][SC_BACKLOG_KINDS];
    bool waits[SIZE];
};

static void play(struct sc_backlog *backlog, struct naive *naive, struct random *random)
{
    size_t user = random_below(random, USERS);
    size_t kind = random_below(random, SC_BACKLOG_KINDS);
    struct sc_backlog_line *line =
        sc_backlog_line(backlog, (enum sc_backlog_kind)kind, (int64_t)user);
    size_t *count = &naive->counts[user][kind];
    int *fds = naive->fds[user][kind];
    int fd = (int)random_below(random, SIZE);
    int taken[SIZE];

    assert_int_equal(line->count, *count);
    if (random_below(random, 3) > 0 && !naive->waits[fd]) {
        naive->waits[fd] = true;
        fds[(*count)++] = fd;
        sc_backlog_add(backlog, line, fd, 1);
        return;
    }
    size_t most = random_below(random, 20);
    size_t got = sc_backlog_take(backlog, line, taken, most);
    assert_int_equal(got, *count < most ? *count : most);
    assert_memory_equal(taken, fds, got * sizeof(*fds));
    for (size_t i = 0; i < got; i++)
        naive->waits[taken[i]] = false;
    *count -= got;
    memmove(fds, fds + got, *count * sizeof(*fds));
}

static void it_does_what_a_list_does(void **state)
{
    struct sc_backlog *backlog = fresh(SIZE);
    struct naive *naive = calloc(1, sizeof(*naive));
    struct random random = {number_from_environment("SCACHE_SEED", 1)};

    (void)state;
    assert_non_null(naive);
    for (int i = 0; i < 200000; i++)
        play(backlog, naive, &random);
    free(naive);
    end(backlog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_come_in_order),          cmocka_unit_test(what_does_not_fit_is_told),
        cmocka_unit_test(users_come_and_go),           cmocka_unit_test(too_many_users_share),
        cmocka_unit_test(nobody_uses_up_what_is_left), cmocka_unit_test(it_does_what_a_list_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
