/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_SERVICE_H
#define SC_HOST_SERVICE_H

/*
 * A service as a host sees it: a small table of functions. Whoever starts
 * services, Postfix's master(8) or nobody in particular, knows no more of
 * them than this; a service knows no more of its host than the runtime. A
 * program is a table of services, which the commands put together.
 *
 * The life of a service, in this order, each step once:
 *
 *  1. prepare: the process still has its privileges and its files, but there
 *     is no loop. What must be opened, made or looked up is;
 *  2. start: privileges and files are given up; loop and closer are there.
 *     Processes beside the server are forked here, before anything of a
 *     client's is open;
 *  3. listen, for each of its sockets, or serve; then system calls are given
 *     up too, and the loop runs;
 *  4. configure and report, any number of times;
 *  5. drain: nobody is let in any more, and when nobody is left the runtime
 *     is told;
 *  6. stop, also when an earlier step failed or never came.
 *
 * A step that fails returns -errno and has logged why. Functions that may be
 * null are marked; what is asked of a service before it was started it does
 * not hear.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/util.h"
#include "config/params.h"
#include "host/runtime.h"

struct sc_service;

struct sc_service_calls {
    const char *name; /* in messages */

    /*
     * What its sockets are called by a service manager. Null: it is the one
     * whose sockets need no name; a program has at most one of those, and it is
     * the first.
     */
    const char *listener;

    int (*prepare)(struct sc_service *service, struct sc_runtime *runtime); /* may be null */
    int (*start)(struct sc_service *service, struct sc_runtime *runtime);

    /* Accepts clients on a listening, non-blocking socket, which stays the caller's. */
    int (*listen)(struct sc_service *service, int listener);

    /* Serves one client on two descriptors, which stay the caller's. May be null. */
    int (*serve)(struct sc_service *service, int input, int output);

    /* Goes on as these parameters say, which are in force until the next time. */
    void (*configure)(struct sc_service *service, const struct sc_params *params);

    size_t (*clients)(const struct sc_service *service); /* those that keep a server from ending */
    void (*drain)(struct sc_service *service, int64_t patience); /* milliseconds for who is busy */
    bool (*is_drained)(const struct sc_service *service);
    void (*report)(struct sc_service *service);         /* logs its statistics; may be null */
    void (*describe)(const struct sc_service *service); /* logs how it is; may be null */
    void (*stop)(struct sc_service *service);
};

/* Embedded in the service; whoever makes it sets the table, the rest is all zeros. */
struct sc_service {
    const struct sc_service_calls *calls;
    bool started;
};

/* What is put together in cmd/. */
struct sc_program {
    const char *name;             /* in messages, and the tag of the log */
    const char *usage;            /* what --help says before the parameters */
    enum sc_param_program params; /* whose parameters it reads */
    bool serves_master; /* it may be a service of Postfix's; else it is always on its own */
    struct sc_service **services; /* in the order in which they are started */
    size_t service_count;
};

#endif
