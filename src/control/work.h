/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_CONTROL_WORK_H
#define SC_CONTROL_WORK_H

/*
 * A request that is being answered, as those see it who do the work: what was
 * asked, by whom, how far it is. It begins and ends in control/job.
 */

#include "control/desk.h"
#include "control/record.h"
#include "control/who.h"

enum { SC_JOB_RECORDS = 32, SC_JOB_PLACES = 256 };

enum sc_job_state {
    SC_JOB_IDLE, /* there is none */
    SC_JOB_MORE, /* there is more to do */
    SC_JOB_DONE  /* the status was written */
};

struct sc_job_kept {
    struct sc_heap_key key; /* what it is sorted by; the smallest goes first */
    struct sc_buf record;
};

/* The busiest places of one kind. */
enum { SC_JOB_BUSIEST = 20 };

struct sc_job_busiest {
    struct {
        uint32_t lookups;
        struct sc_place_ref ref;
    } places[SC_JOB_BUSIEST];
    size_t count;
};

struct sc_job {
    struct sc_ask ask;
    struct sc_buf request; /* what the views of the request are of */
    struct sc_who who;
    uint64_t count;
    bool has_store_cursor;
    bool has_crowd_cursor;
    struct sc_store_cursor store_cursor;
    struct sc_crowd_cursor crowd_cursor;
    /* The best that were seen so far, of a list that is sorted. */
    struct sc_job_kept *kept;
    size_t kept_count;
    struct sc_heap best;
    /* Places of the history, gone through by index. */
    bool goes_through_places;
    size_t place;
    struct sc_job_busiest busiest[2]; /* by kind */
};

#endif
