/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program to which the kernel refuses some system calls, as an old one
 * or the filter of a container does. Everything else is as it was, so it is
 * seen how a program manages without.
 *
 *   refuse ENOSYS|EPERM|EINVAL CALL[:FIRST_ARGUMENT][,CALL...] PROGRAM [ARGUMENT]...
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/util.h"

static const struct {
    const char *name;
    int error;
} errors[] = {{"ENOSYS", ENOSYS}, {"EPERM", EPERM}, {"EINVAL", EINVAL}};

_Noreturn static void refuse_fail(const char *what)
{
    fprintf(stderr, "refuse: %s\n", what);
    exit(99);
}

static int refuse_find_error(const char *name)
{
    for (size_t i = 0; i < SC_COUNT_OF(errors); i++)
        if (strcmp(errors[i].name, name) == 0)
            return errors[i].error;
    refuse_fail("no such error");
}

/* A call that this machine does not have is refused already. */
static void refuse_add(scmp_filter_ctx filter, int error, char *word)
{
    char *argument = strchr(word, ':');
    struct scmp_arg_cmp first = {.op = SCMP_CMP_EQ};

    if (argument) {
        *argument++ = '\0';
        first.datum_a = strtoul(argument, NULL, 0);
    }
    int call = seccomp_syscall_resolve_name(word);
    if (call == __NR_SCMP_ERROR)
        refuse_fail("no such system call");
    if (seccomp_rule_add_array(filter, SCMP_ACT_ERRNO((uint32_t)error), call, argument ? 1 : 0,
                               &first) < 0)
        refuse_fail("this call cannot be refused");
}

int main(int argc, char *argv[])
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    char *rest = NULL;

    if (argc < 4 || !filter)
        refuse_fail("usage: refuse ERROR CALL[,CALL...] PROGRAM [ARGUMENT]...");
    int error = refuse_find_error(argv[1]);
    for (char *word = strtok_r(argv[2], ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        refuse_add(filter, error, word);
    /* Who is privileged stays so. */
    if (geteuid() == 0 && seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) < 0)
        refuse_fail("cannot leave privileges alone");
    if (seccomp_load(filter) < 0)
        refuse_fail("this kernel has no filters");
    seccomp_release(filter);
    execvp(argv[3], argv + 3);
    refuse_fail(strerror(errno));
}
