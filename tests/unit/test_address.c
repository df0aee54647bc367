/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an address is in a label: the network it belongs to, the file behind a path, and who
 * resolves a name; and what cannot be found out makes no label.
 */
#include "support/check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/util.h"
#include "scache.h"

/* Where a connection leads, in a label: equal places give equal labels, and no others do. */

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

enum { CANNOT = 77 };

/* The kernel is old, or there is no /proc. */
static bool has_no_cookie;
static const char *missing; /* a file that cannot be looked at */

int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *size)
{
    if (!has_no_cookie || option != SO_NETNS_COOKIE)
        return __real_getsockopt(fd, level, option, value, size);
    errno = ENOPROTOOPT;
    return -1;
}

int __real_stat64(const char *path, struct stat64 *file);
int __wrap_stat64(const char *path, struct stat64 *file);
int __wrap_stat64(const char *path, struct stat64 *file)
{
    if (!missing || strcmp(path, missing) != 0)
        return __real_stat64(path, file);
    errno = EACCES;
    return -1;
}

static int setup(void **state)
{
    has_no_cookie = false;
    missing = NULL;
    *state = scache_label_new();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    scache_label_free(*state);
    return 0;
}

/* A field's value, with the newline that ends it left off; in a buffer of its own. */
static const char *field(const struct scache_label *label, const char *name)
{
    static char value[256];
    const char *text = scache_label_text(label);
    size_t length = strlen(name);

    assert_non_null(text);
    for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
        if (strncmp(line, name, length) != 0 || line[length] != '=')
            continue;
        snprintf(value, sizeof(value), "%.*s", (int)strcspn(line + length + 1, "\n"),
                 line + length + 1);
        return value;
    }
    return NULL;
}

static struct sockaddr_in four_of(const char *text, in_port_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    assert_int_equal(inet_pton(AF_INET, text, &address.sin_addr), 1);
    return address;
}

static struct sockaddr_in6 six_of(const char *text, in_port_t port, uint32_t scope)
{
    struct sockaddr_in6 address = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope};

    assert_int_equal(inet_pton(AF_INET6, text, &address.sin6_addr), 1);
    return address;
}

static void add(struct scache_label *label, const void *address, size_t length)
{
    scache_label_add_address(label, -1, address, length);
}

static void an_internet_address_has_its_network(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in four = four_of("192.0.2.7", 25);

    add(label, &four, sizeof(four));
    assert_int_equal(scache_label_error(label), 0);
    assert_string_equal(field(label, "address"), "192.0.2.7");
    assert_string_equal(field(label, "port"), "25");
    assert_true(strlen(field(label, "network")) > 0);
    assert_memory_equal(scache_label_text(label), "network=", 8);
}

static void a_link_local_address_has_its_interface(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in6 six = six_of("2001:db8::7", 443, 0);

    add(label, &six, sizeof(six));
    assert_string_equal(field(label, "address"), "2001:db8::7");
    assert_string_equal(field(label, "port"), "443");
    assert_null(field(label, "scope"));
    scache_label_clear(label);
    six = six_of("fe80::1", 443, 3);
    add(label, &six, sizeof(six));
    assert_string_equal(field(label, "scope"), "3");
}

/* Listens on a path, or on a name that begins with NUL; returns the length of the address. */
static socklen_t listen_at(struct sockaddr_un *address, const char *name, size_t length,
                           int *listener)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, name, length);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    *listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(*listener, (struct sockaddr *)address, size), 0);
    assert_int_equal(listen(*listener, 1), 0);
    return size;
}

static void a_path_is_the_file_that_is_there(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_un address;
    char path[] = "/tmp/scache-address-XXXXXX";
    char first[256];
    int listener;
    int other;

    assert_non_null(mkdtemp(path));
    char name[64];
    snprintf(name, sizeof(name), "%s/s", path);
    socklen_t size = listen_at(&address, name, strlen(name), &listener);
    add(label, &address, size);
    assert_string_equal(field(label, "path"), name);
    snprintf(first, sizeof(first), "%s", scache_label_text(label));
    /* With and without the NUL, and with all the room behind it. */
    scache_label_clear(label);
    add(label, &address, (size_t)size + 1);
    assert_string_equal(scache_label_text(label), first);
    scache_label_clear(label);
    add(label, &address, sizeof(address));
    assert_string_equal(scache_label_text(label), first);
    /* Another socket under the same name. */
    char kept[64];
    snprintf(kept, sizeof(kept), "%s/kept", path);
    assert_int_equal(rename(name, kept), 0);
    size = listen_at(&address, name, strlen(name), &other);
    scache_label_clear(label);
    add(label, &address, size);
    assert_string_not_equal(scache_label_text(label), first);
    unlink(name);
    unlink(kept);
    rmdir(path);
    scache_label_clear(label);
    add(label, &address, size);
    assert_null(scache_label_text(label));
    assert_int_equal(scache_label_error(label), -ENOENT);
    close(listener);
    close(other);
}

static void a_path_may_fill_its_room(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memset(address.sun_path, '/', sizeof(address.sun_path));
    add(label, &address, sizeof(address));
    assert_int_equal(scache_label_error(label), 0);
    assert_int_equal(strlen(field(label, "path")), sizeof(address.sun_path));
}

static void a_name_without_a_file_has_its_network(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_un address;
    int listener;
    char name[] = "\0scache address\0test";

    socklen_t size = listen_at(&address, name, sizeof(name) - 1, &listener);
    add(label, &address, size);
    assert_string_equal(field(label, "abstract"), "scache address%00test");
    assert_true(strlen(field(label, "network")) > 0);
    close(listener);
}

static void the_far_end_of_a_socket_is_asked_for(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in address = four_of("127.0.0.1", 0);
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char before[256];

    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    add(label, &address, sizeof(address));
    snprintf(before, sizeof(before), "%s", scache_label_text(label));
    scache_label_clear(label);
    scache_label_add_address(label, fd, (struct sockaddr *)&address, sizeof(address));
    assert_string_equal(scache_label_text(label), before);
    scache_label_clear(label);
    scache_label_add_address(label, fd, NULL, 0);
    assert_null(scache_label_text(label));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    scache_label_clear(label);
    scache_label_add_address(label, fd, NULL, 0);
    assert_string_equal(scache_label_text(label), before);
    close(fd);
    close(listener);
}

static void what_is_no_address_is_a_mistake(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in four = four_of("192.0.2.7", 25);
    struct sockaddr_storage room = {.ss_family = AF_PACKET};
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    const struct {
        const void *address;
        size_t length;
    } wrong[] = {
        {&four, sizeof(four) - 1},
        {&four, 0},
        {&room, sizeof(room)},
        {&room, sizeof(room) + 1},
        {&local, offsetof(struct sockaddr_un, sun_path)},
        {&local, offsetof(struct sockaddr_un, sun_path) + 1},
        {&local, sizeof(local) + 1},
        {NULL, 0},
    };

    for (size_t i = 0; i < SC_COUNT_OF(wrong); i++) {
        scache_label_clear(label);
        scache_label_add(label, "service", "test");
        add(label, wrong[i].address, wrong[i].length);
        assert_null(scache_label_text(label));
        assert_true(scache_label_error(label) < 0);
        add(label, &four, sizeof(four));
        assert_null(scache_label_text(label));
    }
    scache_label_clear(label);
    scache_label_add_address(label, 1000, (struct sockaddr *)&four, sizeof(four));
    assert_int_equal(scache_label_error(label), -EBADF);
    scache_label_add_address(NULL, -1, (struct sockaddr *)&four, sizeof(four));
    scache_label_add_host(NULL, "host", "port");
    assert_int_equal(scache_label_error(NULL), -ENOMEM);
}

static void a_host_has_its_network_and_its_resolver(void **state)
{
    struct scache_label *label = *state;

    scache_label_add_host(label, "mail.example.org", "smtp");
    assert_string_equal(field(label, "host"), "mail.example.org");
    assert_string_equal(field(label, "port"), "smtp");
    assert_true(strlen(field(label, "network")) > 0);
    assert_true(strlen(field(label, "mounts")) > 0);
    scache_label_clear(label);
    scache_label_add_host(label, NULL, "25");
    assert_int_equal(scache_label_error(label), -EINVAL);
}

static void an_old_kernel_knows_the_network_by_its_file(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in four = four_of("192.0.2.7", 25);

    has_no_cookie = true;
    add(label, &four, sizeof(four));
    assert_non_null(strchr(field(label, "network"), ':'));
}

static void what_cannot_be_found_out_makes_no_label(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in four = four_of("192.0.2.7", 25);

    has_no_cookie = true;
    missing = "/proc/self/ns/net";
    add(label, &four, sizeof(four));
    assert_null(scache_label_text(label));
    assert_int_equal(scache_label_error(label), -EACCES);
    has_no_cookie = false;
    scache_label_clear(label);
    missing = "/proc/self/ns/mnt";
    scache_label_add_host(label, "localhost", "25");
    assert_null(scache_label_text(label));
    assert_int_equal(scache_label_error(label), -EACCES);
}

/* Whether both labels are others in a child with namespaces of its own. */
static int compare_elsewhere(struct scache_label *label, int namespaces, const char *address,
                             const char *host)
{
    struct sockaddr_in four = four_of("127.0.0.1", 25);

    if (unshare(namespaces) < 0 && unshare(CLONE_NEWUSER | namespaces) < 0)
        return CANNOT;
    scache_label_clear(label);
    add(label, &four, sizeof(four));
    bool is_other_address = strcmp(scache_label_text(label), address) != 0;
    scache_label_clear(label);
    scache_label_add_host(label, "localhost", "25");
    bool is_other_host = strcmp(scache_label_text(label), host) != 0;
    return (is_other_address ? 1 : 0) + (is_other_host ? 2 : 0);
}

static int compare_in_child(struct scache_label *label, int namespaces)
{
    struct sockaddr_in four = four_of("127.0.0.1", 25);
    char address[256];
    char host[256];
    int status;

    scache_label_clear(label);
    add(label, &four, sizeof(four));
    snprintf(address, sizeof(address), "%s", scache_label_text(label));
    scache_label_clear(label);
    scache_label_add_host(label, "localhost", "25");
    snprintf(host, sizeof(host), "%s", scache_label_text(label));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(compare_elsewhere(label, namespaces, address, host));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The same words as in an address; a socket has that of its maker. */
static void a_network_stands_alone(void **state)
{
    struct scache_label *label = *state;
    struct sockaddr_in four = four_of("127.0.0.1", 25);
    char network[64];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    add(label, &four, sizeof(four));
    snprintf(network, sizeof(network), "network=%s\n", field(label, "network"));
    scache_label_clear(label);
    scache_label_add_network(label, -1);
    assert_string_equal(scache_label_text(label), network);
    scache_label_clear(label);
    scache_label_add_network(label, fd);
    assert_string_equal(scache_label_text(label), network);
    close(fd);
    scache_label_clear(label);
    scache_label_add_network(label, fd);
    assert_null(scache_label_text(label));
    assert_int_equal(scache_label_error(label), -EBADF);
    scache_label_add_network(NULL, -1);
}

static void another_network_is_another_place(void **state)
{
    int differ = compare_in_child(*state, CLONE_NEWNET);

    if (differ == CANNOT)
        skip();
    assert_int_equal(differ, 3);
    has_no_cookie = true;
    assert_int_equal(compare_in_child(*state, CLONE_NEWNET), 3);
}

static void another_file_system_is_another_resolver(void **state)
{
    int differ = compare_in_child(*state, CLONE_NEWNS);

    if (differ == CANNOT)
        skip();
    assert_int_equal(differ, 2);
    assert_int_equal(compare_in_child(*state, 0), 0);
}

#define LABEL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LABEL(an_internet_address_has_its_network),
        LABEL(a_link_local_address_has_its_interface),
        LABEL(a_path_is_the_file_that_is_there),
        LABEL(a_path_may_fill_its_room),
        LABEL(a_name_without_a_file_has_its_network),
        LABEL(the_far_end_of_a_socket_is_asked_for),
        LABEL(what_is_no_address_is_a_mistake),
        LABEL(a_host_has_its_network_and_its_resolver),
        LABEL(an_old_kernel_knows_the_network_by_its_file),
        LABEL(what_cannot_be_found_out_makes_no_label),
        LABEL(a_network_stands_alone),
        LABEL(another_network_is_another_place),
        LABEL(another_file_system_is_another_resolver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
