/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads proc(5), of which most is open to everybody unless it was mounted with
 * hidepid. It does not look for servers: whose process it is, it is told.
 */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line of limits, or all of stat, and a few bytes more. */
enum { PROCESS_TEXT_SIZE = 2048, PROCESS_PATH_SIZE = 256 };

static const char process_name[] = "scache";

static FILE *process_open(const char *proc, pid_t process, const char *file)
{
    char path[PROCESS_PATH_SIZE];
    int length = snprintf(path, sizeof(path), "%s/%d/%s", proc, (int)process, file);

    if (length < 0 || (size_t)length >= sizeof(path))
        return NULL;
    return fopen(path, "re");
}

/* 0, also when there is nothing to tell; what is unsound here is a mistake of ours. */
static int process_add(struct sc_exposition *exposition, enum sc_exposition_kind kind,
                       const char *family, const char *help, double value)
{
    struct sc_exposition_series series = {kind, family, help, ""};
    char number[40];

    snprintf(number, sizeof(number), "%.15g", value);
    return sc_exposition_add(exposition, &series, number);
}

/*
 * Times and memory, if the process has the server's name. In stat(5) the name stands in
 * parentheses and may hold any byte, so fields are counted from the last parenthesis: the state,
 * which is field 3, comes first; 14 and 15 are times, 24 is memory in pages.
 */
static bool process_read_stat(const char *proc, pid_t process, double *seconds, double *bytes)
{
    unsigned long user, system;
    char text[PROCESS_TEXT_SIZE];
    long pages;
    FILE *file = process_open(proc, process, "stat");

    if (!file)
        return false;
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *begin = strchr(text, '(');
    const char *end = strrchr(text, ')');
    if (!begin || !end || end - begin - 1 != (ptrdiff_t)strlen(process_name) ||
        memcmp(begin + 1, process_name, strlen(process_name)) != 0)
        return false;
    if (sscanf(end + 1,
               " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu"
               " %*d %*d %*d %*d %*d %*d %*u %*u %ld",
               &user, &system, &pages) != 3)
        return false;
    *seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    *bytes = (double)pages * (double)sysconf(_SC_PAGESIZE);
    return true;
}

/* Since Linux 6.2 the size of the directory says it, to everybody; before, only to who may look. */
static bool process_count_descriptors(const char *proc, pid_t process, double *count)
{
    char path[PROCESS_PATH_SIZE];
    struct stat about;
    int length = snprintf(path, sizeof(path), "%s/%d/fd", proc, (int)process);

    if (length < 0 || (size_t)length >= sizeof(path))
        return false;
    if (stat(path, &about) == 0 && about.st_size > 0) {
        *count = (double)about.st_size;
        return true;
    }
    DIR *directory = opendir(path);
    if (!directory)
        return false;
    const struct dirent *entry;
    *count = 0;
    while ((entry = readdir(directory)))
        *count += entry->d_name[0] != '.';
    closedir(directory);
    return true;
}

static bool process_read_limit(const char *proc, pid_t process, double *limit)
{
    char line[PROCESS_TEXT_SIZE];
    unsigned long number;
    bool is_found = false;
    FILE *file = process_open(proc, process, "limits");

    if (!file)
        return false;
    while (!is_found && fgets(line, sizeof(line), file))
        is_found = sscanf(line, "Max open files %lu", &number) == 1;
    fclose(file);
    if (is_found)
        *limit = (double)number;
    return is_found;
}

int sc_process_add(const char *proc, pid_t process, struct sc_exposition *exposition)
{
    double seconds, bytes, count;
    int error;

    if (!process_read_stat(proc, process, &seconds, &bytes))
        return 0;
    error = process_add(exposition, SC_EXPOSITION_COUNTER, "scache_process_cpu_seconds_total",
                        "Processor time of the server's process, user and system.", seconds);
    if (error == 0)
        error = process_add(exposition, SC_EXPOSITION_GAUGE, "scache_process_resident_memory_bytes",
                            "Resident memory of the server's process.", bytes);
    if (error == 0 && process_count_descriptors(proc, process, &count))
        error = process_add(exposition, SC_EXPOSITION_GAUGE, "scache_process_open_fds",
                            "Open descriptors of the server's process.", count);
    if (error == 0 && process_read_limit(proc, process, &count))
        error = process_add(exposition, SC_EXPOSITION_GAUGE, "scache_process_max_fds",
                            "The most open descriptors of the server's process.", count);
    return error;
}
