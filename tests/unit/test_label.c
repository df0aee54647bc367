/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The label builder: what labels look like, which mistakes are kept until the end, and that no two
 * lists of fields give one label.
 */
#include "support/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scache.h"
#include "support/random.h"

static int setup(void **state)
{
    *state = scache_label_new();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    scache_label_free(*state);
    return 0;
}

static void fields_are_joined_as_documented(void **state)
{
    struct scache_label *label = *state;

    scache_label_add(label, "service", "imap");
    scache_label_add(label, "host", "mail.example.org");
    scache_label_add_number(label, "port", 143);
    assert_string_equal(scache_label_text(label),
                        "service=imap\nhost=mail.example.org\nport=143\n");
}

static void what_could_be_mistaken_is_escaped(void **state)
{
    struct scache_label *label = *state;

    scache_label_add(label, "a=b", "1\n2%3=4\x7f");
    scache_label_add_bytes(label, "n", "x\0y\xff", 4);
    assert_string_equal(scache_label_text(label), "a%3Db=1%0A2%253%3D4%7F\nn=x%00y\xff\n");
}

static void an_empty_field_is_not_an_absent_one(void **state)
{
    struct scache_label *label = *state;

    assert_null(scache_label_text(label));
    scache_label_add(label, "user", "");
    assert_string_equal(scache_label_text(label), "user=\n");
    scache_label_clear(label);
    scache_label_add(label, "", "");
    assert_string_equal(scache_label_text(label), "=\n");
}

/* A label that lacked a field would be another connection's. */
static void a_mistake_is_kept(void **state)
{
    struct scache_label *label = *state;

    scache_label_add(label, "host", "h");
    scache_label_add(label, "user", NULL);
    scache_label_add(label, "port", "1");
    assert_null(scache_label_text(label));
    scache_label_clear(label);
    scache_label_add(label, NULL, "v");
    assert_null(scache_label_text(label));
    scache_label_clear(label);
    scache_label_add(label, "host", "h");
    assert_string_equal(scache_label_text(label), "host=h\n");
}

static void no_builder_gives_no_label(void **state)
{
    (void)state;
    scache_label_add(NULL, "a", "b");
    scache_label_clear(NULL);
    scache_label_postfix_endpoint(NULL, "smtp", "127.0.0.1", 25, 0);
    scache_label_postfix_destination(NULL, "smtp", "x");
    assert_null(scache_label_text(NULL));
    scache_label_free(NULL);
}

static void postfix_labels_are_as_observed(void **state)
{
    struct scache_label *label = *state;

    scache_label_add(label, "is", "forgotten");
    scache_label_postfix_endpoint(label, "smtp", "127.0.0.1", 2525, 0);
    assert_string_equal(scache_label_text(label), "smtp\n127.0.0.1\n2525\n0\n");
    scache_label_postfix_destination(label, "smtp", "[127.0.0.1]:2525");
    assert_string_equal(scache_label_text(label), "smtp\n[127.0.0.1]:2525\n");
}

static void postfix_labels_refuse_what_has_no_place_in_them(void **state)
{
    struct scache_label *label = *state;

    scache_label_postfix_endpoint(label, "smtp", "127.0.0.1\n1", 25, 0);
    assert_null(scache_label_text(label));
    scache_label_postfix_endpoint(label, "smtp", "127.0.0.1", 65536, 0);
    assert_null(scache_label_text(label));
    scache_label_postfix_endpoint(label, "smtp", "127.0.0.1", 25, -1);
    assert_null(scache_label_text(label));
    scache_label_postfix_destination(label, "", "example.org");
    assert_null(scache_label_text(label));
    scache_label_postfix_destination(label, "a=b", "c=d");
    assert_null(scache_label_text(label));
    scache_label_postfix_destination(label, "smtp", NULL);
    assert_null(scache_label_text(label));
}

/*
 * Lists of fields made of the bytes that matter, each with a description that
 * tells any two apart for certain; labels must be equal exactly when those
 * are. Few and short texts, so that equal ones do come up.
 */
enum { LISTS = 3000, LONGEST = 3, TEXT = 400 };

struct sample {
    char description[TEXT];
    char label[TEXT];
};

static void random_text(struct random *random, char text[LONGEST + 1])
{
    static const char bytes[] = "a=%\n0AD3\x01";
    size_t length = random_below(random, LONGEST + 1);

    for (size_t i = 0; i < length; i++)
        text[i] = bytes[random_below(random, sizeof(bytes) - 1)];
    text[length] = '\0';
}

static void make_sample(struct random *random, struct scache_label *label, struct sample *sample)
{
    char name[LONGEST + 1];
    char value[LONGEST + 1];
    size_t used = 0;

    scache_label_clear(label);
    for (uint32_t left = 1 + random_below(random, 2); left > 0; left--) {
        random_text(random, name);
        random_text(random, value);
        scache_label_add(label, name, value);
        used += (size_t)snprintf(sample->description + used, TEXT - used, "%zu:%s%zu:%s",
                                 strlen(name), name, strlen(value), value);
    }
    snprintf(sample->label, TEXT, "%s", scache_label_text(label));
}

static int by_label(const void *one, const void *other)
{
    return strcmp(((const struct sample *)one)->label, ((const struct sample *)other)->label);
}

static void no_two_lists_of_fields_give_one_label(void **state)
{
    struct random random = {.state = number_from_environment("SCACHE_SEED", 1)};
    struct sample *samples = calloc(LISTS, sizeof(*samples));

    assert_non_null(samples);
    for (size_t i = 0; i < LISTS; i++)
        make_sample(&random, *state, &samples[i]);
    qsort(samples, LISTS, sizeof(*samples), by_label);
    for (size_t i = 1; i < LISTS; i++)
        if (by_label(&samples[i - 1], &samples[i]) == 0)
            assert_string_equal(samples[i - 1].description, samples[i].description);
    free(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_joined_as_documented, setup, teardown),
        cmocka_unit_test_setup_teardown(what_could_be_mistaken_is_escaped, setup, teardown),
        cmocka_unit_test_setup_teardown(an_empty_field_is_not_an_absent_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_mistake_is_kept, setup, teardown),
        cmocka_unit_test(no_builder_gives_no_label),
        cmocka_unit_test_setup_teardown(postfix_labels_are_as_observed, setup, teardown),
        cmocka_unit_test_setup_teardown(postfix_labels_refuse_what_has_no_place_in_them, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_two_lists_of_fields_give_one_label, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
