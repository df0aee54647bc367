/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both sides of a process that shares the server's descriptors. What is worth
 * closing and when a user's share is used up is decided elsewhere.
 */
#include "close/twin.h"

#include <assert.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "io/child.h"
#include "io/peer.h"

enum {
    TWIN_STACK = 64 * 1024,
    TWIN_LAST_THREADS = 256, /* that close everything when the server has ended */
    TWIN_OWN_MOST = 1024,    /* numbers that can be the server's own */
};

/* What the kernel sends when the server's own thread has ended. */
enum { TWIN_SERVER_ENDS = SIGUSR1 };

/*
 * A number is closed by whoever has drawn it, by counting left down. So each
 * is closed once, whoever dies when, and the server can take back the rest. As
 * the one count says both, nobody can draw from one batch and close in the
 * next.
 */
struct twin_batch {
    atomic_int left; /* below one: nothing is to be begun */
    atomic_uint done;
    atomic_bool wanted; /* a thread for it */
    int fds[SC_TWIN_BATCH_MOST];
};

/* What both processes see. */
struct twin_page {
    atomic_uint calls; /* counted up to wake the twin */
    atomic_bool dismissed;
    atomic_size_t last; /* how far the closing of everything has come */
    pid_t server;
    size_t size;
    bool is_own[TWIN_OWN_MOST];
    struct twin_batch batches[SC_TWIN_BATCHES];
};

/* What the server knows of a batch. */
struct twin_task {
    struct sc_backlog_line *line; /* null: there is none */
    unsigned count;               /* how many of it are begun or will be */
    unsigned seen;                /* how many were done */
    int64_t moved;
};

struct sc_twin {
    struct twin_page *page;
    pid_t process;
    bool is_over;
    bool has_news; /* given since it was woken */
    unsigned busy;
    struct twin_task tasks[SC_TWIN_BATCHES];
};

/* --- the process -------------------------------------------------------- */

/* Returns whether a thread could be had. */
static bool twin_start_thread(void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    pthread_t thread;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, TWIN_STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    bool started = pthread_create(&thread, &attributes, run, argument) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

static void *twin_close_batch(void *argument)
{
    struct twin_batch *batch = argument;
    int left;

    while ((left = atomic_fetch_sub(&batch->left, 1)) > 0) {
        close(batch->fds[left - 1]);
        atomic_fetch_add(&batch->done, 1);
    }
    return NULL;
}

/* The first thread: it starts others. Where there can be none, it closes, and may hang in it. */
static void *twin_serve(void *argument)
{
    struct twin_page *page = argument;

    for (;;) {
        unsigned calls = atomic_load(&page->calls);
        if (atomic_load(&page->dismissed))
            _exit(0);
        for (size_t i = 0; i < SC_TWIN_BATCHES; i++)
            if (atomic_exchange(&page->batches[i].wanted, false) &&
                !twin_start_thread(twin_close_batch, &page->batches[i]))
                (void)twin_close_batch(&page->batches[i]);
        (void)syscall(SYS_futex, &page->calls, FUTEX_WAIT, calls, NULL, NULL, 0);
    }
}

/* The server's own come first, then sockets, then everything else. */
static void *twin_close_everything(void *argument)
{
    struct twin_page *page = argument;
    size_t next;

    while ((next = atomic_fetch_add(&page->last, 1)) < TWIN_OWN_MOST + 2 * page->size)
        if (next < TWIN_OWN_MOST) {
            if (page->is_own[next])
                close((int)next);
        } else if (next >= TWIN_OWN_MOST + page->size) {
            close((int)(next - TWIN_OWN_MOST - page->size));
        } else if (sc_peer_is_socket((int)next - TWIN_OWN_MOST)) {
            close((int)next - TWIN_OWN_MOST);
        }
    return NULL;
}

/* Nobody opens anything here any more, so no number can come to mean something else. */
_Noreturn static void twin_end_with_server(struct twin_page *page)
{
    for (int i = 0; i < TWIN_LAST_THREADS; i++)
        if (!twin_start_thread(twin_close_everything, page))
            break;
    (void)twin_close_everything(page);
    _exit(0);
}

/*
 * Whether the server has ended: it is our parent no more, or the kernel sent
 * the signal in its name. Anybody else's signal, or none, tells nothing; and
 * where getppid(2) is refused it tells nothing either.
 */
static bool twin_is_alone(const struct twin_page *page, int number, const siginfo_t *signal)
{
    pid_t parent = getppid();

    return (parent >= 0 && parent != page->server) ||
           (number == TWIN_SERVER_ENDS && signal->si_pid == page->server);
}

/* The main thread only waits for the server's end, of which it may not be told. */
_Noreturn static void twin_run(struct twin_page *page)
{
    static const struct timespec patience = {.tv_sec = 1};
    siginfo_t signal = {0};
    sigset_t all, end;
    int number = 0;

    sigfillset(&all);
    sigemptyset(&end);
    sigaddset(&end, TWIN_SERVER_ENDS);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    sc_child_name("scache-closer");
    (void)prctl(PR_SET_PDEATHSIG, TWIN_SERVER_ENDS);
    if (!twin_start_thread(twin_serve, page))
        _exit(1);
    while (!twin_is_alone(page, number, &signal)) {
        number = sigtimedwait(&end, &signal, &patience);
        if (number < 0 && errno != EAGAIN && errno != EINTR)
            (void)nanosleep(&patience, NULL); /* It is refused. */
    }
    twin_end_with_server(page);
}

/* --- the server's side -------------------------------------------------- */

/* fork(2), but the table of descriptors is one for both. */
static pid_t twin_fork(void)
{
    const unsigned long flags = CLONE_FILES | SIGCHLD;

#if defined(__s390__)
    return (pid_t)syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
}

static struct twin_page *twin_make_page(size_t size, const bool *is_own, size_t own_size)
{
    struct twin_page *page =
        mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    page->server = getpid();
    page->size = size;
    memcpy(page->is_own, is_own, own_size < TWIN_OWN_MOST ? own_size : TWIN_OWN_MOST);
    return page;
}

int sc_twin_new(struct sc_twin **twin, size_t size, const bool *is_own, size_t own_size)
{
    struct sc_twin *fresh = calloc(1, sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    fresh->page = twin_make_page(size, is_own, own_size);
    fresh->process = fresh->page ? twin_fork() : -1;
    if (fresh->process == 0)
        twin_run(fresh->page);
    if (fresh->process < 0) {
        int error = fresh->page ? -errno : -ENOMEM;
        sc_twin_free(fresh);
        return error;
    }
    *twin = fresh;
    return 0;
}

static size_t twin_find_free(const struct sc_twin *twin)
{
    size_t i = 0;

    while (twin->tasks[i].line)
        i++;
    return i;
}

void sc_twin_give(struct sc_twin *twin, struct sc_backlog_line *line, const int *fds, size_t count,
                  int64_t now)
{
    assert(twin->busy < SC_TWIN_BATCHES && count <= SC_TWIN_BATCH_MOST);
    size_t i = twin_find_free(twin);
    struct twin_batch *batch = &twin->page->batches[i];

    twin->tasks[i] = (struct twin_task){.line = line, .count = (unsigned)count, .moved = now};
    memcpy(batch->fds, fds, count * sizeof(*fds));
    atomic_store(&batch->done, 0);
    atomic_store(&batch->left, (int)count); /* from here on they are the twin's */
    atomic_store(&batch->wanted, true);
    line->busy++;
    twin->busy++;
    twin->has_news = true;
}

void sc_twin_wake(struct sc_twin *twin)
{
    if (!twin->has_news)
        return;
    twin->has_news = false;
    atomic_fetch_add(&twin->page->calls, 1);
    (void)syscall(SYS_futex, &twin->page->calls, FUTEX_WAKE, 1, NULL, NULL, 0);
}

unsigned sc_twin_busy(const struct sc_twin *twin)
{
    return twin->busy;
}

size_t sc_twin_pending(const struct sc_twin *twin)
{
    size_t pending = 0;

    for (size_t i = 0; i < SC_TWIN_BATCHES && twin->busy > 0; i++) {
        int left = atomic_load(&twin->page->batches[i].left);
        if (left > 0)
            pending += (size_t)left;
    }
    return pending;
}

const struct sc_backlog_line *sc_twin_hangs(const struct sc_twin *twin, int64_t now,
                                            int64_t patience_ms)
{
    for (size_t i = 0; i < SC_TWIN_BATCHES && twin->busy > 0; i++)
        if (twin->tasks[i].line && now - twin->tasks[i].moved >= patience_ms)
            return twin->tasks[i].line;
    return NULL;
}

bool sc_twin_sleeps(const struct sc_twin *twin, int64_t now, int64_t patience_ms)
{
    for (size_t i = 0; i < SC_TWIN_BATCHES && twin->busy > 0; i++) {
        const struct twin_task *task = &twin->tasks[i];
        if (task->line && now - task->moved >= patience_ms &&
            atomic_load(&twin->page->batches[i].left) == (int)task->count)
            return true;
    }
    return false;
}

/* What nobody has begun is not to be begun any more. Returns how many those are. */
static size_t twin_take_back(struct twin_task *task, struct twin_batch *batch, int *fds)
{
    int left = atomic_exchange(&batch->left, 0);

    if (left <= 0)
        return 0;
    memcpy(fds, batch->fds, (size_t)left * sizeof(*fds));
    task->count -= (unsigned)left;
    return (size_t)left;
}

size_t sc_twin_look(struct sc_twin *twin, int64_t now, int64_t patience_ms,
                    struct sc_backlog_line **line, int *fds)
{
    size_t count = 0;

    for (size_t i = 0; i < SC_TWIN_BATCHES && twin->busy > 0 && count == 0; i++) {
        struct twin_task *task = &twin->tasks[i];
        unsigned done = atomic_load(&twin->page->batches[i].done);
        if (!task->line)
            continue;
        if (done != task->seen)
            task->moved = now;
        task->seen = done;
        *line = task->line;
        if (done < task->count && now - task->moved >= patience_ms)
            count = twin_take_back(task, &twin->page->batches[i], fds);
        if (done == task->count) {
            task->line->busy--;
            task->line = NULL;
            twin->busy--;
        }
    }
    return count;
}

bool sc_twin_is_over(struct sc_twin *twin)
{
    if (!twin->is_over)
        twin->is_over = waitpid(twin->process, NULL, WNOHANG) != 0;
    return twin->is_over;
}

void sc_twin_dismiss(struct sc_twin *twin)
{
    atomic_store(&twin->page->dismissed, true);
    twin->has_news = true;
    sc_twin_wake(twin);
}

void sc_twin_free(struct sc_twin *twin)
{
    if (!twin)
        return;
    for (size_t i = 0; i < SC_TWIN_BATCHES; i++)
        if (twin->tasks[i].line)
            twin->tasks[i].line->busy--;
    if (twin->page)
        (void)munmap(twin->page, sizeof(*twin->page));
    free(twin);
}
