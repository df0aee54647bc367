/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command shell: requests by their names on the wire, one a line. A bad
 * line does not end the script, but makes its exit code. How a line is cut
 * into words is not known here.
 */
#include <editline/readline.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lookup.h"
#include "save.h"
#include "words.h"

static const char prompt[] = "scache> ";

/* Returns what the request would exit with, or -1: leave. */
typedef int sc_ctl_verb_fn(struct sc_ctl *ctl, char *words[]);

struct verb {
    const char *name;
    int words; /* its own name is one */
    const char *usage;
    sc_ctl_verb_fn *run;
};

static int shell_parse_ttl(const struct sc_ctl *ctl, const char *text, int *ttl)
{
    int error = sc_ctl_args_number(text, 1, ttl);

    if (error < 0)
        sc_ctl_complain(&ctl->voice, "%s: not a number of seconds, at least 1", text);
    return error;
}

/*
 * What we have opened is close-on-exec, and what we were started with cannot
 * be; so a number never means the connection to the server. Returns a
 * descriptor, or -1 and has said why.
 */
static int shell_pick_descriptor(const struct sc_ctl *ctl, int fd)
{
    int flags = fcntl(fd, F_GETFD);

    if (flags >= 0 && (flags & FD_CLOEXEC) == 0)
        return fd;
    /* As the scripts have it that Postfix's own server is tested with. */
    if (ctl->args.any)
        return STDIN_FILENO;
    sc_ctl_misused(&ctl->voice,
                   "descriptor %d is not open; with --any it stands for standard input", fd);
    return -1;
}

static int shell_save_endp(struct sc_ctl *ctl, char *words[])
{
    int ttl, fd;

    if (shell_parse_ttl(ctl, words[1], &ttl) < 0)
        return SC_CTL_USAGE;
    if (sc_ctl_args_number(words[4], 0, &fd) < 0) {
        sc_ctl_complain(&ctl->voice, "%s: not a descriptor number", words[4]);
        return SC_CTL_USAGE;
    }
    fd = shell_pick_descriptor(ctl, fd);
    if (fd < 0)
        return SC_CTL_USAGE;
    return sc_ctl_save_endpoint(ctl, "save_endp", ttl, words[2], words[3], fd);
}

static int shell_find_endp(struct sc_ctl *ctl, char *words[])
{
    return sc_ctl_lookup_endpoint(ctl, "find_endp", words[1], NULL);
}

static int shell_save_dest(struct sc_ctl *ctl, char *words[])
{
    int ttl;

    if (shell_parse_ttl(ctl, words[1], &ttl) < 0)
        return SC_CTL_USAGE;
    return sc_ctl_save_destination(ctl, "save_dest", ttl, words[2], words[3], words[4]);
}

static int shell_find_dest(struct sc_ctl *ctl, char *words[])
{
    return sc_ctl_lookup_destination(ctl, "find_dest", words[1], NULL);
}

static int shell_sleep_some(struct sc_ctl *ctl, char *words[])
{
    char *end;
    double seconds = strtod(words[1], &end);

    if (end == words[1] || *end != '\0' || !(seconds >= 0 && seconds <= 1e9)) {
        sc_ctl_complain(&ctl->voice, "%s: not a number of seconds", words[1]);
        return SC_CTL_USAGE;
    }
    time_t whole = (time_t)seconds;
    struct timespec rest = {whole, (long)((seconds - (double)whole) * 1e9)};
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR)
        ;
    return SC_CTL_DONE;
}

static sc_ctl_verb_fn shell_help, shell_quit;

static const struct verb verbs[] = {
    {"save_endp", 5, "save_endp TTL ENDPOINT PROPERTY FD", shell_save_endp},
    {"find_endp", 2, "find_endp ENDPOINT", shell_find_endp},
    {"save_dest", 5, "save_dest TTL DESTINATION PROPERTY ENDPOINT", shell_save_dest},
    {"find_dest", 2, "find_dest DESTINATION", shell_find_dest},
    {"sleep", 2, "sleep SECONDS", shell_sleep_some},
    {"help", 1, "help", shell_help},
    {"quit", 1, "quit", shell_quit},
    {0},
};

static int shell_help(struct sc_ctl *ctl, char *words[])
{
    (void)ctl;
    (void)words;
    for (const struct verb *verb = verbs; verb->name; verb++)
        fprintf(stderr, "%s\n", verb->usage);
    fputs("A word in \"double quotes\" may hold blanks, be empty, and have \\n \\t \\\" \\\\ "
          "\\xHH.\n",
          stderr);
    return SC_CTL_DONE;
}

static int shell_quit(struct sc_ctl *ctl, char *words[])
{
    (void)ctl;
    (void)words;
    return -1;
}

static const struct verb *shell_find_verb(const char *name)
{
    const struct verb *verb = verbs;

    while (verb->name && strcmp(verb->name, name) != 0)
        verb++;
    return verb->name ? verb : NULL;
}

static int shell_run_line(struct sc_ctl *ctl, char *line)
{
    char *words[SC_CTL_WORDS_MAX];
    int count = sc_ctl_words_split(line, words);

    if (count == 0)
        return SC_CTL_DONE;
    if (count < 0) {
        sc_ctl_complain(&ctl->voice, "a quote or an escape is wrong");
        return SC_CTL_USAGE;
    }
    const struct verb *verb = shell_find_verb(words[0]);
    if (!verb) {
        sc_ctl_complain(&ctl->voice, "%s: no such command; try help", words[0]);
        return SC_CTL_USAGE;
    }
    if (count != verb->words) {
        sc_ctl_complain(&ctl->voice, "usage: %s", verb->usage);
        return SC_CTL_USAGE;
    }
    return verb->run(ctl, words);
}

/* A completion of the line's first word: the next after the last one that was given. */
static char *shell_complete_verb(const char *text, int state)
{
    int skip = state;

    /* libedit counts the calls in state, so nothing has to be remembered here. */
    for (const struct verb *verb = verbs; verb->name; verb++)
        if (strncmp(verb->name, text, strlen(text)) == 0 && skip-- == 0)
            return strdup(verb->name);
    return NULL;
}

static char **shell_complete(const char *text, int start, int end)
{
    (void)end;
    rl_attempted_completion_over = 1;
    return start == 0 ? rl_completion_matches(text, shell_complete_verb) : NULL;
}

static char *shell_edit_line(void)
{
    char *line = readline(prompt);

    if (line && *line)
        add_history(line);
    return line;
}

/* The next line, allocated, or null: there is none. */
static char *shell_next_line(bool edits)
{
    char *line = NULL;
    size_t size = 0;

    if (edits)
        return shell_edit_line();
    if (getline(&line, &size, stdin) >= 0)
        return line;
    free(line);
    return NULL;
}

static void shell_set_up_editing(void)
{
    rl_readline_name = "scachectl";
    rl_attempted_completion_function = shell_complete;
    /* The prompt must not get into results that go to a file. */
    if (!isatty(STDOUT_FILENO))
        rl_outstream = stderr;
    using_history();
}

/* A bad command weighs more than a server that is away; a miss is no failure of a script. */
static int shell_worse(int one, int other)
{
    if (other == SC_CTL_MISS || one == SC_CTL_USAGE || other == SC_CTL_DONE)
        return one;
    return other;
}

int sc_ctl_shell(struct sc_ctl *ctl)
{
    const bool edits = isatty(STDIN_FILENO);
    int code = SC_CTL_DONE;
    char place[32];
    char *line;

    if (edits)
        shell_set_up_editing();
    for (unsigned number = 1; (line = shell_next_line(edits)); number++) {
        snprintf(place, sizeof(place), "line %u", number);
        ctl->voice.place = edits ? NULL : place;
        int result = shell_run_line(ctl, line);
        free(line);
        if (result < 0)
            break;
        code = shell_worse(code, result);
    }
    ctl->voice.place = NULL;
    /* After the end of file at a prompt, the user's own shell starts a line. */
    if (edits && !line)
        fputc('\n', rl_outstream ? rl_outstream : stdout);
    return edits ? SC_CTL_DONE : code;
}
