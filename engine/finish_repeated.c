/* Dropping rows that were there before, where groups of different keys show the same; see
 * engine/finish.h.
 *
 * Rows are read in the order of a hash of what they show, in which equal ones are near each other:
 * a table of a few thousand tells them, however many rows there are. What else it takes is as large
 * as their order and lies beside it, in memory or on disk. */
#include "engine/finish.h"
#include "engine/program.h"

enum {
    /* As many bits as three passes of sorting look at. Rows with equal bits need not be the same:
     * the table tells. */
    HASH_SHIFT = 64 - 33,
    TABLE_GROUPS = 4 * EVALUATE_LANES, /* from which on it is emptied between hashes */
};

/* While it is done. */
struct repeats {
    struct finish *finish;
    struct lanes *columns; /* [output_count] of the block at hand */
    enum type *types;
    bool *copies;
    struct group_table table;
    struct radix_pair *places;  /* hash, place in the order; sorted */
    struct radix_pair *by_hash; /* hash, row or group */
};

static enum status open_repeats(struct repeats *repeats);
static enum status hash_rows(struct repeats *repeats);
static enum status keep_first(struct repeats *repeats, uint64_t *kept);

enum status finish_drop_repeated(struct finish *finish)
{
    struct result *result = finish->result;
    struct repeats repeats = {.finish = finish};
    uint64_t kept = 0;
    TRY(open_repeats(&repeats));
    TRY(hash_rows(&repeats));
    TRY(keep_first(&repeats, &kept));
    radix_sort_patiently(result->order, repeats.by_hash, kept, &finish->patience);
    result->row_count = kept;
    return finish_given_up(finish);
}

static enum status open_repeats(struct repeats *repeats)
{
    struct finish *finish = repeats->finish;
    const struct result *result = finish->result;
    uint32_t column_count = result->query->output_count;
    repeats->columns = arena_allocate(finish->arena, column_count, sizeof *repeats->columns);
    repeats->types = arena_allocate(finish->arena, column_count, sizeof *repeats->types);
    repeats->copies = arena_allocate(finish->arena, column_count, sizeof *repeats->copies);
    repeats->places = finish_room(finish, result->row_count, sizeof *repeats->places);
    repeats->by_hash = finish_room(finish, result->row_count, sizeof *repeats->by_hash);
    if (repeats->columns == NULL || repeats->types == NULL || repeats->copies == NULL ||
        repeats->places == NULL || repeats->by_hash == NULL) {
        return finish_out_of_memory(finish);
    }
    for (uint32_t i = 0; i < column_count; i++) {
        repeats->types[i] = result->query->outputs[i].expression->type;
        repeats->copies[i] = result->outputs[i].program->makes_text;
    }
    return group_table_open(&repeats->table, finish->arena, column_count, repeats->types,
                            repeats->copies)
               ? STATUS_OK
               : finish_out_of_memory(finish);
}

/* Reads the block of rows from `first` on. */
static enum status read_block(struct repeats *repeats, uint64_t first, uint32_t *count)
{
    struct finish *finish = repeats->finish;
    uint64_t rest = finish->result->row_count - first;
    *count = rest < EVALUATE_LANES ? (uint32_t)rest : EVALUATE_LANES;
    TRY(finish_given_up(finish));
    return result_read(finish->result, first, *count, repeats->columns, finish->error);
}

static enum status hash_rows(struct repeats *repeats)
{
    struct finish *finish = repeats->finish;
    const struct result *result = finish->result;
    for (uint64_t first = 0; first < result->row_count; first += EVALUATE_LANES) {
        uint32_t count = 0;
        uint64_t hashes[EVALUATE_LANES] = {0};
        TRY(read_block(repeats, first, &count));
        for (uint32_t column = 0; column < result->query->output_count; column++) {
            group_table_hash_key(repeats->types[column], &repeats->columns[column], count, hashes);
        }
        for (uint32_t i = 0; i < count; i++) {
            repeats->places[first + i] = (struct radix_pair){hashes[i] >> HASH_SHIFT, first + i};
        }
    }
    radix_sort_patiently(repeats->places, repeats->by_hash, result->row_count, &finish->patience);
    TRY(finish_given_up(finish));
    for (uint64_t i = 0; i < result->row_count; i++) {
        repeats->by_hash[i] = (struct radix_pair){repeats->places[i].key,
                                                  result->order[repeats->places[i].value].value};
        if (i % EVALUATE_LANES == 0) {
            TRY(finish_given_up(finish));
        }
    }
    return STATUS_OK;
}

/* Writes the rows that were not there before to the order, with their places: equal ones come in
 * the order of these. */
static enum status keep_in_block(struct repeats *repeats, uint64_t first, struct radix_pair *order,
                                 uint64_t *kept)
{
    struct group_table *table = &repeats->table;
    uint32_t count = 0;
    uint32_t groups[EVALUATE_LANES];
    TRY(read_block(repeats, first, &count));
    if (table->count >= TABLE_GROUPS &&
        repeats->places[first].key != repeats->places[first - 1].key) {
        group_table_drop(table);
    }
    uint32_t next = table->count;
    if (!group_table_reserve(table, count) ||
        group_table_find(table, repeats->columns, NULL, count, groups) < count) {
        return finish_out_of_memory(repeats->finish);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (groups[i] == next) {
            next++;
            order[(*kept)++] = (struct radix_pair){repeats->places[first + i].value,
                                                   repeats->by_hash[first + i].value};
        }
    }
    return STATUS_OK;
}

static enum status keep_first(struct repeats *repeats, uint64_t *kept)
{
    struct result *result = repeats->finish->result;
    struct radix_pair *order = result->order;
    result->order = repeats->by_hash;
    enum status status = STATUS_OK;
    for (uint64_t first = 0; status == STATUS_OK && first < result->row_count;
         first += EVALUATE_LANES) {
        status = keep_in_block(repeats, first, order, kept);
    }
    result->order = order;
    return status;
}
