/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration that is read from files: optional ones, ones that cannot be read, ones that are
 * too large. What the text means is test_config_cf.c's.
 */
#include "support/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/cf.h"

enum { HEARD_MAX = 4096 };

/* All that was said, one warning a line. */
struct heard {
    struct sc_diag diag;
    char text[HEARD_MAX];
};

static void hear(void *context, const char *text)
{
    struct heard *heard = context;
    size_t used = strlen(heard->text);

    snprintf(heard->text + used, sizeof(heard->text) - used, "%s\n", text);
}

static void listen(struct heard *heard)
{
    *heard = (struct heard){.diag = {.warn = hear, .context = heard}};
}

static void assert_value(const struct sc_cf *cf, const char *name, const char *value)
{
    const struct sc_cf_entry *entry = sc_cf_find(cf, sc_bytes_of(name));

    assert_non_null(entry);
    assert_string_equal(entry->value, value);
}

static void make_file(char *path, const char *text)
{
    strcpy(path, "/tmp/sc-test-cf-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int read_file(struct sc_cf *cf, const char *path, struct heard *heard)
{
    const struct sc_cf_file a_file = {.path = path};

    return sc_cf_read(cf, &a_file, &heard->diag);
}

static void files_are_read(void **state)
{
    char path[64], expected[128];
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    make_file(path, "a=b\n c\na=d");
    listen(&heard);
    sc_cf_init(&cf);
    assert_int_equal(read_file(&cf, path, &heard), 0);
    assert_value(&cf, "a", "d");
    snprintf(expected, sizeof(expected), "%s, line 3: overriding earlier entry: a=b c\n", path);
    assert_string_equal(heard.text, expected);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(read_file(&cf, path, &heard), 0);
    assert_value(&cf, "a", "d");
    unlink(path);
    sc_cf_fini(&cf);
}

static void an_optional_file_may_be_missing(void **state)
{
    const struct sc_cf_file missing = {.path = "/nowhere/scache.cf", .optional = true};
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    listen(&heard);
    sc_cf_init(&cf);
    assert_int_equal(sc_cf_read(&cf, &missing, &heard.diag), -ENOENT);
    assert_string_equal(heard.diag.fatal, "");
    sc_cf_fini(&cf);
}

static void files_that_cannot_be_read_are_fatal(void **state)
{
    struct heard heard;
    struct sc_cf cf;

    (void)state;
    listen(&heard);
    sc_cf_init(&cf);
    assert_int_equal(read_file(&cf, "/nowhere/main.cf", &heard), -ENOENT);
    assert_string_equal(heard.diag.fatal, "open /nowhere/main.cf: No such file or directory");
    assert_int_equal(read_file(&cf, "/tmp", &heard), -EISDIR);
    assert_string_equal(heard.diag.fatal, "open /tmp: Is a directory");
    sc_cf_fini(&cf);
}

static void a_file_has_a_limit(void **state)
{
    struct heard heard;
    struct sc_cf cf;
    char path[64];

    (void)state;
    listen(&heard);
    sc_cf_init(&cf);
    make_file(path, "a=b\n");
    assert_int_equal(truncate(path, SC_CF_FILE_MAX), 0); /* a bad line, but short enough */
    assert_int_equal(read_file(&cf, path, &heard), -EINVAL);
    assert_int_equal(truncate(path, SC_CF_FILE_MAX + 1), 0);
    assert_int_equal(read_file(&cf, path, &heard), -EFBIG);
    assert_non_null(strstr(heard.diag.fatal, path));
    unlink(path);
    sc_cf_fini(&cf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(files_that_cannot_be_read_are_fatal),
        cmocka_unit_test(a_file_has_a_limit),
        cmocka_unit_test(an_optional_file_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
