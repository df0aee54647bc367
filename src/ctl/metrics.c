/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command metrics: what is counted, for Prometheus, on standard output or
 * in a file that its node exporter collects. A file is replaced as a whole, so
 * that nobody reads half of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "console.h"
#include "prometheus.h"

enum { METRICS_MODE = 0644 };

static int metrics_take(void *context, const struct sc_ctl_facts *facts)
{
    return sc_ctl_reading_add(context, facts);
}

/* Beside the file, since only there it can take its place at once. */
static FILE *metrics_open(const char *path, char **name)
{
    FILE *file = NULL;
    int fd = -1;

    if (asprintf(name, "%s.XXXXXX", path) < 0)
        *name = NULL;
    if (*name)
        fd = mkostemp(*name, O_CLOEXEC);
    if (fd >= 0 && fchmod(fd, METRICS_MODE) == 0)
        file = fdopen(fd, "w");
    if (fd >= 0 && !file) {
        close(fd);
        unlink(*name);
    }
    return file;
}

static int metrics_write(const struct sc_ctl *ctl, const struct sc_ctl_facts *greeting,
                         const struct sc_ctl_reading *reading)
{
    const char *path = ctl->args.output;
    char *name = NULL;
    FILE *file = metrics_open(path, &name);
    bool is_written = false;

    if (file) {
        sc_ctl_prometheus_print(greeting, reading, file);
        is_written = !ferror(file);
        is_written = fclose(file) == 0 && is_written && rename(name, path) == 0;
        int error = errno;
        if (!is_written)
            unlink(name);
        errno = error;
    }
    if (!is_written)
        sc_ctl_complain(&ctl->voice, "--output %s: %s", path, strerror(errno));
    free(name);
    return is_written ? SC_CTL_DONE : SC_CTL_TROUBLE;
}

static int metrics_tell(struct sc_ctl *ctl, const struct sc_ctl_facts *greeting,
                        const struct sc_ctl_reading *reading)
{
    if (ctl->args.output)
        return metrics_write(ctl, greeting, reading);
    sc_ctl_prometheus_print(greeting, reading, ctl->out.file);
    return SC_CTL_DONE;
}

/* That nobody answers is told too: what stands still in a file would look like a server at rest. */
static int metrics_read(struct sc_ctl_console *console, struct sc_ctl_facts *greeting,
                        struct sc_ctl_reading *reading)
{
    struct sc_ctl_request request;
    int told = SC_CTL_DONE;

    sc_ctl_request_init(&request, "stats");
    int code = sc_ctl_console_each(console, &request, metrics_take, reading, NULL);
    if (code == SC_CTL_DONE && sc_ctl_console_greeting(console, greeting) < 0)
        code = sc_ctl_exhausted(&console->ctl->voice);
    if (code == SC_CTL_DONE)
        told = metrics_tell(console->ctl, greeting, reading);
    if (code == SC_CTL_AWAY) {
        sc_ctl_reading_fini(reading);
        told = metrics_tell(console->ctl, NULL, reading);
    }
    return code == SC_CTL_DONE ? told : code;
}

int sc_ctl_metrics(struct sc_ctl *ctl)
{
    struct sc_ctl_console console;
    struct sc_ctl_reading reading;
    struct sc_ctl_facts greeting;

    sc_ctl_reading_init(&reading);
    sc_ctl_facts_init(&greeting);
    int code = sc_ctl_console_init(&console, ctl);
    if (code == SC_CTL_DONE)
        code = metrics_read(&console, &greeting, &reading);
    sc_ctl_console_fini(&console);
    sc_ctl_facts_fini(&greeting);
    sc_ctl_reading_fini(&reading);
    return code;
}
