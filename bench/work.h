/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_BENCH_WORK_H
#define SC_BENCH_WORK_H

/*
 * What clients do all the time, over and over, while a server is measured.
 */

enum sc_work {
    SC_WORK_CYCLE,    /* save_endp, save_dest, find_dest */
    SC_WORK_ENDPOINT, /* save_endp, find_endp */
    SC_WORK_MISS,     /* find_dest and find_endp of labels that hold nothing */
    SC_WORK_PUTTAKE,  /* put with its binding, take by destination: one round trip each */
};

const char *sc_work_name(enum sc_work work);

/* 0, or -EINVAL for a name that is none. */
int sc_work_parse(const char *name, enum sc_work *work) __attribute__((warn_unused_result));

#endif
