/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints records without knowing what they mean, but for which of their values
 * are texts.
 */
#include "object.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

enum object_kind { OBJECT_TEXT, OBJECT_NUMBER, OBJECT_FLAG, OBJECT_NUMBERS };

static const struct {
    const char *name;
    enum object_kind kind;
} kinds[] = {
    {"id", OBJECT_NUMBER},
    {"user", OBJECT_NUMBER},
    {"space", OBJECT_NUMBER},
    {"process", OBJECT_NUMBER},
    {"connections", OBJECT_NUMBER},
    {"bindings", OBJECT_NUMBER},
    {"held", OBJECT_NUMBER},
    {"clients", OBJECT_NUMBER},
    {"uses", OBJECT_NUMBER},
    {"unread", OBJECT_NUMBER},
    {"bytes", OBJECT_NUMBER},
    {"text_bytes", OBJECT_NUMBER},
    {"events", OBJECT_NUMBER},
    {"request_bytes", OBJECT_NUMBER},
    {"lookups", OBJECT_NUMBER},
    {"hits", OBJECT_NUMBER},
    {"misses", OBJECT_NUMBER},
    {"saves", OBJECT_NUMBER},
    {"reused", OBJECT_NUMBER},
    {"acquisitions", OBJECT_NUMBER},
    {"value", OBJECT_NUMBER},
    {"sum", OBJECT_NUMBER},
    {"unit", OBJECT_NUMBER},
    {"seconds", OBJECT_NUMBER},
    {"since_seconds", OBJECT_NUMBER},
    {"ttl", OBJECT_NUMBER},
    {"count", OBJECT_NUMBER},
    {"places", OBJECT_NUMBER},
    {"forgotten", OBJECT_NUMBER},
    {"forgotten_lookups", OBJECT_NUMBER},
    {"clamped", OBJECT_NUMBER},
    {"ttl_limit_seconds", OBJECT_NUMBER},
    {"lost", OBJECT_NUMBER},
    {"more", OBJECT_NUMBER},
    {"dead", OBJECT_NUMBER},
    {"gain", OBJECT_NUMBER},
    {"socket", OBJECT_FLAG},
    {"adjustable", OBJECT_FLAG},
    {"known", OBJECT_FLAG},
    {"bounds", OBJECT_NUMBERS},
    {"counts", OBJECT_NUMBERS},
};

/* Every time in milliseconds says so at the end of its name. */
static bool object_is_time(const char *name)
{
    size_t length = strlen(name);

    return length > 3 && strcmp(name + length - 3, "_ms") == 0;
}

static enum object_kind object_kind_of(const char *name)
{
    for (size_t i = 0; i < SC_CTL_COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return object_is_time(name) ? OBJECT_NUMBER : OBJECT_TEXT;
}

/* Digits as JSON has them. */
static bool object_is_numeral(const char *value)
{
    char *end;

    if (strspn(value, "0123456789.-+eE") != strlen(value) || *value == '+' || *value == '.')
        return false;
    (void)strtod(value, &end);
    return *value && *end == '\0';
}

/* One label of name="value" from *labels on. Returns 0, -EINVAL: another form, or -ENOMEM. */
static int object_add_label(struct json_object *object, const char **labels)
{
    size_t length = strcspn(*labels, "=");
    const char *value = *labels + length + 2;

    if (strncmp(*labels + length, "=\"", 2) != 0 || !strchr(value, '"'))
        return -EINVAL;
    size_t value_length = strcspn(value, "\"");
    char *name = strndup(*labels, length);
    struct json_object *text = json_object_new_string_len(value, (int)value_length);
    bool is_added = name && text && json_object_object_add(object, name, text) == 0;
    if (!is_added)
        json_object_put(text);
    free(name);
    *labels = value + value_length + 1;
    *labels += **labels == ',';
    return is_added ? 0 : -ENOMEM;
}

/* by="domain",result="hit" as an object; what has another form as the text that it is. */
static void object_add_labels(struct sc_ctl_out *out, const char *name, const char *value)
{
    struct json_object *object = json_object_new_object();
    int error = object ? 0 : -ENOMEM;

    for (const char *labels = value; error == 0 && *labels;)
        error = object_add_label(object, &labels);
    if (error < 0) {
        json_object_put(object);
        object = NULL;
    }
    if (error == -EINVAL)
        sc_ctl_record_add_text(out, name, value);
    else
        sc_ctl_record_take(out, name, object);
}

static void object_add(struct sc_ctl_out *out, const char *name, const char *value, bool is_param)
{
    enum object_kind kind = object_kind_of(name);

    /* A parameter's value is a text, whatever it looks like. */
    if (kind == OBJECT_NUMBER &&
        ((is_param && strcmp(name, "value") == 0) || !object_is_numeral(value)))
        kind = OBJECT_TEXT;
    switch (kind) {
    case OBJECT_NUMBER:
        sc_ctl_record_add_numeral(out, name, value);
        break;
    case OBJECT_FLAG:
        sc_ctl_record_add_flag(out, name, strcmp(value, "yes") == 0);
        break;
    case OBJECT_NUMBERS:
        sc_ctl_record_add_numbers(out, name, value);
        break;
    case OBJECT_TEXT:
        sc_ctl_record_add_text(out, name, value);
        break;
    }
}

void sc_ctl_object_print(struct sc_ctl_out *out, const struct sc_ctl_facts *facts)
{
    bool is_param = sc_ctl_facts_is(facts, "record", "param");

    sc_ctl_record_open(out, sc_ctl_facts_text(facts, "record"));
    for (size_t i = 0; i < facts->count; i++) {
        const struct sc_ctl_fact *fact = &facts->list[i];
        if (strcmp(fact->name, "record") == 0)
            continue;
        if (out->json && strcmp(fact->name, "labels") == 0)
            object_add_labels(out, fact->name, fact->value);
        else
            object_add(out, fact->name, fact->value, is_param);
    }
    sc_ctl_record_end(out);
}
