/* Filters that are judged elsewhere; see engine/filter_external.h. */
#include "engine/filter_external.h"

#include <stdatomic.h>
#include <string.h>

#include "engine/filter_cache.h"
#include "engine/filter_kernel.h"

enum {
    UNIT_WORDS = 16,      /* what a worker takes at once: 1,024 flows or vertices */
    FLOWS_PER_JUDGE = 32, /* flows whose value was judged before */
    VALUE_WIDTH_MAX = 2,  /* bytes of a column of which each value is judged once */
};

enum { NOT_JUDGED, DOES_NOT_HOLD, HOLDS };

/* The flows of a partition, or all vertices. */
struct external_part {
    uint32_t node;
    uint64_t count;
    uint64_t asked;                              /* how many of them pass `base` */
    const uint64_t *base;                        /* NULL: all */
    const struct column *columns[EXTERNALS_MAX]; /* [predicate]; NULL: not judged by value */
    _Atomic uint8_t *answers[EXTERNALS_MAX];     /* by value, null behind the others */
    _Atomic uint64_t next_word;
};

/* Predicates that are judged together: those of an edge, or of a vertex. */
struct external_class {
    enum predicate_kind kind;
    uint32_t variable; /* the first with these */
    uint32_t predicates[EXTERNALS_MAX];
    uint32_t predicate_count;
    struct filter_key key;        /* of flows; empty: not shared */
    struct cached_filter *cached; /* whose bits and counts these are; NULL: of this query only */
    bool is_known;                /* judged for an earlier query */
    uint32_t part_count;
    struct external_part *parts; /* [part_count], as what follows */
    uint64_t **bits;
    _Atomic uint64_t *passed;
};

struct external_build {
    struct filters *filters;
    const struct bound_query *query;
    struct filter_externals *externals;
    struct arena *arena;
    struct arena *const *node_arenas;
    struct stop *stop;
    struct error *error;
    struct external_class classes[EXTERNALS_MAX];
    uint32_t class_count;
    uint32_t class_of[PATTERN_EDGES_MAX]; /* CLASS_NONE: has no externals */
    _Atomic bool has_failed;
};
#define CLASS_NONE UINT32_MAX

static enum status make_classes(struct external_build *build);
static enum status open_classes(struct external_build *build);
static void judge_parts(const struct worker *worker, void *context);
static void publish(struct external_build *build);

enum status filters_add_externals(struct filters *filters, const struct bound_query *query,
                                  struct filter_externals *externals, double search_cost,
                                  struct team *team, struct arena *arena,
                                  struct arena *const *node_arenas, struct stop *stop,
                                  struct error *error)
{
    if (externals == NULL) {
        return STATUS_OK;
    }
    externals->are_filters = false;
    externals->judge_count = 0;
    if (query->external_count == 0 || filters->is_false || externals->choice == EXTERNALS_NEVER) {
        return STATUS_OK;
    }
    struct external_build *build = arena_allocate_zeroed(arena, 1, sizeof *build);
    if (build == NULL) {
        return arena_error(arena, "filtering", error);
    }
    *build = (struct external_build){.filters = filters,
                                     .query = query,
                                     .externals = externals,
                                     .arena = arena,
                                     .node_arenas = node_arenas,
                                     .stop = stop,
                                     .error = error};
    TRY(make_classes(build));
    double cost = EXTERNAL_CANDIDATES * (double)externals->judge_count;
    if (externals->choice == EXTERNALS_BY_COST && cost > search_cost) {
        return STATUS_OK;
    }
    TRY(open_classes(build));
    team_run(team, judge_parts, build);
    TRY(stop_error(stop, "filtering", error));
    if (atomic_load_explicit(&build->has_failed, memory_order_relaxed)) {
        externals->choice = EXTERNALS_NEVER;
        return STATUS_OK;
    }
    publish(build);
    return STATUS_OK;
}

static enum status out_of_memory(const struct external_build *build)
{
    return arena_error(build->arena, "filtering", build->error);
}

/* What the other filters of the edge and the predicates say, or nothing where one of them is not to
 * be shared. No other key begins with no frame. */
static enum status make_key(struct external_build *build, struct external_class *class)
{
    const struct flow_filter *filter = &build->filters->edges[class->variable];
    const struct edge_frame *frame = build->query->edges[class->variable].frame;
    const struct edge_frame *none = NULL;
    struct filter_key key = filter_key_begin(build->arena);
    bool is_shared = filter->bits == NULL || filter->key.length > 0;
    class->key = key;
    filter_key_put(&key, &none, sizeof none);
    filter_key_put(&key, &frame, sizeof frame);
    filter_key_put(&key, &filter->key.length, sizeof filter->key.length);
    filter_key_put(&key, filter->key.bytes, filter->key.length);
    for (uint32_t i = 0; i < class->predicate_count; i++) {
        struct bytes says = build->query->externals[class->predicates[i]].key;
        uint32_t length = (uint32_t)says.size;
        is_shared = is_shared && length > 0;
        filter_key_put(&key, &length, sizeof length);
        filter_key_put(&key, says.data, length);
    }
    class->key = is_shared ? key : class->key;
    return key.is_whole ? STATUS_OK : out_of_memory(build);
}

static void find_cached(struct external_build *build, struct external_class *class)
{
    struct filters *filters = build->filters;
    if (filters->cache != NULL && class->key.length > 0) {
        class->cached = filter_cache_find(filters->cache, &class->key);
        class->is_known = class->cached != NULL;
    }
    if (class->is_known) {
        filters->held[filters->held_count++] = class->cached;
        class->bits = class->cached->bits;
        class->passed = class->cached->passed;
    }
}

/* The values that a narrow column can have, and null; 0: it is not narrow, or unknown. */
static uint64_t value_count(const struct external_build *build, const struct external_class *class,
                            uint32_t part, uint32_t index)
{
    int property = build->query->externals[class->predicates[index]].property;
    if (class->kind != PREDICATE_EDGE || property == PROPERTY_NONE) {
        return 0;
    }
    const struct edge_frame *frame = build->query->edges[class->variable].frame;
    enum role role = frame->schema.properties[property].role;
    const struct column *column = &frame->partitions[part].columns[property];
    if (role == ROLE_SOURCE || role == ROLE_TARGET) {
        return 0; /* kept with the links */
    }
    return column->width > VALUE_WIDTH_MAX ? 0 : (UINT64_C(1) << (8 * column->width)) + 1;
}

/* What judging a part takes, in calls. */
static uint64_t count_calls(const struct external_build *build, const struct external_class *class,
                            uint32_t part)
{
    uint64_t asked = class->parts[part].asked;
    uint64_t count = asked / FLOWS_PER_JUDGE;
    for (uint32_t i = 0; i < class->predicate_count; i++) {
        uint64_t values = value_count(build, class, part, i);
        count += values > 0 && values < asked ? values : asked;
    }
    return count;
}

static void fill_flow_part(const struct external_build *build, const struct external_class *class,
                           uint32_t index)
{
    const struct flow_filter *filter = &build->filters->edges[class->variable];
    const struct partition *partition =
        &build->query->edges[class->variable].frame->partitions[index];
    struct external_part *part = &class->parts[index];
    part->node = partition->node;
    part->count = partition->flow_count;
    part->base = filter->bits == NULL ? NULL : filter->bits[index];
    part->asked = filter->pass_counts[index];
}

static enum status make_parts(struct external_build *build, struct external_class *class)
{
    const struct bound_query *query = build->query;
    bool is_flows = class->kind == PREDICATE_EDGE;
    class->part_count = is_flows ? query->edges[class->variable].frame->partition_count : 1;
    class->parts = arena_allocate_zeroed(build->arena, class->part_count, sizeof *class->parts);
    if (class->parts == NULL) {
        return out_of_memory(build);
    }
    for (uint32_t i = 0; i < class->part_count; i++) {
        struct external_part *part = &class->parts[i];
        if (is_flows) {
            fill_flow_part(build, class, i);
        } else {
            part->count = query->vertices[class->variable].frame->vertex_count;
            part->base = build->filters->vertices[class->variable].bits;
            part->asked = build->filters->vertices[class->variable].pass_count;
        }
        build->externals->judge_count += class->is_known ? 0 : count_calls(build, class, i);
    }
    return STATUS_OK;
}

/* Adds the class of an edge or vertex, if it has predicates and no other has the same. */
static enum status add_class(struct external_build *build, enum predicate_kind kind,
                             uint32_t variable, uint32_t *class_of)
{
    struct external_class *class = &build->classes[build->class_count];
    *class_of = CLASS_NONE;
    if (build->class_count == EXTERNALS_MAX) {
        return STATUS_OK;
    }
    *class = (struct external_class){.kind = kind, .variable = variable};
    for (uint32_t i = 0; i < build->query->external_count; i++) {
        const struct external_predicate *predicate = &build->query->externals[i];
        if (predicate->kind == kind && predicate->variable == variable) {
            class->predicates[class->predicate_count++] = i;
        }
    }
    if (class->predicate_count == 0) {
        return STATUS_OK;
    }
    if (kind == PREDICATE_EDGE) {
        TRY(make_key(build, class));
    }
    for (uint32_t i = 0; class->key.length > 0 && i < build->class_count; i++) {
        if (filter_key_equal(&build->classes[i].key, &class->key)) {
            *class_of = i;
            return STATUS_OK;
        }
    }
    *class_of = build->class_count++;
    find_cached(build, class);
    return make_parts(build, class);
}

static enum status make_classes(struct external_build *build)
{
    for (uint32_t edge = 0; edge < build->query->edge_count; edge++) {
        TRY(add_class(build, PREDICATE_EDGE, edge, &build->class_of[edge]));
    }
    for (uint32_t vertex = 0; vertex < build->query->vertex_count; vertex++) {
        uint32_t class = 0;
        TRY(add_class(build, PREDICATE_VERTEX, vertex, &class));
    }
    return STATUS_OK;
}

static enum status open_answers(const struct external_build *build,
                                const struct external_class *class, uint32_t index)
{
    const struct edge_frame *frame = build->query->edges[class->variable].frame;
    struct external_part *part = &class->parts[index];
    for (uint32_t i = 0; i < class->predicate_count; i++) {
        uint64_t values = value_count(build, class, index, i);
        if (values == 0) {
            continue;
        }
        int property = build->query->externals[class->predicates[i]].property;
        part->columns[i] = &frame->partitions[index].columns[property];
        part->answers[i] = arena_allocate_zeroed(build->arena, values, sizeof *part->answers[i]);
        if (part->answers[i] == NULL) {
            return out_of_memory(build);
        }
    }
    return STATUS_OK;
}

static bool use_cache(struct external_build *build, struct external_class *class)
{
    struct filters *filters = build->filters;
    if (filters->cache == NULL || class->key.length == 0) {
        return false;
    }
    class->cached =
        filter_cache_add(filters->cache, build->query->edges[class->variable].frame, &class->key);
    if (class->cached == NULL) {
        return false;
    }
    filters->held[filters->held_count++] = class->cached;
    class->bits = class->cached->bits;
    class->passed = class->cached->passed;
    return true;
}

static enum status make_bits(struct external_build *build, struct external_class *class)
{
    class->bits = arena_allocate(build->arena, class->part_count, sizeof *class->bits);
    class->passed = arena_allocate_zeroed(build->arena, class->part_count, sizeof *class->passed);
    if (class->bits == NULL || class->passed == NULL) {
        return out_of_memory(build);
    }
    for (uint32_t i = 0; i < class->part_count; i++) {
        struct arena *own = build->node_arenas == NULL || class->kind == PREDICATE_VERTEX
                                ? NULL
                                : build->node_arenas[class->parts[i].node];
        struct arena *arena = own == NULL ? build->arena : own;
        class->bits[i] =
            arena_allocate(arena, filter_word_count(class->parts[i].count), sizeof **class->bits);
        if (class->bits[i] == NULL) {
            return arena_error(arena, "filtering", build->error);
        }
    }
    return STATUS_OK;
}

/* Room for the bits of what is not known yet, in the cache if it may be kept. */
static enum status open_classes(struct external_build *build)
{
    for (uint32_t i = 0; i < build->class_count; i++) {
        struct external_class *class = &build->classes[i];
        if (class->is_known) {
            continue;
        }
        if (!use_cache(build, class)) {
            TRY(make_bits(build, class));
        }
        for (uint32_t j = 0; j < class->part_count; j++) {
            TRY(open_answers(build, class, j));
            build->filters->flows_scanned +=
                class->kind == PREDICATE_EDGE ? class->parts[j].asked : 0;
        }
    }
    return STATUS_OK;
}

/* One worker's way through a part of a class. */
struct judging {
    struct external_build *build;
    const struct external_class *class;
    uint32_t index;
    uint32_t worker;
};

static bool judge_by_value(const struct judging *judging, uint32_t index, uint64_t position,
                           uint64_t id, bool *holds)
{
    const struct filter_externals *externals = judging->build->externals;
    const struct external_part *part = &judging->class->parts[judging->index];
    const struct column *column = part->columns[index];
    uint32_t predicate = judging->class->predicates[index];
    if (column == NULL) {
        return externals->judge(externals->context, judging->worker, predicate, id, holds);
    }
    uint64_t null = UINT64_C(1) << (8 * column->width);
    uint64_t value = column_is_null(column, position) ? null : column_raw(column, position);
    _Atomic uint8_t *answer = &part->answers[index][value];
    uint8_t known = atomic_load_explicit(answer, memory_order_relaxed);
    if (known != NOT_JUDGED) {
        *holds = known == HOLDS;
        return true;
    }
    if (!externals->judge(externals->context, judging->worker, predicate, id, holds)) {
        return false;
    }
    atomic_store_explicit(answer, *holds ? HOLDS : DOES_NOT_HOLD, memory_order_relaxed);
    return true;
}

/* Predicates in their order: one that does not hold keeps those behind it from failing. */
static bool judge_one(const struct judging *judging, uint64_t position, bool *holds)
{
    bool is_flow = judging->class->kind == PREDICATE_EDGE;
    uint64_t id = is_flow ? edge_id_of(judging->index, (uint32_t)position) : position;
    *holds = true;
    for (uint32_t i = 0; *holds && i < judging->class->predicate_count; i++) {
        if (!judge_by_value(judging, i, position, id, holds)) {
            return false;
        }
    }
    return true;
}

static bool judge_words(const struct judging *judging, uint64_t begin, uint64_t end)
{
    const struct external_part *part = &judging->class->parts[judging->index];
    uint64_t *words = judging->class->bits[judging->index];
    for (uint64_t word = begin; word < end; word++) {
        uint64_t rest = part->count - word * 64;
        uint64_t all = rest < 64 ? (UINT64_C(1) << rest) - 1 : ~UINT64_C(0);
        uint64_t passed = 0;
        for (uint64_t bits = part->base == NULL ? all : part->base[word]; bits != 0;
             bits &= bits - 1) {
            bool holds = false;
            uint64_t bit = (uint64_t)__builtin_ctzll(bits);
            if (!judge_one(judging, word * 64 + bit, &holds)) {
                return false;
            }
            passed |= (uint64_t)holds << bit;
        }
        words[word] = passed;
    }
    atomic_fetch_add_explicit(&judging->class->passed[judging->index],
                              count_filter(words + begin, end - begin), memory_order_relaxed);
    return true;
}

static void judge_part(const struct judging *judging)
{
    struct external_build *build = judging->build;
    struct external_part *part = &judging->class->parts[judging->index];
    uint64_t begin = 0;
    uint64_t end = 0;
    while (team_next(&part->next_word, filter_word_count(part->count), UNIT_WORDS, &begin, &end)) {
        if (stop_poll(build->stop) ||
            atomic_load_explicit(&build->has_failed, memory_order_relaxed)) {
            return;
        }
        if (!judge_words(judging, begin, end)) {
            atomic_store_explicit(&build->has_failed, true, memory_order_relaxed);
        }
    }
}

/* Own node's parts first, then whatever the others have left. */
static void judge_parts(const struct worker *worker, void *context)
{
    struct external_build *build = context;
    for (int is_remote = 0; is_remote < 2; is_remote++) {
        for (uint32_t i = 0; i < build->class_count; i++) {
            const struct external_class *class = &build->classes[i];
            for (uint32_t j = 0; !class->is_known && j < class->part_count; j++) {
                struct judging judging = {build, class, j, worker->index};
                if ((class->parts[j].node != worker->node) == is_remote) {
                    judge_part(&judging);
                }
            }
        }
    }
}

/* Pass counts of an edge are its own, those of a class may be shared. */
static void publish_edge(struct external_build *build, uint32_t edge)
{
    struct external_class *class = &build->classes[build->class_of[edge]];
    struct flow_filter *filter = &build->filters->edges[edge];
    filter->bits = class->bits;
    filter->pass_count = 0;
    for (uint32_t i = 0; i < class->part_count; i++) {
        filter->pass_counts[i] = class->passed[i];
        filter->pass_count += class->passed[i];
    }
    if (class->cached != NULL) {
        class->cached->is_whole = true;
    }
}

static void publish(struct external_build *build)
{
    for (uint32_t edge = 0; edge < build->query->edge_count; edge++) {
        if (build->class_of[edge] != CLASS_NONE) {
            publish_edge(build, edge);
        }
    }
    for (uint32_t i = 0; i < build->class_count; i++) {
        const struct external_class *class = &build->classes[i];
        if (class->kind == PREDICATE_VERTEX) {
            struct vertex_filter *filter = &build->filters->vertices[class->variable];
            filter->bits = class->bits[0];
            filter->pass_count = class->passed[0];
        }
    }
    build->externals->are_filters = true;
}
