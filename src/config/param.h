/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONFIG_PARAM_H
#define SC_CONFIG_PARAM_H

/*
 * A parameter: what it is called, what it takes, what it is when nobody sets
 * it, what it means, and where its value goes. All of them stand in one table,
 * parameters.def, from which values, help texts and the manual come.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"

enum sc_param_type {
    SC_PARAM_TEXT,   /* char *, of the set of values */
    SC_PARAM_BOOL,   /* bool */
    SC_PARAM_NUMBER, /* size_t */
    SC_PARAM_TIME,   /* int64_t, milliseconds */
    SC_PARAM_CHOICE, /* one of some words: an enumeration, an int, or a bool */
    SC_PARAM_NAME    /* only values of others refer to it: neither checked nor kept */
};

enum sc_param_mode { SC_MODE_MASTER = 1, SC_MODE_STANDALONE = 2 };

/* When a value may change. */
enum sc_param_change {
    SC_CHANGE_RELOAD,   /* when the configuration is read again */
    SC_CHANGE_ANY_TIME, /* then, and for a time over the control socket */
    SC_CHANGE_RESTART   /* never in a running process */
};

/* One word that a choice takes; the list ends with a null word. */
struct sc_param_choice {
    const char *word;
    int value;
};

struct sc_param {
    const char *name;
    const char *preset;       /* as it would stand in the file */
    const char *preset_alone; /* standalone, if that differs; or null */
    const char *shown;        /* how the preset is told when it is made at start, or null */
    const char *shown_alone;  /* the same for the one that is standalone */
    const char *unit;         /* what a number counts */
    const char *help;         /* a sentence, or some */
    const struct sc_param_choice *choices;
    int64_t min;   /* of a text: bytes; of a time nothing */
    int64_t max;   /* 0: INT_MAX */
    size_t offset; /* in struct sc_params */
    size_t size;   /* of the field; 0: there is none, because nobody reads the value yet */
    enum sc_param_type type;
    enum sc_param_program program;
    bool common;             /* every program's, whatever stands above */
    enum sc_param_mode only; /* where it has an effect; 0: in both */
    enum sc_param_change change;
    bool zero;  /* of a time: 0 is taken */
    bool exact; /* of a choice: upper and lower case differ */
};

const struct sc_param *sc_param_get(enum sc_param_id id);
enum sc_param_id sc_param_id(const struct sc_param *param);

/* The parameter of that name, or null. */
const struct sc_param *sc_param_find(const char *name, size_t length);

/* Whether a parameter is of a program. Those of different programs may share a field. */
static inline bool sc_param_is_of(const struct sc_param *param, enum sc_param_program program)
{
    return param->common || param->program == program;
}

/* Whether a program keeps a value of it, or refers to it, so that a reader should know. */
bool sc_param_is_shown(const struct sc_param *param, enum sc_param_program program);

#endif
