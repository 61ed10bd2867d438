/* A conversation about one graph; see shell.h. */
#include "cli/shell.h"

#include <errno.h>
#include <stdio_ext.h>
#include <string.h>

#include "cli/interrupt.h"
#include "cli/lines.h"
#include "cli/message.h"
#include "cli/question.h"

/* Of what a file or a terminal says. */
struct talk {
    struct lines lines;
    struct question *question;
    const char *name;
};

static bool take_line(struct shell *shell, struct talk *talk, int *status);
static const char *prompt_of(const struct question *question);
static int answer_line(struct shell *shell, struct talk *talk, char *line);
static int answer_rest(struct shell *shell, struct talk *talk);
static int answer(struct shell *shell, struct talk *talk, const char *text, uint64_t first);

int shell_read(struct shell *shell, FILE *file, const char *name)
{
    /* A file that is named by what is said, and names none itself. */
    static struct question questions[2];
    struct talk talk = {.question = &questions[shell->is_in_file], .name = name};
    question_init(talk.question);
    lines_open(&talk.lines, file);
    talk.lines.words = shell->words;
    int status = GYRE_OK;
    while (take_line(shell, &talk, &status)) {
        if (shell->is_left || (status != GYRE_OK && !talk.lines.is_terminal)) {
            break;
        }
    }
    lines_close(&talk.lines);
    return status;
}

void shell_learn_words(struct shell *shell)
{
    static const char *const keywords[] = {
        "MATCH",      "OPTIONAL MATCH", "WHERE",   "RETURN", "WITH",     "ORDER BY",
        "LIMIT",      "SKIP",           "UNWIND",  "UNION",  "DISTINCT", "EXISTS",
        "EXPLAIN",    "PROFILE",        "INTO",    "AND",    "NOT",      "STARTS WITH",
        "CONTAINS",   "IN CIDR",        "count(",  "sum(",   "collect(", "duration(",
        "ascending(", "span(",          "inCidr(", ".IPAddr"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        shell->words[shell->word_count++] = keywords[i];
    }
    for (uint32_t i = 0; shell_order_name(i) != NULL; i++) {
        shell->words[shell->word_count++] = shell_order_name(i);
    }
    size_t used = 0;
    const char *line = gyre_graph_schema(shell->session->graph);
    for (; *line != '\0'; line += strcspn(line, "\n"), line += *line != '\0') {
        int size = (int)strcspn(line, "=\n");
        if (line[0] == '#' || line[size] != '=' || shell->word_count == SHELL_WORDS_MAX ||
            (size_t)size + 2 > SHELL_WORD_BYTES - used) {
            continue;
        }
        char *word = shell->word_text + used;
        used += (size_t)snprintf(word, (size_t)size + 2, ".%.*s", size, line) + 1;
        shell->words[shell->word_count++] = word;
    }
}

void shell_close(struct shell *shell)
{
    gyre_result_close(shell->last);
    shell->last = NULL;
}

/* One line, and what it makes whole. False at the end. */
static bool take_line(struct shell *shell, struct talk *talk, int *status)
{
    size_t bytes = 0;
    char *line = question_room(talk->question, &bytes);
    if (bytes < 2) {
        question_drop(talk->question);
        message_failure("%s: a question has more than %d bytes: is a semicolon missing?",
                        talk->name, ASK_TEXT_BYTES);
        *status = GYRE_USAGE;
        return true;
    }
    switch (lines_next(&talk->lines, prompt_of(talk->question), line, bytes)) {
    case LINE_READ:
        *status = answer_line(shell, talk, line);
        break;
    case LINE_END:
        *status = talk->lines.is_terminal ? GYRE_OK : answer_rest(shell, talk);
        return false;
    case LINE_INTERRUPTED:
        if (talk->lines.is_terminal && !interrupt_is_end()) {
            interrupt_renew(NULL);
            question_drop(talk->question);
            return true;
        }
        message_failure("interrupted while waiting for a question");
        *status = GYRE_INTERRUPTED;
        return false;
    case LINE_FAILED:
        message_failure("%s: cannot read: %s", talk->name, strerror(errno));
        *status = GYRE_USAGE;
        return false;
    }
    if (interrupt_is_end()) {
        *status = GYRE_INTERRUPTED;
        return false;
    }
    return true;
}

/* Who has forgotten to close something sees why nothing happens. */
static const char *prompt_of(const struct question *question)
{
    switch (question->state) {
    case QUESTION_STRING:
        return question->quote == '"' ? "  \"..> " : "  '..> ";
    case QUESTION_NAME:
        return "  `..> ";
    case QUESTION_COMMENT:
        return "  *..> ";
    case QUESTION_PLAIN:
    case QUESTION_LINE_COMMENT:
        break;
    }
    return question->has_words ? "  ...> " : "gyre> ";
}

/* An order takes a line of its own outside of questions, for which it is an empty one. */
static int answer_line(struct shell *shell, struct talk *talk, char *line)
{
    struct question *question = talk->question;
    int status = GYRE_OK;
    if (question_is_blank(question) && shell_is_order(line)) {
        line[strcspn(line, "\r\n")] = '\0';
        lines_remember(&talk->lines, line, "");
        status = shell_order(shell, line);
        memcpy(line, "\n", 2);
    }
    question_add(question);
    uint64_t first = 0;
    const char *text = NULL;
    while (status == GYRE_OK && (text = question_next(question, &first)) != NULL) {
        status = answer(shell, talk, text, first);
    }
    if (status != GYRE_OK) {
        question_drop(question);
    }
    return status;
}

/* The last question of a file needs no semicolon. */
static int answer_rest(struct shell *shell, struct talk *talk)
{
    uint64_t first = 0;
    const char *text = question_rest(talk->question, &first);
    return text == NULL ? GYRE_OK : answer(shell, talk, text, first);
}

static int answer(struct shell *shell, struct talk *talk, const char *text, uint64_t first)
{
    lines_remember(&talk->lines, text, ";");
    gyre_result_close(shell->last);
    shell->last = NULL;
    shell->ask.text = text;
    shell->ask.name = talk->lines.is_terminal ? NULL : talk->name;
    shell->ask.line_first = talk->lines.is_terminal ? 0 : first;
    shell_begin(shell);
    int status = ask_run(shell->session, &shell->ask, &shell->last);
    status = shell_end(shell, status);
    shell->is_limited |= status == GYRE_LIMIT;
    return status == GYRE_LIMIT ? GYRE_OK : status;
}

void shell_begin(struct shell *shell)
{
    if (shell->is_terminal) {
        interrupt_renew(shell->session->engine);
    }
    gyre_engine_set_timeout(shell->session->engine, shell->timeout_ns);
}

/* What was printed has to be seen before the next prompt. A reader that has gone wants no more. */
int shell_end(struct shell *shell, int status)
{
    gyre_engine_set_timeout(shell->session->engine, 0);
    if (shell->is_terminal) {
        interrupt_renew(NULL);
        gyre_engine_resume(shell->session->engine);
    }
    errno = 0;
    if (fflush(stdout) == 0) {
        return status;
    }
    int reason = errno;
    __fpurge(stdout);
    clearerr(stdout);
    if (reason == EPIPE) {
        shell->is_left = true;
        return status;
    }
    message_failure("cannot write to standard output: %s", strerror(reason));
    return GYRE_FAILED;
}
