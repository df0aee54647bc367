/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * io/notify with a manager of our own at a path and at an abstract name.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/util.h"
#include "io/notify.h"
#include "support/scene.h"

static int manager_at(const char *address)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(address);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0 && length < sizeof(name.sun_path));
    memcpy(name.sun_path, address, length);
    if (address[0] == '@')
        name.sun_path[0] = '\0';
    assert_int_equal(bind(fd, (struct sockaddr *)&name,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
                     0);
    return fd;
}

static void assert_told(int manager, const char *word)
{
    char text[64] = {0};

    assert_int_equal(recv(manager, text, sizeof(text), 0), strlen(word));
    assert_string_equal(text, word);
}

static void a_manager_is_told(void **state)
{
    char path[PATH_MAX], name[64];

    int manager = manager_at(scene_path(*state, "manager", path));
    sc_notify_manager(path, "READY=1");
    sc_notify_manager(path, "STOPPING=1");
    assert_told(manager, "READY=1");
    assert_told(manager, "STOPPING=1");
    close(manager);
    snprintf(name, sizeof(name), "@scache-test-%ld", (long)getpid());
    manager = manager_at(name);
    sc_notify_manager(name, "READY=1");
    assert_told(manager, "READY=1");
    close(manager);
}

static void no_manager_is_no_mistake(void **state)
{
    char path[PATH_MAX], longest[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    sc_notify_manager(NULL, "READY=1");
    sc_notify_manager("", "READY=1");
    sc_notify_manager("@", "READY=1");
    sc_notify_manager(longest, "READY=1");
    sc_notify_manager(scene_path(*state, "nobody", path), "READY=1");
}

/* The word is lost, and nothing waits for somebody to read the others. */
static void a_manager_without_room_is_not_waited_for(void **state)
{
    char path[PATH_MAX];
    int manager = manager_at(scene_path(*state, "manager", path));

    for (int i = 0; i < 1000; i++)
        sc_notify_manager(path, "WATCHDOG=1");
    assert_told(manager, "WATCHDOG=1");
    close(manager);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_manager_is_told),
        TEST(no_manager_is_no_mistake),
        TEST(a_manager_without_room_is_not_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
