/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole configuration: any bytes as main.cf, read, expanded and checked by
 * the table of parameters. It gives values that are all within their bounds,
 * or a reason; never anything else, and the same each time. Comments and
 * carriage returns put between its lines change nothing.
 *
 * What is listed of the values is a configuration that gives them again.
 *
 * The input is two bytes and then the file:
 *
 *     0   bit 0: standalone; bit 1: there is an override; bit 2: there is a
 *         scache.cf beside main.cf, of so many bytes as one more byte says,
 *         sixteen times; bit 3: each mistake is told
 *     1   the length of the override, which then comes before the files
 */

#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/expand.h"
#include "config/listing.h"
#include "config/value.h"

/* So that the quickest way to many bytes is not the only one that is tried. */
enum { FILE_MOST = 64 * 1024 };

struct outcome {
    int error;
    size_t warnings;
    size_t mistakes;
    struct sc_params params;
    struct sc_diag diag;
};

static void count_warning(void *context, const char *text)
{
    struct outcome *outcome = context;

    require(strlen(text) < SC_DIAG_TEXT_MAX);
    outcome->warnings++;
}

static void count_mistake(void *context, const char *text)
{
    struct outcome *outcome = context;

    require(strlen(text) < SC_DIAG_TEXT_MAX);
    outcome->mistakes++;
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

static void load(struct outcome *outcome, const struct sc_config_source *source, bool tell_each)
{
    *outcome = (struct outcome){
        .diag = {.warn = count_warning,
                 .mistake = tell_each ? count_mistake : NULL,
                 .context = outcome},
    };
    outcome->error = sc_config_load(&outcome->params, source, &outcome->diag);
    require(outcome->error == 0 || outcome->error == -EINVAL);
    require(memchr(outcome->diag.fatal, '\0', sizeof(outcome->diag.fatal)));
    require((outcome->error == 0) == (outcome->diag.fatal[0] == '\0'));
    require(outcome->error < 0 || outcome->mistakes == 0);
}

static void load_text(struct outcome *outcome, struct sc_config_source *source, bool tell_each,
                      struct sc_bytes text)
{
    char path[64];
    int fd = make_file(text, path, sizeof(path));

    source->file = path;
    load(outcome, source, tell_each);
    source->file = NULL;
    close(fd);
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

/* What has no effect in a mode, which the context is, is not listed. */
static void never_differs(void *context, const struct sc_param *param)
{
    const enum sc_param_mode *mode = context;

    if (mode && param->only != 0 && param->only != *mode)
        return;
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

static bool begins_with_mark(struct sc_bytes text)
{
    static const struct sc_bytes mark = SC_BYTES("\xef\xbb\xbf");

    return text.length >= mark.length && memcmp(text.data, mark.data, mark.length) == 0;
}

/* The same file, with what means nothing at the end of each line. A mark stays in front. */
static void pad(struct sc_bytes text, struct sc_buf *padded)
{
    if (!begins_with_mark(text))
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
    struct sc_diag diag = {0};
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

/* Whether a line of a file can say it: references and blanks at the ends would be lost. */
static bool can_be_said(const char *value)
{
    size_t length = strlen(value);

    for (size_t i = 0; i < length; i++)
        if (value[i] == '$' || (unsigned char)value[i] < ' ')
            return false;
    return length == 0 || (value[0] != ' ' && value[length - 1] != ' ');
}

static void check_listing(const struct outcome *outcome, struct sc_config_source *source)
{
    struct sc_config_source plain = *source;
    struct outcome again;
    char room[SC_VALUE_ROOM];
    char *text = NULL;
    size_t size;

    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT; id++)
        if (!can_be_said(sc_value_show(sc_param_get(id), &outcome->params, room)))
            return;
    FILE *out = open_memstream(&text, &size);
    require(out);
    sc_listing_print(out, &outcome->params, source->mode, false);
    require(fclose(out) == 0);
    plain.override_count = 0;
    load_text(&again, &plain, false, (struct sc_bytes){text, size});
    free(text);
    require(again.error == 0 && again.warnings == 0);
    sc_params_diff(&outcome->params, &again.params, never_differs, &plain.mode);
    sc_params_fini(&again.params);
}

static void check_file(struct sc_config_source *source, bool tell_each, struct sc_bytes text)
{
    struct outcome first;
    struct outcome second;
    struct sc_buf padded;

    sc_buf_init(&padded);
    pad(text, &padded);
    load_text(&first, source, tell_each, text);
    load_text(&second, source, false, sc_buf_bytes(&padded));
    check_same(&first, &second);
    if (first.error == 0) {
        check_listing(&first, source);
        sc_params_keep_fixed(&first.params, &second.params);
    }
    sc_params_fini(&first.params);
    sc_params_fini(&second.params);
    expand_names(source, text);
    sc_buf_fini(&padded);
}

/* A directory whose files are links to what is open in memory. */
static char directory[] = "/tmp/scache-fuzz-XXXXXX";

static void remove_directory(void)
{
    static const char *const names[] = {"main.cf", "scache.cf"};
    char path[64];

    for (size_t i = 0; i < SC_COUNT_OF(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

static void link_file(const char *name, struct sc_bytes text, int fds[2])
{
    char target[64], path[64];

    fds[fds[0] >= 0] = make_file(text, target, sizeof(target));
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    unlink(path);
    require(symlink(target, path) == 0);
}

/* Two files: the values are those of the later, whatever the first was like. */
static void check_directory(struct sc_config_source *source, bool tell_each, struct sc_bytes main,
                            struct sc_bytes ours)
{
    static bool is_made;
    struct outcome first, second;
    int fds[2] = {-1, -1};

    if (!is_made) {
        require(mkdtemp(directory));
        atexit(remove_directory);
        is_made = true;
    }
    link_file("main.cf", main, fds);
    link_file("scache.cf", ours, fds);
    source->directory = directory;
    load(&first, source, tell_each);
    load(&second, source, false);
    check_same(&first, &second);
    if (first.error == 0)
        check_listing(&first, source);
    sc_params_fini(&first.params);
    sc_params_fini(&second.params);
    close(fds[0]);
    close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {data, size};
    uint8_t flags = script_byte(&script);
    struct sc_bytes option = script_bytes(&script, script_byte(&script));
    bool tell_each = flags & 8;
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
    if ((flags & 4) != 0) {
        struct sc_bytes ours = script_bytes(&script, (size_t)script_byte(&script) * 16);
        source.mode = SC_MODE_MASTER;
        check_directory(&source, tell_each, script_bytes(&script, FILE_MOST), ours);
    } else {
        check_file(&source, tell_each, script_bytes(&script, FILE_MOST));
    }
    return 0;
}
