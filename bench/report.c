/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes results, as tables for people and as JSON for machines. It decides nothing but
 * whether a row is met.
 */
#include "report.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char *const metric_names[SC_METRICS] = {
    "requests_per_second", "cpu_us_per_request",  "latency_p50_us",      "latency_p99_us",
    "latency_p999_us",     "resident_size_bytes", "generator_cpu_share", "others_cpu_share"};

static void report_cpu_model(char *out, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "re");
    snprintf(out, size, "unknown");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        char *value = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || value == NULL)
            continue;
        value[strcspn(value, "\n")] = '\0';
        snprintf(out, size, "%s", value + 2);
        break;
    }
    if (file != NULL)
        fclose(file);
}

int sc_report_begin(struct sc_bench *bench)
{
    struct utsname name;
    char model[128];
    report_cpu_model(model, sizeof(model));
    if (uname(&name) < 0)
        return -errno;
    bench->json = json_object_new_object();
    struct json_object *machine = json_object_new_object();
    if (bench->json == NULL || machine == NULL)
        return -ENOMEM;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    json_object_object_add(machine, "processor", json_object_new_string(model));
    json_object_object_add(machine, "processors", json_object_new_int64(processors));
    json_object_object_add(machine, "kernel", json_object_new_string(name.release));
    json_object_object_add(bench->json, "machine", machine);
    json_object_object_add(bench->json, "rounds", json_object_new_int64(bench->rounds));
    json_object_object_add(bench->json, "seconds", json_object_new_double(bench->seconds));
    printf("%ld x %s, Linux %s\n", processors, model, name.release);
    return 0;
}

static int report_in_out(const struct sc_bench *bench, char *path, size_t size, const char *name)
{
    if (mkdir(bench->out, 0777) < 0 && errno != EEXIST)
        return -errno;
    return snprintf(path, size, "%s/%s", bench->out, name) < (int)size ? 0 : -ENAMETOOLONG;
}

int sc_report_end(struct sc_bench *bench)
{
    char path[512];
    int err = 0;
    if (bench->out != NULL) {
        err = report_in_out(bench, path, sizeof(path), "results.json");
        if (err == 0 && json_object_to_file_ext(path, bench->json, JSON_C_TO_STRING_PRETTY) < 0)
            err = -EIO;
        if (err < 0)
            fprintf(stderr, "scache-bench: %s: %s\n", bench->out, strerror(-err));
    }
    json_object_put(bench->json);
    bench->json = NULL;
    return err;
}

FILE *sc_report_columns(const struct sc_bench *bench, const char *name, const char *heading)
{
    char path[512];
    if (bench->out == NULL || report_in_out(bench, path, sizeof(path), name) < 0)
        return NULL;
    FILE *file = fopen(path, "we");
    if (file == NULL)
        fprintf(stderr, "scache-bench: %s: %s\n", path, strerror(errno));
    else
        fprintf(file, "# %s\n", heading);
    return file;
}

/* The array or object below a name, made when it is not there yet. */
static struct json_object *report_section_get(struct sc_bench *bench, const char *name, bool array)
{
    struct json_object *section;
    if (!json_object_object_get_ex(bench->json, name, &section)) {
        section = array ? json_object_new_array() : json_object_new_object();
        json_object_object_add(bench->json, name, section);
    }
    return section;
}

static struct json_object *report_spread_json(struct sc_spread spread)
{
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "median", json_object_new_double(spread.median));
    json_object_object_add(json, "min", json_object_new_double(spread.min));
    json_object_object_add(json, "max", json_object_new_double(spread.max));
    return json;
}

static struct json_object *report_lane_json(const struct sc_lane *lane, const struct sc_lane *base,
                                            unsigned rounds)
{
    struct json_object *json = json_object_new_object();
    struct json_object *ratios = json_object_new_object();
    json_object_object_add(json, "lane", json_object_new_string(lane->label));
    json_object_object_add(json, "workload", json_object_new_string(sc_work_name(lane->plan.work)));
    json_object_object_add(json, "clients", json_object_new_int64(lane->plan.clients));
    for (int i = 0; i < SC_METRICS; i++) {
        struct sc_spread ratio = sc_lane_ratio(lane, base, (enum sc_metric)i, rounds);
        json_object_object_add(json, metric_names[i],
                               report_spread_json(sc_spread_of(lane->samples[i], rounds)));
        json_object_object_add(ratios, metric_names[i], report_spread_json(ratio));
    }
    json_object_object_add(json, "ratio_to_first", ratios);
    return json;
}

static void report_lane_print(const struct sc_lane *lane, const struct sc_lane *base,
                              unsigned rounds)
{
    struct sc_spread rate = sc_lane_ratio(lane, base, SC_RATE, rounds);
    struct sc_spread cpu = sc_lane_ratio(lane, base, SC_CPU, rounds);
    double median[SC_METRICS];
    for (int i = 0; i < SC_METRICS; i++)
        median[i] = sc_spread_of(lane->samples[i], rounds).median;
    printf("  %-22s %9.0f %7.2f %8.1f %8.1f %8.1f %6.1f %5.0f%%  %5.2f (%.2f-%.2f)  "
           "%5.2f (%.2f-%.2f)\n",
           lane->label, median[SC_RATE], median[SC_CPU], median[SC_P50], median[SC_P99],
           median[SC_P999], median[SC_RSS] / 1e6, 100 * median[SC_OWN_CPU], rate.median, rate.min,
           rate.max, cpu.median, cpu.min, cpu.max);
}

/* A machine that others use at the same time gives other figures: say so. */
static void report_others_print(const struct sc_lane *lanes, unsigned count, unsigned rounds)
{
    double sum = 0;
    for (unsigned i = 0; i < count; i++) {
        for (unsigned round = 0; round < rounds; round++)
            sum += lanes[i].samples[SC_OTHERS][round];
    }
    double share = sum / (count * rounds);
    if (share >= 0.1)
        printf("  (other programs took %.0f%% of a processor meanwhile)\n", 100 * share);
}

void sc_report_table(struct sc_bench *bench, const char *title, const struct sc_lane *lanes,
                     unsigned count, unsigned rounds)
{
    struct json_object *table = json_object_new_object();
    struct json_object *list = json_object_new_array();

    printf("\n%s (%u x %.1f s in turn)\n", title, rounds, bench->seconds);
    printf("  %-22s %9s %7s %8s %8s %8s %6s %6s  %-17s  %s\n", "", "requests", "CPU us", "latency",
           "", "", "size", "our", "rate, to", "CPU, to");
    printf("  %-22s %9s %7s %8s %8s %8s %6s %6s  %-17s  %s\n", "", "a second", "each", "50% us",
           "99% us", "99.9%", "MB", "CPU", "the first", "the first");
    for (unsigned i = 0; i < count; i++) {
        report_lane_print(&lanes[i], &lanes[0], rounds);
        json_object_array_add(list, report_lane_json(&lanes[i], &lanes[0], rounds));
    }
    report_others_print(lanes, count, rounds);
    fflush(stdout);
    json_object_object_add(table, "title", json_object_new_string(title));
    json_object_object_add(table, "lanes", list);
    json_object_array_add(report_section_get(bench, "tables", true), table);
}

bool sc_report_row_is_met(const struct sc_row *row)
{
    return row->at_least ? row->measured.median >= row->bound : row->measured.median <= row->bound;
}

void sc_report_row(struct sc_bench *bench, const struct sc_row *row)
{
    char spread[48] = "";
    bool met = sc_report_row_is_met(row);
    if (row->measured.min < row->measured.max)
        snprintf(spread, sizeof(spread), "(%.2f-%.2f)", row->measured.min, row->measured.max);
    printf("  %-7s %-58s %-8s %8.2f %-5s %9.2f %s\n", met ? "met" : "NOT MET", row->what,
           row->at_least ? "at least" : "at most", row->bound, row->unit, row->measured.median,
           spread);

    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "what", json_object_new_string(row->what));
    json_object_object_add(json, "unit", json_object_new_string(row->unit));
    json_object_object_add(json, row->at_least ? "at_least" : "at_most",
                           json_object_new_double(row->bound));
    json_object_object_add(json, "measured", report_spread_json(row->measured));
    json_object_object_add(json, "met", json_object_new_boolean(met));
    json_object_array_add(report_section_get(bench, "rows", true), json);
}

void sc_report_row_absent(struct sc_bench *bench, const char *what)
{
    struct json_object *json = json_object_new_object();
    printf("  %-7s %-58s\n", "absent", what);
    json_object_object_add(json, "what", json_object_new_string(what));
    json_object_object_add(json, "met", NULL);
    json_object_array_add(report_section_get(bench, "rows", true), json);
}

void sc_report_quiet(struct sc_bench *bench, const char *section, const char *name, double value,
                     const char *unit)
{
    struct json_object *json = json_object_new_object();
    json_object_object_add(json, "value", json_object_new_double(value));
    json_object_object_add(json, "unit", json_object_new_string(unit));
    json_object_object_add(report_section_get(bench, section, false), name, json);
}

void sc_report_number(struct sc_bench *bench, const char *section, const char *name, double value,
                      const char *unit)
{
    printf("  %-60s %12.1f %s\n", name, value, unit);
    sc_report_quiet(bench, section, name, value, unit);
}
