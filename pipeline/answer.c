/* Rows of values, in blocks. */
#include "pipeline/answer.h"

#include <string.h>

#include "base/memory.h"

enum { BLOCKS_MIN = 16 };

static enum status add_block(struct answer *answer, uint64_t block, struct error *error)
{
    if (block == answer->block_capacity) {
        uint64_t capacity = block == 0 ? BLOCKS_MIN : block * 2;
        struct value **blocks = pool_allocate(&answer->pool, capacity, sizeof(*blocks), error);
        if (blocks == NULL) {
            return error->status;
        }
        if (block > 0) {
            memcpy(blocks, answer->blocks, block * sizeof(*blocks));
        }
        answer->blocks = blocks;
        answer->block_capacity = capacity;
    }
    size_t values = (size_t)ANSWER_BLOCK_ROWS * answer->column_count;
    answer->blocks[block] = pool_allocate(&answer->pool, values, sizeof(struct value), error);
    return answer->blocks[block] == NULL ? error->status : STATUS_OK;
}

enum status answer_add(struct answer *answer, const struct value *row, struct error *error)
{
    uint64_t block = answer->row_count / ANSWER_BLOCK_ROWS;
    if (answer->row_count % ANSWER_BLOCK_ROWS == 0) {
        TRY(add_block(answer, block, error));
    }
    struct value *place =
        answer->blocks[block] + answer->row_count % ANSWER_BLOCK_ROWS * answer->column_count;
    for (uint32_t i = 0; i < answer->column_count; i++) {
        TRY(pool_copy(&answer->pool, row[i], &place[i], error));
    }
    answer->row_count++;
    return STATUS_OK;
}

void answer_close(struct answer *answer)
{
    if (answer != NULL) {
        pool_close(&answer->pool);
        memory_free(answer);
    }
}
