#include "loader/block.h"

#include "base/check.h"
#include "loader/record.h"

/* Rows have at least three columns (time, source, target), hence three bytes. */
enum { ROW_BYTES_MIN = 3 };

static enum status block_reserve(struct block *block, uint32_t capacity, struct error *error);
static void load_lines(struct block *block, const struct chunk *chunk, uint64_t at, uint32_t size,
                       char separator, struct scan_result *found);
static enum status cut_rows(struct block *block, const struct scan_result *found, char separator,
                            uint32_t column_count, struct error *error);

enum status block_open(struct block *block, struct arena *arena, scan_function scan,
                       struct error *error)
{
    *block = (struct block){.arena = arena, .scan = scan};
    return block_reserve(block, BLOCK_BYTES, error);
}

enum status block_read(struct block *block, const struct chunk *chunk, uint64_t at, char separator,
                       uint32_t column_count, struct error *error)
{
    uint64_t rest = chunk->end - at;
    struct scan_result found;
    uint32_t size = rest < BLOCK_BYTES ? (uint32_t)rest : BLOCK_BYTES;
    load_lines(block, chunk, at, size, separator, &found);
    if (found.line_count == 0) {
        /* A line longer than a block is searched for its end, once more, and scanned alone. */
        const char *newline = memchr(chunk->file->view.data + at, '\n', rest);
        const char *begin = chunk->file->view.data + at;
        uint64_t line_bytes = newline == NULL ? rest : (uint64_t)(newline - begin) + 1;
        if (line_bytes - (newline != NULL) > LINE_BYTES_MAX) {
            block->faults[0] = REJECT_LINE_TOO_LONG + 1;
            block->consumed = line_bytes;
            block->line_count = 1;
            block->row_count = 0;
            block->has_fault = true;
            return STATUS_OK;
        }
        TRY(block_reserve(block, (uint32_t)line_bytes, error));
        load_lines(block, chunk, at, (uint32_t)line_bytes, separator, &found);
    }
    block->line_count = found.line_count;
    uint32_t last = block->positions[block->line_ends[found.line_count - 1] + 1];
    block->consumed = last + 1 < rest ? last + 1 : rest;
    return cut_rows(block, &found, separator, column_count, error);
}

void block_fault(struct block *block, uint32_t row, enum reject_reason reason, uint32_t column)
{
    uint32_t *fault = &block->faults[block->rows[row].line];
    *fault = *fault != 0 ? *fault : (uint32_t)reason + 1 + (column << 8);
    block->has_fault = true;
}

void block_drop_faulty(struct block *block)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < block->row_count; i++) {
        block->rows[kept] = block->rows[i];
        kept += block->faults[block->rows[i].line] == 0;
    }
    block->row_count = kept;
}

struct reject_line block_line(const struct block *block, uint32_t line)
{
    if (block->line_count == 1) {
        return (struct reject_line){block->offset, block->consumed};
    }
    const uint32_t *ends = block->positions + 1;
    uint64_t begin = line == 0 ? 0 : ends[block->line_ends[line - 1]] + 1;
    uint64_t end = ends[block->line_ends[line]] + 1;
    end = end < block->consumed ? end : block->consumed;
    return (struct reject_line){block->offset + begin, end - begin};
}

static void *resize(struct block *block, void *memory, uint64_t count, size_t size)
{
    return arena_resize(block->arena, memory, count, size);
}

static enum status block_reserve(struct block *block, uint32_t capacity, struct error *error)
{
    if (capacity <= block->capacity) {
        return STATUS_OK;
    }
    /* A newline may be added to the last line, and the scan writes beyond what it finds. */
    uint64_t entries = (uint64_t)capacity + SCAN_PADDING + 2;
    uint32_t *positions = resize(block, block->positions, entries, sizeof *positions);
    block->positions = positions != NULL ? positions : block->positions;
    uint32_t *line_ends = resize(block, block->line_ends, entries, sizeof *line_ends);
    block->line_ends = line_ends != NULL ? line_ends : block->line_ends;
    uint32_t *faults = resize(block, block->faults, entries, sizeof *faults);
    block->faults = faults != NULL ? faults : block->faults;
    struct row *rows = resize(block, block->rows, entries / ROW_BYTES_MIN + 1, sizeof *rows);
    block->rows = rows != NULL ? rows : block->rows;
    char *copy = resize(block, block->copy, FIELD_PADDING + entries + SCAN_PADDING, 1);
    block->copy = copy != NULL ? copy : block->copy;
    if (positions == NULL || line_ends == NULL || faults == NULL || rows == NULL || copy == NULL) {
        return arena_error(block->arena, "cutting lines", error);
    }
    block->unquoted = NULL;
    block->unquoted_ends = NULL;
    block->capacity = capacity;
    return STATUS_OK;
}

/* Points the block at `size` bytes of the file, and scans them. What the end of the file follows
 * too closely is copied, with the last newline where it is missing. */
static void load_lines(struct block *block, const struct chunk *chunk, uint64_t at, uint32_t size,
                       char separator, struct scan_result *found)
{
    const struct file_view *view = &chunk->file->view;
    block->offset = at;
    block->data = view->data + at;
    if (view->size - at - size < SCAN_PADDING) {
        char *copy = block->copy + FIELD_PADDING;
        memset(block->copy, 0, FIELD_PADDING);
        memcpy(copy, block->data, size);
        if (at + size == view->size && copy[size - 1] != '\n') {
            copy[size++] = '\n';
        }
        memset(copy + size, 0, SCAN_PADDING);
        block->data = copy;
    }
    block->positions[0] = UINT32_MAX;
    block->scan(block->data, size, separator, block->positions + 1, block->line_ends, found);
}

static bool is_blank(struct bytes line)
{
    return bytes_trim(line).size == 0;
}

static enum status reserve_unquoted(struct block *block, struct error *error)
{
    if (block->unquoted != NULL) {
        return STATUS_OK;
    }
    char *unquoted =
        arena_allocate(block->arena, block->capacity + FIELD_PADDING + SCAN_PADDING, 1);
    uint32_t *ends =
        arena_allocate(block->arena, (uint64_t)block->capacity * 2 + SCAN_PADDING, sizeof *ends);
    if (unquoted == NULL || ends == NULL) {
        return arena_error(block->arena, "reading quotes", error);
    }
    memset(unquoted, 0, FIELD_PADDING);
    block->unquoted = unquoted;
    block->unquoted_ends = ends;
    return STATUS_OK;
}

/* Cuts a line with quotes; a row of its own text and ends, when it is one. */
static enum status cut_quoted(struct block *block, struct bytes text, uint32_t line, char separator,
                              uint32_t column_count, uint32_t *field_count, struct error *error)
{
    TRY(reserve_unquoted(block, error));
    char *out = block->unquoted + FIELD_PADDING + block->unquoted_bytes;
    uint32_t *ends = block->unquoted_ends + block->unquoted_count;
    *field_count = record_split(text, separator, out, ends, column_count);
    if (*field_count == column_count) {
        block->rows[block->row_count++] = (struct row){out, ends + 1, line};
        block->unquoted_bytes += (uint32_t)text.size + 1;
        block->unquoted_count += column_count + 1;
    }
    return STATUS_OK;
}

/* A line that is not, or may not be, a plain row of the right number of fields. */
static enum status cut_odd(struct block *block, const struct scan_result *found, uint32_t line,
                           const uint32_t *ends, uint32_t field_count, char separator,
                           uint32_t column_count, struct error *error)
{
    uint32_t begin = ends[-1] + 1;
    struct bytes text = bytes_view(block->data + begin, ends[field_count - 1] - begin);
    text.size -= text.size > 0 && text.data[text.size - 1] == '\r';
    uint32_t fault = 0;
    if (field_count == 1 && is_blank(text)) {
        return STATUS_OK;
    }
    if (found->has_nul && memchr(text.data, '\0', text.size) != NULL) {
        fault = REJECT_NUL_BYTE + 1;
    } else if (found->has_quote && memchr(text.data, '"', text.size) != NULL) {
        TRY(cut_quoted(block, text, line, separator, column_count, &field_count, error));
        fault = field_count == RECORD_BAD_QUOTE ? REJECT_BAD_QUOTE + 1 : 0;
    } else if (field_count == column_count) {
        block->rows[block->row_count++] = (struct row){block->data, ends, line};
    }
    if (fault == 0 && field_count != column_count) {
        fault = (field_count < column_count ? REJECT_TOO_FEW_FIELDS : REJECT_TOO_MANY_FIELDS) + 1;
    }
    block->faults[line] = fault;
    block->has_fault |= fault != 0;
    return STATUS_OK;
}

static enum status cut_rows(struct block *block, const struct scan_result *found, char separator,
                            uint32_t column_count, struct error *error)
{
    const uint32_t *ends = block->positions + 1;
    bool is_plain = !found->has_quote && !found->has_nul;
    uint32_t first = 0;
    block->row_count = 0;
    block->has_fault = false;
    block->unquoted_bytes = 0;
    block->unquoted_count = 0;
    memset(block->faults, 0, found->line_count * sizeof *block->faults);
    for (uint32_t line = 0; line < found->line_count; line++) {
        uint32_t field_count = block->line_ends[line] - first + 1;
        if (LIKELY(is_plain && field_count == column_count)) {
            block->rows[block->row_count++] = (struct row){block->data, ends + first, line};
        } else {
            TRY(cut_odd(block, found, line, ends + first, field_count, separator, column_count,
                        error));
        }
        first += field_count;
    }
    return STATUS_OK;
}
