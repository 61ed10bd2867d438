/* Slots from a pool; see value/pool_table.h. */
#include "value/pool_table.h"

#include <string.h>

enum { SLOTS_FIRST = 16 };

/* Where slots come from. */
struct source {
    struct pool *pool;
    struct error *error;
};

static void *allocate_slots(void *context, size_t count, size_t size)
{
    const struct source *source = context;
    void *slots = pool_allocate(source->pool, count, size, source->error);
    return slots == NULL ? NULL : memset(slots, 0, count * size);
}

enum status pool_table_grow(struct pool_table *table, struct pool *pool, struct error *error)
{
    struct hash_memory memory = {.allocate = allocate_slots,
                                 .context = &(struct source){pool, error}};
    return hash_slots_reserve(&table->slots, SLOTS_FIRST, &memory) ? STATUS_OK : pool_status(error);
}
