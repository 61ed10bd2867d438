#include "loader/json_names.h"

#include "base/memory.h"
#include "loader/load.h"

/* All of a small file is looked at; of a larger one its beginning and SAMPLE_PLACES more. */
#define SAMPLE_WHOLE_BYTES (UINT64_C(16) << 20)
#define SAMPLE_BEGIN_BYTES (UINT64_C(2) << 20)
#define SAMPLE_PLACE_BYTES (UINT64_C(128) << 10)
enum { SAMPLE_PLACES = 64 };

static enum status reserve_names(struct json_names *names, struct error *error);
static enum status reserve(struct json_names *names, const struct dialect_filter *filters,
                           struct error *error);
static enum status learn_sample(struct json_names *names, struct bytes data,
                                const struct dialect_filter *filters, struct error *error);
static enum status learn_lines(struct json_names *names, struct bytes data, uint64_t begin,
                               uint64_t end, const struct dialect_filter *filters,
                               struct error *error);
static enum status learn_line(struct json_names *names, struct bytes line,
                              const struct dialect_filter *filters, struct error *error);
static void add_name(void *context, struct bytes path, const struct json_value *value);

enum status json_names_learn(struct json_names *names, struct bytes data,
                             const struct dialect_filter *filters, struct error *error)
{
    TRY(reserve(names, filters, error));
    uint32_t filter_count = names->count;
    TRY(learn_sample(names, data, filters, error));
    return filters != NULL && names->count == filter_count ? learn_sample(names, data, NULL, error)
                                                           : STATUS_OK;
}

void json_names_close(struct json_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        memory_free(names->names[i].path);
    }
    json_keys_close(&names->keys);
    memory_free(names->names);
    memory_free(names->values);
    *names = (struct json_names){0};
}

enum status json_names_add(struct json_names *names, struct bytes path, bool is_text,
                           struct error *error)
{
    enum json_type type = is_text ? JSON_STRING : JSON_NUMBER;
    TRY(reserve_names(names, error));
    add_name(names, path, &(struct json_value){.type = type});
    return names->has_failed ? error_set_memory(error, "keys of JSON") : STATUS_OK;
}

enum status json_names_renew(struct json_names *names, struct error *error)
{
    struct bytes paths[JSON_NAMES_MAX];
    if (names->has_failed) {
        return error_set_memory(error, "keys of JSON");
    }
    for (uint32_t i = 0; i < names->count; i++) {
        paths[i] = json_name_path(&names->names[i]);
    }
    json_keys_close(&names->keys);
    return json_keys_open(&names->keys, paths, names->count, error);
}

static enum status learn_sample(struct json_names *names, struct bytes data,
                                const struct dialect_filter *filters, struct error *error)
{
    if (data.size <= SAMPLE_WHOLE_BYTES) {
        return learn_lines(names, data, 0, data.size, filters, error);
    }
    names->is_sample = true;
    TRY(learn_lines(names, data, 0, SAMPLE_BEGIN_BYTES, filters, error));
    uint64_t stride = (data.size - SAMPLE_BEGIN_BYTES) / SAMPLE_PLACES;
    for (uint64_t place = 0; place < SAMPLE_PLACES; place++) {
        uint64_t begin = SAMPLE_BEGIN_BYTES + place * stride;
        const char *newline = memchr(data.data + begin, '\n', SAMPLE_PLACE_BYTES);
        if (newline != NULL) {
            uint64_t line = (uint64_t)(newline - data.data) + 1;
            TRY(learn_lines(names, data, line, begin + SAMPLE_PLACE_BYTES, filters, error));
        }
    }
    return STATUS_OK;
}

static enum status reserve_names(struct json_names *names, struct error *error)
{
    if (names->names == NULL) {
        names->names = memory_allocate(JSON_NAMES_MAX, sizeof *names->names);
    }
    if (names->values == NULL) {
        names->values = memory_allocate(JSON_NAMES_MAX, sizeof *names->values);
    }
    bool has_room = names->names != NULL && names->values != NULL;
    return has_room ? STATUS_OK : error_set_memory(error, "keys of JSON");
}

/* The filters' fields are the first names, so that they are known when a line is looked at. */
static enum status reserve(struct json_names *names, const struct dialect_filter *filters,
                           struct error *error)
{
    TRY(reserve_names(names, error));
    for (; filters != NULL && filters->name != NULL; filters++) {
        add_name(names, bytes_of(filters->name), &(struct json_value){.type = JSON_STRING});
    }
    return json_names_renew(names, error);
}

/* The lines that begin in [begin, end). */
static enum status learn_lines(struct json_names *names, struct bytes data, uint64_t begin,
                               uint64_t end, const struct dialect_filter *filters,
                               struct error *error)
{
    while (begin < end) {
        const char *line = data.data + begin;
        const char *newline = memchr(line, '\n', data.size - begin);
        uint64_t size = newline == NULL ? data.size - begin : (uint64_t)(newline - line);
        bool is_padded = data.size - begin - size >= JSON_PADDING;
        begin += size + 1;
        if (size > LINE_BYTES_MAX) {
            continue;
        }
        char *copy = NULL;
        if (!is_padded) {
            copy = memory_allocate(size + JSON_PADDING, 1);
            if (copy == NULL) {
                return error_set_memory(error, "keys of JSON");
            }
            memcpy(copy, line, size);
        }
        enum status status =
            learn_line(names, bytes_view(is_padded ? line : copy, size), filters, error);
        memory_free(copy);
        TRY(status);
    }
    return STATUS_OK;
}

/* Whether no filter passes over the line whose values these are. */
static bool is_row(const struct json_names *names, const struct dialect_filter *filters)
{
    for (; filters != NULL && filters->name != NULL; filters++) {
        uint32_t column = json_keys_column(&names->keys, bytes_of(filters->name));
        const struct json_value *value = &names->values[column];
        bool is_equal = bytes_equal(bytes_view(value->data, value->size), bytes_of(filters->value));
        if (is_equal != filters->is_kept) {
            return false;
        }
    }
    return true;
}

static enum status learn_line(struct json_names *names, struct bytes line,
                              const struct dialect_filter *filters, struct error *error)
{
    bool has_unknown;
    uint32_t known_count = names->count;
    if (json_record_read(&names->keys, line, names->values, &has_unknown) != JSON_GOOD ||
        !is_row(names, filters)) {
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < known_count; i++) {
        names->names[i].is_text |= json_is_text(names->values[i].type);
    }
    if (!has_unknown || names->is_full) {
        return STATUS_OK;
    }
    json_record_tell(&names->keys, line, names->values, add_name, names);
    return names->count > known_count || names->has_failed ? json_names_renew(names, error)
                                                           : STATUS_OK;
}

static void add_name(void *context, struct bytes path, const struct json_value *value)
{
    struct json_names *names = context;
    uint32_t at = 0;
    while (at < names->count && !bytes_equal(json_name_path(&names->names[at]), path)) {
        at++;
    }
    if (at == JSON_NAMES_MAX || path.size == 0) {
        names->is_full |= path.size > 0;
        names->has_unfit |= path.size == 0;
        return;
    }
    struct json_name *name = &names->names[at];
    if (at == names->count) {
        name->path = memory_copy_text(path.data, path.size);
        name->size = (uint32_t)path.size;
        names->has_failed |= name->path == NULL;
        names->count += name->path != NULL;
    }
    name->is_text |= json_is_text(value->type);
}
