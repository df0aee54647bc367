/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shows a wrong reply beside the right one. Every function returns the error that ends the
 * run.
 */
#include "wrong.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static void wrong_show_bytes(const char *what, const char *bytes, size_t len)
{
    fprintf(stderr, "  %s (%zu bytes): \"", what, len);
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n')
            fputs("\\n", stderr);
        else if (byte == '\0')
            fputs("\\0", stderr);
        else if (byte == '"' || byte == '\\' || !isprint(byte))
            fprintf(stderr, "\\x%02x", byte);
        else
            fputc(byte, stderr);
    }
    fputs("\"\n", stderr);
}

static void wrong_show_head(const struct sc_target *target, unsigned client, const char *what)
{
    fprintf(stderr, "scache-bench: %s (process %d), client %u: %s\n", sc_target_name(target->kind),
            (int)target->launch.pid, client, what);
}

int sc_wrong_reply(const struct sc_target *target, unsigned client, const struct sc_step *step,
                   size_t had, const char *got, size_t got_len)
{
    wrong_show_head(target, client, "wrong reply");
    wrong_show_bytes("sent", step->send, step->send_len);
    wrong_show_bytes("due ", step->want, step->want_len);
    if (had > 0)
        wrong_show_bytes("came rightly", step->want, had);
    wrong_show_bytes("came", got, got_len);
    return -EPROTO;
}

int sc_wrong_descriptor(const struct sc_target *target, unsigned client, const struct sc_step *step,
                        const char *what)
{
    wrong_show_head(target, client, what);
    wrong_show_bytes("sent", step->send, step->send_len);
    wrong_show_bytes("due ", step->want, step->want_len);
    return -EPROTO;
}

int sc_wrong_end(const struct sc_target *target, unsigned client, const struct sc_step *step,
                 int err)
{
    wrong_show_head(target, client, err < 0 ? strerror(-err) : "the server closed the connection");
    wrong_show_bytes("sent", step->send, step->send_len);
    wrong_show_bytes("due ", step->want, step->want_len);
    return err < 0 ? err : -EPROTO;
}

int sc_wrong_send(const struct sc_target *target, unsigned client, const struct sc_step *step,
                  int err)
{
    wrong_show_head(target, client, "cannot send");
    fprintf(stderr, "  %s\n", strerror(-err));
    wrong_show_bytes("text", step->send, step->send_len);
    return err;
}

int sc_wrong_silence(const struct sc_target *target, int seconds)
{
    fprintf(stderr, "scache-bench: %s (process %d) has answered nobody for %d s\n",
            sc_target_name(target->kind), (int)target->launch.pid, seconds);
    return -ETIMEDOUT;
}
