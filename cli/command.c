/* The commands of the program; see command.h. */
#include "cli/command.h"

#include <stddef.h>
#include <string.h>

#include "cli/text.h"

enum { SUGGEST_EDITS_MAX = 3 };

static const struct command *const commands[] = {
    &command_query, &command_shell, &command_info, &command_topology, &command_generate,
};

uint32_t command_count(void)
{
    return sizeof(commands) / sizeof(commands[0]);
}

const struct command *command_at(uint32_t index)
{
    return commands[index];
}

const struct command *command_find(const char *name)
{
    for (uint32_t i = 0; i < command_count(); i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return commands[i];
        }
    }
    return NULL;
}

const struct command *command_nearest(const char *name)
{
    const struct command *nearest = NULL;
    uint32_t least = SUGGEST_EDITS_MAX + 1;
    for (uint32_t i = 0; i < command_count(); i++) {
        uint32_t distance = text_distance(commands[i]->name, name);
        if (distance < least && distance < strlen(name)) {
            least = distance;
            nearest = commands[i];
        }
    }
    return nearest;
}
