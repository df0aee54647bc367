/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every cache behind scache.h has in common, whatever it is: run as
 * `client_cases local` for the in-process cache, and as `client_cases PATH`
 * for a server on a socket. Uses scache.h alone. Labels have the process id
 * in them, so that one server can be used many times over.
 */

#include "support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scache.h"

enum { TTL = 5, PLENTY_MS = 10000 };

static const char *place;

struct names {
    char endpoint[64];
    char other[64];
    char destination[64];
};

static struct scache *open_cache(void)
{
    struct scache *cache = strcmp(place, "local") == 0 ? scache_open_local() : scache_open(place);

    assert_non_null(cache);
    assert_int_equal(scache_set_option(cache, SCACHE_OPT_DEADLINE_MS, PLENTY_MS), 0);
    return cache;
}

static struct names names_of(const char *test)
{
    struct names names;

    snprintf(names.endpoint, sizeof(names.endpoint), "%s\n%d\ne\n", test, (int)getpid());
    snprintf(names.other, sizeof(names.other), "%s\n%d\no\n", test, (int)getpid());
    snprintf(names.destination, sizeof(names.destination), "%s\n%d\nd\n", test, (int)getpid());
    return names;
}

static int setup(void **state)
{
    *state = open_cache();
    return 0;
}

static int teardown(void **state)
{
    scache_close(*state);
    return 0;
}

/* One end, to be saved. */
static int new_connection(int *far_end)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *far_end = pair[1];
    return pair[0];
}

/* Whether what goes into one comes out of the other; both stay silent after. */
static void is_connected(int fd, int far_end)
{
    char byte = 0;

    assert_int_equal(send(far_end, "t", 1, MSG_NOSIGNAL), 1);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT), 1);
    assert_int_equal(byte, 't');
}

/* A server may take a moment to close the copy that it had. */
static void comes_to_its_end(int far_end)
{
    struct pollfd end = {.fd = far_end, .events = POLLIN};
    char byte;

    assert_int_equal(poll(&end, 1, PLENTY_MS), 1);
    assert_int_equal(recv(far_end, &byte, 1, MSG_DONTWAIT), 0);
}

static void expect_miss(struct scache *cache, const char *endpoint)
{
    int found;

    assert_int_equal(scache_find_endpoint(cache, &found, endpoint), SCACHE_MISS);
    assert_int_equal(found, -1);
    assert_string_equal(scache_found_property(cache), "");
}

static void an_endpoint_gives_back_what_was_saved(void **state)
{
    struct names names = names_of(__func__);
    int found;
    int far_end;
    int fd = new_connection(&far_end);

    expect_miss(*state, names.endpoint);
    assert_int_equal(scache_save_endpoint(*state, fd, names.endpoint, "p=1\n", TTL), SCACHE_DONE);
    assert_int_equal(scache_find_endpoint(*state, &found, names.endpoint), SCACHE_DONE);
    assert_string_equal(scache_found_endpoint(*state), names.endpoint);
    assert_string_equal(scache_found_property(*state), "p=1\n");
    assert_string_equal(scache_found_destination_property(*state), "");
    is_connected(found, far_end);
    close(found);
    comes_to_its_end(far_end);
    close(far_end);
    expect_miss(*state, names.endpoint);
}

static void a_destination_leads_to_its_endpoint(void **state)
{
    struct names names = names_of(__func__);
    int found;
    int far_end;
    int fd = new_connection(&far_end);

    assert_int_equal(scache_save_destination(*state, names.destination, "dp", names.endpoint, TTL),
                     SCACHE_DONE);
    assert_int_equal(scache_find_destination(*state, &found, names.destination), SCACHE_MISS);
    assert_int_equal(scache_save_endpoint(*state, fd, names.endpoint, "", TTL), SCACHE_DONE);
    assert_int_equal(scache_find_destination(*state, &found, names.destination), SCACHE_DONE);
    assert_string_equal(scache_found_destination_property(*state), "dp");
    assert_string_equal(scache_found_property(*state), "");
    is_connected(found, far_end);
    close(found);
    close(far_end);
}

/* Takes one, which is the first or the second: servers differ in the order. */
static int take_either(struct scache *cache, const char *destination, const char *const *endpoints,
                       const int *far_ends)
{
    int fd;

    assert_int_equal(scache_take_any(cache, &fd, destination, endpoints), SCACHE_DONE);
    int which = strcmp(scache_found_property(cache), "two") == 0;
    assert_string_equal(scache_found_property(cache), which ? "two" : "one");
    is_connected(fd, far_ends[which]);
    close(fd);
    return which;
}

static void put_and_take_are_the_same_in_one_go(void **state)
{
    struct names names = names_of(__func__);
    const char *const endpoints[] = {names.other, names.endpoint, NULL};
    int far_ends[2];
    int found;

    for (int i = 0; i < 2; i++) {
        int fd = new_connection(&far_ends[i]);
        assert_int_equal(scache_put_bound(*state, fd, names.endpoint, i ? "two" : "one", TTL,
                                          names.destination, "dp", TTL),
                         SCACHE_DONE);
    }
    int first = take_either(*state, names.destination, NULL, far_ends);
    assert_string_equal(scache_found_destination_property(*state), "dp");
    assert_int_not_equal(take_either(*state, NULL, endpoints, far_ends), first);
    assert_string_equal(scache_found_endpoint(*state), names.endpoint);
    assert_string_equal(scache_found_destination_property(*state), "");
    assert_int_equal(scache_take_any(*state, &found, names.destination, endpoints), SCACHE_MISS);
    close(far_ends[0]);
    close(far_ends[1]);
}

static void what_put_saves_find_finds(void **state)
{
    struct names names = names_of(__func__);
    const char *const endpoints[] = {names.endpoint, NULL};
    int found;
    int far_end;
    int fd = new_connection(&far_end);

    assert_int_equal(scache_put(*state, fd, names.endpoint, "p", TTL), SCACHE_DONE);
    assert_int_equal(scache_find_endpoint(*state, &found, names.endpoint), SCACHE_DONE);
    is_connected(found, far_end);
    assert_int_equal(scache_save_endpoint(*state, found, names.endpoint, "q", TTL), SCACHE_DONE);
    assert_int_equal(scache_take_any(*state, &found, names.destination, endpoints), SCACHE_DONE);
    assert_string_equal(scache_found_property(*state), "q");
    is_connected(found, far_end);
    close(found);
    close(far_end);
}

static void what_expires_is_closed(void **state)
{
    struct names names = names_of(__func__);
    int far_end;
    int fd = new_connection(&far_end);
    struct pollfd end = {.fd = far_end, .events = POLLIN};

    assert_int_equal(scache_put(*state, fd, names.endpoint, "", 1), SCACHE_DONE);
    int timeout = scache_wait_ms(*state);
    assert_true(timeout >= -1 && timeout <= 1000);
    /* A server closes it by itself; the in-process cache says when it is due. */
    assert_int_equal(poll(&end, 1, timeout < 0 ? PLENTY_MS : timeout + 1), timeout < 0);
    assert_int_equal(scache_dispatch(*state), SCACHE_IDLE);
    assert_int_equal(recv(far_end, &fd, 1, MSG_DONTWAIT), 0);
    close(far_end);
    expect_miss(*state, names.endpoint);
}

static void texts_are_returned_byte_for_byte(void **state)
{
    struct names names = names_of(__func__);
    int found;
    char property[256];
    int far_end;
    int fd = new_connection(&far_end);

    for (int i = 0; i < 255; i++)
        property[i] = (char)(i + 1);
    property[255] = '\0';
    assert_int_equal(scache_put(*state, fd, names.endpoint, property, TTL), SCACHE_DONE);
    assert_int_equal(scache_find_endpoint(*state, &found, names.endpoint), SCACHE_DONE);
    assert_string_equal(scache_found_property(*state), property);
    close(found);
    close(far_end);
}

static int outcome_of(struct scache *cache)
{
    int outcome;

    while ((outcome = scache_dispatch(cache)) == SCACHE_PENDING) {
        struct pollfd ready = {.fd = scache_wait_fd(cache),
                               .events = (short)scache_wait_events(cache)};
        assert_true(poll(&ready, 1, scache_wait_ms(cache)) >= 0);
    }
    return outcome;
}

static void an_event_loop_comes_to_the_same(void **state)
{
    struct names names = names_of(__func__);
    const char *const endpoints[] = {names.endpoint, NULL};
    int found;
    int far_end;
    int fd = new_connection(&far_end);

    assert_int_equal(scache_start_put(*state, fd, names.endpoint, "p", TTL), 0);
    assert_int_equal(scache_start_find_endpoint(*state, names.endpoint), -EBUSY);
    assert_int_equal(outcome_of(*state), SCACHE_DONE);
    assert_int_equal(scache_steal_fd(*state), -1);
    assert_int_equal(scache_start_take_any(*state, NULL, endpoints), 0);
    assert_int_equal(outcome_of(*state), SCACHE_DONE);
    assert_int_equal(scache_dispatch(*state), SCACHE_IDLE);
    found = scache_steal_fd(*state);
    assert_string_equal(scache_found_property(*state), "p");
    is_connected(found, far_end);
    close(found);
    close(far_end);
}

/* Both use the handle at once; neither may be given what is the other's. */
static void work(struct scache *cache, const char *who)
{
    char label[64];
    int found;

    for (int i = 0; i < 200; i++) {
        int far_end;
        int fd = new_connection(&far_end);
        snprintf(label, sizeof(label), "%s\n%d\n%d\n", who, (int)getpid(), i);
        assert_int_equal(scache_put(cache, fd, label, label, TTL), SCACHE_DONE);
        const char *const endpoints[] = {label, NULL};
        assert_int_equal(scache_take_any(cache, &found, NULL, endpoints), SCACHE_DONE);
        assert_string_equal(scache_found_property(cache), label);
        is_connected(found, far_end);
        close(found);
        close(far_end);
    }
}

static void two_processes_go_on_with_one_handle(void **state)
{
    struct names names = names_of(__func__);
    int found;
    int status;
    int far_end;
    int fd = new_connection(&far_end);

    assert_int_equal(scache_put(*state, fd, names.endpoint, "", TTL), SCACHE_DONE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        work(*state, "child");
        _exit(0);
    }
    work(*state, "parent");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(scache_find_endpoint(*state, &found, names.endpoint), SCACHE_DONE);
    is_connected(found, far_end);
    close(found);
    close(far_end);
}

/* A cache in a process belongs to that process: its child has none of it. */
static void a_child_has_none_of_an_in_process_cache(void **state)
{
    struct names names = names_of(__func__);
    int status;
    int far_end;
    int fd = new_connection(&far_end);

    if (strcmp(place, "local") != 0)
        skip();
    assert_int_equal(scache_put(*state, fd, names.endpoint, "", TTL), SCACHE_DONE);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        expect_miss(*state, names.endpoint);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    int found;
    assert_int_equal(scache_find_endpoint(*state, &found, names.endpoint), SCACHE_DONE);
    is_connected(found, far_end);
    close(found);
    close(far_end);
}

/* What a program without standard input, output and error would take for these. */
static bool leaves_0_to_2_alone(struct scache *cache, const char *label)
{
    int found = -1;
    int far_end;
    int fd = new_connection(&far_end);

    for (int i = 0; i <= 2; i++)
        close(i);
    bool is_saved = scache_put(cache, fd, label, "", TTL) == SCACHE_DONE;
    bool is_started = scache_start_take(cache, label) == 0;
    while (is_started && scache_dispatch(cache) == SCACHE_PENDING)
        is_started = scache_wait_fd(cache) > 2;
    found = scache_steal_fd(cache);
    for (int i = 0; i <= 2; i++)
        if (fcntl(i, F_GETFD) >= 0)
            return false;
    return is_saved && is_started && found > 2;
}

static void numbers_0_to_2_are_nobodys(void **state)
{
    struct names names = names_of(__func__);
    int status;

    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(leaves_0_to_2_alone(*state, names.endpoint) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void closing_the_handle_closes_an_in_process_cache_only(void **state)
{
    struct names names = names_of(__func__);
    struct scache *cache = open_cache();
    int far_end;
    int fd = new_connection(&far_end);
    bool is_local = strcmp(place, "local") == 0;
    char byte;

    (void)state;
    assert_int_equal(scache_put(cache, fd, names.endpoint, "", TTL), SCACHE_DONE);
    scache_close(cache);
    assert_int_equal(recv(far_end, &byte, 1, MSG_DONTWAIT), is_local ? 0 : -1);
    close(far_end);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(an_endpoint_gives_back_what_was_saved),
        CASE(a_destination_leads_to_its_endpoint),
        CASE(put_and_take_are_the_same_in_one_go),
        CASE(what_put_saves_find_finds),
        CASE(what_expires_is_closed),
        CASE(texts_are_returned_byte_for_byte),
        CASE(an_event_loop_comes_to_the_same),
        CASE(two_processes_go_on_with_one_handle),
        CASE(a_child_has_none_of_an_in_process_cache),
        CASE(numbers_0_to_2_are_nobodys),
        cmocka_unit_test(closing_the_handle_closes_an_in_process_cache_only),
    };

    if (argc != 2) {
        fprintf(stderr, "usage: %s local|PATH\n", argv[0]);
        return 2;
    }
    place = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
