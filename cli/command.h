/* The commands of the program. */
#ifndef GYRE_CLI_COMMAND_H
#define GYRE_CLI_COMMAND_H

#include <stdint.h>

struct command {
    const char *name;
    const char *summary; /* one line, for the list of commands */
    const char *usage;   /* after `gyre ` */
    const char *description;
    const char *example;

    /* `arguments` are those after the command's name; returns the exit code. */
    int (*run)(const struct command *command, int count, char **arguments);
};

/* In the order of the list of commands. */
uint32_t command_count(void);
const struct command *command_at(uint32_t index);

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* The command whose name is most like `name`, or NULL when none is. */
const struct command *command_nearest(const char *name);

extern const struct command command_query;
extern const struct command command_shell;
extern const struct command command_info;
extern const struct command command_topology;
extern const struct command command_generate;

#endif
