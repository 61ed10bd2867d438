/* One line of JSON, an object, cut into the values of the keys that are wanted.
 *
 * A line is read once, from left to right, and checked wholly (RFC 8259), also what is not wanted;
 * but that text is UTF-8 is not looked at, as with the other formats. Values are views of the line;
 * numbers are kept as they are written until the column's parser reads them, and arrays too. Of a
 * key that stands twice the last value counts. */
#ifndef GYRE_LOADER_JSON_RECORD_H
#define GYRE_LOADER_JSON_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "loader/json_keys.h"

/* Objects and arrays within each other, the whole counted; more is a fault. */
enum { JSON_DEPTH_MAX = 64 };

/* Bytes behind a line that have to be readable. The first of them has to be a control character,
 * as a line end or NUL is, so that no reader needs to ask where the line ends. */
enum { JSON_PADDING = 8 };

enum json_type {
    JSON_MISSING, /* no such key */
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_value {
    const char *data; /* as it is written; of a string, between its quotes */
    uint32_t size;
    enum json_type type : 8;
    bool has_escape;
};

/* What is text in a column, though it may look like a number, as "02" does. */
static inline bool json_is_text(enum json_type type)
{
    return type == JSON_STRING || type == JSON_ARRAY || type == JSON_TRUE || type == JSON_FALSE;
}

#define JSON_GOOD UINT64_MAX

/* Reads the values of all columns of `keys`. Returns JSON_GOOD, or where in the line it ceases to
 * be an object of JSON, and then the values mean nothing. Blanks around the object, a carriage
 * return too, are passed over. `has_unknown` says whether there are values beside the wanted, or
 * may be. The line is of up to LINE_BYTES_MAX. */
uint64_t json_record_read(const struct json_keys *keys, struct bytes line,
                          struct json_value *values, bool *has_unknown);

/* Told of a value that is no column's, but not of objects, whose members are told, nor of what is
 * in arrays. The path borrows; it is empty where it is none that a column can have: of more than
 * JSON_POINTS_MAX points or JSON_PATH_BYTES_MAX, or an empty key. */
typedef void (*json_unknown_function)(void *context, struct bytes path,
                                      const struct json_value *value);
enum { JSON_PATH_BYTES_MAX = 120 };

/* As json_record_read, slower, and telling `unknown` of all values that no column has. Also a line
 * that is faulty tells what stands before the fault. */
uint64_t json_record_tell(const struct json_keys *keys, struct bytes line,
                          struct json_value *values, json_unknown_function unknown, void *context);

/* Writes a value as text, and returns where that ends: the characters of a string; nothing for what
 * is missing or null, or an object, whose members are the values; anything else as it stands. Takes
 * at most value->size bytes. A NUL, and a surrogate without its partner, become U+FFFD. */
char *json_value_write(const struct json_value *value, char *text);

/* The form that rows have (see record_cut): a field for each column. `has_news` says whether the
 * line has something that the keys do not tell: an unknown key, or a text where only numbers are
 * expected (loader/json_news.h). */
uint32_t json_record_cut(const struct json_keys *keys, struct bytes line, char *text,
                         uint32_t *ends, bool *has_news);

/* A column's value as it stands in the line, empty at the line's end when there is none; of a
 * faulty line all from the fault on. For messages; nothing behind the line has to be readable. */
struct bytes json_record_find(const struct json_keys *keys, struct bytes line, uint32_t column);

#endif
