#include "loader/batch.h"

#include "base/memory.h"

void staging_close(struct staging *staging)
{
    if (staging->workers != NULL) {
        for (uint32_t worker = 0; worker < staging->worker_count; worker++) {
            arena_close(staging->workers[worker].arena);
        }
    }
    schema_close(&staging->schema);
    memory_free(staging->workers);
    memory_free(staging->batches);
    *staging = (struct staging){0};
}
