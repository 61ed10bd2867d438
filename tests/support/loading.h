/* For tests of the loader: a team, files with given contents, and what was staged, as text. */
#ifndef GYRE_TESTS_SUPPORT_LOADING_H
#define GYRE_TESTS_SUPPORT_LOADING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/time_text.h"
#include "loader/batch.h"
#include "loader/load.h"

struct rig {
    struct topology *topology;
    struct team *team;
    struct budget budget;
    struct stop stop;
};

static inline void rig_open(struct rig *rig, uint32_t worker_count)
{
    struct error error = {0};
    budget_init(&rig->budget, 0);
    stop_init(&rig->stop, 0);
    CHECK(topology_open(&rig->topology, NULL, &error) == STATUS_OK);
    CHECK(team_open(&rig->team, rig->topology, worker_count, &error) == STATUS_OK);
}

static inline void rig_close(struct rig *rig)
{
    team_close(rig->team);
    topology_close(rig->topology);
}

/* A path of this process's own. */
static inline const char *test_path(char *path, size_t path_bytes, const char *name)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, path_bytes, "%s/gyre-test-%ld-%s", folder == NULL ? "/tmp" : folder,
             (long)getpid(), name);
    return path;
}

static inline void write_file(const char *path, const char *data, size_t size)
{
    struct error error = {0};
    struct file_writer *writer = NULL;
    CHECK(file_writer_open(&writer, path, &error) == STATUS_OK);
    CHECK(file_writer_put(writer, data, size, &error) == STATUS_OK);
    CHECK(file_writer_finish(writer, &error) == STATUS_OK);
    file_writer_close(writer);
}

/* A text that grows. Zeroed: empty. */
struct text_buffer {
    char *data;
    size_t size;
    size_t capacity;
};

static inline void text_add(struct text_buffer *buffer, const char *text)
{
    size_t size = strlen(text);
    if (buffer->size + size + 1 > buffer->capacity) {
        buffer->capacity = (buffer->size + size + 1) * 2;
        buffer->data = memory_resize(buffer->data, buffer->capacity, 1);
        CHECK(buffer->data != NULL);
    }
    memcpy(buffer->data + buffer->size, text, size + 1);
    buffer->size += size;
}

static inline void add_address(struct text_buffer *buffer, const struct staging_worker *worker,
                               uint32_t code)
{
    struct address address = worker->addresses.addresses[code];
    char text[ADDRESS_TEXT_BYTES];
    if (address_kind(address) == ADDRESS_OTHER) {
        text_add(buffer, worker->address_texts.entries[address.low]->bytes);
        return;
    }
    address_format(address, text);
    text_add(buffer, text);
}

static inline void add_value(struct text_buffer *buffer, const struct staging_worker *worker,
                             uint32_t property, const struct column *column, uint32_t row)
{
    char text[TIME_TEXT_BYTES + NUMBER_TEXT_BYTES] = "";
    if (column_is_null(column, row)) {
        text_add(buffer, "null");
        return;
    }
    if (column->type == TYPE_TEXT) {
        uint64_t code = (uint64_t)column_integer(column, row);
        text_add(buffer, worker->texts[property].entries[code]->bytes);
    } else if (column->type == TYPE_TIME) {
        time_format(column_integer(column, row), text);
    } else if (column->type == TYPE_FLOAT) {
        float_format(column_float(column, row), text);
    } else {
        integer_format(column_integer(column, row), text);
    }
    text_add(buffer, text);
}

/* "name:type name:type", then a line per row with its values between bars; the caller frees. */
static inline char *staging_text(const struct staging *staging)
{
    struct text_buffer buffer = {0};
    text_add(&buffer, "");
    for (uint32_t i = 0; i < staging->schema.property_count; i++) {
        const struct property *property = &staging->schema.properties[i];
        text_add(&buffer, i == 0 ? "" : " ");
        text_add(&buffer, property->name);
        text_add(&buffer, ":");
        text_add(&buffer, type_name(property->type));
    }
    text_add(&buffer, "\n");
    for (uint32_t b = 0; b < staging->batch_count; b++) {
        const struct batch *batch = &staging->batches[b];
        const struct staging_worker *worker = &staging->workers[batch->worker];
        for (uint32_t row = 0; row < batch->row_count; row++) {
            for (uint32_t i = 0; i < staging->schema.property_count; i++) {
                enum role role = staging->schema.properties[i].role;
                text_add(&buffer, i == 0 ? "" : "|");
                if (role == ROLE_SOURCE || role == ROLE_TARGET) {
                    const uint32_t *codes = role == ROLE_SOURCE ? batch->sources : batch->targets;
                    add_address(&buffer, worker, codes[row]);
                } else {
                    add_value(&buffer, worker, i, &batch->columns[i], row);
                }
            }
            text_add(&buffer, "\n");
        }
    }
    return buffer.data;
}

#endif
