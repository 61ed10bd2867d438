/* gyre shell: loads flows once, and answers one question after another. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/message.h"
#include "cli/options.h"
#include "cli/param_lines.h"
#include "cli/session.h"
#include "cli/shell.h"
#include "cli/statistics.h"
#include "cli/target.h"
#include "gyre.h"

static int run(const struct command *command, int count, char **arguments);
static enum parse parse(const struct command *command, struct session_settings *settings,
                        int *count, char **arguments);
static int converse(const struct session_settings *settings);

const struct command command_shell = {
    .name = "shell",
    .summary = "load flows once, and answer one question after another",
    .usage = "shell [options] SOURCE...",
    .description =
        "Loads the flows of all SOURCEs, and then answers the questions that it reads from\n"
        "standard input, each as soon as its semicolon is there. On a terminal it has a\n"
        "prompt, at which :help tells more, Ctrl-C ends a question and Ctrl-D leaves; else\n"
        "the first question that fails is the last. A SOURCE is what it is for gyre query, but\n"
        "not standard input.",
    .example = "  gyre shell capture.binetflow\n"
               "  gyre shell --format=jsonl capture.binetflow < hunts.cypher > found.jsonl",
    .run = run,
};

/* It is too large for a stack, and there is one. */
static struct shell shell;

static int run(const struct command *command, int count, char **arguments)
{
    struct session_settings settings = {.spill_limit_bytes = UINT64_MAX};
    shell.ask.format = ASK_FORMAT_UNSET;
    enum parse parsed = parse(command, &settings, &count, arguments);
    if (parsed != PARSE_DONE) {
        return parsed == PARSE_HELPED ? GYRE_OK : GYRE_USAGE;
    }
    if (count == 0) {
        return message_usage(command->name, "a SOURCE is missing: a file of flows");
    }
    shell.sources = (const char *const *)arguments;
    shell.source_count = (uint32_t)count;
    for (int i = 0; i < count; i++) {
        if (strcmp(arguments[i], "-") == 0) {
            return message_usage(command->name,
                                 "standard input has the questions, and cannot be a SOURCE");
        }
    }
    const struct target rejects = {"--rejects", settings.rejects_path};
    int status = target_check(command->name, &rejects, 1, shell.sources, shell.source_count);
    if (status != GYRE_OK) {
        return status;
    }
    struct session session = {0};
    status = session_open(&session, &settings, command->name);
    if (status == GYRE_OK) {
        status =
            session_load(&session, &settings, command->name, shell.sources, shell.source_count);
    }
    if (status == GYRE_OK) {
        shell.session = &session;
        status = converse(&settings);
    }
    session_close(&session);
    return status;
}

static enum parse parse(const struct command *command, struct session_settings *settings,
                        int *count, char **arguments)
{
    struct option_texts parameters = {0};
    struct option_texts lists = {0};
    const struct option own[] = {
        {.help = "Output"},
        {"format", 'f', OPTION_CHOICE, &shell.ask.format, "FORMAT",
         "table, csv, json or jsonl; default: table on a\nterminal, else csv", ask_format_names, 0},
        {"param", 0, OPTION_TEXTS, &parameters, "NAME=VALUE",
         "what $NAME stands for in questions: a number, true,\n['a', 'b'], {port: 80}, or a text",
         NULL, 0},
        {"param-lines", 0, OPTION_TEXTS, &lists, "NAME=FILE",
         "the same: the list of FILE's lines, as of addresses", NULL, 0},
    };
    enum { OWN_COUNT = sizeof(own) / sizeof(own[0]) };
    struct option options[OWN_COUNT + ASK_LIMIT_OPTIONS_MAX + 2 * SESSION_OPTIONS_MAX];
    memcpy(options, own, sizeof(own));
    uint32_t option_count = OWN_COUNT;
    option_count += ask_limit_options(&shell.ask, settings, options + option_count);
    option_count += session_engine_options(settings, options + option_count);
    option_count += session_load_options(settings, options + option_count);
    enum parse parsed = options_parse(command, options, option_count, arguments, count);
    if (parsed == PARSE_DONE &&
        (ask_set_parameters(&shell.ask, command->name, &parameters) != GYRE_OK ||
         param_lines_read(&shell.ask, command->name, &lists) != GYRE_OK)) {
        return PARSE_WRONG;
    }
    return parsed;
}

static int converse(const struct session_settings *settings)
{
    shell.is_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
    shell.timeout_ns = settings->timeout_ns;
    shell.ask.is_quiet = settings->is_quiet;
    shell.ask.is_session = true;
    if (!settings->is_quiet) {
        statistics_print_load(shell.session);
    }
    if (shell.is_terminal && !settings->is_quiet) {
        message_line("A question ends with a semicolon. :help tells more, Ctrl-D leaves.");
    }
    if (shell.is_terminal) {
        shell_learn_words(&shell);
        interrupt_renew(NULL);
    }
    int status = shell_read(&shell, stdin, "standard input");
    shell_close(&shell);
    return status == GYRE_OK && shell.is_limited && !shell.is_terminal ? GYRE_LIMIT : status;
}
