/* What parsing learns of the keys of JSON files that their samples did not show: keys that first
 * stand in other lines, and texts where there were only numbers ("02" is no number). The headers
 * are then read once more with these, and the files parsed once more.
 *
 * A worker has one of its own, and sees its lines in the order of the input; they are united after
 * the pass. */
#ifndef GYRE_LOADER_JSON_NEWS_H
#define GYRE_LOADER_JSON_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "loader/json_names.h"
#include "loader/reject.h"

struct json_piece {
    uint32_t file;
    struct place place; /* where it is first */
    char *path;         /* NUL behind it */
    uint32_t size;
    bool is_text;
};

/* Zeroed: empty. */
struct json_news {
    struct json_piece *pieces; /* [count]; of no file more than it may have keys */
    uint32_t count;
    uint32_t capacity;
    struct json_value *values; /* of the line that is read */
    char *line;
    uint64_t line_capacity;
};

/* Looks through a line of a file for what the keys do not tell. */
enum status json_news_read(struct json_news *news, const struct json_keys *keys, struct bytes line,
                           uint32_t file, struct place place, struct error *error);

/* Takes over what `other` knows; the order is by file, and then by place in the input. */
enum status json_news_merge(struct json_news *news, const struct json_news *other,
                            struct error *error);

/* Adds a file's part to its names. */
enum status json_news_tell(const struct json_news *news, uint32_t file, struct json_names *names,
                           struct error *error);
void json_news_close(struct json_news *news);

#endif
