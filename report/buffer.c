/* A growing run of bytes; see buffer.h. */
#include "report/buffer.h"

#include "base/memory.h"

enum { BUFFER_BYTES_MIN = 4096 };

void buffer_close(struct buffer *buffer)
{
    memory_free(buffer->data);
    *buffer = (struct buffer){0};
}

bool buffer_reserve(struct buffer *buffer, uint64_t size)
{
    if (buffer->is_failed) {
        return false;
    }
    if (buffer->capacity - buffer->size >= size) {
        return true;
    }
    uint64_t capacity = buffer->capacity < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : buffer->capacity;
    while (capacity - buffer->size < size) {
        capacity *= 2;
    }
    char *data = memory_resize(buffer->data, capacity, 1);
    if (data == NULL) {
        buffer->is_failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void buffer_put_repeated(struct buffer *buffer, const char *text, uint64_t count)
{
    uint64_t size = strlen(text);
    for (uint64_t i = 0; i < count; i++) {
        buffer_put(buffer, text, size);
    }
}
