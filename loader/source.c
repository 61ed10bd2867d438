#include "loader/source.h"

#include "base/check.h"
#include "base/memory.h"
#include "loader/load.h"

static enum status open_file(struct source_file *file, const char *path, uint64_t limit_bytes,
                             struct error *error);
static uint64_t line_behind(const struct source_file *file, uint64_t from, uint64_t limit);

enum status source_open(struct source *source, const char *const *paths, uint32_t path_count,
                        uint64_t limit_bytes, struct error *error)
{
    source->files = memory_allocate(path_count, sizeof *source->files);
    if (source->files == NULL) {
        return error_set_memory(error, "opening files");
    }
    uint64_t chunk_count = 0;
    uint32_t pipes = 0;
    for (uint32_t i = 0; i < path_count; i++) {
        pipes += strcmp(paths[i], "-") == 0;
        if (pipes > 1) {
            return error_set(error, STATUS_INPUT, "standard input (-) can be given only once");
        }
        struct source_file *file = &source->files[i];
        TRY(open_file(file, paths[i], limit_bytes, error));
        source->file_count++;
        source->bytes += file->view.size;
        file->chunk_base = (uint32_t)chunk_count;
        chunk_count += (file->view.size - file->data_begin + CHUNK_BYTES - 1) / CHUNK_BYTES;
        if (chunk_count > UINT32_MAX) {
            return error_set(error, STATUS_LIMIT, "%s: the input is too large", file->name);
        }
    }
    source->chunk_count = (uint32_t)chunk_count;
    return STATUS_OK;
}

void source_close(struct source *source)
{
    for (uint32_t i = 0; i < source->file_count; i++) {
        file_close(&source->files[i].view);
    }
    memory_free(source->files);
    *source = (struct source){0};
}

struct bytes source_header(const struct source_file *file)
{
    uint64_t end = file->data_begin;
    const char *data = file->view.data;
    end -= end > file->header_begin && data[end - 1] == '\n';
    end -= end > file->header_begin && data[end - 1] == '\r';
    return bytes_view(data + file->header_begin, end - file->header_begin);
}

struct chunk source_chunk(const struct source *source, uint32_t index)
{
    DCHECK(index < source->chunk_count);
    uint32_t low = 0;
    uint32_t high = source->file_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->files[middle].chunk_base <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct source_file *file = &source->files[low];
    uint64_t share = file->data_begin + (index - file->chunk_base) * CHUNK_BYTES;
    uint64_t share_end = share + CHUNK_BYTES;
    uint64_t size = file->view.size;
    uint64_t begin = share;
    if (index != file->chunk_base) {
        begin = line_behind(file, share - 1, share_end < size ? share_end - 1 : size);
    }
    uint64_t end = size;
    if (begin >= share_end || begin >= size) {
        end = begin;
    } else if (share_end < size) {
        end = line_behind(file, share_end - 1, size);
    }
    return (struct chunk){file, low, begin, end};
}

/* Where the next line begins: behind the first newline in [from, limit). Where there is none:
 * behind `limit`. */
static uint64_t line_behind(const struct source_file *file, uint64_t from, uint64_t limit)
{
    const char *newline = memchr(file->view.data + from, '\n', limit - from);
    if (newline != NULL) {
        return (uint64_t)(newline - file->view.data) + 1;
    }
    return limit == file->view.size ? limit : limit + 1;
}

static enum status open_file(struct source_file *file, const char *path, uint64_t limit_bytes,
                             struct error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    file->name = strcmp(path, "-") == 0 ? "standard input" : path;
    TRY(file_open(&file->view, path, limit_bytes, error));
    const char *data = file->view.data;
    uint64_t size = file->view.size;
    enum status status = STATUS_OK;
    if (size >= 3 && memcmp(data, mark, 3) == 0) {
        file->header_begin = 3;
    }
    if (size == file->header_begin) {
        status = error_set_at(error, STATUS_INPUT, file->name, 0, 0, "is empty");
        goto done;
    }
    uint64_t room = size - file->header_begin;
    const char *newline =
        memchr(data + file->header_begin, '\n', room < LINE_BYTES_MAX ? room : LINE_BYTES_MAX);
    if (newline == NULL && room >= LINE_BYTES_MAX) {
        status = error_set_at(error, STATUS_INPUT, file->name, 1, 0,
                              "the first line, which has to be the header, is longer than 1 MiB");
        goto done;
    }
    file->data_begin = newline == NULL ? size : (uint64_t)(newline - data) + 1;
done:
    if (status != STATUS_OK) {
        file_close(&file->view);
    }
    return status;
}
