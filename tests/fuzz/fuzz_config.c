/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A whole configuration: any bytes as main.cf, read, expanded and checked by
 * the table of parameters. It gives values that are all within their bounds,
 * or a reason; never anything else, and the same each time. Comments and
 * carriage returns put between its lines change nothing.
 *
 * The input is two bytes and then the file:
 *
 *     0   bit 0: standalone; bit 1: there is an override
 *     1   the length of the override, which then comes before the file
 */

#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/expand.h"

/* So that the quickest way to many bytes is not the only one that is tried. */
enum { FILE_MOST = 64 * 1024 };

struct outcome {
    int error;
    size_t warnings;
    struct sc_params params;
    struct sc_config_diag diag;
};

static void count_warning(void *context, const char *text)
{
    require(strlen(text) < SC_CONFIG_TEXT_MAX);
    ++*(size_t *)context;
}

/* A file that is nowhere but in memory; the path names it for this process. */
static int make_file(struct sc_bytes text, char *path, size_t size)
{
    int fd = memfd_create("main.cf", MFD_CLOEXEC);

    require(fd >= 0);
    require(write(fd, text.data, text.length) == (ssize_t)text.length);
    snprintf(path, size, "/proc/self/fd/%d", fd);
    return fd;
}

static void load(struct outcome *outcome, struct sc_config_source *source, struct sc_bytes text)
{
    char path[64];
    int fd = make_file(text, path, sizeof(path));

    *outcome = (struct outcome){
        .diag = {.warn = count_warning, .context = &outcome->warnings},
    };
    source->file = path;
    outcome->error = sc_config_load(&outcome->params, source, &outcome->diag);
    close(fd);
    require(outcome->error == 0 || outcome->error == -EINVAL);
    require(memchr(outcome->diag.fatal, '\0', sizeof(outcome->diag.fatal)));
    require((outcome->error == 0) == (outcome->diag.fatal[0] == '\0'));
}

static void check_value(const struct sc_param *param, const struct sc_params *params)
{
    const void *place = (const char *)params + param->offset;
    char where[600];
    int64_t time;
    size_t number;

    require(strlen(sc_params_where(params, sc_param_id(param), where, sizeof(where))) > 0);
    if (param->size == 0)
        return;
    switch (param->type) {
    case SC_PARAM_TEXT:
        require(*(char *const *)place);
        require((int64_t)strlen(*(char *const *)place) >= param->min);
        require(strlen(*(char *const *)place) <= SC_EXPAND_LENGTH_MAX);
        break;
    case SC_PARAM_NUMBER:
        memcpy(&number, place, sizeof(number));
        require((int64_t)number >= param->min);
        require((int64_t)number <= (param->max > 0 ? param->max : INT_MAX));
        break;
    case SC_PARAM_TIME:
        memcpy(&time, place, sizeof(time));
        require(time >= (param->zero ? 0 : 1000) && time <= INT64_C(1000) * INT_MAX);
        break;
    case SC_PARAM_BOOL:
    case SC_PARAM_CHOICE:
    case SC_PARAM_NAME:
        break;
    }
}

static void never_differs(void *context, const struct sc_param *param)
{
    (void)context;
    fprintf(stderr, "%s differs\n", param->name);
    require(false);
}

static void check_same(const struct outcome *one, const struct outcome *other)
{
    require(one->error == other->error);
    if (one->error < 0)
        return;
    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        if (sc_param_get(id)->program == SC_PROGRAM_SCACHE)
            check_value(sc_param_get(id), &one->params);
    sc_params_diff(&one->params, &other->params, never_differs, NULL);
}

/* The same file, with what means nothing at the end of each line. */
static void pad(struct sc_bytes text, struct sc_buf *padded)
{
    require(sc_buf_append(padded, SC_BYTES("\n# first\n")) == 0);
    for (size_t i = 0; i < text.length; i++) {
        struct sc_bytes byte = {text.data + i, 1};
        if (*byte.data == '\n')
            byte = SC_BYTES("\r\n \t# more\r\n\r\r\n");
        require(sc_buf_append(padded, byte) == 0);
    }
}

/* Names that an input may make up are worth looking at as much as ours. */
static void expand_names(struct sc_config_source *source, struct sc_bytes text)
{
    static const char *const names[] = {"a", "b", "c", "mydomain", "myhostname", "nobody", ""};
    struct sc_config_diag diag = {0};
    struct sc_dict dict;
    char path[64];
    int fd = make_file(text, path, sizeof(path));

    source->file = path;
    int error = sc_dict_init(&dict, source, &diag);
    close(fd);
    for (size_t i = 0; error == 0 && i < SC_COUNT_OF(names); i++) {
        char *value = NULL;
        int result = sc_dict_expand(&dict, sc_bytes_of(names[i]), &value, &diag);
        require(result == 0 || (result == -EINVAL && diag.fatal[0] != '\0' && !value));
        require(result < 0 || strlen(value) <= SC_EXPAND_LENGTH_MAX);
        free(value);
    }
    sc_dict_fini(&dict);
}

static void check_file(struct sc_config_source *source, struct sc_bytes text)
{
    struct outcome first;
    struct outcome second;
    struct sc_buf padded;

    sc_buf_init(&padded);
    pad(text, &padded);
    load(&first, source, text);
    load(&second, source, sc_buf_bytes(&padded));
    check_same(&first, &second);
    if (first.error == 0)
        sc_params_keep_fixed(&first.params, &second.params);
    sc_params_fini(&first.params);
    sc_params_fini(&second.params);
    expand_names(source, text);
    sc_buf_fini(&padded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    uint8_t flags = script_byte(&script);
    struct sc_bytes option = script_bytes(&script, script_byte(&script));
    char override[256] = "";
    const char *overrides[] = {override};
    struct sc_config_source source = {
        .mode = flags & 1 ? SC_MODE_STANDALONE : SC_MODE_MASTER,
        .overrides = overrides,
        .override_count = flags >> 1 & 1,
        .process_name = "scache",
        .service_name = "scache",
        .process_id = 4711,
        .host_name = "host.example.org",
    };

    if (option.length > 0)
        memcpy(override, option.data, option.length);
    check_file(&source, script_bytes(&script, FILE_MOST));
    return 0;
}
