/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Plays inputs to a fuzz target without a fuzzer: every file that is named,
 * and every file in a directory that is. So what was once found stays found,
 * with any compiler. Exits with 1 if there was nothing to play.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int play_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "re");
    uint8_t *data = malloc(size > 0 ? size : 1);

    if (!file || !data || fread(data, 1, size, file) != size) {
        perror(path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int play(const char *path);

static int play_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    char name[4096];
    int count = 0;

    if (!directory) {
        perror(path);
        exit(1);
    }
    while ((entry = readdir(directory))) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        count += play(name);
    }
    closedir(directory);
    return count;
}

static int play(const char *path)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        perror(path);
        exit(1);
    }
    if (S_ISDIR(status.st_mode))
        return play_directory(path);
    return play_file(path, (size_t)status.st_size);
}

int main(int count, char **paths)
{
    int played = 0;

    for (int i = 1; i < count; i++)
        played += play(paths[i]);
    printf("%d inputs\n", played);
    return played > 0 ? 0 : 1;
}
