/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_HOST_CREW_H
#define SC_HOST_CREW_H

/*
 * The services of a program, all at once: what a host does to them is done to
 * each, in the order of the program, and undone in the reverse one.
 */

#include "base/bytes.h"
#include "host/service.h"

SC_MUST_CHECK int sc_crew_prepare(const struct sc_program *program, struct sc_runtime *runtime);
SC_MUST_CHECK int sc_crew_start(const struct sc_program *program, struct sc_runtime *runtime);

/* The service whose sockets a service manager calls so, or null. */
struct sc_service *sc_crew_find(const struct sc_program *program, struct sc_bytes name);

void sc_crew_configure(const struct sc_program *program, const struct sc_params *params);
size_t sc_crew_clients(const struct sc_program *program);
void sc_crew_drain(const struct sc_program *program, int64_t patience);
bool sc_crew_is_drained(const struct sc_program *program);
void sc_crew_report(const struct sc_program *program);
void sc_crew_describe(const struct sc_program *program);
void sc_crew_stop(const struct sc_program *program);

#endif
