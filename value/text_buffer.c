/* A text that grows in a pool. */
#include "value/text_buffer.h"

#include "value/code_point.h"

enum { BUFFER_BYTES_MORE = 64 };

static void buffer_grow(struct text_buffer *buffer, size_t size, size_t capacity_least);

void text_buffer_reserve(struct text_buffer *buffer, size_t size)
{
    if (size > buffer->capacity - buffer->size) {
        buffer_grow(buffer, size, 0);
    }
}

void text_buffer_add(struct text_buffer *buffer, const char *data, size_t size)
{
    if (size > buffer->capacity - buffer->size) {
        buffer_grow(buffer, size, buffer->capacity * 2 + BUFFER_BYTES_MORE);
    }
    if (buffer->status == STATUS_OK && size > 0) {
        buffer->status =
            pool_copy_bytes(buffer->pool, buffer->data + buffer->size, data, size, buffer->error);
        buffer->size += size;
    }
}

void text_buffer_add_text(struct text_buffer *buffer, const char *text)
{
    text_buffer_add(buffer, text, strlen(text));
}

void text_buffer_add_bytes(struct text_buffer *buffer, struct bytes bytes)
{
    text_buffer_add(buffer, bytes.data, bytes.size);
}

void text_buffer_add_byte(struct text_buffer *buffer, char byte)
{
    text_buffer_add(buffer, &byte, 1);
}

void text_buffer_add_code_point(struct text_buffer *buffer, uint32_t code_point)
{
    char text[CODE_POINT_BYTES_MAX];
    text_buffer_add(buffer, text, code_point_write(code_point, text));
}

enum status text_buffer_finish(struct text_buffer *buffer, struct value *text)
{
    if (buffer->status == STATUS_OK) {
        *text = value_text_of(bytes_view(buffer->size == 0 ? "" : buffer->data, buffer->size));
    }
    return buffer->status;
}

/* To hold `size` more bytes, and `capacity_least` in all. */
static void buffer_grow(struct text_buffer *buffer, size_t size, size_t capacity_least)
{
    if (buffer->status != STATUS_OK) {
        return;
    }
    if (size > UINT32_MAX - buffer->size) {
        buffer->status =
            error_set(buffer->error, STATUS_LIMIT, "a text of more than 4 GiB is no value");
        return;
    }
    size_t capacity = buffer->size + size;
    capacity = capacity < capacity_least ? capacity_least : capacity;
    char *data = pool_allocate(buffer->pool, capacity, 1, buffer->error);
    if (data == NULL) {
        buffer->status = pool_status(buffer->error);
        return;
    }
    buffer->status = pool_copy_bytes(buffer->pool, data, buffer->data, buffer->size, buffer->error);
    buffer->data = data;
    buffer->capacity = capacity;
}
