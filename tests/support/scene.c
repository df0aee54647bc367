/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Directories, counts and children for unit tests. It asserts by cmocka, so
 * it is of no use outside a test.
 */
#include "support/check.h"

#include "support/scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

size_t scene_open_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

int scene_setup(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));

    assert_non_null(scene);
    scene->open_before = scene_open_descriptors();
    snprintf(scene->directory, sizeof(scene->directory), "/tmp/scache-scene-XXXXXX");
    assert_non_null(mkdtemp(scene->directory));
    assert_int_equal(chmod(scene->directory, 0755), 0);
    scene->fd = open(scene->directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_true(scene->fd >= 0);
    *state = scene;
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

/* Nothing that was opened may have stayed open unnoticed. */
int scene_teardown(void **state)
{
    struct scene *scene = *state;

    (void)nftw(scene->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    close(scene->fd);
    assert_int_equal(scene_open_descriptors(), scene->open_before);
    free(scene);
    return 0;
}

const char *scene_path(const struct scene *scene, const char *name, char *path)
{
    assert_true(snprintf(path, PATH_MAX, "%s/%s", scene->directory, name) < PATH_MAX);
    return path;
}

int scene_in_child(int (*act)(void *context), void *context)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(act(context));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}
