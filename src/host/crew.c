/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Doing something to all services of a program. It decides nothing, and logs
 * nothing of its own.
 */
#include "host/crew.h"

#include "host/given.h"

int sc_crew_prepare(const struct sc_program *program, struct sc_runtime *runtime)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < program->service_count; i++) {
        struct sc_service *service = program->services[i];
        if (service->calls->prepare)
            error = service->calls->prepare(service, runtime);
    }
    return error;
}

/* The first that cannot start ends it: half of a program would look like a whole one. */
int sc_crew_start(const struct sc_program *program, struct sc_runtime *runtime)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < program->service_count; i++) {
        struct sc_service *service = program->services[i];
        error = service->calls->start(service, runtime);
        service->started = error == 0;
    }
    return error;
}

/* An outspoken name wins over the service that needs none. */
struct sc_service *sc_crew_find(const struct sc_program *program, struct sc_bytes name)
{
    for (size_t i = 0; i < program->service_count; i++) {
        const char *listener = program->services[i]->calls->listener;
        if (listener ? sc_bytes_equal(sc_bytes_of(listener), name) : sc_given_is_listener(name))
            return program->services[i];
    }
    return NULL;
}

void sc_crew_configure(const struct sc_program *program, const struct sc_params *params)
{
    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started)
            program->services[i]->calls->configure(program->services[i], params);
}

size_t sc_crew_clients(const struct sc_program *program)
{
    size_t clients = 0;

    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started)
            clients += program->services[i]->calls->clients(program->services[i]);
    return clients;
}

void sc_crew_drain(const struct sc_program *program, int64_t patience)
{
    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started)
            program->services[i]->calls->drain(program->services[i], patience);
}

bool sc_crew_is_drained(const struct sc_program *program)
{
    bool drained = true;

    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started)
            drained = drained && program->services[i]->calls->is_drained(program->services[i]);
    return drained;
}

void sc_crew_report(const struct sc_program *program)
{
    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started && program->services[i]->calls->report)
            program->services[i]->calls->report(program->services[i]);
}

void sc_crew_describe(const struct sc_program *program)
{
    for (size_t i = 0; i < program->service_count; i++)
        if (program->services[i]->started && program->services[i]->calls->describe)
            program->services[i]->calls->describe(program->services[i]);
}

/* Later services may use earlier ones, so they go first. */
void sc_crew_stop(const struct sc_program *program)
{
    for (size_t i = program->service_count; i-- > 0;) {
        program->services[i]->calls->stop(program->services[i]);
        program->services[i]->started = false;
    }
}
