#include "loader/source.h"

#include "base/check.h"
#include "base/memory.h"

/* A worker's room takes 0.6 MB, and its tables repeat what others have: beyond the first workers,
 * each more is to have so much text that this is little beside its part of the graph. */
enum { CHUNKS_SHARE = 32, WORKERS_MIN = 2, WORKER_BYTES = 8 << 20 };

/* Workers take files in ascending order, each the next one, and write to that file's place and
 * error alone. */
struct opening {
    struct source *source;
    struct content_means means;
    struct error *errors; /* [file_count] */
    _Atomic uint64_t next;
    _Atomic uint32_t first_failed; /* files behind it need not be opened */
};

static enum status list_files(struct source *source, const char *const *paths, uint32_t path_count,
                              struct error *error);
static enum status open_files(struct source *source, const struct content_means *means,
                              struct team *team, struct error *error);
static enum status number_chunks(struct source *source, uint32_t team_workers, struct error *error);
static uint64_t line_behind(const struct source_file *file, uint64_t from, uint64_t limit);

enum status source_open(struct source *source, const char *const *paths, uint32_t path_count,
                        struct team *team, struct budget *budget, struct stop *stop,
                        struct error *error)
{
    TRY(list_files(source, paths, path_count, error));
    TRY(arena_open(&source->arena, team_topology(team), NODE_INTERLEAVED, budget, error));
    struct content_means means = {source->arena, budget, stop};
    TRY(open_files(source, &means, team, error));
    return number_chunks(source, team_worker_count(team), error);
}

void source_close(struct source *source)
{
    for (uint32_t i = 0; i < source->file_count; i++) {
        content_close(&source->files[i].content);
    }
    memory_free(source->files);
    file_list_close(&source->list);
    file_list_close(&source->repeated);
    arena_close(source->arena);
    *source = (struct source){0};
}

uint64_t source_first_line(const struct source_file *file)
{
    uint64_t line = 1;
    const char *at = file->view.data;
    const char *end = at + file->data_begin;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at++;
        line++;
    }
    return line;
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
    uint64_t share = file->header_begin + (index - file->chunk_base) * source->chunk_bytes;
    uint64_t share_end = share + source->chunk_bytes;
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
    begin = begin < file->data_begin ? file->data_begin : begin;
    end = end < begin ? begin : end;
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

static enum status list_files(struct source *source, const char *const *paths, uint32_t path_count,
                              struct error *error)
{
    uint32_t pipes = 0;
    for (uint32_t i = 0; i < path_count; i++) {
        pipes += strcmp(paths[i], "-") == 0;
        if (pipes > 1) {
            return error_set(error, STATUS_INPUT, "standard input (-) can be given only once");
        }
        TRY(file_list_add(&source->list, paths[i], error));
    }
    TRY(file_list_unite(&source->list, &source->repeated, error));
    source->files = memory_allocate(source->list.count, sizeof *source->files);
    if (source->files == NULL) {
        return error_set_memory(error, "opening files");
    }
    source->file_count = source->list.count;
    return STATUS_OK;
}

static enum status open_file(struct source_file *file, const char *path,
                             const struct content_means *means, struct error *error)
{
    static const char mark[] = "\xef\xbb\xbf";
    file->name = strcmp(path, "-") == 0 ? "standard input" : path;
    TRY(content_open(&file->content, path, means, error));
    file->view = file->content.view;
    if (file->view.size >= 3 && memcmp(file->view.data, mark, 3) == 0) {
        file->header_begin = 3;
    }
    if (file->view.size == file->header_begin) {
        return error_set_at(error, STATUS_INPUT, file->name, 0, 0, "is empty");
    }
    file->data_begin = file->header_begin;
    return STATUS_OK;
}

static void fail_at(struct opening *opening, uint32_t file)
{
    uint32_t first = atomic_load_explicit(&opening->first_failed, memory_order_relaxed);
    while (file < first &&
           !atomic_compare_exchange_weak_explicit(&opening->first_failed, &first, file,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

static void open_on_worker(const struct worker *worker, void *context)
{
    struct opening *opening = context;
    struct source *source = opening->source;
    uint64_t file;
    uint64_t end;
    (void)worker;
    while (team_next(&opening->next, source->file_count, 1, &file, &end) &&
           file < atomic_load_explicit(&opening->first_failed, memory_order_relaxed)) {
        if (open_file(&source->files[file], source->list.paths[file], &opening->means,
                      &opening->errors[file]) != STATUS_OK) {
            fail_at(opening, (uint32_t)file);
        }
    }
}

/* Which file is told to have failed does not depend on who was faster: all before it were opened.
 */
static enum status open_files(struct source *source, const struct content_means *means,
                              struct team *team, struct error *error)
{
    struct opening opening = {.source = source, .means = *means, .first_failed = UINT32_MAX};
    opening.errors = memory_allocate(source->file_count, sizeof *opening.errors);
    if (opening.errors == NULL) {
        return error_set_memory(error, "opening files");
    }
    if (source->file_count > 1) {
        team_run(team, open_on_worker, &opening);
    } else {
        open_on_worker(team_worker_at(team, 0), &opening);
    }
    enum status status = STATUS_OK;
    if (opening.first_failed != UINT32_MAX) {
        const struct error *failure = &opening.errors[opening.first_failed];
        status = failure->status;
        if (error != NULL && error->status == STATUS_OK) {
            *error = *failure;
        }
    }
    memory_free(opening.errors);
    return status;
}

/* The chunks being parsed are a CHUNKS_SHARE-th of the input. */
static uint64_t choose_chunk_bytes(uint64_t bytes, uint32_t worker_count)
{
    uint64_t chunk_bytes = bytes / CHUNKS_SHARE / worker_count;
    chunk_bytes = chunk_bytes > CHUNK_BYTES_MIN ? chunk_bytes : CHUNK_BYTES_MIN;
    return chunk_bytes < CHUNK_BYTES_MAX ? chunk_bytes : CHUNK_BYTES_MAX;
}

static uint32_t choose_worker_count(uint64_t bytes, uint32_t team_workers)
{
    uint64_t count = bytes / WORKER_BYTES;
    count = count < WORKERS_MIN ? WORKERS_MIN : count;
    return count < team_workers ? (uint32_t)count : team_workers;
}

static enum status number_chunks(struct source *source, uint32_t team_workers, struct error *error)
{
    uint64_t chunk_count = 0;
    for (uint32_t i = 0; i < source->file_count; i++) {
        source->bytes += source->files[i].view.size;
    }
    source->worker_count = choose_worker_count(source->bytes, team_workers);
    source->chunk_bytes = choose_chunk_bytes(source->bytes, source->worker_count);
    for (uint32_t i = 0; i < source->file_count; i++) {
        struct source_file *file = &source->files[i];
        file->chunk_base = (uint32_t)chunk_count;
        chunk_count +=
            (file->view.size - file->header_begin + source->chunk_bytes - 1) / source->chunk_bytes;
        if (chunk_count > UINT32_MAX) {
            return error_set(error, STATUS_LIMIT, "%s: the input is too large", file->name);
        }
    }
    source->chunk_count = (uint32_t)chunk_count;
    return STATUS_OK;
}
