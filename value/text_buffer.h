/* A text being made in a pool: grows by doubling, then becomes a value. One thread.
 *
 * `text_buffer_add` and its kin keep the first failure and then do nothing, so that callers add in
 * a row and look at what became of it once, in text_buffer_finish. */
#ifndef GYRE_VALUE_TEXT_BUFFER_H
#define GYRE_VALUE_TEXT_BUFFER_H

#include "value/pool.h"

/* Zeroed but for the pool and the error: empty. */
struct text_buffer {
    struct pool *pool;
    struct error *error; /* NULL: nobody asks why */
    enum status status;
    char *data;
    size_t size;
    size_t capacity;
};

/* Room for `size` more bytes, exactly, where they are known. */
void text_buffer_reserve(struct text_buffer *buffer, size_t size);

void text_buffer_add(struct text_buffer *buffer, const char *data, size_t size);
void text_buffer_add_text(struct text_buffer *buffer, const char *text); /* up to its NUL */
void text_buffer_add_bytes(struct text_buffer *buffer, struct bytes bytes);
void text_buffer_add_byte(struct text_buffer *buffer, char byte);

/* As UTF-8. */
void text_buffer_add_code_point(struct text_buffer *buffer, uint32_t code_point);

/* What was added, as a TEXT; or the first failure. */
enum status text_buffer_finish(struct text_buffer *buffer, struct value *text);

#endif
