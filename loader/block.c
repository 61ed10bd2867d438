#include "loader/block.h"

#include "base/check.h"
#include "loader/record.h"

enum { LINES_MIN = 64 };

static enum status block_reserve(struct block *block, uint32_t capacity, struct error *error);
static enum status reserve_lines(struct block *block, uint32_t line_count, struct error *error);
static void load_lines(struct block *block, const struct chunk *chunk, uint64_t at, uint32_t size,
                       char separator, struct scan_result *found);
static enum status cut_rows(struct block *block, const struct scan_result *found,
                            const struct record_form *form, struct error *error);
static enum status rewrite_rows(struct block *block, const struct scan_result *found,
                                const struct record_form *form, struct error *error);
static void filter_rows(struct block *block, const struct header *header);

enum status block_open(struct block *block, struct arena *arena, scan_function scan,
                       struct error *error)
{
    *block = (struct block){.arena = arena, .scan = scan};
    TRY(reserve_lines(block, LINES_MIN, error));
    return block_reserve(block, BLOCK_BYTES, error);
}

enum status block_read(struct block *block, const struct chunk *chunk, uint64_t at,
                       const struct header *header, struct error *error)
{
    const struct record_form *form = &header->form;
    bool is_plain = form->kind == RECORD_DELIMITED;
    char separator = is_plain ? form->separator : '\n';
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
            block->passed_count = 0;
            block->has_fault = true;
            block->has_news = false;
            return STATUS_OK;
        }
        TRY(block_reserve(block, (uint32_t)line_bytes, error));
        load_lines(block, chunk, at, (uint32_t)line_bytes, separator, &found);
    }
    TRY(reserve_lines(block, found.line_count, error));
    block->line_count = found.line_count;
    uint32_t last = block->positions[block->line_ends[found.line_count - 1] + 1];
    block->consumed = last + 1 < rest ? last + 1 : rest;
    TRY(is_plain ? cut_rows(block, &found, form, error) : rewrite_rows(block, &found, form, error));
    filter_rows(block, header);
    return STATUS_OK;
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
    char *copy = resize(block, block->copy, FIELD_PADDING + entries + SCAN_PADDING, 1);
    block->copy = copy != NULL ? copy : block->copy;
    if (positions == NULL || line_ends == NULL || copy == NULL) {
        return arena_error(block->arena, "cutting lines", error);
    }
    block->written = NULL;
    block->written_ends = NULL;
    block->capacity = capacity;
    return STATUS_OK;
}

/* What is kept of each line, and of each row. Lines are far fewer than the bytes of a block. */
static enum status reserve_lines(struct block *block, uint32_t line_count, struct error *error)
{
    if (line_count <= block->line_capacity) {
        return STATUS_OK;
    }
    uint32_t capacity = line_count + line_count / 2;
    uint32_t *faults = resize(block, block->faults, capacity, sizeof *faults);
    block->faults = faults != NULL ? faults : block->faults;
    struct row *rows = resize(block, block->rows, capacity, sizeof *rows);
    block->rows = rows != NULL ? rows : block->rows;
    if (faults == NULL || rows == NULL) {
        return arena_error(block->arena, "cutting lines", error);
    }
    block->line_capacity = capacity;
    return STATUS_OK;
}

/* Points the block at `size` bytes of the file, and scans them. What lies too close to either end
 * of the file is copied, with the last newline where it is missing. */
static void load_lines(struct block *block, const struct chunk *chunk, uint64_t at, uint32_t size,
                       char separator, struct scan_result *found)
{
    const struct file_view *view = &chunk->file->view;
    block->offset = at;
    block->data = view->data + at;
    if (at < FIELD_PADDING || view->size - at - size < SCAN_PADDING) {
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

/* Room for any one line of the block, and for all with quotes, which have no more fields than
 * bytes. Other lines may have many fields of no bytes; rewrite_rows looks after its room. */
static enum status reserve_written(struct block *block, struct error *error)
{
    if (block->written != NULL) {
        return STATUS_OK;
    }
    uint64_t room = (uint64_t)block->capacity * 2 + SCHEMA_PROPERTIES_MAX + 2;
    char *written = arena_allocate(block->arena, FIELD_PADDING + room + SCAN_PADDING, 1);
    uint32_t *ends = arena_allocate(block->arena, room + SCAN_PADDING, sizeof *ends);
    if (written == NULL || ends == NULL) {
        return arena_error(block->arena, "rewriting lines", error);
    }
    memset(written, 0, FIELD_PADDING);
    block->written = written;
    block->written_ends = ends;
    block->written_room = room;
    return STATUS_OK;
}

/* Cuts a line into text and ends of its own; a row, when it is one. Returns what record_cut does.
 */
static uint32_t rewrite_line(struct block *block, struct bytes text, uint32_t line,
                             const struct record_form *form)
{
    char *out = block->written + FIELD_PADDING + block->written_bytes;
    uint32_t *ends = block->written_ends + block->written_count;
    bool has_news;
    uint32_t field_count = record_cut(form, text, out, ends, &has_news);
    if (field_count == form->field_count) {
        block->rows[block->row_count++] = (struct row){out, ends + 1, line, has_news};
        block->has_news |= has_news;
        block->written_bytes += ends[field_count] + 1;
        block->written_count += field_count + 1;
    }
    return field_count;
}

/* What is wrong with a line that has so many fields. */
static uint32_t fault_of(const struct record_form *form, uint32_t field_count)
{
    if (field_count == form->field_count) {
        return 0;
    }
    return (uint32_t)(field_count == RECORD_BAD_QUOTE   ? REJECT_BAD_QUOTE
                      : field_count == RECORD_BAD_JSON  ? REJECT_BAD_JSON
                      : field_count < form->field_count ? REJECT_TOO_FEW_FIELDS
                                                        : REJECT_TOO_MANY_FIELDS) +
           1;
}

/* A line that is not, or may not be, a plain row of the right number of fields. */
static enum status cut_odd(struct block *block, const struct scan_result *found, uint32_t line,
                           const uint32_t *ends, uint32_t field_count,
                           const struct record_form *form, struct error *error)
{
    uint32_t begin = ends[-1] + 1;
    struct bytes text = bytes_view(block->data + begin, ends[field_count - 1] - begin);
    text.size -= text.size > 0 && text.data[text.size - 1] == '\r';
    uint32_t fault = 0;
    bool may_have_quotes = found->has_quote && form->has_quotes;
    if (field_count == 1 && is_blank(text)) {
        return STATUS_OK;
    }
    if (found->has_nul && memchr(text.data, '\0', text.size) != NULL) {
        fault = REJECT_NUL_BYTE + 1;
    } else if (may_have_quotes && memchr(text.data, '"', text.size) != NULL) {
        TRY(reserve_written(block, error));
        fault = fault_of(form, rewrite_line(block, text, line, form));
    } else if (field_count == form->field_count) {
        block->rows[block->row_count++] = (struct row){block->data, ends, line, false};
    } else {
        fault = fault_of(form, field_count);
    }
    block->faults[line] = fault;
    block->has_fault |= fault != 0;
    return STATUS_OK;
}

static void begin_rows(struct block *block, const struct scan_result *found)
{
    block->row_count = 0;
    block->passed_count = 0;
    block->has_fault = false;
    block->has_news = false;
    block->written_bytes = 0;
    block->written_count = 0;
    memset(block->faults, 0, found->line_count * sizeof *block->faults);
}

static enum status cut_rows(struct block *block, const struct scan_result *found,
                            const struct record_form *form, struct error *error)
{
    const uint32_t *ends = block->positions + 1;
    uint32_t column_count = form->field_count;
    bool is_plain = !(found->has_quote && form->has_quotes) && !found->has_nul;
    uint32_t first = 0;
    begin_rows(block, found);
    for (uint32_t line = 0; line < found->line_count; line++) {
        uint32_t field_count = block->line_ends[line] - first + 1;
        if (LIKELY(is_plain && field_count == column_count)) {
            block->rows[block->row_count++] = (struct row){block->data, ends + first, line, false};
        } else {
            TRY(cut_odd(block, found, line, ends + first, field_count, form, error));
        }
        first += field_count;
    }
    return STATUS_OK;
}

/* All lines are rewritten, as far as there is room: the block ends before the line that has none.
 * Every position is a line's end. */
static enum status rewrite_rows(struct block *block, const struct scan_result *found,
                                const struct record_form *form, struct error *error)
{
    const uint32_t *ends = block->positions + 1;
    begin_rows(block, found);
    TRY(reserve_written(block, error));
    for (uint32_t line = 0; line < found->line_count; line++) {
        uint32_t begin = ends[(int64_t)line - 1] + 1;
        struct bytes text = bytes_view(block->data + begin, ends[line] - begin);
        text.size -= text.size > 0 && text.data[text.size - 1] == '\r';
        uint64_t needed = (uint64_t)text.size + form->field_count + 1;
        if (block->written_bytes + needed > block->written_room ||
            block->written_count + needed > block->written_room) {
            block->line_count = line;
            block->consumed = begin;
            return STATUS_OK;
        }
        struct bytes trimmed = bytes_trim(text);
        bool is_comment =
            form->comment != 0 && trimmed.size > 0 && trimmed.data[0] == form->comment;
        if (trimmed.size == 0 || is_comment) {
            continue;
        }
        bool has_nul = found->has_nul && memchr(text.data, '\0', text.size) != NULL;
        uint32_t fault =
            has_nul ? REJECT_NUL_BYTE + 1 : fault_of(form, rewrite_line(block, text, line, form));
        block->faults[line] = fault;
        block->has_fault |= fault != 0;
    }
    return STATUS_OK;
}

static bool is_dropped(const struct header_filter *filter, const struct row *row, bool is_last)
{
    return header_filter_drops(filter, field_at(row, filter->field, is_last));
}

/* Takes out the rows that the dialect passes over: often there is none, and nothing moves. */
static void filter_rows(struct block *block, const struct header *header)
{
    for (uint32_t i = 0; i < header->filter_count; i++) {
        const struct header_filter filter = header->filters[i];
        bool is_last = filter.field + 1 == header->form.field_count;
        uint32_t kept = 0;
        while (kept < block->row_count && !is_dropped(&filter, &block->rows[kept], is_last)) {
            kept++;
        }
        for (uint32_t row = kept + 1; row < block->row_count; row++) {
            block->rows[kept] = block->rows[row];
            kept += !is_dropped(&filter, &block->rows[row], is_last);
        }
        block->passed_count += block->row_count - kept;
        block->row_count = kept;
    }
}
