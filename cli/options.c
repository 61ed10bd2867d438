/* Options of a command line; see options.h. */
#include "cli/options.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/message.h"
#include "cli/text.h"
#include "gyre.h"

enum { NAME_BYTES_MAX = 64, HELP_COLUMN = 27, SUGGEST_EDITS_MAX = 3 };

/* A command line that is being read. */
struct parser {
    const struct command *command;
    const struct option *options;
    uint32_t option_count;
    char **arguments;
    int count;
    int next;
};

static enum parse parse_long(struct parser *parser, const char *argument);
static enum parse parse_short(struct parser *parser, const char *letters);
static enum parse take_value(struct parser *parser, const struct option *option, const char *shown,
                             const char *value);
static bool set_value(const struct option *option, const char *value);
static bool add_text(struct option_texts *texts, const char *value);
static bool set_number(const struct option *option, const char *value);
static bool set_choice(const struct option *option, const char *value);
static enum parse refuse_value(const struct parser *parser, const struct option *option,
                               const char *value);
static enum parse refuse_name(const struct parser *parser, const char *name);
static void print_help(const struct parser *parser);

enum parse options_parse(const struct command *command, const struct option *options,
                         uint32_t option_count, char **arguments, int *count)
{
    struct parser parser = {command, options, option_count, arguments, *count, 0};
    int kept = 0;
    bool is_ended = false;
    while (parser.next < parser.count) {
        char *argument = arguments[parser.next++];
        if (is_ended || argument[0] != '-' || argument[1] == '\0') {
            arguments[kept++] = argument;
            continue;
        }
        if (strcmp(argument, "--") == 0) {
            is_ended = true;
            continue;
        }
        enum parse parse = argument[1] == '-' ? parse_long(&parser, argument + 2)
                                              : parse_short(&parser, argument + 1);
        if (parse != PARSE_DONE) {
            return parse;
        }
    }
    *count = kept;
    return PARSE_DONE;
}

static enum parse parse_long(struct parser *parser, const char *argument)
{
    size_t size = strcspn(argument, "=");
    const char *value = argument[size] == '=' ? argument + size + 1 : NULL;
    if (strcmp(argument, "help") == 0) {
        print_help(parser);
        return PARSE_HELPED;
    }
    char name[NAME_BYTES_MAX];
    snprintf(name, sizeof(name), "%.*s", (int)(size < sizeof(name) ? size : sizeof(name)),
             argument);
    for (uint32_t i = 0; i < parser->option_count; i++) {
        const struct option *option = &parser->options[i];
        if (option->name == NULL || strcmp(option->name, name) != 0) {
            continue;
        }
        if (option->kind == OPTION_FLAG && value != NULL) {
            message_usage(parser->command->name, "--%s takes no value", name);
            return PARSE_WRONG;
        }
        char shown[NAME_BYTES_MAX + 2];
        snprintf(shown, sizeof(shown), "--%s", name);
        return take_value(parser, option, shown, value);
    }
    return refuse_name(parser, name);
}

static enum parse parse_short(struct parser *parser, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        if (*letters == 'h') {
            print_help(parser);
            return PARSE_HELPED;
        }
        const struct option *option = NULL;
        for (uint32_t i = 0; i < parser->option_count && option == NULL; i++) {
            if (parser->options[i].name != NULL && parser->options[i].letter == *letters) {
                option = &parser->options[i];
            }
        }
        if (option == NULL) {
            message_usage(parser->command->name, "unknown option -%c", *letters);
            return PARSE_WRONG;
        }
        const char shown[] = {'-', *letters, '\0'};
        if (option->kind != OPTION_FLAG) {
            return take_value(parser, option, shown, letters[1] == '\0' ? NULL : letters + 1);
        }
        *(bool *)option->value = true;
    }
    return PARSE_DONE;
}

/* `value` NULL: it is the next argument. */
static enum parse take_value(struct parser *parser, const struct option *option, const char *shown,
                             const char *value)
{
    if (option->kind == OPTION_FLAG) {
        *(bool *)option->value = true;
        return PARSE_DONE;
    }
    if (value == NULL && parser->next < parser->count) {
        value = parser->arguments[parser->next++];
    }
    if (value == NULL) {
        message_usage(parser->command->name, "%s needs a value: %s %s", shown, shown,
                      option->argument);
        return PARSE_WRONG;
    }
    return set_value(option, value) ? PARSE_DONE : refuse_value(parser, option, value);
}

static bool set_value(const struct option *option, const char *value)
{
    switch (option->kind) {
    case OPTION_FLAG:
        return false;
    case OPTION_TEXT:
        *(const char **)option->value = value;
        return value[0] != '\0';
    case OPTION_TEXTS:
        return add_text(option->value, value);
    case OPTION_NUMBER:
        return set_number(option, value);
    case OPTION_SIZE:
        return gyre_parse_size(value, option->value);
    case OPTION_DURATION:
        return gyre_parse_duration(value, option->value);
    case OPTION_CHOICE:
        return set_choice(option, value);
    }
    return false;
}

static bool add_text(struct option_texts *texts, const char *value)
{
    if (value[0] == '\0' || texts->count == OPTION_TEXTS_MAX) {
        return false;
    }
    texts->texts[texts->count++] = value;
    return true;
}

/* Digits, with commas or underscores between them if one likes, and k, M or G. */
static bool set_number(const struct option *option, const char *value)
{
    uint64_t number = 0;
    bool has_digit = false;
    for (; isdigit((unsigned char)*value) || (has_digit && strchr(",_", *value) != NULL); value++) {
        if (*value == '\0') {
            break;
        }
        if (isdigit((unsigned char)*value)) {
            has_digit = true;
            if (__builtin_mul_overflow(number, 10, &number) ||
                __builtin_add_overflow(number, (uint64_t)(*value - '0'), &number)) {
                return false;
            }
        }
    }
    uint64_t scale = 1;
    if (*value != '\0') {
        const char *unit = strchr("kMG", *value);
        if (unit == NULL || value[1] != '\0') {
            return false;
        }
        scale = *unit == 'k' ? 1000 : *unit == 'M' ? 1000000 : 1000000000;
    }
    if (!has_digit || __builtin_mul_overflow(number, scale, &number) ||
        (option->most != 0 && number > option->most)) {
        return false;
    }
    *(uint64_t *)option->value = number;
    return true;
}

static bool set_choice(const struct option *option, const char *value)
{
    for (int i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *(int *)option->value = i;
            return true;
        }
    }
    return false;
}

static enum parse refuse_value(const struct parser *parser, const struct option *option,
                               const char *value)
{
    char wanted[256] = "a text that is not empty";
    switch (option->kind) {
    case OPTION_FLAG:
    case OPTION_TEXT:
        break;
    case OPTION_TEXTS:
        snprintf(wanted, sizeof(wanted), "a text that is not empty, at most %d times",
                 OPTION_TEXTS_MAX);
        break;
    case OPTION_NUMBER:
        snprintf(wanted, sizeof(wanted),
                 option->most == 0 ? "a number, as 1000 or 64k" : "a number up to %" PRIu64,
                 option->most);
        break;
    case OPTION_SIZE:
        snprintf(wanted, sizeof(wanted), "a size, as 512M or 1.5G");
        break;
    case OPTION_DURATION:
        snprintf(wanted, sizeof(wanted), "a duration, as 500ms, 90s, 10m or 2h");
        break;
    case OPTION_CHOICE:
        snprintf(wanted, sizeof(wanted), "one of");
        for (int i = 0; option->choices[i] != NULL; i++) {
            size_t used = strlen(wanted);
            snprintf(wanted + used, sizeof(wanted) - used, "%s %s", i > 0 ? "," : "",
                     option->choices[i]);
        }
        break;
    }
    message_usage(parser->command->name, "--%s wants %s, not '%s'", option->name, wanted, value);
    return PARSE_WRONG;
}

static enum parse refuse_name(const struct parser *parser, const char *name)
{
    const char *nearest = NULL;
    uint32_t least = SUGGEST_EDITS_MAX + 1;
    for (uint32_t i = 0; i < parser->option_count; i++) {
        const char *known = parser->options[i].name;
        if (known == NULL) {
            continue;
        }
        bool is_prefix = strlen(name) >= 2 && strncmp(known, name, strlen(name)) == 0;
        uint32_t distance = is_prefix ? 1 : text_distance(known, name);
        if (distance < least && distance < strlen(known)) {
            least = distance;
            nearest = known;
        }
    }
    if (nearest != NULL) {
        message_usage(parser->command->name, "unknown option --%s; did you mean --%s?", name,
                      nearest);
    } else {
        message_usage(parser->command->name, "unknown option --%s", name);
    }
    return PARSE_WRONG;
}

/* `-f, --format=FORMAT  help`; further lines of the help stand below its first. */
static void print_option(const struct option *option)
{
    char left[NAME_BYTES_MAX];
    int used =
        snprintf(left, sizeof(left), option->letter != 0 ? "  -%c, " : "      ", option->letter);
    used += snprintf(left + used, sizeof(left) - (size_t)used, "--%s%s%s", option->name,
                     option->argument != NULL ? "=" : "",
                     option->argument != NULL ? option->argument : "");
    printf(used > HELP_COLUMN ? "%s\n%*s " : "%s%*s ", left,
           used > HELP_COLUMN ? HELP_COLUMN : HELP_COLUMN - used, "");
    for (const char *help = option->help; *help != '\0'; help++) {
        putchar(*help);
        if (*help == '\n') {
            printf("%*s ", HELP_COLUMN, "");
        }
    }
    putchar('\n');
}

static void print_help(const struct parser *parser)
{
    const struct command *command = parser->command;
    printf("Usage: gyre %s\n\n%s\n", command->usage, command->description);
    for (uint32_t i = 0; i < parser->option_count; i++) {
        const struct option *option = &parser->options[i];
        if (option->name == NULL) {
            printf("\n%s:\n", option->help);
        } else {
            print_option(option);
        }
    }
    const struct option help = {.name = "help", .letter = 'h', .help = "print this and exit"};
    print_option(&help);
    printf("\nExample:\n%s\n", command->example);
}
