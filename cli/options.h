/* Options of a command line, by a table.
 *
 * Options may stand anywhere and `--` ends them; `--name=VALUE`, `--name VALUE`, `-xVALUE`,
 * `-x VALUE`, flags may be clustered (`-qh`). Names are not abbreviated: what a script says today
 * must not depend on the options of tomorrow. `--help` is known to every command. */
#ifndef GYRE_CLI_OPTIONS_H
#define GYRE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_TEXTS,    /* struct option_texts: may be given several times */
    OPTION_NUMBER,   /* uint64_t: `1000`, `1,000`, `64k`, `1M`, `2G` (powers of 1000) */
    OPTION_SIZE,     /* uint64_t, bytes */
    OPTION_DURATION, /* int64_t, ns */
    OPTION_CHOICE,   /* int, the index in `choices` */
};

enum { OPTION_TEXTS_MAX = 64 };
struct option_texts {
    const char *texts[OPTION_TEXTS_MAX];
    uint32_t count;
};

struct option {
    const char *name; /* NULL: `help` is a heading */
    char letter;      /* 0: none */
    enum option_kind kind;
    void *value;
    const char *argument; /* what help calls it; NULL for a flag */
    const char *help;
    const char *const *choices; /* ends with NULL */
    uint64_t most;              /* of OPTION_NUMBER; 0: no bound */
};

struct command;

enum parse { PARSE_DONE, PARSE_HELPED, PARSE_WRONG };

/* Fills the options' values, and moves what is no option to the front of `arguments` (which has
 * `*count` entries, without the command's name), leaving their number in `*count`. Says on stderr
 * what is wrong. PARSE_HELPED: help was asked for and has been printed. */
enum parse options_parse(const struct command *command, const struct option *options,
                         uint32_t option_count, char **arguments, int *count);

#endif
