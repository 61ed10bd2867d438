/* A growing run of bytes: what writers write into, a block of rows at a time, before it goes to the
 * file as a whole.
 *
 * Appending cannot fail visibly: when memory runs out, the buffer remembers (`is_failed`), drops
 * what comes later, and the caller asks once per block. Owned by one thread. */
#ifndef GYRE_REPORT_BUFFER_H
#define GYRE_REPORT_BUFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"

/* Zeroed: empty. */
struct buffer {
    char *data;
    uint64_t size;
    uint64_t capacity;
    bool is_failed;
};

void buffer_close(struct buffer *buffer);

/* Room for `size` more bytes; false, and `is_failed`, when there is none. */
bool buffer_reserve(struct buffer *buffer, uint64_t size);

static inline void buffer_put(struct buffer *buffer, const char *data, uint64_t size)
{
    if (buffer->capacity - buffer->size >= size || buffer_reserve(buffer, size)) {
        if (size > 0) {
            memcpy(buffer->data + buffer->size, data, size);
        }
        buffer->size += size;
    }
}

static inline void buffer_put_byte(struct buffer *buffer, char byte)
{
    buffer_put(buffer, &byte, 1);
}

static inline void buffer_put_bytes(struct buffer *buffer, struct bytes text)
{
    buffer_put(buffer, text.data, text.size);
}

static inline void buffer_put_text(struct buffer *buffer, const char *text)
{
    buffer_put(buffer, text, strlen(text));
}

/* `text` `count` times. */
void buffer_put_repeated(struct buffer *buffer, const char *text, uint64_t count);

#endif
