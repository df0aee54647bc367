/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays the kept inputs of a fuzz target without a fuzzer, so that what was
 * once found stays found, with any compiler:
 *
 *     replay_NAME LIST DIRECTORY    every file of the directory
 *     replay_NAME FILE…             these
 *
 * The list names the files that the directory must have, one a line. One that
 * is missing, one that nobody has listed, and a directory without any are
 * failures: a corpus must not get lost unnoticed. The last line counts.
 */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    exit(1);
}

static void play(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0)
        fail(path, strerror(errno));
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size > 0 ? size : 1);
    FILE *file = fopen(path, "re");
    if (!file || !data || fread(data, 1, size, file) != size)
        fail(path, "cannot be read");
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static int play_list(const char *list, const char *directory)
{
    FILE *names = fopen(list, "re");
    char name[NAME_MAX + 2];
    char path[PATH_MAX];
    int count = 0;

    if (!names)
        fail(list, strerror(errno));
    while (fgets(name, sizeof(name), names)) {
        name[strcspn(name, "\n")] = '\0';
        snprintf(path, sizeof(path), "%s/%s", directory, name);
        play(path);
        count++;
    }
    fclose(names);
    return count;
}

static int count_files(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry;
    int count = 0;

    if (!directory)
        fail(path, strerror(errno));
    while ((entry = readdir(directory)))
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static int play_corpus(const char *list, const char *directory)
{
    int played = play_list(list, directory);

    if (played == 0)
        fail(list, "names no input");
    if (played != count_files(directory))
        fail(directory, "has inputs that its list does not name; see tools/fuzz --keep");
    return played;
}

int main(int count, char **paths)
{
    struct stat status;
    int played = 0;

    if (count == 3 && stat(paths[2], &status) == 0 && S_ISDIR(status.st_mode))
        played = play_corpus(paths[1], paths[2]);
    else
        for (; played + 1 < count; played++)
            play(paths[played + 1]);
    if (played == 0)
        fail("replay", "nothing was given to play");
    /* As cmocka says it, so that each input is counted as a test. */
    printf("[  PASSED  ] %d test(s).\n", played);
    return 0;
}
