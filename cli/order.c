/* What a line may say besides questions; see shell.h. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/describe.h"
#include "cli/message.h"
#include "cli/shell.h"
#include "cli/target.h"
#include "cli/text.h"

enum { SUGGEST_EDITS_MAX = 2 };

static int run_help(struct shell *shell, char *argument);
static int run_info(struct shell *shell, char *argument);
static int run_format(struct shell *shell, char *argument);
static int run_param(struct shell *shell, char *argument);
static int run_save(struct shell *shell, char *argument);
static int run_quit(struct shell *shell, char *argument);
static int run_file(struct shell *shell, const char *path);

struct order {
    const char *name;
    const char *argument; /* what help calls it; NULL: there is none */
    const char *help;
    int (*run)(struct shell *shell, char *argument);
};

static const struct order orders[] = {
    {":help", NULL, "this", run_help},
    {":info", NULL, "the columns, and what is in them", run_info},
    {":format", "FORMAT", "how rows are shown from now on: table, csv, json or jsonl", run_format},
    {":param", "NAME=VALUE", "what $NAME stands for from now on", run_param},
    {":save", "FILE",
     "the rows of the last question, all of them, to a file: CSV, or\n"
     "as .json, .jsonl or .ndjson says",
     run_save},
    {":quit", NULL, "leave, as Ctrl-D does", run_quit},
};

enum { ORDER_COUNT = sizeof(orders) / sizeof(orders[0]), HELP_COLUMN = 21 };

/* What people type to leave or to be helped, whatever they talk to. */
static const char *const words[][2] = {
    {"help", ":help"}, {"exit", ":quit"}, {"quit", ":quit"}, {":exit", ":quit"}, {":q", ":quit"}};

static const char *word_meant(const char *line);
static char *trim(char *line);
static const struct order *find(const char *name);
static int refuse(const char *name);

const char *shell_order_name(uint32_t index)
{
    return index < ORDER_COUNT ? orders[index].name : NULL;
}

bool shell_is_order(const char *line)
{
    line += strspn(line, " \t");
    return line[0] == ':' || line[0] == '@' || word_meant(line) != NULL;
}

int shell_order(struct shell *shell, char *line)
{
    line = trim(line);
    if (line[0] == '@') {
        return run_file(shell, line + 1);
    }
    const char *meant = word_meant(line);
    char *name = line;
    char *argument = line + strcspn(line, " \t");
    if (*argument != '\0') {
        *argument++ = '\0';
        argument += strspn(argument, " \t");
    }
    const struct order *order = find(meant != NULL ? meant : name);
    if (order == NULL) {
        return refuse(name);
    }
    bool has_argument = *argument != '\0';
    if (has_argument != (order->argument != NULL)) {
        message_failure(has_argument ? "%s takes nothing behind it" : "%s wants %s behind it",
                        order->name, order->argument);
        return GYRE_USAGE;
    }
    return order->run(shell, argument);
}

/* A word may have the semicolon behind it that everything else has. */
static const char *word_meant(const char *line)
{
    size_t size = strcspn(line, " \t\r\n;");
    bool is_alone = line[size + strspn(line + size, " \t\r\n;")] == '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words && is_alone; i++) {
        if (strlen(words[i][0]) == size && strncasecmp(words[i][0], line, size) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}

static char *trim(char *line)
{
    line += strspn(line, " \t");
    size_t size = strlen(line);
    while (size > 0 && strchr(" \t\r\n;", line[size - 1]) != NULL) {
        line[--size] = '\0';
    }
    return line;
}

static const struct order *find(const char *name)
{
    for (size_t i = 0; i < ORDER_COUNT; i++) {
        if (strcmp(orders[i].name, name) == 0) {
            return &orders[i];
        }
    }
    return NULL;
}

static int refuse(const char *name)
{
    for (size_t i = 0; i < ORDER_COUNT; i++) {
        if (text_distance(orders[i].name, name) <= SUGGEST_EDITS_MAX) {
            message_failure("there is no %s; did you mean %s?", name, orders[i].name);
            return GYRE_USAGE;
        }
    }
    message_failure("there is no %s; :help tells what there is", name);
    return GYRE_USAGE;
}

static void print_help(const char *name, const char *argument, const char *help)
{
    int used = printf("  %s%s%s", name, argument[0] != '\0' && name[0] != '@' ? " " : "", argument);
    printf("%*s ", HELP_COLUMN - used, "");
    for (; *help != '\0'; help++) {
        putchar(*help);
        if (*help == '\n') {
            printf("%*s ", HELP_COLUMN, "");
        }
    }
    putchar('\n');
}

static int run_help(struct shell *shell, char *argument)
{
    (void)argument;
    puts("A question is openCypher text with a semicolon behind it; it may take several lines.\n"
         "  MATCH (a)-[e]->(b) RETURN a, b, e.Dport LIMIT 5;\n"
         "EXPLAIN or PROFILE before it shows its plan. With INTO name behind it its rows are kept\n"
         "and not shown: in later questions $name is the list of them, [e:name] a flow in them.\n"
         "Ctrl-C ends a question. On a line of their own stand:");
    for (size_t i = 0; i < ORDER_COUNT; i++) {
        print_help(orders[i].name, orders[i].argument == NULL ? "" : orders[i].argument,
                   orders[i].help);
    }
    print_help("@", "FILE", "the questions in a file");
    puts("docs/LANGUAGE.md is the reference of the language.");
    return shell_end(shell, GYRE_OK);
}

static int run_info(struct shell *shell, char *argument)
{
    (void)argument;
    shell_begin(shell);
    return shell_end(shell, describe_print(shell->session));
}

static int run_format(struct shell *shell, char *argument)
{
    for (int i = 0; ask_format_names[i] != NULL; i++) {
        if (strcmp(ask_format_names[i], argument) == 0) {
            shell->ask.format = i;
            return GYRE_OK;
        }
    }
    message_failure("there is no format %s: it is table, csv, json or jsonl", argument);
    return GYRE_USAGE;
}

/* `port = 443`, and `port => 443` as other shells have it, are port=443. */
static void close_up(char *argument)
{
    char *sign = strchr(argument, '=');
    if (sign == NULL) {
        return;
    }
    const char *value = sign + 1 + (sign[1] == '>');
    value += strspn(value, " \t");
    while (sign > argument && strchr(" \t", sign[-1]) != NULL) {
        sign--;
    }
    *sign = '=';
    memmove(sign + 1, value, strlen(value) + 1);
}

static int run_param(struct shell *shell, char *argument)
{
    close_up(argument);
    size_t size = strlen(argument) + 1;
    if (size > SHELL_PARAMETER_BYTES - shell->parameter_bytes) {
        message_failure("there is no room for more parameters: they have %d bytes in all; a list "
                        "may come from a file by --param-lines",
                        SHELL_PARAMETER_BYTES);
        return GYRE_USAGE;
    }
    char *kept = shell->parameters + shell->parameter_bytes;
    memcpy(kept, argument, size);
    shell->parameter_bytes += size;
    return ask_add_parameter(&shell->ask, kept);
}

static int run_save(struct shell *shell, char *argument)
{
    if (shell->last == NULL) {
        message_failure("there are no rows to save: the last question has shown none");
        return GYRE_USAGE;
    }
    if (ask_is_foreign(argument)) {
        message_failure("%s: rows are written as CSV, .json, .jsonl or .ndjson, and not packed",
                        argument);
        return GYRE_USAGE;
    }
    const struct target target = {":save", argument};
    int status = target_check(NULL, &target, 1, shell->sources, shell->source_count);
    if (status != GYRE_OK) {
        return status;
    }
    shell_begin(shell);
    status = shell_end(shell, ask_write(shell->last, ASK_FORMAT_UNSET, argument));
    if (status == GYRE_OK && !shell->ask.is_quiet) {
        struct text_room rows;
        uint64_t count = gyre_result_rows(shell->last);
        message_line("%s row%s saved", text_grouped(&rows, count), text_plural(count));
    }
    return status;
}

static int run_quit(struct shell *shell, char *argument)
{
    (void)argument;
    shell->is_left = true;
    return GYRE_OK;
}

static int run_file(struct shell *shell, const char *path)
{
    if (shell->is_in_file) {
        message_failure("@%s: a file of questions cannot name another", path);
        return GYRE_USAGE;
    }
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        message_failure("%s: cannot read: %s", path, strerror(errno));
        return GYRE_USAGE;
    }
    shell->is_in_file = true;
    int status = shell_read(shell, file, path);
    shell->is_in_file = false;
    fclose(file);
    return status;
}
