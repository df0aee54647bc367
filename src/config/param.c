/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of parameters.def, compiled. A field that does not have the type
 * that its parameter takes is an error of the compiler's. What a text means is
 * read in value.c.
 */
#include "config/param.h"

#include <assert.h>
#include <limits.h>
#include <string.h>
#include <syslog.h>

#include "base/util.h"

static const struct sc_param_choice greetings[] = {
    {"no", SC_GREETING_NO},
    {"yes", SC_GREETING_YES},
    {"auto", SC_GREETING_AUTO},
    {NULL, 0},
};

static const struct sc_param_choice reuse_orders[] = {
    {"oldest", false},
    {"newest", true},
    {NULL, 0},
};

static const struct sc_param_choice sandbox_modes[] = {
    {"yes", SC_SANDBOX_YES},
    {"log", SC_SANDBOX_LOG},
    {"kill", SC_SANDBOX_KILL},
    {"no", SC_SANDBOX_NO},
    {NULL, 0},
};

/* The names that Postfix 3.7 takes, in lower case only. */
static const struct sc_param_choice facilities[] = {
    {"mail", LOG_MAIL},     {"auth", LOG_AUTH},     {"authpriv", LOG_AUTHPRIV},
    {"cron", LOG_CRON},     {"daemon", LOG_DAEMON}, {"ftp", LOG_FTP},
    {"kern", LOG_KERN},     {"lpr", LOG_LPR},       {"news", LOG_NEWS},
    {"syslog", LOG_SYSLOG}, {"user", LOG_USER},     {"uucp", LOG_UUCP},
    {"local0", LOG_LOCAL0}, {"local1", LOG_LOCAL1}, {"local2", LOG_LOCAL2},
    {"local3", LOG_LOCAL3}, {"local4", LOG_LOCAL4}, {"local5", LOG_LOCAL5},
    {"local6", LOG_LOCAL6}, {"local7", LOG_LOCAL7}, {NULL, 0},
};

/*
 * Where a field is. One that has another type than its parameter takes does
 * not compile; a choice takes three types.
 */
#define PLACE(field)      .offset = offsetof(struct sc_params, field)
#define FIELD(field)      (((struct sc_params *)0)->field)
#define IS_A(type, field) PLACE(field), .size = sizeof(_Generic(FIELD(field), type : FIELD(field)))
#define IS_A_WORD(field)                                                                           \
    PLACE(field), .size = sizeof(_Generic(FIELD(field), bool                                       \
                                          : (bool)0, int                                           \
                                          : (int)0, unsigned                                       \
                                          : (unsigned)0))

#define TEXT(field)           .type = SC_PARAM_TEXT, IS_A(char *, field)
#define BOOLEAN(field)        .type = SC_PARAM_BOOL, IS_A(bool, field)
#define NUMBER(field)         .type = SC_PARAM_NUMBER, IS_A(size_t, field)
#define TIME(field)           .type = SC_PARAM_TIME, IS_A(int64_t, field)
#define CHOICE(field, words)  .type = SC_PARAM_CHOICE, .choices = (words), IS_A_WORD(field)
#define NAME                  .type = SC_PARAM_NAME
#define TEXT_LATER            .type = SC_PARAM_TEXT
#define BOOLEAN_LATER         .type = SC_PARAM_BOOL
#define NUMBER_LATER          .type = SC_PARAM_NUMBER
#define TIME_LATER            .type = SC_PARAM_TIME
#define CHOICE_LATER(words)   .type = SC_PARAM_CHOICE, .choices = (words)
#define PARAMETER(name_, ...) [SC_PARAM_##name_] = {.name = #name_, __VA_ARGS__},

static const struct sc_param table[SC_PARAM_COUNT] = {
#include "config/parameters.def"
};

const struct sc_param *sc_param_get(enum sc_param_id id)
{
    assert(id < SC_PARAM_COUNT);
    return &table[id];
}

enum sc_param_id sc_param_id(const struct sc_param *param)
{
    return (enum sc_param_id)(param - table);
}

const struct sc_param *sc_param_find(const char *name, size_t length)
{
    for (size_t i = 0; i < SC_PARAM_COUNT; i++)
        if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
            return &table[i];
    return NULL;
}

bool sc_param_is_shown(const struct sc_param *param, enum sc_param_program program)
{
    return param->type == SC_PARAM_NAME || (param->program == program && param->size > 0);
}
