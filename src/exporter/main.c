/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scache-exporter, which tells Prometheus what servers do. It is built on
 * scache.h alone, and serves or writes; the work is done elsewhere.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "door.h"
#include "leaf.h"
#include "options.h"
#include "scrape.h"
#include "web.h"

/* Documented in scache-exporter(8). */
enum { MAIN_DONE = 0, MAIN_TROUBLE = 1, MAIN_USAGE = 2, MAIN_PLACE_SIZE = 256 };

static int main_trouble(const char *what, int error)
{
    fprintf(stderr, "scache-exporter: %s: %s\n", what, strerror(-error));
    return MAIN_TROUBLE;
}

/* What is opened later must not get the number of what is meant for the user. */
static int main_open_standard(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
            return -errno;
    return 0;
}

static int main_write(const struct sc_options *options, struct sc_scrape *scrape)
{
    int error = sc_scrape_renew(scrape);

    if (error < 0)
        return main_trouble(options->output, error);
    if (strcmp(options->output, "-") != 0) {
        error = sc_leaf_write(options->output, scrape->text, scrape->length);
    } else {
        fwrite(scrape->text, 1, scrape->length, stdout);
        error = fflush(stdout) != 0 ? -errno : 0;
    }
    return error < 0 ? main_trouble(options->output, error) : MAIN_DONE;
}

static int main_serve(const struct sc_options *options, struct sc_scrape *scrape)
{
    char place[MAIN_PLACE_SIZE];
    struct sc_door door;
    sigset_t ending;

    /* Blocked before a thread is there, so that the loop alone gets them. */
    sigemptyset(&ending);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGINT);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    signal(SIGPIPE, SIG_IGN);
    int error = sc_door_open(&door, options->listen);
    if (error < 0)
        return main_trouble(options->listen, error);
    sc_door_tell(&door, place, sizeof(place));
    fprintf(stderr, "scache-exporter: listening on %s\n", place);
    error = sc_web_serve(&door, scrape);
    sc_door_close(&door);
    return error < 0 ? main_trouble(options->listen, error) : MAIN_DONE;
}

static int main_run(const struct sc_options *options)
{
    struct sc_scrape scrape;

    if (options->help || options->version) {
        fputs(options->help ? sc_options_help : "scache-exporter " SC_VERSION "\n", stdout);
        return fflush(stdout) != 0 ? main_trouble("standard output", -errno) : MAIN_DONE;
    }
    sc_scrape_init(&scrape, options->sources, options->count);
    int status = options->output ? main_write(options, &scrape) : main_serve(options, &scrape);
    sc_scrape_fini(&scrape);
    return status;
}

int main(int argc, char *argv[])
{
    struct sc_options options;
    int error = main_open_standard();
    int status;

    if (error < 0)
        return MAIN_TROUBLE;
    error = sc_options_read(&options, argc, argv);
    if (error < 0)
        status = error == -EINVAL ? MAIN_USAGE : main_trouble("memory", error);
    else
        status = main_run(&options);
    sc_options_fini(&options);
    return status;
}
