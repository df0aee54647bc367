/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCACHE_H
#define SCACHE_H

/*
 * libscache: give an open connection to a cache instead of closing it, and
 * take one from there instead of opening it.
 *
 *     struct scache *cache = scache_open(NULL);
 *     int fd;
 *
 *     if (scache_take(cache, &fd, label) != SCACHE_DONE)
 *         fd = connect_and_log_in();
 *     speak(fd);
 *     scache_put(cache, fd, label, "", 60);
 *     scache_close(cache);
 *
 * WHAT IS CACHED. A connection is an open descriptor with a property, a text
 * that whoever takes it needs to go on using it. It is saved under an
 * endpoint label that names all that makes it different from others. A
 * destination label is a name under which several endpoints may be found; a
 * binding says "this destination may use that endpoint" and has a property of
 * its own. Connections and bindings each have a time to live, in seconds, of
 * which the server may grant less. Whoever takes a connection owns it: the
 * cache has it no longer.
 *
 * LABELS AND PROPERTIES are C strings of any bytes; nothing looks into them.
 * A label has at least one byte, a property may be empty. Connections with
 * equal labels are taken for equal, so build a label from everything that
 * makes two connections unequal: see scache_label_new(). All texts of one
 * request together have at most SCACHE_MESSAGE_MAX bytes, names included. A
 * server keeps the labels of each user apart, and may be told to share them.
 *
 * RETURN VALUES. Every request ends in SCACHE_DONE (0: found, or saved) or in
 * SCACHE_MISS (1: not found, or dropped). A server that is away, slow,
 * broken or full, and lack of memory, are a miss: do then what you would do
 * without a cache; scache_miss_reason() says which it was. Only the caller's
 * own mistake is negative, a negated errno value, and then nothing was asked:
 *
 *     -EINVAL    no handle, a null or empty label, a null property, no place
 *                for the descriptor, a time to live below 1, nothing to look
 *                for
 *     -EMSGSIZE  a request of more than SCACHE_MESSAGE_MAX bytes
 *     -EBADF     a descriptor that is not open
 *     -EBUSY     a request is under way on this handle
 *
 * DESCRIPTORS stand behind the handle in every call. Numbers 0 to 2 are never
 * the library's, and never what it has found, also when they are not open. The calls that save one
 * (put, save_endpoint) take it over in every outcome, mistakes included; the
 * caller does not close it and does not use it any more. The library keeps
 * its copy open until the server has given its final answer, the deadline has
 * passed, or the server is lost. Nothing but looking, sending and closing is
 * done to it, and its flags are not changed. The last close of a socket that
 * lingers can block; that is the caller's choice of socket. A descriptor that
 * was found belongs to the caller and is close-on-exec; on a miss and on a
 * mistake -1 is stored in its place. A socket may still be blocking or not,
 * and have options set (time limits, TCP_CORK), as whoever saved it left it.
 * The cache looks whether a cached socket was closed or spoke meanwhile, but
 * this can happen a moment later too: be ready to open a new one.
 *
 * TIME. A call without "start" in its name blocks until the deadline at most
 * (SCACHE_OPT_DEADLINE_MS), signals or not; an answer that is already there
 * then still counts. When the deadline has passed, when the server has left,
 * or when it has said something that cannot be the answer, the connection to
 * it is closed and never used again. From then on requests are a miss at
 * once, for a delay of 100 ms, twice as long with each further failure, up to
 * 10 s; a request that is answered ends that. A server that was restarted
 * while nothing was asked is not a failure: it is connected to anew.
 *
 * HINTS. So that a hundred short processes do not each wait for a server that
 * hangs, one that met no answer by its deadline leaves a hint for those that
 * come later: a file of the user's in $XDG_RUNTIME_DIR, /run/user/UID or
 * /dev/shm, that nobody else can make or change. A handle that has not failed
 * itself lets that server alone (SCACHE_REASON_BACKING_OFF) for 1 s, with each
 * further attempt that is in vain twice as long, up to 10 s; an answer removes
 * the hint.
 *
 * FORK. After fork(2), a child's first call on a handle drops what it has
 * inherited without using it: the connection to the server, a request under
 * way (a miss), a descriptor that was to be saved, and all that an in-process
 * cache holds. It is told apart by memory that the kernel wipes in it, so also
 * in a namespace where it has its parent's process id. Parent and child both go on with the handle.
 * A child that never calls keeps its copies open until it ends or calls exec (those of the library
 * are close-on-exec).
 *
 * THREADS. A handle belongs to one thread at a time: use one for each thread,
 * or a lock. Handles know nothing of each other. The library has no global
 * state, starts no thread, sets no signal handler, never raises SIGPIPE,
 * never logs and never exits.
 *
 * SERVERS. The library speaks the connection cache protocol of Postfix 2.2
 * and later, so it can share the cache of Postfix's own scache(8), and two
 * requests more (put and take: one round trip each) that scache understands.
 * It finds out which it has in front of it before the first put or take of a
 * connection, and uses Postfix's requests instead where it must. Postfix's
 * server logs a warning at being asked, so that answer is remembered in the
 * handle; SCACHE_OPT_CLASSIC and the environment variable SCACHE_CLASSIC=1
 * avoid the question. Whoever can replace the socket file can read what is
 * saved and answer what they like: its directory must be trusted.
 *
 * GROWTH. No structure is laid out here: handles and builders are opaque,
 * settings are numbered, and what was found is read by functions. So a
 * program goes on with every later library of the same major version. Numbers
 * may be added to each enumeration: take one that you do not know for the
 * most general of its kind.
 */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header, and as one number, to compare with. */
#define SCACHE_VERSION_MAJOR 0
#define SCACHE_VERSION_MINOR 1
#define SCACHE_VERSION_PATCH 0
#define SCACHE_VERSION_NUMBER                                                                      \
    (SCACHE_VERSION_MAJOR * 1000000 + SCACHE_VERSION_MINOR * 1000 + SCACHE_VERSION_PATCH)
#define SCACHE_VERSION "0.1.0"

/* Marks calls whose result it is a bug to ignore. */
#if defined(__GNUC__) || defined(__clang__)
#define SCACHE_MUST_CHECK __attribute__((__warn_unused_result__))
#else
#define SCACHE_MUST_CHECK
#endif

/* Longest request, in bytes, as it is on the wire. */
#define SCACHE_MESSAGE_MAX 262144

/* The last place where a server is looked for when nothing else is said. */
#define SCACHE_DEFAULT_PATH "/run/scache/scache.sock"

/* The version of the library that runs, in the two forms of the macros. */
const char *scache_version(void);
int scache_version_number(void);

enum scache_outcome {
    SCACHE_DONE = 0,    /* found, or saved */
    SCACHE_MISS = 1,    /* not found, or dropped */
    SCACHE_PENDING = 2, /* scache_dispatch(): not decided yet */
    SCACHE_IDLE = 3     /* scache_dispatch(): there is no request under way */
};

/* Why the last request was a miss. */
enum scache_reason {
    SCACHE_REASON_NONE = 0,        /* it was none */
    SCACHE_REASON_EMPTY = 1,       /* the cache was asked, and has nothing of the kind */
    SCACHE_REASON_AWAY = 2,        /* nobody listens there */
    SCACHE_REASON_SLOW = 3,        /* no answer by the deadline */
    SCACHE_REASON_REFUSED = 4,     /* the server would not: who asks, or no room to save */
    SCACHE_REASON_BACKING_OFF = 5, /* not asked, because it has failed a moment ago */
    SCACHE_REASON_BROKEN = 6,      /* it left in the midst, or said what cannot be an answer */
    SCACHE_REASON_NO_MEMORY = 7,   /* no memory here, or no room for a descriptor more */
    SCACHE_REASON_GIVEN_UP = 8,    /* by scache_cancel(), or by a fork */
    SCACHE_REASON_DISTRUSTED = 9,  /* a place that nobody has named, and others may have made */
    SCACHE_REASON_DEAD = 10        /* what was to be saved, or all that was found, is closed */
};

/* A cache: a server, or one in this process. Opaque. */
struct scache;

/*
 * Opens a handle for the server that listens on a UNIX-domain socket.
 *
 * Does not connect yet and does not block: a server that is away is no error.
 * The path null: what the environment variable SCACHE_SOCKET says (not in a
 * set-user-id program); else, each time that it is connected to, the first of
 * these that answers: $XDG_RUNTIME_DIR/scache.sock (likewise),
 * /run/user/UID/scache.sock of the effective user, SCACHE_DEFAULT_PATH. What
 * nobody has named is used only if its directory is not writable by others
 * and belongs, as does the server behind it (who has called listen(2)), to
 * the effective user or to root; at SCACHE_DEFAULT_PATH also to the service's
 * own user. That is known before a byte is sent; if it is not so, requests
 * are a miss (SCACHE_REASON_DISTRUSTED). The path is copied, and the
 * environment read here.
 *
 * Returns null and sets errno: ENOMEM; EINVAL: an empty path; ENAMETOOLONG:
 * more than 107 bytes.
 */
SCACHE_MUST_CHECK struct scache *scache_open(const char *path);

/*
 * Opens a cache in this process, used by the same calls, which then never
 * block. It is seen by nobody else, and ends with the handle. What expires is
 * closed in the next call; a program with an event loop can have that done in
 * time by scache_wait_ms() and scache_dispatch(). When it holds as many
 * connections as it may, the one that expires first makes room.
 *
 * Returns null and sets errno: ENOMEM, ENOSYS and the like when the system
 * has no random numbers.
 */
SCACHE_MUST_CHECK struct scache *scache_open_local(void);

/*
 * Closes a handle and all that it holds; a request under way is given up, as
 * by scache_cancel(). Null is allowed.
 */
void scache_close(struct scache *cache);

/*
 * The path of the server that was tried last, or will be first; null: none,
 * or in process. Valid until the next request starts or the handle is closed.
 */
const char *scache_path(const struct scache *cache);

/* Settings of a handle. They hold from the next request on. */
enum scache_option {
    SCACHE_OPT_DEADLINE_MS = 1,     /* of each request, connecting included; 1 or more; 250 */
    SCACHE_OPT_BACKOFF_MIN_MS = 2,  /* first delay after a failure; 1 or more; 100 */
    SCACHE_OPT_BACKOFF_MAX_MS = 3,  /* longest delay, or the first if that is longer; 10000 */
    SCACHE_OPT_GREETING = 4,        /* 0: the server does not speak first (Postfix 2.2 to 3.5); 1 */
    SCACHE_OPT_CLASSIC = 5,         /* 1: Postfix's own requests only, without asking; 0 */
    SCACHE_OPT_MAX_CONNECTIONS = 6, /* of an in-process cache; 1 or more; 256 */
    SCACHE_OPT_HINTS = 7            /* 0: leave and heed no hints about slow servers; 1 */
};

/*
 * Sets one, or reads it. Each has its default at the end of its line; that of
 * the deadline is SCACHE_DEADLINE in the environment, in milliseconds, where
 * that is a number from 1 on, and that of CLASSIC is 1 with SCACHE_CLASSIC=1
 * (neither in a set-user-id program).
 *
 * Returns 0, or -EINVAL: no handle, not a setting of this library or of such
 * a cache, or a value out of range; nothing has changed then.
 */
SCACHE_MUST_CHECK int scache_set_option(struct scache *cache, enum scache_option option,
                                        long value);
SCACHE_MUST_CHECK int scache_get_option(const struct scache *cache, enum scache_option option,
                                        long *value);

/*
 * Takes a connection of an endpoint: one round trip. The descriptor is stored
 * in *fd, or -1.
 */
SCACHE_MUST_CHECK int scache_take(struct scache *cache, int *fd, const char *endpoint);

/*
 * Takes a connection by the destination, unless that is null or empty; else
 * of the first endpoint that has one. The endpoints are an array that ends
 * with a null pointer; null: none. One of the two must be there. One round
 * trip. An answer that names an endpoint that was not asked for (and that no
 * destination can have led to) is a miss; what came with it is closed.
 */
SCACHE_MUST_CHECK int scache_take_any(struct scache *cache, int *fd, const char *destination,
                                      const char *const *endpoints);

/*
 * What the look-up that ended last has found: the label of the endpoint,
 * empty when it was found by a destination and the server does not say which
 * it was; the property of the connection; the property of the binding by
 * which it was found. Never null, and empty when there is nothing to say. The
 * texts belong to the handle and are valid until its next request starts, or
 * it is closed.
 */
const char *scache_found_endpoint(const struct scache *cache);
const char *scache_found_property(const struct scache *cache);
const char *scache_found_destination_property(const struct scache *cache);

/*
 * Saves a connection for so many seconds: one round trip. The descriptor is
 * consumed. SCACHE_DONE says that the connection was saved.
 */
int scache_put(struct scache *cache, int fd, const char *endpoint, const char *property, int ttl);

/*
 * The same, and binds a destination to the endpoint in the same round trip.
 * With a server of Postfix's the binding is a request of its own, and may be
 * lost without a word though the connection was saved.
 */
int scache_put_bound(struct scache *cache, int fd, const char *endpoint, const char *property,
                     int ttl, const char *destination, const char *destination_property,
                     int destination_ttl);

/*
 * Binds a destination to an endpoint, whether that has a connection or not.
 * The same endpoint and property again renews the binding; any other is tried
 * after those that are there. One round trip.
 */
int scache_save_destination(struct scache *cache, const char *destination, const char *property,
                            const char *endpoint, int ttl);

/*
 * Put and take in the requests of Postfix's clients, two to three round trips
 * each; for sharing with a program in Postfix's manner. Endpoint and
 * destination are looked for alone.
 */
int scache_save_endpoint(struct scache *cache, int fd, const char *endpoint, const char *property,
                         int ttl);
SCACHE_MUST_CHECK int scache_find_endpoint(struct scache *cache, int *fd, const char *endpoint);
SCACHE_MUST_CHECK int scache_find_destination(struct scache *cache, int *fd,
                                              const char *destination);

/* Asks whether a server answers, and nothing else. An in-process cache does. */
SCACHE_MUST_CHECK int scache_ping(struct scache *cache);

/*
 * Why the request that ended last was a miss: as a number, and as a sentence
 * without a full stop for a person, with the path and the system's reason in
 * it where there is one ("" when it was no miss). The text is valid until the
 * next request starts or the handle is closed.
 */
enum scache_reason scache_miss_reason(const struct scache *cache);
const char *scache_miss_text(const struct scache *cache);

/* The reason in one or two words that never change ("backing off"); never null. */
const char *scache_reason_name(enum scache_reason reason);

/*
 * FOR A PROGRAM WITH ITS OWN EVENT LOOP: the same requests without blocking.
 *
 * Start one; it returns 0 or the caller's mistake, negative. Then, until
 * scache_dispatch() no longer says SCACHE_PENDING: wait for
 * scache_wait_events() on scache_wait_fd(), for scache_wait_ms() milliseconds
 * at most, and call it. It may be called at any time. Ask for all three anew
 * after each start and dispatch: the descriptor can change, and a new one can
 * have the number of the old one. One request at a time on a handle: until
 * its outcome was returned, all others are -EBUSY (and consume their
 * descriptor).
 */
SCACHE_MUST_CHECK int scache_start_take(struct scache *cache, const char *endpoint);
SCACHE_MUST_CHECK int scache_start_take_any(struct scache *cache, const char *destination,
                                            const char *const *endpoints);
SCACHE_MUST_CHECK int scache_start_put(struct scache *cache, int fd, const char *endpoint,
                                       const char *property, int ttl);
SCACHE_MUST_CHECK int scache_start_put_bound(struct scache *cache, int fd, const char *endpoint,
                                             const char *property, int ttl, const char *destination,
                                             const char *destination_property, int destination_ttl);
SCACHE_MUST_CHECK int scache_start_save_destination(struct scache *cache, const char *destination,
                                                    const char *property, const char *endpoint,
                                                    int ttl);
SCACHE_MUST_CHECK int scache_start_save_endpoint(struct scache *cache, int fd, const char *endpoint,
                                                 const char *property, int ttl);
SCACHE_MUST_CHECK int scache_start_find_endpoint(struct scache *cache, const char *endpoint);
SCACHE_MUST_CHECK int scache_start_find_destination(struct scache *cache, const char *destination);
SCACHE_MUST_CHECK int scache_start_ping(struct scache *cache);

/* The descriptor to wait for, or -1: only time can pass. Not to be used or closed. */
int scache_wait_fd(const struct scache *cache);

/* The events to wait for on it, as for poll(2): POLLIN, POLLOUT, or 0. */
int scache_wait_events(const struct scache *cache);

/*
 * Milliseconds after which scache_dispatch() is due though nothing has
 * happened: 0: now; -1: never. Without a request under way this is when the
 * next connection of an in-process cache expires.
 */
int scache_wait_ms(const struct scache *cache);

/*
 * Does what can be done without blocking. Returns the outcome, SCACHE_DONE or
 * SCACHE_MISS, once; SCACHE_PENDING until then; SCACHE_IDLE when no request
 * is under way; -EINVAL: no handle.
 */
SCACHE_MUST_CHECK int scache_dispatch(struct scache *cache);

/*
 * Hands over the descriptor that the look-up that ended last has found: once;
 * -1 after that, and when there is none. One that nobody asks for is closed
 * when the next request starts. The calls that block have handed it over.
 */
SCACHE_MUST_CHECK int scache_steal_fd(struct scache *cache);

/*
 * Gives up the request under way, if any: its descriptor is closed, and so is
 * the connection to the server if the server was asked something already.
 * This is no failure; the next request connects anew. A connection that the
 * server was about to hand over may be lost.
 */
void scache_cancel(struct scache *cache);

/*
 * MAY IT BE KEPT? A connection may go into a cache when its next user finds
 * nothing on it that was meant for the last one. Programs know that best; who
 * does not, because another program has spoken over it, can have it looked at.
 */
enum scache_look {
    SCACHE_LOOK_IDLE = 0,    /* at rest: the far end spoke last, and all is read */
    SCACHE_LOOK_CLOSED = 1,  /* by either end, also for writing only; or it has failed */
    SCACHE_LOOK_UNREAD = 2,  /* something is there to be read */
    SCACHE_LOOK_UNSENT = 3,  /* the far end has not taken all that was said */
    SCACHE_LOOK_AWAITED = 4, /* an answer seems to be due, or nobody has spoken yet */
    SCACHE_LOOK_UNKNOWN = 5  /* of such a descriptor it cannot be told */
};

enum scache_look_flag {
    SCACHE_LOOK_QUIET = 1,  /* a UNIX-domain stream is at rest when nothing is there to be read */
    SCACHE_LOOK_NO_WAIT = 2 /* do not wait, and say UNKNOWN where waiting would tell */
};

/*
 * Looks whether a connection is at rest, and changes nothing about it. @flags:
 * 0, or some of the above joined. For a TCP connection all is asked of the
 * kernel; where its clock is too coarse to tell who spoke last, it waits for
 * what may be coming, up to 50 ms. Of a UNIX-domain stream it is not known who
 * spoke last, so it is UNKNOWN or, if its protocol is known to be quiet, IDLE
 * when nothing else is against it. Whoever else has the socket can make it
 * wait for as long as they hold it.
 *
 * Returns one of enum scache_look, or -EBADF: not open.
 */
SCACHE_MUST_CHECK int scache_look(int fd, int flags);

/* The same in one word that never changes ("awaited"); never null. */
const char *scache_look_name(enum scache_look look);

/*
 * LABELS. A builder joins named fields to a label so that no two different
 * lists of fields give the same one: no value can pass for the end of its
 * field, for a name, or for another field.
 *
 * What belongs in it is everything that makes two connections unequal:
 * the service or program that keeps it, the protocol and its version, the
 * address with its network (scache_label_add_address()), the source address if
 * it was chosen; whether and how TLS is used (policy, verified name, client
 * certificate); who is logged in, and with what rights; the database or
 * virtual host that was selected.
 * What belongs in the property is what one must know to go on: the state of
 * the session, how often it was used, when it ends. Never put a secret into
 * either. When in doubt whether a field belongs in the label, it does: one
 * too many costs a miss, one too few hands out a wrong connection.
 *
 * The encoding: each field gives `name=value` and a newline, in the order
 * added; in names and values each byte below 0x20, the byte 0x7f, `%` and `=`
 * become `%` and two upper-case hexadecimal digits; all else stays as it is.
 * So each label can be read back in one way only, and fields that are equal
 * but in another order give another label: always add them in one order.
 *
 * Errors are kept: a mistake or lack of memory makes scache_label_text()
 * return null, which the other calls refuse with -EINVAL; never is a label
 * made that lacks a field. scache_label_error() says what it was. A builder
 * belongs to one thread at a time.
 */
struct scache_label;

/* An empty label, or null: no memory (all calls allow null, the text is null). */
SCACHE_MUST_CHECK struct scache_label *scache_label_new(void);
void scache_label_free(struct scache_label *label);

/* Starts anew; what went wrong is forgotten. */
void scache_label_clear(struct scache_label *label);

/*
 * Adds a field. A null name or value is a mistake that is kept; an empty one
 * is a field all the same, different from none.
 */
void scache_label_add(struct scache_label *label, const char *name, const char *value);
void scache_label_add_number(struct scache_label *label, const char *name, long value);

/* Adds a field of any bytes, NUL included. */
void scache_label_add_bytes(struct scache_label *label, const char *name, const void *data,
                            size_t length);

/*
 * Adds where a connection leads, so that no two places give the same label:
 * the address, and the network namespace in which it is that place. @fd: the
 * socket that is, or will be, connected to it; -1: one that this thread would
 * make now. @address: as for connect(2), @length: of it; null: the far end of
 * @fd, if that is connected. Fields, after which others may be added:
 *
 *     Internet     network, address, scope if it has one, port
 *     UNIX path    path, file (device and inode of the socket file, so that
 *                  one that was made anew is another place)
 *     UNIX name    network, abstract
 *
 * Neither protocol nor user are in it: add them too. A UNIX path must be there
 * to be looked at; do so before connecting, since another may be there later.
 * What cannot be found out is a mistake that is kept, with the system's
 * reason; so is an address of another family.
 */
struct sockaddr;
void scache_label_add_address(struct scache_label *label, int fd, const struct sockaddr *address,
                              size_t length);

/*
 * Adds a place by its name: network, mounts (the mount namespace, where there
 * may be another resolver), host, port. Nothing is looked up. For a
 * destination's label: a name may lead elsewhere tomorrow.
 */
void scache_label_add_host(struct scache_label *label, const char *host, const char *port);

/*
 * Adds the network alone, as in an address: for a label that says in words of
 * its own where a connection leads. @fd: as above.
 */
void scache_label_add_network(struct scache_label *label, int fd);

/*
 * The label, valid until the builder is used again; null: something went
 * wrong, or no field was added.
 */
SCACHE_MUST_CHECK const char *scache_label_text(const struct scache_label *label);

/* What went wrong first: 0: nothing; a negated errno value. Null is -ENOMEM. */
int scache_label_error(const struct scache_label *label);

/*
 * The labels of Postfix's SMTP client, for a program that shares connections
 * with it on purpose. Nothing that the builder above makes is ever equal to
 * one of these. As observed of Postfix 3.7.11 without log-in:
 *
 *     endpoint      smtp\n127.0.0.1\n2525\n0\n      (\n is a newline)
 *     destination   smtp\n[127.0.0.1]:2525\n
 *
 * The first line is the delivery agent's name in master.cf; the address is
 * numeric; the next hop is as in the transport table, with its brackets and
 * port. The last line of the endpoint is the TLS level asked for, not the one
 * reached: 0 with smtp_tls_security_level none, 1 with may. A source address
 * (smtp_bind_address) is not in the label. With smtp_sasl_auth_enable the
 * next hop and the host's name stand before the address, a form that is not
 * made here: a connection that is logged in is better not shared. The
 * properties must be what Postfix expects, lines of `name=value` and an empty
 * line:
 *
 *     endpoint      tls_level=0\nreuse_count=0\nendpoint_features=34695\n
 *                   expire_time=1795451100\n\n
 *     destination   destination=[127.0.0.1]:2525\nhost_name=127.0.0.1\n
 *                   host_addr=127.0.0.1\ndestination_features=4096\n\n
 *
 * Both clear the builder and make it hold that label alone. A null, empty or
 * multi-line argument, a service with `=` in it, and a port or level out of
 * range, is a mistake that is kept.
 */
void scache_label_postfix_endpoint(struct scache_label *label, const char *service,
                                   const char *address, int port, int tls_level);
void scache_label_postfix_destination(struct scache_label *label, const char *service,
                                      const char *nexthop);

/*
 * CONTROL. Beside the socket of the cache a server has another, on which it
 * tells what it holds and does, and takes orders from those who may give them
 * (see scachectl(1)). A request is a list of names and values; the answer is
 * any number of records, lists too, and then a status. What there is to be
 * asked, and what a record says, is the server's to know: pass over kinds and
 * names that you do not know.
 *
 * These calls block; of a handle, one thread at a time. The socket is of the
 * process that has opened it: a child makes its own.
 */
struct scache_control;

/*
 * Opens a handle for the control socket at a path; does not connect yet. The
 * path null: beside each of the places where scache_open(NULL) looks for a
 * server, with ".control" behind its path, under the same rule of trust.
 *
 * Returns null and sets errno: ENOMEM; EINVAL; ENAMETOOLONG.
 */
SCACHE_MUST_CHECK struct scache_control *scache_control_open(const char *path);
void scache_control_close(struct scache_control *control);

/* The path that was tried last, or will be first, until the next request. */
const char *scache_control_path(const struct scache_control *control);

/* What asking, and reading on, comes to. */
enum scache_control_step {
    SCACHE_CONTROL_ASKED = 0,  /* scache_control_ask(): read the answer */
    SCACHE_CONTROL_RECORD = 1, /* scache_control_next(): there is a record */
    SCACHE_CONTROL_END = 2,    /* the answer has ended, with a status */
    SCACHE_CONTROL_LATER = 3,  /* nothing came in the time */
    SCACHE_CONTROL_LOST = 4    /* nobody answers, or no longer: see scache_control_text() */
};

/*
 * Sends a request: names and values in turn, "request" first, and a null
 * pointer behind the last value. Connects if need be, a second at most. An
 * answer that was not read to its end is given up.
 *
 * Returns SCACHE_CONTROL_ASKED or SCACHE_CONTROL_LOST; or -EINVAL: no handle,
 * a name without a value, an empty name; -EMSGSIZE: more than 16 KiB; -ENOMEM.
 */
SCACHE_MUST_CHECK int scache_control_ask(struct scache_control *control,
                                         const char *const *attributes);

/* Waits for what comes next, @milliseconds at most; -1: as long as it takes. */
SCACHE_MUST_CHECK int scache_control_next(struct scache_control *control, int milliseconds);

/* The descriptor to wait for in a loop of your own, or -1. Not to be used or closed. */
int scache_control_fd(const struct scache_control *control);

/* Name and value of the record at hand, by their place in it; null: there are not so many. */
const char *scache_control_name(const struct scache_control *control, size_t index);
const char *scache_control_value(const struct scache_control *control, size_t index);

/* What the server said of itself when it was connected to ("mode"); null: nothing of the name. */
const char *scache_control_greeting(const struct scache_control *control, const char *name);

enum scache_control_status {
    SCACHE_CONTROL_DONE = 0,
    SCACHE_CONTROL_MALFORMED = 1,
    SCACHE_CONTROL_IMPOSSIBLE = 2,
    SCACHE_CONTROL_FORBIDDEN = 3
};

/* The status of the answer that ended last, how many records or things it was about, and why. */
int scache_control_status(const struct scache_control *control);
long scache_control_count(const struct scache_control *control);
const char *scache_control_text(const struct scache_control *control);

#ifdef __cplusplus
}
#endif

#endif
