#include "loader/merge_text.h"

#include <string.h>

#include "loader/tally.h"

enum {
    BUCKET_ITEMS = 8192,
    BUCKETS_MAX = 1024,
    BUCKET_SAMPLES = 16,
    INSERTION_RUN = 12,
    POLL_ITEMS = 16, /* between two looks at the stop */
};

/* One entry of one worker's table. Compared by table, then text; the text's first eight bytes, as
 * a big-endian number, mostly spare the look at the text itself. */
struct text_item {
    uint64_t prefix;
    const struct text *text;
    uint16_t table; /* property; property_count: address texts */
    uint16_t worker;
    uint32_t code;
};

struct text_merge {
    struct builder *builder;
    struct arena *scratch;
    uint32_t table_count;
    uint64_t *table_begins; /* [table_count * staging workers + 1], in items */
    uint64_t item_count;
    struct text_item *items;
    struct text_item *bucketed;
    struct text_item *splitters; /* [bucket_count - 1], ascending */
    struct tally tally;
    uint64_t *bucket_uniques; /* [bucket_count]; then the rank of the bucket's first */
    uint64_t *bucket_bytes;   /* [bucket_count]; then the place of the bucket's first text */
    _Atomic uint64_t *table_uniques;
    uint64_t *table_ranks; /* [table_count]: rank of the table's first text */
    const struct text **entries;
    char *bytes;
    _Atomic uint64_t next_bucket;
};

static enum status merge_run(struct text_merge *merge, team_function function);
static enum status merge_plan(struct text_merge *merge);
static enum status merge_split(struct text_merge *merge);
static enum status merge_place(struct text_merge *merge);
static void merge_publish(struct text_merge *merge);
static void collect_items(const struct worker *worker, void *context);
static void count_items(const struct worker *worker, void *context);
static void scatter_items(const struct worker *worker, void *context);
static void sort_buckets(const struct worker *worker, void *context);
static void copy_texts(const struct worker *worker, void *context);
static void sort_items(struct text_item *items, struct text_item *scratch, uint64_t count);

static const char what[] = "merging texts";

enum status merge_texts(struct builder *builder)
{
    struct text_merge merge = {.builder = builder,
                               .table_count = builder->staging->schema.property_count + 1};
    enum status status = builder_open_arena(builder, &merge.scratch);
    if (status != STATUS_OK) {
        return status;
    }
    TRY_DONE(merge_plan(&merge));
    TRY_DONE(merge_run(&merge, collect_items));
    TRY_DONE(merge_split(&merge));
    TRY_DONE(merge_run(&merge, count_items));
    tally_plan(&merge.tally);
    TRY_DONE(merge_run(&merge, scatter_items));
    TRY_DONE(merge_run(&merge, sort_buckets));
    TRY_DONE(merge_place(&merge));
    TRY_DONE(merge_run(&merge, copy_texts));
    merge_publish(&merge);
done:
    arena_close(merge.scratch);
    return status;
}

/* Most captures have some hundreds of texts, which one worker merges in no time. */
static enum status merge_run(struct text_merge *merge, team_function function)
{
    return merge->item_count <= BUCKET_ITEMS
               ? builder_run_alone(merge->builder, function, merge, what)
               : builder_run(merge->builder, function, merge, what);
}

static const struct text_table *staged_table(const struct builder *builder, uint32_t table,
                                             uint32_t worker)
{
    const struct staging *staging = builder->staging;
    return table == staging->schema.property_count ? &staging->workers[worker].address_texts
                                                   : &staging->workers[worker].texts[table];
}

/* Lays out the items, table by table and worker by worker, and allocates the maps. */
static enum status merge_plan(struct text_merge *merge)
{
    struct builder *builder = merge->builder;
    uint32_t worker_count = builder->staging->worker_count;
    uint64_t map_count = (uint64_t)merge->table_count * worker_count;
    TRY(builder_allocate(builder, merge->scratch, &merge->table_begins, map_count + 1,
                         sizeof(uint64_t), what));
    TRY(builder_allocate(builder, builder->maps, &builder->text_maps, map_count, sizeof(uint32_t *),
                         what));
    uint64_t item_count = 0;
    for (uint64_t map = 0; map < map_count; map++) {
        merge->table_begins[map] = item_count;
        item_count +=
            staged_table(builder, (uint32_t)(map / worker_count), (uint32_t)(map % worker_count))
                ->count;
    }
    merge->table_begins[map_count] = item_count;
    merge->item_count = item_count;
    uint32_t *codes;
    TRY(builder_allocate_zeroed(builder, builder->maps, &codes, item_count + map_count,
                                sizeof(uint32_t), what));
    for (uint64_t map = 0; map < map_count; map++) {
        builder->text_maps[map] = codes + merge->table_begins[map] + map;
    }
    TRY(builder_allocate(builder, merge->scratch, &merge->items, item_count,
                         sizeof(struct text_item), what));
    return builder_allocate(builder, merge->scratch, &merge->bucketed, item_count,
                            sizeof(struct text_item), what);
}

static uint64_t text_prefix(const struct text *text)
{
    uint64_t prefix = 0;
    memcpy(&prefix, text->bytes, text->length < sizeof(prefix) ? text->length : sizeof(prefix));
    return __builtin_bswap64(prefix);
}

/* Whether to go on no further. Asked often, since each item may be the first on a new page. */
static bool is_over(const struct text_merge *merge, uint64_t index)
{
    return index % POLL_ITEMS == 0 && builder_must_stop(merge->builder);
}

static void collect_items(const struct worker *worker, void *context)
{
    struct text_merge *merge = context;
    const struct builder *builder = merge->builder;
    uint32_t worker_count = builder->staging->worker_count;
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->item_count, &begin, &end);
    uint32_t map = 0;
    for (uint64_t index = begin; index < end && !is_over(merge, index); index++) {
        while (index >= merge->table_begins[map + 1]) {
            map++;
        }
        uint32_t code = (uint32_t)(index - merge->table_begins[map]);
        const struct text *text =
            staged_table(builder, map / worker_count, map % worker_count)->entries[code];
        merge->items[index] =
            (struct text_item){text_prefix(text), text, (uint16_t)(map / worker_count),
                               (uint16_t)(map % worker_count), code};
    }
}

/* Splitters from an even sample, so that buckets are of about one size whatever the texts. */
static enum status merge_split(struct text_merge *merge)
{
    struct builder *builder = merge->builder;
    uint64_t wanted = merge->item_count / BUCKET_ITEMS + 1;
    uint32_t bucket_count = wanted < BUCKETS_MAX ? (uint32_t)wanted : BUCKETS_MAX;
    TRY(tally_open(&merge->tally, builder, merge->scratch, bucket_count));
    TRY(builder_allocate_zeroed(builder, merge->scratch, &merge->bucket_uniques, bucket_count,
                                sizeof(uint64_t), what));
    TRY(builder_allocate_zeroed(builder, merge->scratch, &merge->bucket_bytes, bucket_count,
                                sizeof(uint64_t), what));
    TRY(builder_allocate_zeroed(builder, merge->scratch, &merge->table_uniques, merge->table_count,
                                sizeof(uint64_t), what));
    TRY(builder_allocate(builder, merge->scratch, &merge->table_ranks, merge->table_count,
                         sizeof(uint64_t), what));
    uint32_t sample_count = (bucket_count - 1) * BUCKET_SAMPLES;
    struct text_item *sample;
    TRY(builder_allocate(builder, merge->scratch, &sample, (uint64_t)sample_count * 2,
                         sizeof(*sample), what));
    for (uint32_t index = 0; index < sample_count; index++) {
        sample[index] = merge->items[merge->item_count / sample_count * index];
    }
    sort_items(sample, sample + sample_count, sample_count);
    for (uint32_t index = 0; index + 1 < bucket_count; index++) {
        sample[index] = sample[index * BUCKET_SAMPLES + BUCKET_SAMPLES / 2];
    }
    merge->splitters = sample;
    return STATUS_OK;
}

static bool item_less(const struct text_item *left, const struct text_item *right)
{
    if (left->table != right->table) {
        return left->table < right->table;
    }
    if (left->prefix != right->prefix) {
        return left->prefix < right->prefix;
    }
    return text_compare(left->text, right->text) < 0;
}

static bool item_equal(const struct text_item *left, const struct text_item *right)
{
    return left->table == right->table && left->prefix == right->prefix &&
           text_equal(left->text, right->text);
}

/* How many splitters are not above the item; so equal items share a bucket. */
static uint32_t bucket_of(const struct text_merge *merge, const struct text_item *item)
{
    uint32_t low = 0;
    uint32_t high = merge->tally.bucket_count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (item_less(item, &merge->splitters[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void count_items(const struct worker *worker, void *context)
{
    struct text_merge *merge = context;
    uint64_t *counts = tally_cursors(&merge->tally, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->item_count, &begin, &end);
    for (uint64_t index = begin; index < end && !is_over(merge, index); index++) {
        counts[bucket_of(merge, &merge->items[index])]++;
    }
}

static void scatter_items(const struct worker *worker, void *context)
{
    struct text_merge *merge = context;
    uint64_t *cursors = tally_cursors(&merge->tally, worker->index);
    uint64_t begin;
    uint64_t end;
    team_share(worker, merge->item_count, &begin, &end);
    for (uint64_t index = begin; index < end && !is_over(merge, index); index++) {
        merge->bucketed[cursors[bucket_of(merge, &merge->items[index])]++] = merge->items[index];
    }
}

static void sort_bucket(struct text_merge *merge, uint32_t bucket)
{
    uint64_t begin = merge->tally.begins[bucket];
    uint64_t count = tally_size(&merge->tally, bucket);
    struct text_item *items = merge->bucketed + begin;
    sort_items(items, merge->items + begin, count);
    uint64_t uniques = 0;
    uint64_t bytes = 0;
    for (uint64_t index = 0; index < count; index++) {
        if (index == 0 || !item_equal(&items[index], &items[index - 1])) {
            uniques++;
            bytes += text_bytes(items[index].text->length);
            atomic_fetch_add_explicit(&merge->table_uniques[items[index].table], 1,
                                      memory_order_relaxed);
        }
    }
    merge->bucket_uniques[bucket] = uniques;
    merge->bucket_bytes[bucket] = bytes;
}

static void sort_buckets(const struct worker *worker, void *context)
{
    struct text_merge *merge = context;
    (void)worker;
    uint64_t begin;
    uint64_t end;
    while (!builder_must_stop(merge->builder) &&
           team_next(&merge->next_bucket, merge->tally.bucket_count, 1, &begin, &end)) {
        sort_bucket(merge, (uint32_t)begin);
    }
}

static uint64_t to_offsets(uint64_t *counts, uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t index = 0; index < count; index++) {
        uint64_t here = counts[index];
        counts[index] = sum;
        sum += here;
    }
    return sum;
}

/* Ranks and places of what each bucket holds, and room for it. */
static enum status merge_place(struct text_merge *merge)
{
    struct builder *builder = merge->builder;
    uint64_t unique_count = to_offsets(merge->bucket_uniques, merge->tally.bucket_count);
    uint64_t bytes = to_offsets(merge->bucket_bytes, merge->tally.bucket_count);
    for (uint32_t table = 0; table < merge->table_count; table++) {
        merge->table_ranks[table] = merge->table_uniques[table];
        if (merge->table_ranks[table] > UINT32_MAX - 1) {
            return error_set(builder->error, STATUS_LIMIT,
                             "a column holds more than %u distinct texts", UINT32_MAX - 1);
        }
    }
    to_offsets(merge->table_ranks, merge->table_count);
    TRY(builder_allocate(builder, builder->graph->shared, &merge->entries, unique_count,
                         sizeof(struct text *), what));
    merge->next_bucket = 0;
    return builder_allocate(builder, builder->graph->shared, &merge->bytes, bytes, 1, what);
}

static void copy_bucket(struct text_merge *merge, uint32_t bucket)
{
    const struct builder *builder = merge->builder;
    const struct text_item *items = merge->bucketed + merge->tally.begins[bucket];
    uint64_t count = tally_size(&merge->tally, bucket);
    uint64_t rank = merge->bucket_uniques[bucket];
    char *place = merge->bytes + merge->bucket_bytes[bucket];
    for (uint64_t index = 0; index < count; index++) {
        const struct text_item *item = &items[index];
        if (index == 0 || !item_equal(item, &items[index - 1])) {
            memcpy(place, item->text, sizeof(struct text) + item->text->length + 1);
            merge->entries[rank++] = (const struct text *)place;
            place += text_bytes(item->text->length);
        }
        uint64_t map = (uint64_t)item->table * builder->staging->worker_count + item->worker;
        builder->text_maps[map][item->code] =
            (uint32_t)(rank - 1 - merge->table_ranks[item->table]);
    }
}

static void copy_texts(const struct worker *worker, void *context)
{
    struct text_merge *merge = context;
    (void)worker;
    uint64_t begin;
    uint64_t end;
    while (!builder_must_stop(merge->builder) &&
           team_next(&merge->next_bucket, merge->tally.bucket_count, 1, &begin, &end)) {
        copy_bucket(merge, (uint32_t)begin);
    }
}

static void merge_publish(struct text_merge *merge)
{
    struct graph *graph = merge->builder->graph;
    for (uint32_t table = 0; table < merge->table_count; table++) {
        struct dictionary *dictionary = table + 1 == merge->table_count
                                            ? &graph->vertices.address_texts
                                            : &graph->edges.dictionaries[table];
        *dictionary = (struct dictionary){(uint32_t)merge->table_uniques[table],
                                          merge->entries + merge->table_ranks[table]};
    }
}

static void sort_run(struct text_item *items, uint64_t count)
{
    for (uint64_t index = 1; index < count; index++) {
        struct text_item item = items[index];
        uint64_t place = index;
        for (; place > 0 && item_less(&item, &items[place - 1]); place--) {
            items[place] = items[place - 1];
        }
        items[place] = item;
    }
}

static void merge_runs(const struct text_item *from, struct text_item *to, uint64_t middle,
                       uint64_t count)
{
    uint64_t left = 0;
    uint64_t right = middle;
    for (uint64_t index = 0; index < count; index++) {
        bool take_right = left == middle || (right < count && item_less(&from[right], &from[left]));
        to[index] = take_right ? from[right++] : from[left++];
    }
}

/* Merge sort from short runs up: no recursion, and no more comparisons than needed, since each may
 * miss the cache twice. */
static void sort_items(struct text_item *items, struct text_item *scratch, uint64_t count)
{
    for (uint64_t begin = 0; begin < count; begin += INSERTION_RUN) {
        sort_run(items + begin, count - begin < INSERTION_RUN ? count - begin : INSERTION_RUN);
    }
    struct text_item *from = items;
    struct text_item *to = scratch;
    for (uint64_t width = INSERTION_RUN; width < count; width *= 2) {
        for (uint64_t begin = 0; begin < count; begin += width * 2) {
            uint64_t rest = count - begin;
            merge_runs(from + begin, to + begin, rest < width ? rest : width,
                       rest < width * 2 ? rest : width * 2);
        }
        struct text_item *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != items) {
        memcpy(items, from, count * sizeof(*items));
    }
}
