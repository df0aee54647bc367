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
    {"oldest", SC_REUSE_OLDEST},
    {"newest", SC_REUSE_NEWEST},
    {NULL, 0},
};

static const struct sc_param_choice sandbox_modes[] = {
    {"yes", SC_SANDBOX_YES},
    {"log", SC_SANDBOX_LOG},
    {"kill", SC_SANDBOX_KILL},
    {"no", SC_SANDBOX_NO},
    {NULL, 0},
};

static const struct sc_param_choice tls_versions[] = {
    {">=TLSv1.2", SC_TLS_1_2},
    {">=TLSv1.3", SC_TLS_1_3},
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
/* clang-format off: it does not know _Generic */
#define PLACE(field) .offset = offsetof(struct sc_params, field)
#define FIELD(field) (((struct sc_params *)0)->field)
#define TEXT(field)                                                                                \
    .type = SC_PARAM_TEXT, PLACE(field), .size = sizeof(_Generic(FIELD(field), char * : (char *)0))
#define BOOLEAN(field)                                                                             \
    .type = SC_PARAM_BOOL, PLACE(field), .size = sizeof(_Generic(FIELD(field), bool : (bool)0))
#define NUMBER(field)                                                                              \
    .type = SC_PARAM_NUMBER, PLACE(field),                                                         \
    .size = sizeof(_Generic(FIELD(field), size_t                                                   \
                            : (size_t)0))
#define TIME(field)                                                                                \
    .type = SC_PARAM_TIME, PLACE(field),                                                           \
    .size = sizeof(_Generic(FIELD(field), int64_t                                                  \
                            : (int64_t)0))
#define CHOICE(field, words)                                                                       \
    .type = SC_PARAM_CHOICE, .choices = (words), PLACE(field),                                     \
    .size = sizeof(_Generic(FIELD(field), bool                                                     \
                            : (bool)0, int                                                         \
                            : (int)0, unsigned                                                     \
                            : (unsigned)0))
/* clang-format on */

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
    return param->type == SC_PARAM_NAME || (sc_param_is_of(param, program) && param->size > 0);
}
