/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SC_TESTS_SCENE_H
#define SC_TESTS_SCENE_H

/*
 * What tests of descriptors and files need over and over: a directory of
 * their own, how many descriptors are open, and a child that does something.
 */

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

/* How many descriptors this process has open. */
size_t scene_open_descriptors(void);

struct scene {
    char directory[PATH_MAX];
    int fd; /* of that directory */
    size_t open_before;
};

/* For cmocka: *state is a struct scene; the teardown counts descriptors. */
int scene_setup(void **state);
int scene_teardown(void **state);

/* The path of a file in the scene, in a buffer of at least PATH_MAX. */
const char *scene_path(const struct scene *scene, const char *name, char *path);

/* Runs @act in a child; returns its exit status, or fails the test if it was killed. */
int scene_in_child(int (*act)(void *context), void *context);

#endif
