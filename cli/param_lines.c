/* Lists from the lines of files; see param_lines.h. */
#include "cli/param_lines.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/message.h"

/* NAME=VALUE of each list, one behind the other, as --param has them. */
static struct room {
    char text[PARAM_LINES_BYTES];
    size_t size;
} room;

static int read_list(const char *path, FILE *file);
static int add_line(const char *path, char *line, size_t size, bool is_first);
static bool is_number(const char *text);
static bool add(const char *text, size_t size);

int param_lines_read(struct ask *ask, const char *command, const struct option_texts *texts)
{
    for (uint32_t i = 0; i < texts->count; i++) {
        const char *text = texts->texts[i];
        const char *sign = strchr(text, '=');
        if (sign == NULL || sign == text) {
            return message_usage(command, "--param-lines=%s: write it as NAME=FILE", text);
        }
        FILE *file = fopen(sign + 1, "r");
        if (file == NULL) {
            message_failure("%s: cannot read the list: %s", sign + 1, strerror(errno));
            return GYRE_USAGE;
        }
        char *begin = room.text + room.size;
        int status = add(text, (size_t)(sign - text) + 1) ? read_list(sign + 1, file) : GYRE_USAGE;
        fclose(file);
        if (status == GYRE_OK) {
            status = ask_add_parameter(ask, begin);
        }
        if (status != GYRE_OK) {
            return status;
        }
    }
    return GYRE_OK;
}

static int read_list(const char *path, FILE *file)
{
    char *line = NULL;
    size_t capacity = 0;
    size_t begin = room.size + 1;
    int status = add("[", 1) ? GYRE_OK : GYRE_USAGE;
    ssize_t size;
    while (status == GYRE_OK && (size = getline(&line, &capacity, file)) >= 0) {
        status = add_line(path, line, (size_t)size, room.size == begin);
    }
    free(line);
    if (status == GYRE_OK && ferror(file) != 0) {
        message_failure("%s: cannot read the list: %s", path, strerror(errno));
        return GYRE_USAGE;
    }
    return status == GYRE_OK && !add("]", 2) ? GYRE_USAGE : status;
}

static int add_line(const char *path, char *line, size_t size, bool is_first)
{
    static const char blanks[] = " \t\r\n";
    if (strlen(line) != size) {
        message_failure("%s: a list is text, and this has a NUL byte", path);
        return GYRE_USAGE;
    }
    line += strncmp(line, "\xef\xbb\xbf", 3) == 0 && is_first ? 3 : 0;
    line += strspn(line, blanks);
    size = strlen(line);
    while (size > 0 && strchr(blanks, line[size - 1]) != NULL) {
        line[--size] = '\0';
    }
    if (size == 0 || line[0] == '#') {
        return GYRE_OK;
    }
    bool is_text = !is_number(line);
    bool has_room = (is_first || add(",", 1)) && (!is_text || add("'", 1));
    for (; has_room && *line != '\0'; line++) {
        bool is_sign = *line == '\'' || *line == '\\';
        has_room = (!is_sign || add("\\", 1)) && add(line, 1);
    }
    return has_room && (!is_text || add("'", 1)) ? GYRE_OK : GYRE_USAGE;
}

/* Digits, with a sign and a point perhaps: an account like 007 is a name. */
static bool is_number(const char *text)
{
    static const char digits[] = "0123456789";
    text += *text == '-';
    size_t whole = strspn(text, digits);
    if (whole == 0 || whole > 18 || (whole > 1 && text[0] == '0')) {
        return false;
    }
    text += whole;
    size_t part = *text == '.' ? strspn(text + 1, digits) : 0;
    return *text == '\0' || (part > 0 && text[1 + part] == '\0');
}

static bool add(const char *text, size_t size)
{
    if (size > PARAM_LINES_BYTES - room.size) {
        message_failure("there is no room for more lists: they have %d bytes in all",
                        PARAM_LINES_BYTES);
        return false;
    }
    memcpy(room.text + room.size, text, size);
    room.size += size;
    return true;
}
