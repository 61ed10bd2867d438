#include "loader/parser.h"

#include "base/check.h"
#include "base/memory.h"
#include "loader/derive.h"
#include "loader/narrow.h"

static enum status open_coders(struct parser *parser, struct error *error);
static void enter_file(struct parser *parser, const struct layout_file *file);
static enum status read_block(struct parser *parser, uint64_t *at, struct error *error);
static enum status reserve_rows(struct parser *parser, struct error *error);
static void read_strict(struct parser *parser);
static enum status read_news(struct parser *parser, struct error *error);
static enum status read_tolerant(struct parser *parser, struct error *error);
static enum status log_faults(struct parser *parser, struct error *error);
static void compute_columns(struct parser *parser);
static enum status write_batch(struct parser *parser, struct batch *batch, struct error *error);

enum status parser_open(struct parser *parser, const struct parser_input *input,
                        const struct worker *worker, struct budget *budget, struct error *error)
{
    const struct topology *topology = team_topology(worker->team);
    uint32_t property_count = input->layout->column_count;
    parser->input = input;
    parser->worker = worker->index;
    parser->out = &input->staging->workers[worker->index];
    parser->rejects.keeps_lines = input->keeps_rejects;
    parser->widenings = memory_allocate(property_count, sizeof *parser->widenings);
    if (parser->widenings == NULL) {
        return error_set_memory(error, "parsing");
    }
    TRY(arena_open(&parser->out->arena, topology, worker->node, budget, error));
    TRY(arena_open(&parser->scratch, topology, worker->node, budget, error));
    TRY(block_open(&parser->block, parser->scratch, input->scan, error));
    return open_coders(parser, error);
}

void parser_rest(struct parser *parser)
{
    struct staging_worker *out = parser->out;
    arena_close(parser->scratch);
    parser->scratch = NULL;
    for (uint32_t i = 0; out->pools != NULL && i < parser->input->layout->column_count; i++) {
        staged_pool_trim(&out->pools[i], out->arena);
    }
    if (out->addresses.slots != NULL) {
        arena_return(out->arena, out->addresses.slots);
        out->addresses.slots = NULL;
        out->addresses.slot_count = 0;
    }
}

void parser_close(struct parser *parser)
{
    arena_close(parser->scratch);
    memory_free(parser->widenings);
    reject_log_close(&parser->rejects);
    json_news_close(&parser->news);
    *parser = (struct parser){0};
}

enum status parser_read_chunk(struct parser *parser, uint32_t chunk_index, struct batch *batch,
                              struct chunk_tally *tally, struct error *error)
{
    uint64_t reject_begin = parser->rejects.line_count;
    parser->chunk_index = chunk_index;
    parser->chunk = source_chunk(parser->input->source, chunk_index);
    enter_file(parser, &parser->input->layout->files[parser->chunk.file_index]);
    parser->line_count = 0;
    parser->passed_count = 0;
    parser->row_count = 0;
    for (uint32_t i = 0; i < parser->input->layout->column_count; i++) {
        struct wide *wide = &parser->wides[i];
        *wide = (struct wide){.values = wide->values, .nulls = wide->nulls};
    }
    for (uint64_t at = parser->chunk.begin; at < parser->chunk.end;) {
        TRY(read_block(parser, &at, error));
    }
    *tally = (struct chunk_tally){
        .line_count = parser->line_count,
        .passed_count = parser->passed_count,
        .reject_begin = reject_begin,
        .reject_count = parser->rejects.line_count - reject_begin,
        .worker = parser->worker,
    };
    return parser->is_widened ? STATUS_OK : write_batch(parser, batch, error);
}

static enum status open_coders(struct parser *parser, struct error *error)
{
    const struct layout *layout = parser->input->layout;
    struct staging_worker *out = parser->out;
    struct arena *scratch = parser->scratch;
    uint32_t count = layout->column_count;
    parser->pool.arena = out->arena;
    parser->texts = arena_allocate_zeroed(scratch, count, sizeof *parser->texts);
    parser->times = arena_allocate_zeroed(scratch, count, sizeof *parser->times);
    parser->wides = arena_allocate_zeroed(scratch, count, sizeof *parser->wides);
    parser->addresses = arena_allocate(scratch, 1, sizeof *parser->addresses);
    out->texts = arena_allocate_zeroed(out->arena, count, sizeof *out->texts);
    out->pools = arena_allocate_zeroed(out->arena, count, sizeof *out->pools);
    if (parser->texts == NULL || parser->times == NULL || parser->wides == NULL ||
        parser->addresses == NULL) {
        return arena_error(scratch, "parsing", error);
    }
    if (out->texts == NULL || out->pools == NULL) {
        return arena_error(out->arena, "collecting texts", error);
    }
    address_coder_init(parser->addresses, &out->addresses, &out->address_texts, &parser->pool);
    for (uint32_t i = 0; i < count; i++) {
        if (layout->columns[i].type != TYPE_TEXT) {
            continue;
        }
        parser->texts[i] = arena_allocate(scratch, 1, sizeof *parser->texts[i]);
        if (parser->texts[i] == NULL) {
            return arena_error(scratch, "parsing", error);
        }
        text_coder_init(parser->texts[i], &out->texts[i], &parser->pool);
    }
    return STATUS_OK;
}

/* Texts mean what the file's dialect says. */
static void enter_file(struct parser *parser, const struct layout_file *file)
{
    const struct header *header = &file->header;
    if (parser->file == file) {
        return;
    }
    parser->file = file;
    for (uint32_t i = 0; i < header->column_count; i++) {
        struct text_coder *coder = parser->texts[file->properties[i]];
        if (coder != NULL) {
            text_coder_set(coder, header->columns[i].reading, &header->nulls);
        }
    }
}

static enum status read_block(struct parser *parser, uint64_t *at, struct error *error)
{
    struct block *block = &parser->block;
    TRY(block_read(block, &parser->chunk, *at, &parser->file->header, error));
    parser->passed_count += block->passed_count;
    if (block->row_count > 0) {
        TRY(reserve_rows(parser, error));
        read_strict(parser);
        if (block->has_news) {
            TRY(read_news(parser, error));
        }
        TRY(read_tolerant(parser, error));
    }
    if (block->has_fault) {
        TRY(log_faults(parser, error));
    }
    parser->row_count += block->row_count;
    parser->line_count += block->line_count;
    *at += block->consumed;
    return STATUS_OK;
}

/* How many rows there will be room for: those of the chunk, should the rest of it have rows as long
 * as those so far. */
static uint32_t expect_rows(const struct parser *parser, uint32_t needed)
{
    const struct chunk *chunk = &parser->chunk;
    uint64_t read_bytes = parser->block.offset + parser->block.consumed - chunk->begin;
    uint64_t rest_rows = (chunk->end - chunk->begin - read_bytes) * needed / read_bytes;
    return needed + (uint32_t)rest_rows + needed / 8;
}

/* Room for the block's rows in the wide columns. */
static enum status reserve_rows(struct parser *parser, struct error *error)
{
    struct arena *scratch = parser->scratch;
    uint32_t block_rows = parser->block.row_count;
    if (block_rows > parser->failed_capacity) {
        uint32_t *failed =
            arena_resize(scratch, parser->failed, block_rows, sizeof *parser->failed);
        if (failed == NULL) {
            return arena_error(scratch, "parsing", error);
        }
        parser->failed = failed;
        parser->failed_capacity = block_rows;
    }
    uint32_t needed = parser->row_count + block_rows;
    if (needed <= parser->row_capacity) {
        return STATUS_OK;
    }
    uint32_t capacity = expect_rows(parser, needed);
    for (uint32_t i = 0; i < parser->input->layout->column_count; i++) {
        struct wide *wide = &parser->wides[i];
        void *values = arena_resize(scratch, wide->values, capacity, sizeof(int64_t));
        wide->values = values != NULL ? values : wide->values;
        uint32_t *nulls = arena_resize(scratch, wide->nulls, capacity, sizeof *nulls);
        wide->nulls = nulls != NULL ? nulls : wide->nulls;
        if (values == NULL || nulls == NULL) {
            return arena_error(scratch, "parsing", error);
        }
    }
    parser->row_capacity = capacity;
    return STATUS_OK;
}

static struct field_run run_of(const struct parser *parser, uint32_t column)
{
    const struct header *header = &parser->file->header;
    uint32_t field = header->columns[column].field;
    return (struct field_run){
        .rows = parser->block.rows,
        .count = parser->block.row_count,
        .column = field,
        .first_row = parser->row_count,
        .is_last = field + 1 == header->form.field_count,
        .is_guessed = !parser->input->layout->columns[parser->file->properties[column]].is_known,
        .reading = header->columns[column].reading,
        .nulls = header->nulls,
    };
}

/* Reads a column of numbers or times; `failed` lists what is none. */
static uint32_t read_numbers(struct parser *parser, const struct field_run *run, uint32_t property)
{
    const struct header_column *column = &parser->input->layout->columns[property];
    struct wide *wide = &parser->wides[property];
    switch (column->type) {
    case TYPE_INTEGER:
        return field_read_integers(run, wide, parser->failed);
    case TYPE_FLOAT:
        return field_read_floats(run, wide, parser->failed);
    case TYPE_TIME:
        return field_read_times(run, wide, &parser->times[property], parser->failed);
    case TYPE_NULL:
    case TYPE_BOOL:
    case TYPE_TEXT:
    case TYPE_ADDRESS:
    case TYPE_DURATION:
    case TYPE_VERTEX:
    case TYPE_EDGE:
        break;
    }
    CHECK(!"a type of numbers");
    return 0;
}

/* Marks rows whose field in one strict column is at fault; returns how many. */
static uint32_t check_column(struct parser *parser, uint32_t index)
{
    struct block *block = &parser->block;
    uint32_t property = parser->file->properties[index];
    const struct header_column *column = &parser->input->layout->columns[property];
    const struct field_run run = run_of(parser, index);
    struct wide *wide = &parser->wides[property];
    if (column->type == TYPE_ADDRESS) {
        uint32_t empty_count = field_find_nulls(&run, parser->failed);
        for (uint32_t i = 0; i < empty_count; i++) {
            block_fault(block, parser->failed[i], REJECT_NO_ADDRESS, index);
        }
        return empty_count;
    }
    bool is_start = column->role == ROLE_START_TIME;
    uint32_t null_count = wide->null_count;
    uint32_t failed_count = read_numbers(parser, &run, property);
    for (uint32_t i = 0; i < failed_count; i++) {
        block_fault(block, parser->failed[i], is_start ? REJECT_BAD_TIME : REJECT_BAD_NUMBER,
                    index);
    }
    for (uint32_t i = null_count; is_start && i < wide->null_count; i++) {
        block_fault(block, wide->nulls[i] - parser->row_count, REJECT_NO_TIME, index);
        failed_count++;
    }
    return failed_count;
}

/* Reads the columns that can reject a row. Where one does, the rows left are read once more, since
 * their places in the batch have changed. */
static void read_strict(struct parser *parser)
{
    const struct layout_file *file = parser->file;
    uint32_t faulty_count;
    do {
        faulty_count = 0;
        for (uint32_t column = 0; column < file->header.column_count; column++) {
            uint32_t property = file->properties[column];
            struct wide *wide = &parser->wides[property];
            if (!parser->input->layout->columns[property].is_strict ||
                file->header.columns[column].field == FIELD_NONE) {
                continue;
            }
            while (wide->null_count > 0 && wide->nulls[wide->null_count - 1] >= parser->row_count) {
                wide->null_count--;
            }
            faulty_count += check_column(parser, column);
        }
        if (faulty_count > 0) {
            block_drop_faulty(&parser->block);
        }
    } while (faulty_count > 0);
}

/* Looks at the rows whose lines tell more than their file's keys do. */
static enum status read_news(struct parser *parser, struct error *error)
{
    const struct block *block = &parser->block;
    for (uint32_t i = 0; i < block->row_count; i++) {
        const struct row *row = &block->rows[i];
        if (!row->has_news) {
            continue;
        }
        struct reject_line line = block_line(block, row->line);
        struct bytes text = bytes_view(parser->chunk.file->view.data + line.begin, line.bytes);
        struct place place = {parser->chunk_index, parser->line_count + row->line};
        text.size -= text.size > 0 && text.data[text.size - 1] == '\n';
        TRY(json_news_read(&parser->news, parser->file->header.form.keys, text,
                           parser->chunk.file_index, place, error));
        parser->is_widened |= parser->news.count > 0;
    }
    return STATUS_OK;
}

/* Reads one column whose values are all kept, in this pass or in the next. */
static bool read_column(struct parser *parser, uint32_t index, uint32_t known_count)
{
    const struct field_run run = run_of(parser, index);
    uint32_t property = parser->file->properties[index];
    const struct header_column *column = &parser->input->layout->columns[property];
    struct widening *widening = &parser->widenings[property];
    if (run.column == FIELD_NONE) {
        return true;
    }
    if (column->type == TYPE_ADDRESS) {
        uint64_t side = column->role == ROLE_SOURCE ? 0 : 1;
        return parser->is_widened ||
               field_read_addresses(&run, parser->wides[property].values, parser->addresses,
                                    ((uint64_t)parser->chunk_index << 32) + side, known_count);
    }
    if (column->type == TYPE_TEXT) {
        return parser->is_widened ||
               field_read_texts(&run, &parser->wides[property], parser->texts[property]);
    }
    if (column->is_strict || widening->type == TYPE_TEXT) {
        return true;
    }
    uint32_t failed_count = read_numbers(parser, &run, property);
    for (uint32_t i = 0; i < failed_count; i++) {
        const struct row *row = &parser->block.rows[parser->failed[i]];
        struct place place = {parser->chunk_index, parser->line_count + row->line};
        const struct header_column own = layout_column(parser->input->layout, parser->file, index);
        widening_add(widening, &own, field_at(row, run.column, run.is_last), place);
        parser->is_widened = true;
    }
    return true;
}

static enum status read_tolerant(struct parser *parser, struct error *error)
{
    uint32_t known_count = parser->out->addresses.count;
    for (uint32_t i = 0; i < parser->file->header.column_count; i++) {
        if (!read_column(parser, i, known_count)) {
            return arena_error(parser->out->arena, "collecting texts and addresses", error);
        }
    }
    return STATUS_OK;
}

/* Counts the faulty lines, with their fields at fault as they stand in the file; but for those that
 * were never meant to be rows. */
static enum status log_faults(struct parser *parser, struct error *error)
{
    const struct block *block = &parser->block;
    const struct header *header = &parser->file->header;
    for (uint32_t i = 0; i < block->line_count; i++) {
        if (block->faults[i] == 0) {
            continue;
        }
        enum reject_reason reason = block_fault_reason(block->faults[i]);
        struct reject_line line = block_line(block, i);
        struct bytes text = bytes_view(parser->chunk.file->view.data + line.begin, line.bytes);
        const char *name = NULL;
        uint32_t column = 0;
        text.size -= text.size > 0 && text.data[text.size - 1] == '\n';
        enum line_kind kind = header_line_kind(header, text);
        if (kind != LINE_ROW) {
            parser->passed_count += kind == LINE_PASSED;
            continue;
        }
        if (reject_is_of_field(reason)) {
            uint32_t field = header->columns[block_fault_column(block->faults[i])].field;
            struct bytes found = record_find(&header->form, text, field);
            name = header->field_names[field].data;
            column = (uint32_t)(found.data - text.data) + 1;
            text = found;
        } else if (reason == REJECT_BAD_JSON) {
            struct bytes rest = record_find(&header->form, text, 0);
            column = (uint32_t)(rest.data - text.data) + 1;
            text = rest.size > 0 ? rest : text;
        }
        struct place place = {parser->chunk_index, parser->line_count + i};
        TRY(reject_log_add(&parser->rejects, place, reason, name, column, text, line, error));
    }
    return STATUS_OK;
}

/* Brings floats to seconds, and computes the columns that no field holds. */
static void compute_columns(struct parser *parser)
{
    const struct layout *layout = parser->input->layout;
    const struct layout_file *file = parser->file;
    for (uint32_t i = 0; i < file->header.column_count; i++) {
        uint32_t scale = reading_scale(file->header.columns[i].reading);
        uint32_t property = file->properties[i];
        if (scale > 0 && layout->columns[property].type == TYPE_FLOAT) {
            derive_seconds(&parser->wides[property], scale, parser->row_count);
        }
    }
    for (uint32_t i = 0; i < file->header.column_count; i++) {
        const struct derivation *derivation = file->header.columns[i].derivation;
        if (derivation == NULL) {
            continue;
        }
        uint32_t property = file->properties[i];
        uint32_t left = layout_find(layout, bytes_of(derivation->operands[0]));
        uint32_t right = layout_find(layout, bytes_of(derivation->operands[1]));
        enum type type = derivation->kind == DERIVE_SUM ? TYPE_INTEGER : TYPE_TIME;
        bool is_possible =
            layout->columns[left].type == type && layout->columns[right].type == type &&
            layout->columns[property].type == vocabulary_find(bytes_of(derivation->name))->type;
        if (is_possible) {
            derive_column(&parser->wides[property], derivation->kind, &parser->wides[left],
                          &parser->wides[right], parser->row_count);
        } else {
            derive_nulls(&parser->wides[property], parser->row_count);
        }
    }
}

/* Columns that the file lacks are null in all rows. */
static void fill_missing(struct parser *parser)
{
    for (uint32_t i = 0; i < parser->input->layout->column_count; i++) {
        struct wide *wide = &parser->wides[i];
        for (uint32_t row = 0; row < parser->row_count && !parser->file->has_property[i]; row++) {
            wide->nulls[wide->null_count++] = row;
        }
    }
}

/* The codes of an address column. */
static bool write_codes(const struct parser *parser, uint32_t index, struct batch *batch)
{
    struct staging_worker *out = parser->out;
    uint64_t bytes = parser->row_count * sizeof(uint32_t);
    uint32_t *codes = staged_pool_take(&out->pools[index], out->arena, bytes);
    if (codes == NULL) {
        return false;
    }
    if (bytes > 0) {
        memcpy(codes, parser->wides[index].values, bytes);
    }
    if (parser->input->layout->columns[index].role == ROLE_SOURCE) {
        batch->sources = codes;
    } else {
        batch->targets = codes;
    }
    return true;
}

static bool write_column(const struct parser *parser, uint32_t index, struct column *column)
{
    struct staging_worker *out = parser->out;
    uint32_t rows = parser->row_count;
    narrow_measure(column, parser->input->layout->columns[index].type, &parser->wides[index], rows);
    void *memory = staged_pool_take(&out->pools[index], out->arena, narrow_bytes(column, rows));
    if (memory == NULL) {
        return false;
    }
    narrow_write(column, &parser->wides[index], rows, memory);
    return true;
}

/* Each column goes to its pool. */
static enum status write_batch(struct parser *parser, struct batch *batch, struct error *error)
{
    const struct layout *layout = parser->input->layout;
    struct arena *arena = parser->out->arena;
    uint32_t count = layout->column_count;
    compute_columns(parser);
    fill_missing(parser);
    *batch = (struct batch){.worker = parser->worker, .row_count = parser->row_count};
    batch->columns = arena_allocate(arena, count, sizeof(struct column));
    bool is_written = batch->columns != NULL;
    for (uint32_t i = 0; i < count && is_written; i++) {
        if (layout->columns[i].type == TYPE_ADDRESS) {
            batch->columns[i] = (struct column){.type = TYPE_ADDRESS};
            is_written = write_codes(parser, i, batch);
        } else {
            is_written = write_column(parser, i, &batch->columns[i]);
        }
    }
    return is_written ? STATUS_OK : arena_error(arena, "keeping rows", error);
}
