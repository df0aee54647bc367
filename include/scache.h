/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCACHE_H
#define SCACHE_H

/*
 * libscache: give an open connection to a cache instead of closing it, and
 * take one from there instead of opening it.
 *
 *     struct scache *cache = scache_open(NULL, NULL);
 *     struct scache_result found;
 *     int fd;
 *
 *     if (scache_take(cache, NULL, (const char *[]){label, NULL}, &found) == 0)
 *         fd = found.fd;
 *     else
 *         fd = connect_and_log_in();
 *     speak(fd);
 *     scache_put(cache, fd, 60, label, "", NULL);
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
 * without a cache. Only the caller's own mistake is negative, a negated errno
 * value, and then nothing was asked:
 *
 *     -EINVAL    no handle, a null or empty label, a null property or result,
 *                a time to live below 1, nothing to look for
 *     -EMSGSIZE  a request of more than SCACHE_MESSAGE_MAX bytes
 *     -EBADF     a descriptor that is not open
 *     -EBUSY     a request is under way on this handle
 *
 * DESCRIPTORS. The calls that save one (save_endpoint, put) take it over in
 * every outcome, mistakes included; the caller does not close it and does not
 * use it any more. The library keeps its copy open until the server has given
 * its final answer, the deadline has passed, or the server is lost. Nothing
 * but sending and closing is done to it, and its flags are not changed. The
 * last close of a socket that lingers can block; that is the caller's choice
 * of socket. A descriptor that was found belongs to the caller and is
 * close-on-exec; a socket may still be blocking or not, as whoever saved it
 * left it. The cache looks whether a cached socket was closed or spoke
 * meanwhile, but this can happen a moment later too: be ready to open a new
 * one.
 *
 * TIME. A call without "start" in its name blocks until the deadline at most
 * (scache_set_deadline()), signals or not; an answer that is already there
 * then still counts. When the deadline has passed, when the server has left,
 * or when it has said something that cannot be the answer, the connection to
 * it is closed and never used again. From then on requests are a miss at
 * once, for a delay of 100 ms, twice as long with each further failure, up to
 * 10 s; a request that is answered ends that. A server that was restarted
 * while nothing was asked is not a failure: it is connected to anew.
 *
 * FORK. After fork(2), a child's first call on a handle drops what it has
 * inherited without using it: the connection to the server, a request under
 * way (a miss), a descriptor that was to be saved, and all that an in-process
 * cache holds. Parent and child both go on with the handle. A child is
 * recognised by its process id. A child that never calls keeps its copies
 * open until it ends or calls exec (those of the library are close-on-exec).
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
 * handle; the option `classic` and the environment variable SCACHE_CLASSIC=1
 * avoid the question. Whoever can replace the socket file can read what is
 * saved and answer what they like: its directory must be trusted.
 */

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest request, in bytes, as it is on the wire. */
#define SCACHE_MESSAGE_MAX 262144

/* Where a server is looked for when nothing else is said. */
#define SCACHE_DEFAULT_PATH "/run/scache/scache.sock"

enum scache_outcome {
    SCACHE_DONE = 0,    /* found, or saved */
    SCACHE_MISS = 1,    /* not found, or dropped */
    SCACHE_PENDING = 2, /* scache_dispatch(): not decided yet */
    SCACHE_IDLE = 3,    /* scache_dispatch(): there is no request under way */
};

/* A cache: a server, or one in this process. Opaque. */
struct scache;

/*
 * All zero, or a null pointer, means the defaults. Initialise by name
 * ({.deadline_ms = 200}), so that what is added later is zero.
 */
struct scache_options {
    int deadline_ms;     /* of each request; 0: 1000 */
    int backoff_min_ms;  /* first delay after a failure; 0: 100 */
    int backoff_max_ms;  /* longest delay; 0: 10000, or the first one if that is longer */
    int no_greeting;     /* non-zero: the server does not speak first (Postfix 2.2 to 3.5) */
    int classic;         /* non-zero: use Postfix's own requests only, and do not ask */
    int max_connections; /* in-process cache: most connections; 0: 256 */
    int reserved[8];     /* zero */
};

/*
 * Opens a handle for the server that listens on a UNIX-domain socket.
 *
 * Does not connect yet and does not block: a server that is away is no error.
 * The path null: what the environment variable SCACHE_SOCKET says (not in a
 * set-user-id program), else $XDG_RUNTIME_DIR/scache.sock if it exists now,
 * else SCACHE_DEFAULT_PATH. Path and options are copied.
 *
 * Returns null and sets errno: ENOMEM; EINVAL: a negative option, a reserved
 * one that is not zero, an empty path; ENAMETOOLONG: more than 107 bytes.
 */
struct scache *scache_open(const char *path, const struct scache_options *options);

/*
 * Opens a cache in this process, used by the same calls, which then never
 * block. It is seen by nobody else, and ends with the handle. What expires is
 * closed in the next call; a program with an event loop can have that done in
 * time by scache_timeout() and scache_dispatch(). When it holds as many
 * connections as it may, the one that expires first makes room.
 *
 * Returns null and sets errno: ENOMEM, EINVAL as above, ENOSYS and the like
 * when the system has no random numbers.
 */
struct scache *scache_open_local(const struct scache_options *options);

/*
 * Closes a handle and all that it holds; a request under way is given up, as
 * by scache_cancel(). Null is allowed.
 */
void scache_close(struct scache *cache);

/*
 * The deadline of the requests that follow, in milliseconds from the start of
 * each: of the whole request, connecting included. Returns 0, or -EINVAL: not
 * positive.
 */
int scache_set_deadline(struct scache *cache, int milliseconds);

/*
 * What a look-up found. The texts are never null, and empty when there is
 * nothing to say. They belong to the handle and are valid until its next
 * request starts, or it is closed; the descriptor is the caller's.
 */
struct scache_result {
    int fd;               /* -1: a miss */
    const char *endpoint; /* its label; empty when it was found by a destination
                             and the server does not say which it was */
    const char *endpoint_property;
    const char *destination_property; /* of the binding by which it was found */
};

/* A binding, for scache_put(). */
struct scache_binding {
    int ttl; /* seconds, at least 1 */
    const char *destination;
    const char *property;
};

/*
 * Saves a connection. The descriptor is consumed. Two to three round trips;
 * prefer scache_put() unless sharing with a program in Postfix's manner.
 */
int scache_save_endpoint(struct scache *cache, int ttl, const char *endpoint, const char *property,
                         int fd);

/* Takes the oldest connection of an endpoint. On a miss result->fd is -1. */
int scache_find_endpoint(struct scache *cache, const char *endpoint, struct scache_result *result);

/*
 * Binds a destination to an endpoint, whether that has a connection or not.
 * The same endpoint and property again renews the binding; any other is tried
 * after those that are there.
 */
int scache_save_destination(struct scache *cache, int ttl, const char *destination,
                            const char *property, const char *endpoint);

/* Takes a connection of the first of a destination's endpoints that has one. */
int scache_find_destination(struct scache *cache, const char *destination,
                            struct scache_result *result);

/*
 * Saves a connection and, unless the binding is null, binds a destination to
 * its endpoint. The descriptor is consumed. One round trip. SCACHE_DONE says
 * that the connection was saved; with a server of Postfix's the binding is a
 * request of its own, and may then be lost without a word.
 */
int scache_put(struct scache *cache, int fd, int ttl, const char *endpoint, const char *property,
               const struct scache_binding *binding);

/*
 * Takes a connection: by the destination, unless that is null or empty; else
 * of the first endpoint that has one. The endpoints are an array that ends
 * with a null pointer; null: none. One of the two must be there. One round
 * trip. An answer that names an endpoint that was not asked for (and that no
 * destination can have led to) is a miss; what came with it is closed.
 */
int scache_take(struct scache *cache, const char *destination, const char *const *endpoints,
                struct scache_result *result);

/*
 * FOR A PROGRAM WITH ITS OWN EVENT LOOP: the same requests without blocking.
 *
 * Start one; it returns 0 or the caller's mistake, negative. Then, until
 * scache_dispatch() no longer says SCACHE_PENDING: wait for scache_events()
 * on scache_fd(), for scache_timeout() milliseconds at most, and call it. It
 * may be called at any time. Ask for all three anew after each start and
 * dispatch: the descriptor can change, and a new one can have the number of
 * the old one. One request at a time on a handle: until its outcome was
 * returned, all others are -EBUSY (and consume their descriptor).
 */
int scache_start_save_endpoint(struct scache *cache, int ttl, const char *endpoint,
                               const char *property, int fd);
int scache_start_find_endpoint(struct scache *cache, const char *endpoint);
int scache_start_save_destination(struct scache *cache, int ttl, const char *destination,
                                  const char *property, const char *endpoint);
int scache_start_find_destination(struct scache *cache, const char *destination);
int scache_start_put(struct scache *cache, int fd, int ttl, const char *endpoint,
                     const char *property, const struct scache_binding *binding);
int scache_start_take(struct scache *cache, const char *destination, const char *const *endpoints);

/* The descriptor to wait for, or -1: only time can pass. Not to be used or closed. */
int scache_fd(struct scache *cache);

/* The events to wait for on it, as for poll(2): POLLIN, POLLOUT, or 0. */
int scache_events(struct scache *cache);

/*
 * Milliseconds after which scache_dispatch() is due though nothing has
 * happened: 0: now; -1: never. Without a request under way this is when the
 * next connection of an in-process cache expires.
 */
int scache_timeout(struct scache *cache);

/*
 * Does what can be done without blocking. Returns the outcome, SCACHE_DONE or
 * SCACHE_MISS, once; SCACHE_PENDING until then; SCACHE_IDLE when no request
 * is under way; -EINVAL: no handle.
 */
int scache_dispatch(struct scache *cache);

/*
 * What the look-up that ended last has found. The first call hands over the
 * descriptor; one that nobody asks for is closed when the next request
 * starts. Returns 0 when there is something, 1 when not (fd is -1), -EBUSY
 * while a request is under way, -EINVAL.
 */
int scache_get_result(struct scache *cache, struct scache_result *result);

/*
 * Gives up the request under way, if any: its descriptor is closed, and so is
 * the connection to the server if the server was asked something already.
 * This is no failure; the next request connects anew. A connection that the
 * server was about to hand over may be lost.
 */
void scache_cancel(struct scache *cache);

/*
 * LABELS. A builder joins named fields to a label so that no two different
 * lists of fields give the same one: no value can pass for the end of its
 * field, for a name, or for another field.
 *
 * What belongs in it is everything that makes two connections unequal:
 * the service or program that keeps it, the protocol and its version, the
 * host or address, the port, the source address if it was chosen; whether and
 * how TLS is used (policy, verified name, client certificate); who is logged
 * in, and with what rights; the database or virtual host that was selected.
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
 * made that lacks a field. A builder belongs to one thread at a time.
 */
struct scache_label;

/* An empty label, or null: no memory (all calls allow null, the text is null). */
struct scache_label *scache_label_new(void);
void scache_label_free(struct scache_label *label);

/* Starts anew; what went wrong is forgotten. */
void scache_label_clear(struct scache_label *label);

/*
 * Adds a field. A null name or value is a mistake that is kept; an empty one
 * is a field all the same, different from none.
 */
void scache_label_add(struct scache_label *label, const char *name, const char *value);
void scache_label_add_number(struct scache_label *label, const char *name, long long value);

/* Adds a field of any bytes, NUL included. */
void scache_label_add_bytes(struct scache_label *label, const char *name, const void *data,
                            size_t length);

/*
 * The label, valid until the builder is used again; null: something went
 * wrong, or no field was added.
 */
const char *scache_label_text(const struct scache_label *label);

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

#ifdef __cplusplus
}
#endif

#endif
