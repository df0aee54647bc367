/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overrides of parameters: set, ended, told. What a value does, its room
 * knows; whether somebody may set one was decided before.
 */
#include "control/override.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/value.h"
#include "control/record.h"

enum { MS = 1000, SECONDS_MOST = 24 * 60 * 60, VALUE_MOST = 64, WHERE_SIZE = 512 };

struct sc_override {
    TAILQ_ENTRY(sc_override) link;
    const struct sc_param *param;
    int64_t until;
    char text[VALUE_MOST];
};

/* Texts are not adjustable, so a copy of the structure does without copies of them. */
static void override_apply(struct sc_overrides *overrides)
{
    struct sc_desk *desk = overrides->desk;
    struct sc_override *override;
    char why[SC_OVERRIDE_WHY];

    *overrides->effective = *overrides->beneath;
    TAILQ_FOREACH (override, &overrides->list, link) {
        /* The text was taken before, and takes no memory. */
        int error =
            sc_value_set(override->param, overrides->effective, override->text, why, sizeof(why));
        if (error < 0)
            sc_log(desk->log, SC_WARNING, "control: %s = %s: %s", override->param->name,
                   override->text, why);
    }
    desk->source.configure(desk->source.context, overrides->effective);
}

static void override_set_timer(struct sc_overrides *overrides)
{
    struct sc_override *override;
    int64_t next = INT64_MAX;

    TAILQ_FOREACH (override, &overrides->list, link)
        if (override->until < next)
            next = override->until;
    sc_timer_set(&overrides->timer, next);
}

static void override_end(struct sc_overrides *overrides, struct sc_override *override)
{
    char room[SC_VALUE_ROOM];

    TAILQ_REMOVE(&overrides->list, override, link);
    overrides->desk->overrides--;
    sc_log(overrides->desk->log, SC_INFO, "control: %s is %s again", override->param->name,
           sc_value_show(override->param, overrides->beneath, room));
    free(override);
}

static void override_on_timer(struct sc_timer *timer)
{
    struct sc_overrides *overrides = SC_CONTAINER_OF(timer, struct sc_overrides, timer);
    struct sc_override *override = TAILQ_FIRST(&overrides->list);
    int64_t now = sc_desk_now(overrides->desk);

    while (override) {
        struct sc_override *next = TAILQ_NEXT(override, link);
        if (override->until <= now)
            override_end(overrides, override);
        override = next;
    }
    override_apply(overrides);
    override_set_timer(overrides);
}

int sc_overrides_init(struct sc_overrides *overrides, struct sc_desk *desk,
                      const struct sc_params *params)
{
    overrides->desk = desk;
    overrides->beneath = params;
    TAILQ_INIT(&overrides->list);
    overrides->effective = malloc(sizeof(*overrides->effective));
    if (!overrides->effective)
        return -ENOMEM;
    return sc_timer_init(&overrides->timer, desk->loop, override_on_timer);
}

void sc_overrides_fini(struct sc_overrides *overrides)
{
    struct sc_override *override;

    if (!overrides->desk)
        return;
    while ((override = TAILQ_FIRST(&overrides->list))) {
        TAILQ_REMOVE(&overrides->list, override, link);
        free(override);
    }
    sc_timer_fini(&overrides->timer);
    free(overrides->effective);
    overrides->effective = NULL;
}

void sc_overrides_rebase(struct sc_overrides *overrides, const struct sc_params *params)
{
    overrides->beneath = params;
    if (!TAILQ_EMPTY(&overrides->list))
        override_apply(overrides);
}

static struct sc_override *override_find(const struct sc_overrides *overrides,
                                         const struct sc_param *param)
{
    struct sc_override *override;

    TAILQ_FOREACH (override, &overrides->list, link)
        if (override->param == param)
            break;
    return override;
}

/* Whether the value would be taken; tried on a copy. */
static int override_check(const struct sc_overrides *overrides, const struct sc_param *param,
                          struct sc_bytes value, char why[SC_OVERRIDE_WHY])
{
    char text[VALUE_MOST];

    if (value.length >= sizeof(text)) {
        snprintf(why, SC_OVERRIDE_WHY, "the value is too long");
        return -EINVAL;
    }
    memcpy(text, value.data, value.length);
    text[value.length] = '\0';
    *overrides->effective = *overrides->beneath;
    return sc_value_set(param, overrides->effective, text, why, SC_OVERRIDE_WHY);
}

int sc_overrides_set(struct sc_overrides *overrides, const struct sc_who *who, struct sc_bytes name,
                     struct sc_bytes value, int64_t seconds, char why[SC_OVERRIDE_WHY])
{
    const struct sc_param *param = sc_param_find(name.data, name.length);

    if (!param || param->program != SC_PROGRAM_SCACHE || param->size == 0)
        return -ENOENT;
    if (param->change != SC_CHANGE_ANY_TIME || param->type == SC_PARAM_TEXT)
        return -EPERM;
    if (seconds > SECONDS_MOST) {
        snprintf(why, SC_OVERRIDE_WHY, "for at most %d seconds", SECONDS_MOST);
        return -EINVAL;
    }
    int error = override_check(overrides, param, value, why);
    if (error < 0)
        return error;
    struct sc_override *override = override_find(overrides, param);
    if (!override) {
        override = calloc(1, sizeof(*override));
        if (!override)
            return -ENOMEM;
        override->param = param;
        TAILQ_INSERT_TAIL(&overrides->list, override, link);
        overrides->desk->overrides++;
    }
    memcpy(override->text, value.data, value.length);
    override->text[value.length] = '\0';
    override->until = sc_desk_now(overrides->desk) + seconds * MS;
    sc_log(overrides->desk->log, SC_INFO, "control: user %" PRId64 ": %s = %s for %" PRId64 "s",
           who->user, param->name, override->text, seconds);
    override_apply(overrides);
    override_set_timer(overrides);
    return 0;
}

int sc_overrides_unset(struct sc_overrides *overrides, const struct sc_who *who,
                       struct sc_bytes name)
{
    const struct sc_param *param = sc_param_find(name.data, name.length);
    struct sc_override *override = param ? override_find(overrides, param) : NULL;

    if (!override)
        return -ENOENT;
    sc_log(overrides->desk->log, SC_INFO, "control: user %" PRId64 ": unset %s", who->user,
           param->name);
    override_end(overrides, override);
    override_apply(overrides);
    override_set_timer(overrides);
    return 0;
}

static int override_tell_one(const struct sc_overrides *overrides, const struct sc_param *param,
                             struct sc_buf *out)
{
    struct sc_list_writer record = sc_record_begin(out, "param");
    const struct sc_override *override = override_find(overrides, param);
    char room[SC_VALUE_ROOM], where[WHERE_SIZE];
    bool adjustable = param->change == SC_CHANGE_ANY_TIME && param->type != SC_PARAM_TEXT;
    const char *configured = sc_value_show(param, overrides->beneath, room);

    sc_list_put(&record, "name", sc_bytes_of(param->name));
    sc_record_text(&record, "value", sc_bytes_of(override ? override->text : configured));
    sc_record_text(&record, "configured", sc_bytes_of(configured));
    sc_record_text(
        &record, "origin",
        sc_bytes_of(sc_params_where(overrides->beneath, sc_param_id(param), where, sizeof(where))));
    sc_list_put(&record, "adjustable", adjustable ? SC_BYTES("yes") : SC_BYTES("no"));
    if (override)
        sc_record_number(&record, "seconds", (override->until - sc_desk_now(overrides->desk)) / MS);
    return sc_list_end(&record);
}

int sc_overrides_tell(const struct sc_overrides *overrides, struct sc_bytes name,
                      struct sc_buf *out, uint64_t *count)
{
    int error = 0;

    for (enum sc_param_id id = 0; id < SC_PARAM_COUNT && error == 0; id++) {
        const struct sc_param *param = sc_param_get(id);
        if (!sc_param_is_shown(param, SC_PROGRAM_SCACHE) || param->size == 0)
            continue;
        if (name.length > 0 && !sc_bytes_equal(name, sc_bytes_of(param->name)))
            continue;
        error = override_tell_one(overrides, param, out);
        ++*count;
    }
    return error;
}
