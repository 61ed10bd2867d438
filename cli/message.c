/* What the program says on stderr; see message.h. */
#include "cli/message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum style { STYLE_PLAIN, STYLE_FAULT, STYLE_CARET };

static void set_style(enum style style);
static void put_start(void);
static void put_excerpt(const struct gyre_error *error);

int message_error(const struct gyre_error *error)
{
    put_start();
    if (error->file[0] != '\0') {
        fputs(error->file, stderr);
        if (error->line > 0) {
            fprintf(stderr, ":%" PRIu64, error->line);
        }
        if (error->line > 0 && error->column > 0) {
            fprintf(stderr, ":%" PRIu64, error->column);
        }
        fputs(": ", stderr);
    }
    fprintf(stderr, "%s\n", error->text);
    if (error->excerpt[0] != '\0') {
        put_excerpt(error);
    }
    return error->status;
}

int message_usage(const char *command, const char *format, ...)
{
    put_start();
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (command == NULL) {
        fputs("\nTry 'gyre --help'.\n", stderr);
    } else {
        fprintf(stderr, "\nTry 'gyre %s --help'.\n", command);
    }
    return GYRE_USAGE;
}

void message_failure(const char *format, ...)
{
    put_start();
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void message_line(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

static void set_style(enum style style)
{
    static const char *const codes[] = {"\033[0m", "\033[1;31m", "\033[1;32m"};
    const char *refused = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal != NULL && strcmp(terminal, "dumb") == 0;
    if ((refused == NULL || refused[0] == '\0') && !is_dumb && isatty(STDERR_FILENO) == 1) {
        fputs(codes[style], stderr);
    }
}

static void put_start(void)
{
    fflush(stdout);
    set_style(STYLE_FAULT);
    fputs("gyre:", stderr);
    set_style(STYLE_PLAIN);
    fputc(' ', stderr);
}

/* A tab before the caret stays a tab, and a character of several bytes is one column. */
static void put_excerpt(const struct gyre_error *error)
{
    fprintf(stderr, "  %s\n  ", error->excerpt);
    for (uint32_t i = 0; i < error->caret && error->excerpt[i] != '\0'; i++) {
        char byte = error->excerpt[i];
        if (byte == '\t') {
            fputc('\t', stderr);
        } else if (((unsigned char)byte & 0xc0) != 0x80) {
            fputc(' ', stderr);
        }
    }
    set_style(STYLE_CARET);
    fputc('^', stderr);
    set_style(STYLE_PLAIN);
    fputc('\n', stderr);
}
