#include "loader/json_news.h"

#include <stdlib.h>

#include "base/memory.h"
#include "loader/json_record.h"

enum { PIECES_MIN = 16 };

static const char what[] = "keys of JSON";

/* Where what a line tells goes. */
struct telling {
    struct json_news *news;
    const struct json_keys *keys;
    uint32_t file;
    struct place place;
    bool has_failed;
};

static enum status reserve(struct json_news *news, uint64_t line_size, struct error *error);
static void tell(void *context, struct bytes path, const struct json_value *value);
static void keep(struct telling *telling, struct bytes path, const struct json_value *value);
static bool add(struct json_news *news, const struct json_piece *piece, struct bytes path);
static int compare(const void *left, const void *right);

enum status json_news_read(struct json_news *news, const struct json_keys *keys, struct bytes line,
                           uint32_t file, struct place place, struct error *error)
{
    struct telling telling = {.news = news, .keys = keys, .file = file, .place = place};
    TRY(reserve(news, line.size, error));
    memcpy(news->line, line.data, line.size);
    memset(news->line + line.size, 0, JSON_PADDING);
    json_record_tell(keys, bytes_view(news->line, line.size), news->values, tell, &telling);
    for (uint32_t i = 0; i < keys->column_count; i++) {
        if (keys->are_numbers[i] && json_is_text(news->values[i].type)) {
            keep(&telling, keys->paths[i], &news->values[i]);
        }
    }
    return telling.has_failed ? error_set_memory(error, what) : STATUS_OK;
}

enum status json_news_merge(struct json_news *news, const struct json_news *other,
                            struct error *error)
{
    for (uint32_t i = 0; i < other->count; i++) {
        const struct json_piece *piece = &other->pieces[i];
        if (!add(news, piece, bytes_view(piece->path, piece->size))) {
            return error_set_memory(error, what);
        }
    }
    if (news->count > 0) {
        qsort(news->pieces, news->count, sizeof *news->pieces, compare);
    }
    return STATUS_OK;
}

enum status json_news_tell(const struct json_news *news, uint32_t file, struct json_names *names,
                           struct error *error)
{
    for (uint32_t i = 0; i < news->count; i++) {
        const struct json_piece *piece = &news->pieces[i];
        if (piece->file == file) {
            TRY(json_names_add(names, bytes_view(piece->path, piece->size), piece->is_text, error));
        }
    }
    return json_names_renew(names, error);
}

void json_news_close(struct json_news *news)
{
    for (uint32_t i = 0; i < news->count; i++) {
        memory_free(news->pieces[i].path);
    }
    memory_free(news->pieces);
    memory_free(news->values);
    memory_free(news->line);
    *news = (struct json_news){0};
}

static enum status reserve(struct json_news *news, uint64_t line_size, struct error *error)
{
    if (news->values == NULL) {
        news->values = memory_allocate(SCHEMA_PROPERTIES_MAX, sizeof *news->values);
    }
    if (news->line_capacity < line_size + JSON_PADDING) {
        uint64_t capacity = 2 * line_size + JSON_PADDING;
        char *line = memory_resize(news->line, capacity, 1);
        news->line = line != NULL ? line : news->line;
        news->line_capacity = line != NULL ? capacity : news->line_capacity;
    }
    bool has_room = news->values != NULL && news->line_capacity >= line_size + JSON_PADDING;
    return has_room ? STATUS_OK : error_set_memory(error, what);
}

/* An unknown key is news where there is room for it. */
static void tell(void *context, struct bytes path, const struct json_value *value)
{
    struct telling *telling = context;
    if (path.size == 0 ? !telling->keys->has_unfit : !telling->keys->is_full) {
        keep(telling, path, value);
    }
}

static void keep(struct telling *telling, struct bytes path, const struct json_value *value)
{
    struct json_piece piece = {
        .file = telling->file,
        .place = telling->place,
        .is_text = json_is_text(value->type),
    };
    telling->has_failed |= !add(telling->news, &piece, path);
}

/* Unites what is said of a path with what is known of it. False without memory. */
static bool add(struct json_news *news, const struct json_piece *piece, struct bytes path)
{
    uint32_t file_count = 0;
    for (uint32_t i = 0; i < news->count; i++) {
        struct json_piece *known = &news->pieces[i];
        file_count += known->file == piece->file;
        if (known->file == piece->file && bytes_equal(bytes_view(known->path, known->size), path)) {
            known->is_text |= piece->is_text;
            known->place =
                place_is_before(piece->place, known->place) ? piece->place : known->place;
            return true;
        }
    }
    if (file_count == JSON_NAMES_MAX) {
        return true;
    }
    if (news->count == news->capacity) {
        uint32_t capacity = news->capacity == 0 ? PIECES_MIN : 2 * news->capacity;
        struct json_piece *pieces = memory_resize(news->pieces, capacity, sizeof *pieces);
        if (pieces == NULL) {
            return false;
        }
        news->pieces = pieces;
        news->capacity = capacity;
    }
    struct json_piece *added = &news->pieces[news->count];
    *added = *piece;
    added->path = memory_copy_text(path.data, path.size);
    added->size = (uint32_t)path.size;
    news->count += added->path != NULL;
    return added->path != NULL;
}

/* Keys of one line: by their bytes, since a line has one place. */
static int compare(const void *left, const void *right)
{
    const struct json_piece *a = left;
    const struct json_piece *b = right;
    if (a->file != b->file) {
        return a->file < b->file ? -1 : 1;
    }
    if (place_is_before(a->place, b->place) || place_is_before(b->place, a->place)) {
        return place_is_before(a->place, b->place) ? -1 : 1;
    }
    return bytes_compare(bytes_view(a->path, a->size), bytes_view(b->path, b->size));
}
