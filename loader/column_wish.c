#include "loader/column_wish.h"

#include "base/file.h"
#include "base/memory.h"
#include "loader/vocabulary.h"

enum { SCHEMA_FILE_BYTES_MAX = 1 << 20 };

static const struct {
    const char *name;
    enum role role;
} roles[] = {
    {"time", ROLE_START_TIME},
    {"source", ROLE_SOURCE},
    {"target", ROLE_TARGET},
    {"attribute", ROLE_ATTRIBUTE},
};

static const struct {
    enum type type;
    const char *name; /* "": where no format is given */
    enum reading reading;
} formats[] = {
    {TYPE_TIME, "", READ_TIME_ANY},
    {TYPE_TIME, "text", READ_PLAIN},
    {TYPE_TIME, "s", READ_SECONDS},
    {TYPE_TIME, "ms", READ_MILLISECONDS},
    {TYPE_TIME, "us", READ_MICROSECONDS},
    {TYPE_TIME, "ns", READ_NANOSECONDS},
    {TYPE_TIME, "time-of-day", READ_TIME_OF_DAY},
    {TYPE_TIME, "day-first", READ_DAY_FIRST},
    {TYPE_TIME, "month-first", READ_MONTH_FIRST},
    {TYPE_FLOAT, "", READ_PLAIN},
    {TYPE_FLOAT, "s", READ_PLAIN},
    {TYPE_FLOAT, "ms", READ_MILLISECONDS},
    {TYPE_FLOAT, "us", READ_MICROSECONDS},
    {TYPE_FLOAT, "ns", READ_NANOSECONDS},
    {TYPE_INTEGER, "", READ_PLAIN},
    {TYPE_INTEGER, "hex", READ_ANY_BASE},
    {TYPE_INTEGER, "whole", READ_WHOLE},
    {TYPE_INTEGER, "port", READ_PORT},
    {TYPE_TEXT, "", READ_PLAIN},
    {TYPE_TEXT, "protocol", READ_PROTOCOL},
    {TYPE_ADDRESS, "", READ_PLAIN},
    {TYPE_NULL, "", READ_PLAIN},
};

static bool find_role(struct column_wish *wish, struct bytes text, enum type *type);
static bool find_type(struct bytes text, enum type *type);
static bool find_format(enum type type, struct bytes text, enum reading *reading);
static bool may_be(const struct column_wish *wish, enum type own_type);
static enum status fail(struct error *error, struct bytes text, const char *what,
                        struct bytes part);
static enum status add_file(struct column_wishes *wishes, const char *path, struct error *error);

/* What stands before `end`, which is passed over, or all that is left. */
static struct bytes take_until(struct bytes *text, char end)
{
    const char *found = text->size == 0 ? NULL : memchr(text->data, end, text->size);
    size_t size = found == NULL ? text->size : (size_t)(found - text->data);
    struct bytes part = bytes_trim(bytes_view(text->data, size));
    size += found != NULL;
    *text = bytes_view(text->data + size, text->size - size);
    return part;
}

/* Names may hold an equals sign; roles and types do not. */
enum status column_wish_parse(struct column_wish *wish, struct bytes text, struct error *error)
{
    *wish = (struct column_wish){0};
    size_t size = text.size;
    while (size > 0 && text.data[size - 1] != '=') {
        size--;
    }
    if (size == 0) {
        return fail(error, text, "has no '='", text);
    }
    struct bytes rest = bytes_view(text.data + size, text.size - size);
    wish->name = bytes_trim(bytes_view(text.data, size - 1));
    struct bytes role = take_until(&rest, ':');
    struct bytes type = take_until(&rest, ':');
    struct bytes format = bytes_trim(rest);
    enum type own_type;
    if (wish->name.size == 0) {
        return fail(error, text, "names no column", text);
    }
    if (!find_role(wish, role, &own_type)) {
        return fail(error, text,
                    "has no such role (time, source, target, attribute, or a property as "
                    "TotBytes):",
                    role);
    }
    wish->type = own_type;
    if (type.size > 0 && !find_type(type, &wish->type)) {
        return fail(error, text, "has no such type (integer, float, text, time):", type);
    }
    wish->is_fixed = type.size > 0;
    if (wish->type != own_type && !may_be(wish, own_type)) {
        return fail(error, text, "has another type than its role, not", type);
    }
    if (wish->type == TYPE_ADDRESS && wish->role == ROLE_ATTRIBUTE) {
        return fail(error, text, "is an address, which only source and target can be:", type);
    }
    if (!find_format(wish->type, format, &wish->reading)) {
        return fail(error, text, "has a format that its type does not have:", format);
    }
    return STATUS_OK;
}

enum status column_wishes_open(struct column_wishes *wishes, const char *const *texts,
                               uint32_t text_count, const char *path, struct error *error)
{
    enum status status = STATUS_OK;
    *wishes = (struct column_wishes){0};
    if (text_count > 0) {
        wishes->wishes = memory_allocate(text_count, sizeof *wishes->wishes);
        if (wishes->wishes == NULL) {
            return error_set_memory(error, "reading wishes for columns");
        }
    }
    for (uint32_t i = 0; i < text_count; i++) {
        TRY_DONE(column_wish_parse(&wishes->wishes[i], bytes_of(texts[i]), error));
        wishes->count++;
    }
    if (path != NULL) {
        TRY_DONE(add_file(wishes, path, error));
    }
done:
    if (status != STATUS_OK) {
        column_wishes_close(wishes);
    }
    return status;
}

void column_wishes_close(struct column_wishes *wishes)
{
    memory_free(wishes->wishes);
    memory_free(wishes->text);
    *wishes = (struct column_wishes){0};
}

/* The first `said_count` wishes, of the command line, hide the file's for the same names. */
static enum status add_line(struct column_wishes *wishes, uint32_t said_count, const char *path,
                            uint64_t number, struct bytes line, struct error *error)
{
    struct error found = {0};
    struct column_wish *grown =
        memory_resize(wishes->wishes, wishes->count + 1, sizeof *wishes->wishes);
    if (grown == NULL) {
        return error_set_memory(error, "reading a schema");
    }
    wishes->wishes = grown;
    if (column_wish_parse(&wishes->wishes[wishes->count], line, &found) != STATUS_OK) {
        return error_set_at(error, found.status, path, number, 0, "%s", found.text);
    }
    bool is_said = false;
    for (uint32_t i = 0; i < said_count; i++) {
        is_said |= bytes_equal(wishes->wishes[i].name, wishes->wishes[wishes->count].name);
    }
    wishes->count += !is_said;
    return STATUS_OK;
}

/* The text is copied, since wishes borrow their names from it. */
static enum status add_file(struct column_wishes *wishes, const char *path, struct error *error)
{
    struct file_view view = {0};
    uint32_t said_count = wishes->count;
    TRY(file_open(&view, path, SCHEMA_FILE_BYTES_MAX, NULL, error));
    wishes->text = memory_copy_text(view.data, view.size);
    struct bytes rest = bytes_view(wishes->text, view.size);
    file_close(&view);
    if (wishes->text == NULL) {
        return error_set_memory(error, "reading a schema");
    }
    for (uint64_t number = 1; rest.size > 0; number++) {
        struct bytes line = take_until(&rest, '\n');
        line.size -= line.size > 0 && line.data[line.size - 1] == '\r';
        if (line.size > 0 && line.data[0] != '#') {
            TRY(add_line(wishes, said_count, path, number, line, error));
        }
    }
    return STATUS_OK;
}

/* `*type`: what the role leaves no choice of, or TYPE_NULL. */
static bool find_role(struct column_wish *wish, struct bytes text, enum type *type)
{
    const struct vocabulary_word *word = vocabulary_find(text);
    *type = TYPE_NULL;
    for (size_t i = 0; i < sizeof roles / sizeof *roles && word == NULL; i++) {
        if (bytes_equal(bytes_of(roles[i].name), text)) {
            if (roles[i].role == ROLE_ATTRIBUTE) {
                return true;
            }
            word = vocabulary_of_role(roles[i].role);
        }
    }
    if (word == NULL) {
        return false;
    }
    wish->canonical = bytes_of(word->name);
    wish->role = word->role;
    *type = word->type;
    return true;
}

static bool find_type(struct bytes text, enum type *type)
{
    static const enum type types[] = {TYPE_INTEGER, TYPE_FLOAT, TYPE_TEXT, TYPE_TIME, TYPE_ADDRESS};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (bytes_equal(bytes_of(type_name(types[i])), text)) {
            *type = types[i];
            return true;
        }
    }
    return false;
}

static bool find_format(enum type type, struct bytes text, enum reading *reading)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].type == type && bytes_equal(bytes_of(formats[i].name), text)) {
            *reading = formats[i].reading;
            return true;
        }
    }
    return false;
}

const char *column_wish_format(enum type type, enum reading reading)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].type == type && formats[i].reading == reading) {
            return formats[i].name;
        }
    }
    return NULL;
}

/* Whether what the wish stands for may be of its type, which is not the usual one. */
static bool may_be(const struct column_wish *wish, enum type own_type)
{
    if (own_type == TYPE_NULL) {
        return true;
    }
    bool is_wider =
        wish->type == TYPE_TEXT || (wish->type == TYPE_FLOAT && own_type == TYPE_INTEGER);
    return is_wider && !vocabulary_find(wish->canonical)->is_strict;
}

static enum status fail(struct error *error, struct bytes text, const char *what, struct bytes part)
{
    bool is_whole = part.data == text.data;
    return error_set(error, STATUS_USAGE,
                     "the column '%.*s' %s%s%.*s; columns are given as NAME=ROLE[:TYPE[:FORMAT]], "
                     "as bytes=TotBytes or seen=time:time:ms",
                     (int)(text.size < 100 ? text.size : 100), text.data, what, is_whole ? "" : " ",
                     is_whole ? 0 : (int)(part.size < 60 ? part.size : 60), part.data);
}
