/* Cuts a text into questions; see question.h. */
#include "cli/question.h"

#include <string.h>

static bool find_end(struct question *question);
static size_t step(struct question *question, char byte, char next);
static size_t step_plain(struct question *question, char byte, char next);
static const char *take(struct question *question, uint64_t *line);

void question_init(struct question *question)
{
    question->begin = 0;
    question->seen = 0;
    question->end = 0;
    question->line = 0;
    question->state = QUESTION_PLAIN;
    question->has_words = false;
}

bool question_is_blank(const struct question *question)
{
    return !question->has_words && question->state == QUESTION_PLAIN;
}

char *question_room(struct question *question, size_t *bytes)
{
    memmove(question->text, question->text + question->begin, question->end - question->begin);
    question->seen -= question->begin;
    question->end -= question->begin;
    question->begin = 0;
    *bytes = sizeof question->text - question->end;
    return question->text + question->end;
}

void question_add(struct question *question)
{
    question->end += strlen(question->text + question->end);
}

const char *question_next(struct question *question, uint64_t *line)
{
    while (find_end(question)) {
        bool has_words = question->has_words;
        question->text[question->seen++] = '\0';
        const char *text = take(question, line);
        if (has_words) {
            return text;
        }
    }
    return NULL;
}

const char *question_rest(struct question *question, uint64_t *line)
{
    bool has_words = question->has_words || question->state == QUESTION_COMMENT;
    question->text[question->end] = '\0';
    question->seen = question->end;
    const char *text = take(question, line);
    return has_words ? text : NULL;
}

void question_drop(struct question *question)
{
    uint64_t line = 0;
    (void)question_rest(question, &line);
}

/* Leaves `seen` at the semicolon. A comment's beginning takes two bytes, of which the second may
 * have to come yet; but lines come whole. */
static bool find_end(struct question *question)
{
    while (question->seen < question->end) {
        char byte = question->text[question->seen];
        char next = question->seen + 1 < question->end ? question->text[question->seen + 1] : '\0';
        if (question->state == QUESTION_PLAIN && byte == ';') {
            return true;
        }
        question->seen += step(question, byte, next);
    }
    return false;
}

/* How many bytes belong together. */
static size_t step(struct question *question, char byte, char next)
{
    switch (question->state) {
    case QUESTION_PLAIN:
        return step_plain(question, byte, next);
    case QUESTION_STRING:
        if (byte == '\\' && next != '\0') {
            return 2;
        }
        if (byte == question->quote) {
            question->state = QUESTION_PLAIN;
        }
        return 1;
    case QUESTION_NAME:
        if (byte == '`') {
            question->state = QUESTION_PLAIN;
        }
        return 1;
    case QUESTION_LINE_COMMENT:
        if (byte == '\n') {
            question->state = QUESTION_PLAIN;
        }
        return 1;
    case QUESTION_COMMENT:
        if (byte == '*' && next == '/') {
            question->state = QUESTION_PLAIN;
            return 2;
        }
        return 1;
    }
    return 1;
}

static size_t step_plain(struct question *question, char byte, char next)
{
    if (byte == '/' && (next == '/' || next == '*')) {
        question->state = next == '/' ? QUESTION_LINE_COMMENT : QUESTION_COMMENT;
        return 2;
    }
    if (byte == '\'' || byte == '"') {
        question->state = QUESTION_STRING;
        question->quote = byte;
    } else if (byte == '`') {
        question->state = QUESTION_NAME;
    }
    if (strchr(" \t\r\n\f\v", byte) == NULL) {
        question->has_words = true;
    }
    return 1;
}

/* What is up to `seen`, which a NUL ends; the lines before the first word are left out. */
static const char *take(struct question *question, uint64_t *line)
{
    const char *text = question->text + question->begin;
    for (size_t blank = strspn(text, " \t\r\n"); blank > 0;) {
        const char *end = memchr(text, '\n', blank);
        if (end == NULL) {
            break;
        }
        blank -= (size_t)(end + 1 - text);
        text = end + 1;
        question->line++;
    }
    *line = question->line;
    for (const char *end = text; (end = strchr(end, '\n')) != NULL; end++) {
        question->line++;
    }
    question->begin = question->seen;
    question->state = QUESTION_PLAIN;
    question->has_words = false;
    return text;
}
