/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real descriptors that are hard to close. It asserts by cmocka, so it is of
 * no use outside a unit test.
 */
#include "support/check.h"

#include "support/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/pass.h"

/* How long something is awaited that takes a moment. */
enum { AWAITED_MS = 20000 };

struct foreign foreign_socket(void)
{
    int pair[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    return (struct foreign){.near = pair[0], .far = pair[1]};
}

struct foreign foreign_pipe(void)
{
    int pair[2];

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
    return (struct foreign){.near = pair[1], .far = pair[0]};
}

static void fill(int fd)
{
    static char bytes[65536];

    while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        continue;
    assert_int_equal(errno, EAGAIN);
}

struct foreign foreign_lingering(int seconds)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = seconds};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    struct foreign made;
    int little = 4096;

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &little, sizeof(little)), 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    made.near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(made.near, (struct sockaddr *)&address, size), 0);
    made.far = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true(made.far >= 0);
    close(listener);
    assert_int_equal(setsockopt(made.near, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)), 0);
    fill(made.near);
    return made;
}

bool foreign_is_closed(int far)
{
    struct pollfd watched = {.fd = far, .events = POLLRDHUP};

    return poll(&watched, 1, AWAITED_MS) == 1 && (watched.revents & (POLLHUP | POLLRDHUP)) != 0;
}

bool foreign_is_open(int far)
{
    struct pollfd watched = {.fd = far, .events = POLLRDHUP};

    return poll(&watched, 1, 0) == 0;
}

static void *write_from_nothing(void *context)
{
    struct foreign_held *held = context;

    (void)!write(held->pipe.near, held->page, 1);
    return NULL;
}

/* Fills the page of a writer that waits for it; with zeros, as nobody reads them. */
static void let_page_come(struct foreign_held *held)
{
    struct uffdio_zeropage zero = {.range = {.start = (uintptr_t)held->page, .len = held->size}};

    assert_int_equal(ioctl(held->faults, UFFDIO_ZEROPAGE, &zero), 0);
}

/* The writer writes to the near end; what is given away is the end that reads. */
bool foreign_hold(struct foreign_held *held)
{
    struct uffdio_api api = {.api = UFFD_API};
    struct uffd_msg fault;

    held->faults = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
    if (held->faults < 0)
        return false;
    held->pipe = foreign_pipe();
    held->size = (size_t)sysconf(_SC_PAGESIZE);
    held->page = mmap(NULL, held->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(held->page != MAP_FAILED);
    struct uffdio_register region = {
        .range = {.start = (uintptr_t)held->page, .len = held->size},
        .mode = UFFDIO_REGISTER_MODE_MISSING,
    };
    assert_int_equal(ioctl(held->faults, UFFDIO_API, &api), 0);
    assert_int_equal(ioctl(held->faults, UFFDIO_REGISTER, &region), 0);
    assert_int_equal(pthread_create(&held->writer, NULL, write_from_nothing, held), 0);
    assert_int_equal(read(held->faults, &fault, sizeof(fault)), sizeof(fault));
    return true;
}

void foreign_let_go(struct foreign_held *held)
{
    let_page_come(held);
    pthread_join(held->writer, NULL);
    munmap(held->page, held->size);
    close(held->pipe.near);
    close(held->faults);
}

int foreign_wrap(int fd)
{
    struct foreign pair = foreign_socket();

    assert_int_equal(sc_pass_send(pair.far, SC_BYTES("x"), fd), 1);
    close(pair.far);
    close(fd);
    return pair.near;
}
