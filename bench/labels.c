/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes sets of labels, from the usual to those that collide under well-known hashes. The
 * store is not touched here.
 */
#include "labels.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAGES      20 /* 2^20 labels out of a choice of two in each stage */
#define BLOCK       4
#define FNV_BASIS   2166136261u
#define FNV_PRIME   16777619u
#define PREFIX_LEN  64
#define MEETING_LOG 20

/* Per stage, two blocks of bytes that a hash function cannot tell apart. */
struct stages {
    char blocks[STAGES][2][BLOCK];
    size_t block_len;
};

const char *sc_labels_name(enum sc_label_kind kind)
{
    static const char *const names[] = {"usual", "same prefix", "2,000 bytes", "equal FNV-1a",
                                        "equal djb2"};
    return names[kind];
}

static uint32_t labels_fnv(uint32_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * FNV_PRIME;
    return hash;
}

static void labels_block_of(uint32_t number, char block[BLOCK])
{
    for (unsigned i = 0; i < BLOCK; i++)
        block[i] = (char)('0' + (number >> (6 * i)) % 64);
}

/* Two blocks that take one state of FNV-1a to one and the same next: a birthday search. A label
   can then choose either block in each stage and its hash does not change. */
static int labels_fnv_stage(uint32_t *state, char blocks[2][BLOCK], uint32_t *seen)
{
    memset(seen, 0, sizeof(*seen) << MEETING_LOG);
    for (uint32_t number = 1; number < 1u << 24; number++) {
        char block[BLOCK];
        char other[BLOCK];
        labels_block_of(number, block);
        uint32_t hash = labels_fnv(*state, block, BLOCK);
        uint32_t *place = &seen[hash >> (32 - MEETING_LOG)];
        labels_block_of(*place, other);
        if (*place != 0 && labels_fnv(*state, other, BLOCK) == hash) {
            memcpy(blocks[0], other, BLOCK);
            memcpy(blocks[1], block, BLOCK);
            *state = hash;
            return 0;
        }
        *place = number;
    }
    return -ENOENT;
}

static int labels_fnv_stages(struct stages *stages)
{
    uint32_t *seen = malloc(sizeof(*seen) << MEETING_LOG);
    uint32_t state = FNV_BASIS;
    int err = seen == NULL ? -ENOMEM : 0;
    stages->block_len = BLOCK;
    for (unsigned i = 0; i < STAGES && err == 0; i++)
        err = labels_fnv_stage(&state, stages->blocks[i], seen);
    free(seen);
    return err;
}

/* 33 * 'E' + 'z' is 33 * 'F' + 'Y'. */
static void labels_djb_stages(struct stages *stages)
{
    stages->block_len = 2;
    for (unsigned i = 0; i < STAGES; i++) {
        memcpy(stages->blocks[i][0], "Ez", 2);
        memcpy(stages->blocks[i][1], "FY", 2);
    }
}

static void label_staged(char *out, const struct stages *stages, unsigned index)
{
    for (unsigned i = 0; i < STAGES; i++)
        memcpy(out + i * stages->block_len, stages->blocks[i][index >> i & 1], stages->block_len);
}

static void label_numbered(char *out, size_t length, unsigned index)
{
    char digits[8];
    snprintf(digits, sizeof(digits), "%07u", index);
    memset(out, 'x', length - 7);
    memcpy(out + length - 7, digits, 7);
}

static void label_usual(char *out, size_t length, unsigned index)
{
    char text[64];
    int made = snprintf(text, sizeof(text), "smtp\n10.%u.%u.%u\n25\n0\n", 100 + index / 10000,
                        100 + index / 100 % 100, 100 + index % 100);
    assert((size_t)made == length);
    memcpy(out, text, length);
}

int sc_labels_init(struct sc_labels *labels, enum sc_label_kind kind, unsigned count)
{
    struct stages stages = {0};
    size_t lengths[] = {25, PREFIX_LEN + 7, SC_LABELS_LENGTH_MAX, STAGES * BLOCK, STAGES * 2};

    assert(count <= 1u << STAGES);
    if (kind == SC_LABELS_FNV && labels_fnv_stages(&stages) < 0)
        return -ENOMEM;
    if (kind == SC_LABELS_DJB)
        labels_djb_stages(&stages);
    *labels = (struct sc_labels){.length = lengths[kind], .count = count};
    labels->bytes = malloc(labels->length * count);
    if (labels->bytes == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < count; i++) {
        char *at = labels->bytes + i * labels->length;
        if (stages.block_len > 0)
            label_staged(at, &stages, i);
        else if (kind == SC_LABELS_USUAL)
            label_usual(at, labels->length, i % 9000000);
        else
            label_numbered(at, labels->length, i);
    }
    return 0;
}

void sc_labels_fini(struct sc_labels *labels)
{
    free(labels->bytes);
    *labels = (struct sc_labels){0};
}
