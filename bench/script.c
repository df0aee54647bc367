/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes what one client says, and what it must hear, as steps that are ready before the run.
 * Nothing is sent here.
 */
#include "script.h"

#include "text.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Append name and value pairs up to a null pointer, then the byte that ends the list. */
static void script_text_list(struct sc_script *script, ...)
{
    va_list args;
    va_start(args, script);
    const char *word;
    while ((word = va_arg(args, const char *)) != NULL) {
        size_t len = strlen(word) + 1;
        assert(script->used + len < sizeof(script->text));
        memcpy(script->text + script->used, word, len);
        script->used += len;
    }
    va_end(args);
    script->text[script->used++] = '\0';
}

static struct sc_step *script_step_add(struct sc_script *script, size_t start)
{
    assert(script->count < SC_SCRIPT_STEPS);
    struct sc_step *step = &script->steps[script->count++];
    step->send = script->text + start;
    step->send_len = (uint16_t)(script->used - start);
    return step;
}

static void script_step_want(struct sc_script *script, struct sc_step *step, size_t start)
{
    step->want = script->text + start;
    step->want_len = (uint16_t)(script->used - start);
}

static void script_step_last(struct sc_script *script, struct sc_step *step)
{
    step->last = true;
    script->requests++;
}

struct names {
    char endp_label[SC_TEXT_MAX];
    char endp_prop[SC_TEXT_MAX];
    char dest_label[SC_TEXT_MAX];
    char dest_prop[SC_TEXT_MAX];
    char ttl[12];
};

static void script_names_init(struct names *names, unsigned number, unsigned ttl)
{
    sc_text_make(names->endp_label, SC_TEXT_ENDP_LABEL, number);
    sc_text_make(names->endp_prop, SC_TEXT_ENDP_PROP, number);
    sc_text_make(names->dest_label, SC_TEXT_DEST_LABEL, number);
    sc_text_make(names->dest_prop, SC_TEXT_DEST_PROP, number);
    snprintf(names->ttl, sizeof(names->ttl), "%u", ttl);
}

static void script_add_save_endp(struct sc_script *script, const struct names *names)
{
    size_t start = script->used;
    script_text_list(script, "request", "save_endp", "ttl", names->ttl, "label", names->endp_label,
                     "property", names->endp_prop, NULL);
    struct sc_step *step = script_step_add(script, start);
    start = script->used;
    script_text_list(script, "dummy", "", NULL);
    script_step_want(script, step, start);

    start = script->used;
    script->text[script->used++] = '\0';
    step = script_step_add(script, start);
    step->attach = true;
    start = script->used;
    script_text_list(script, "status", "0", NULL);
    script_step_want(script, step, start);
    script_step_last(script, step);
}

static void script_add_save_dest(struct sc_script *script, const struct names *names)
{
    size_t start = script->used;
    script_text_list(script, "request", "save_dest", "ttl", names->ttl, "label", names->dest_label,
                     "property", names->dest_prop, "label", names->endp_label, NULL);
    struct sc_step *step = script_step_add(script, start);
    start = script->used;
    script_text_list(script, "status", "0", NULL);
    script_step_want(script, step, start);
    script_step_last(script, step);
}

/* After a find's reply: ask for the descriptor, get it on one NUL byte, acknowledge. */
static void script_add_handover(struct sc_script *script)
{
    size_t start = script->used;
    script_text_list(script, "dummy", "", NULL);
    struct sc_step *step = script_step_add(script, start);
    size_t byte = script->used;
    script->text[script->used++] = '\0';
    script_step_want(script, step, byte);
    step->want_fd = true;

    step = &script->steps[script->count++];
    *step = script->steps[script->count - 2];
    step->want_len = 0;
    step->want_fd = false;
    script_step_last(script, step);
}

static void script_add_find(struct sc_script *script, const struct names *names,
                            const struct names *reply, bool by_dest, bool hit)
{
    size_t start = script->used;
    script_text_list(script, "request", by_dest ? "find_dest" : "find_endp", "label",
                     by_dest ? names->dest_label : names->endp_label, NULL);
    struct sc_step *step = script_step_add(script, start);
    start = script->used;
    const char *status = hit ? "0" : "2";
    const char *endp_prop = hit ? reply->endp_prop : "";
    if (by_dest)
        script_text_list(script, "status", status, "property", hit ? reply->dest_prop : "",
                         "property", endp_prop, NULL);
    else
        script_text_list(script, "status", status, "property", endp_prop, NULL);
    script_step_want(script, step, start);
    if (hit)
        script_add_handover(script);
    else
        script_step_last(script, step);
}

static void script_add_put_take(struct sc_script *script, const struct names *names,
                                const struct names *reply)
{
    size_t start = script->used;
    script_text_list(script, "request", "put", "ttl", names->ttl, "label", names->endp_label,
                     "property", names->endp_prop, "ttl", names->ttl, "label", names->dest_label,
                     "property", names->dest_prop, NULL);
    struct sc_step *step = script_step_add(script, start);
    step->attach = true;
    start = script->used;
    script_text_list(script, "status", "0", NULL);
    script_step_want(script, step, start);
    script_step_last(script, step);

    start = script->used;
    script_text_list(script, "request", "take", "label", names->dest_label, NULL);
    step = script_step_add(script, start);
    start = script->used;
    script_text_list(script, "status", "0", "label", reply->endp_label, "property",
                     reply->dest_prop, "property", reply->endp_prop, NULL);
    script_step_want(script, step, start);
    step->want_fd = true;
    script_step_last(script, step);
}

void sc_script_init(struct sc_script *script, enum sc_work work, unsigned number, unsigned ttl,
                    bool canned)
{
    memset(script, 0, sizeof(*script));
    struct names names;
    struct names reply;
    script_names_init(&names, number, ttl);
    script_names_init(&reply, canned ? 0 : number, ttl);

    switch (work) {
    case SC_WORK_CYCLE:
        script_add_save_endp(script, &names);
        script_add_save_dest(script, &names);
        script_add_find(script, &names, &reply, true, true);
        break;
    case SC_WORK_ENDPOINT:
        script_add_save_endp(script, &names);
        script_add_find(script, &names, &reply, false, true);
        break;
    case SC_WORK_MISS:
        script_add_find(script, &names, &reply, true, false);
        script_add_find(script, &names, &reply, false, false);
        break;
    case SC_WORK_PUTTAKE:
        script_add_put_take(script, &names, &reply);
        break;
    }
}

/* Lengthen a property before its final empty line, as a longer set of TLS attributes would. */
static void script_prop_pad(char prop[SC_TEXT_MAX], size_t label_len, size_t size)
{
    size_t len = strlen(prop);
    if (size >= SC_TEXT_MAX + label_len)
        size = SC_TEXT_MAX + label_len - 1;
    if (label_len + len + 6 > size)
        return;
    size_t pad = size - label_len - len;
    memset(prop + len - 1, 'x', pad);
    memcpy(prop + len - 1, "note=", 5);
    memcpy(prop + len - 1 + pad - 1, "\n\n", 3);
}

void sc_script_init_fill(struct sc_script *script, unsigned number, unsigned ttl, size_t size,
                         bool bind)
{
    memset(script, 0, offsetof(struct sc_script, text));
    struct names names;
    script_names_init(&names, number, ttl);
    script_prop_pad(names.endp_prop, strlen(names.endp_label), size);
    script_add_save_endp(script, &names);
    if (bind)
        script_add_save_dest(script, &names);
}
