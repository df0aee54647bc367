/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_SERVER_INTERNAL_H
#define SC_SERVER_INTERNAL_H

/*
 * How the server is laid out; private to this room.
 *
 * Every client is in exactly one of two lists: idle, in the order in which
 * they became idle, or busy, in the order in which their requests began. So
 * the client that has been idle longest, and the one that has been at its
 * request longest, are at the front, and no client needs a timer.
 *
 * A few clients are served together: first all are heard, then all are
 * thought about, then what is found for them is looked at, then all are
 * answered. What is done several times in a row finds its code in the
 * processor's cache, ours as well as the kernel's; and system calls are made
 * from few calls deep, since the processor forgets in the kernel where each
 * of them returns to. In between clients stay in their lists, but are not
 * dismissed.
 *
 * One deadline timer serves everything that happens by the clock; it is set
 * once a turn of the loop, for whatever is due first.
 */

#include <sys/queue.h>

#include "base/buf.h"
#include "server/server.h"
#include "stats/stats.h"
#include "wire/reply.h"
#include "wire/session.h"

struct sc_user;

enum sc_client_wait {
    SC_WAIT_INPUT,
    SC_WAIT_OUTPUT,
    SC_WAIT_RETRY, /* for something that no event announces */
};

TAILQ_HEAD(sc_client_list, sc_client);

struct sc_client {
    struct ev_io input;
    struct ev_io output; /* the same descriptor, but for standard input and output */
    struct sc_server *server;
    struct sc_user *user;
    TAILQ_ENTRY(sc_client) link;  /* idle or busy */
    TAILQ_ENTRY(sc_client) retry; /* when waiting for a retry */
    int64_t since;                /* when it became idle, or its request began */
    struct sc_session session;
    struct sc_buf out;          /* what is to be sent */
    struct sc_connection *held; /* found, not delivered yet */
    size_t give_at;             /* its descriptor rides on this byte of out; unseen: its answer */
    enum sc_counter hit;        /* what its delivery counts as */
    int received;               /* came and was not claimed yet, or -1 */
    int answers;                /* 1: more is to be answered after sending; or -errno */
    enum sc_client_wait wait;
    bool unseen;         /* held was not looked at yet, and more must wait for that */
    bool giving;         /* held is to go with out */
    bool held_is_socket; /* as far as is known */
    bool busy;
    bool heard;    /* and not thought about or answered yet */
    bool answered; /* something, since it was heard */
    bool end_of_input;
};

struct sc_listener {
    struct ev_io watch;
    struct sc_server *server;
    SLIST_ENTRY(sc_listener) link;
};

SLIST_HEAD(sc_listener_list, sc_listener);

/* One who owns a space of labels. */
struct sc_user {
    LIST_ENTRY(sc_user) link;
    int64_t id;
    struct sc_space *space;
    size_t clients;
};

LIST_HEAD(sc_user_list, sc_user);

/* How many of what the descriptors allow. */
struct sc_budget {
    size_t clients;
    size_t connections; /* cached and held */
    size_t reserve;     /* for what is being received, accepted or closed */
};

/* HEARD_MAX: clients that are served together. With more, the first would only wait longer. */
enum { SC_SCRATCH_SIZE = 64 * 1024, SC_HEARD_MAX = 8 };

struct sc_server {
    struct ev_loop *loop;
    struct sc_log *log;
    struct sc_closer *closer;
    struct sc_server_host host;
    struct sc_server_settings settings;
    size_t descriptors;
    size_t descriptors_used;
    struct sc_budget budget;
    struct sc_store *store;
    struct sc_stats stats;
    struct sc_user_list users;
    struct sc_listener_list listeners;
    struct sc_client_list idle;
    struct sc_client_list busy;
    struct sc_client_list retrying;
    size_t clients;
    struct ev_prepare prepare;
    struct ev_check check;
    struct ev_timer deadline;
    int64_t now;       /* monotonic milliseconds, read once a turn */
    int64_t timer_set; /* for when the deadline timer is set */
    int64_t next_report;
    int64_t resume_accept; /* when to accept again; INT64_MAX: when a client leaves */
    int64_t drain_until;
    int64_t crowded_since; /* since when too many descriptors are queued to be closed */
    bool has_new_watches;  /* that the kernel may have refused */
    bool accepting;
    bool accept_failed; /* and is to be tried again only later */
    bool draining;
    bool had_request;
    struct sc_client *heard[SC_HEARD_MAX];
    size_t heard_count;
    size_t heard_together; /* in this turn: half of those who speak, so that the rest overlap */
    char *scratch;         /* what they said, one behind the other */
    size_t scratch_used;
    struct sc_buf spare[SC_HEARD_MAX]; /* lent for answers, so that who is idle needs none */
    size_t spares;
    struct sc_log_limit malformed, violations, refused, lost_memory, crowded;
};

/* client.c */
SC_MUST_CHECK int sc_client_new(struct sc_server *server, int input, int output,
                                struct sc_user *user);
void sc_client_free(struct sc_client *client);

/* The descriptor that came and was not claimed yet, now the caller's; -1 if there is none. */
SC_MUST_CHECK int sc_client_take_received(struct sc_client *client);
void sc_client_dismiss(struct sc_client *client);
void sc_client_greet(struct sc_client *client);
void sc_client_retry(struct sc_client *client);
void sc_server_answer(struct sc_server *server);

/* request.c: answers into out; a negative result means that it cannot. */
SC_MUST_CHECK int sc_client_request(struct sc_client *client, struct sc_request *request,
                                    bool has_descriptor);
SC_MUST_CHECK int sc_client_save(struct sc_client *client, const struct sc_request *request,
                                 bool has_descriptor);

/* Looks at what is held and unseen; the answer may become another one. */
SC_MUST_CHECK int sc_client_look(struct sc_client *client);
void sc_server_note_sizes(struct sc_server *server);

/* accept.c */
SC_MUST_CHECK int sc_server_watch_listener(struct sc_server *server, int listener);
void sc_server_forget_listeners(struct sc_server *server);
void sc_server_accept_more(struct sc_server *server);
void sc_server_accept_none(struct sc_server *server);
void sc_server_note_leaving(struct sc_server *server);
void sc_server_note_idling(struct sc_server *server);

/* users.c */
SC_MUST_CHECK struct sc_user *sc_user_get(struct sc_server *server, int64_t id);
void sc_user_release(struct sc_user *user);
void sc_users_sweep(struct sc_server *server, bool all);

/* budget.c */
SC_MUST_CHECK int sc_budget_make(struct sc_budget *budget, size_t descriptors, size_t used,
                                 const struct sc_server_settings *settings);
bool sc_server_make_room(struct sc_server *server);
bool sc_server_must_wait_for_closer(struct sc_server *server);
void sc_server_close_foreign(struct sc_server *server, int fd);
void sc_server_reap(struct sc_server *server);

/* trace.c */
void sc_trace_client(struct sc_client *client, const char *what);
void sc_trace_request(struct sc_client *client, const struct sc_request *request,
                      enum sc_status status);

#endif
