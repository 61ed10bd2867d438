/* Which filters there are, and how each is computed; see engine/filter_class.h. */
#include "engine/filter_class.h"

#include <string.h>

static enum status out_of_memory(const struct filter_build *build)
{
    return arena_error(build->arena, "filtering", build->error);
}

/* An AND over `count` conjuncts, so that one that is false keeps the others from failing
 * (engine/program.h). */
static const struct expression *join(const struct filter_build *build,
                                     const struct expression *const *conjuncts, uint32_t count)
{
    if (count == 1) {
        return conjuncts[0];
    }
    struct expression *joined = arena_allocate_zeroed(build->arena, 1, sizeof *joined);
    struct expression **children = arena_allocate(build->arena, count, sizeof *children);
    if (joined == NULL || children == NULL) {
        return NULL;
    }
    joined->kind = EXPRESSION_AND;
    joined->type = TYPE_BOOL;
    joined->child_count = count;
    joined->children = children;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&children[i], &conjuncts[i], sizeof *children);
        joined->edge_mask |= conjuncts[i]->edge_mask;
        joined->vertex_mask |= conjuncts[i]->vertex_mask;
    }
    return joined;
}

/* The conjuncts of `kind` that read `mask` (edges, or with `of_vertices` vertices); NULL when
 * memory runs out. */
static const struct expression **collect(const struct filter_build *build, enum predicate_kind kind,
                                         uint32_t mask, uint32_t *count)
{
    const struct bound_query *query = build->query;
    const struct expression **conjuncts =
        arena_allocate(build->arena, query->predicate_count, sizeof *conjuncts);
    *count = 0;
    for (uint32_t i = 0; conjuncts != NULL && i < query->predicate_count; i++) {
        const struct expression *expression = query->predicates[i].expression;
        uint32_t reads = kind == PREDICATE_EDGE ? expression->edge_mask : expression->vertex_mask;
        if (query->predicates[i].kind == kind && reads == mask) {
            conjuncts[(*count)++] = expression;
        }
    }
    return conjuncts;
}

enum status filter_evaluate_constants(struct filter_build *build)
{
    uint32_t count = 0;
    const struct expression **conjuncts = collect(build, PREDICATE_CONSTANT, 0, &count);
    if (conjuncts == NULL) {
        return out_of_memory(build);
    }
    if (count == 0) {
        return STATUS_OK;
    }
    const struct expression *joined = join(build, conjuncts, count);
    if (joined == NULL) {
        return out_of_memory(build);
    }
    struct program *program = NULL;
    struct registers *registers = NULL;
    TRY(program_build(&program, build->query, joined, build->arena, build->error));
    TRY(registers_open(&registers, build->arena, build->error));
    struct inputs inputs = {0};
    uint16_t selected[EVALUATE_LANES];
    uint32_t selected_count = 0;
    TRY(program_select(program, registers, &inputs, 1, selected, &selected_count, build->error));
    build->filters->is_false = selected_count == 0;
    return STATUS_OK;
}

/* Absolute bounds of an edge's start time: 0 - time <= limit[edge][origin] is time >= -limit. */
static void time_bounds(const struct window *window, uint32_t edge, struct flow_class *class)
{
    int64_t before = window->limit_ns[edge][WINDOW_ORIGIN];
    int64_t after = window->limit_ns[WINDOW_ORIGIN][edge];
    class->time_first = before == WINDOW_NONE ? INT64_MIN
                        : before == INT64_MIN ? INT64_MAX
                                              : -before;
    class->time_last = after == WINDOW_NONE ? INT64_MAX : after;
}

/* Says what the class tests of a flow. Those that read the ends of a flow are not shared: an edge's
 * source may be another one's target. */
static enum status make_key(struct filter_build *build, struct flow_class *class)
{
    struct filter_key *key = &class->key;
    *key = filter_key_begin(build->arena);
    filter_key_put(key, &build->query->edges[class->edge].frame, sizeof(const struct edge_frame *));
    filter_key_put(key, &class->time_first, sizeof class->time_first);
    filter_key_put(key, &class->time_last, sizeof class->time_last);
    for (uint32_t i = 0; i < class->conjunct_count; i++) {
        filter_key_put_expression(key, class->conjuncts[i]);
        if (class->conjuncts[i]->vertex_mask != 0) {
            *key = filter_key_begin(build->arena);
            return STATUS_OK;
        }
    }
    return key->is_whole ? STATUS_OK : out_of_memory(build);
}

/* Which class with the same key there is already. */
static uint32_t find_class(const struct filter_build *build, const struct flow_class *class)
{
    for (uint32_t i = 0; class->key.length > 0 && i < build->flow_class_count; i++) {
        if (filter_key_equal(&build->flows[i].key, &class->key)) {
            return i;
        }
    }
    return FILTER_CLASS_NONE;
}

/* Sorts the conjuncts into tests and a program. */
static enum status make_tests(struct filter_build *build, struct flow_class *class)
{
    const struct edge_frame *frame = build->query->edges[class->edge].frame;
    const struct expression **rest =
        arena_allocate(build->arena, class->conjunct_count, sizeof *rest);
    class->tests = arena_allocate(build->arena, class->conjunct_count + 1, sizeof *class->tests);
    if (rest == NULL || class->tests == NULL) {
        return out_of_memory(build);
    }
    uint32_t rest_count = 0;
    if (class->time_first != INT64_MIN || class->time_last != INT64_MAX) {
        flow_test_of_times(&class->tests[class->test_count++], frame, class->time_first,
                           class->time_last);
    }
    for (uint32_t i = 0; i < class->conjunct_count; i++) {
        bool is_out_of_memory = false;
        if (flow_test_of(&class->tests[class->test_count], build->query, class->edge,
                         class->conjuncts[i], build->arena, &is_out_of_memory)) {
            class->test_count++;
        } else if (is_out_of_memory) {
            return out_of_memory(build);
        } else {
            rest[rest_count++] = class->conjuncts[i];
        }
    }
    for (uint32_t i = 0; i < class->test_count; i++) {
        if (!flow_test_resolve(&class->tests[i], frame, build->arena)) {
            return out_of_memory(build);
        }
    }
    if (rest_count == 0) {
        return STATUS_OK;
    }
    const struct expression *joined = join(build, rest, rest_count);
    if (joined == NULL) {
        return out_of_memory(build);
    }
    class->vertex_mask = joined->vertex_mask;
    return program_build(&class->program, build->query, joined, build->arena, build->error);
}

/* Whether the cache has the filter, or room for it. */
static bool use_cache(struct filter_build *build, struct flow_class *class)
{
    struct filters *filters = build->filters;
    if (filters->cache == NULL || class->key.length == 0) {
        return false;
    }
    class->cached = filter_cache_find(filters->cache, &class->key);
    class->is_known = class->cached != NULL;
    if (!class->is_known) {
        class->cached =
            filter_cache_add(filters->cache, build->query->edges[class->edge].frame, &class->key);
    }
    if (class->cached == NULL) {
        return false;
    }
    filters->held[filters->held_count++] = class->cached;
    class->bits = class->cached->bits;
    class->passed = class->cached->passed;
    return true;
}

static enum status make_bits(struct filter_build *build, struct flow_class *class)
{
    const struct edge_frame *frame = build->query->edges[class->edge].frame;
    uint32_t partition_count = frame->partition_count;
    class->bits = arena_allocate(build->arena, partition_count, sizeof *class->bits);
    class->passed = arena_allocate_zeroed(build->arena, partition_count, sizeof *class->passed);
    if (class->bits == NULL || class->passed == NULL) {
        return out_of_memory(build);
    }
    for (uint32_t i = 0; i < partition_count; i++) {
        const struct partition *partition = &frame->partitions[i];
        struct arena *own = build->node_arenas == NULL ? NULL : build->node_arenas[partition->node];
        struct arena *arena = own == NULL ? build->arena : own;
        class->bits[i] =
            arena_allocate(arena, filter_word_count(partition->flow_count), sizeof **class->bits);
        if (class->bits[i] == NULL) {
            return arena_error(arena, "filtering", build->error);
        }
    }
    return STATUS_OK;
}

static enum status prepare_class(struct filter_build *build, struct flow_class *class)
{
    const struct edge_frame *frame = build->query->edges[class->edge].frame;
    if (!use_cache(build, class)) {
        TRY(make_bits(build, class));
    }
    if (class->is_known) {
        return STATUS_OK;
    }
    class->next_word =
        arena_allocate_zeroed(build->arena, frame->partition_count, sizeof *class->next_word);
    if (class->next_word == NULL) {
        return out_of_memory(build);
    }
    build->filters->flows_scanned += frame->flow_count;
    return make_tests(build, class);
}

enum status filter_make_flow_classes(struct filter_build *build)
{
    for (uint32_t edge = 0; edge < build->query->edge_count; edge++) {
        struct flow_class *class = &build->flows[build->flow_class_count];
        *class = (struct flow_class){.edge = edge};
        class->conjuncts =
            collect(build, PREDICATE_EDGE, UINT32_C(1) << edge, &class->conjunct_count);
        if (class->conjuncts == NULL) {
            return out_of_memory(build);
        }
        time_bounds(&build->query->window, edge, class);
        if (class->conjunct_count == 0 && class->time_first == INT64_MIN &&
            class->time_last == INT64_MAX) {
            continue;
        }
        TRY(make_key(build, class));
        build->class_of[edge] = find_class(build, class);
        if (build->class_of[edge] == FILTER_CLASS_NONE) {
            TRY(prepare_class(build, class));
            build->class_of[edge] = build->flow_class_count++;
        }
    }
    return STATUS_OK;
}

/* The vertex whose key equals the literal, or VERTEX_NONE. */
static vertex_id find_key(const struct vertex_frame *frame, const struct address *address)
{
    char buffer[ADDRESS_TEXT_BYTES];
    vertex_id vertex = graph_find_vertex(frame, address_view(frame, address, buffer));
    return vertex != VERTEX_NONE && address_equal(frame->addresses[vertex], *address) ? vertex
                                                                                      : VERTEX_NONE;
}

/* Whether the conjunct compares the key with literals (= or IN), which become bits. */
static bool look_up_keys(const struct vertex_frame *frame, const struct expression *conjunct,
                         uint64_t *bits)
{
    bool is_in = conjunct->kind == EXPRESSION_IN;
    if (!is_in && conjunct->kind != EXPRESSION_EQUAL) {
        return false;
    }
    const struct expression *const *children = (const struct expression *const *)conjunct->children;
    uint32_t key = !is_in && children[1]->kind == EXPRESSION_KEY;
    if (children[key]->kind != EXPRESSION_KEY) {
        return false;
    }
    for (uint32_t i = 0; i < conjunct->child_count; i++) {
        if (i != key && children[i]->kind != EXPRESSION_LITERAL) {
            return false;
        }
    }
    for (uint32_t i = 0; i < conjunct->child_count; i++) {
        if (i != key && children[i]->type == TYPE_ADDRESS) {
            vertex_id vertex = find_key(frame, children[i]->literal.address);
            if (vertex != VERTEX_NONE) {
                bits[vertex >> 6] |= UINT64_C(1) << (vertex & 63);
            }
        }
    }
    return true;
}

/* The first comparison with the key is looked up; what is left is a program over the vertices that
 * pass it, or over all. */
static enum status make_vertex_class(struct filter_build *build, struct vertex_class *class,
                                     const struct expression **conjuncts, uint32_t count)
{
    const struct vertex_frame *frame = build->query->vertices[class->vertex].frame;
    uint64_t words = filter_word_count(frame->vertex_count);
    class->bits = arena_allocate_zeroed(build->arena, words, sizeof *class->bits);
    if (class->bits == NULL) {
        return out_of_memory(build);
    }
    uint32_t looked_up = 0;
    while (looked_up < count && !look_up_keys(frame, conjuncts[looked_up], class->bits)) {
        looked_up++;
    }
    if (looked_up < count) {
        conjuncts[looked_up] = conjuncts[count - 1];
        count--;
    } else {
        memset(class->bits, 0xff, words * sizeof *class->bits);
        if (frame->vertex_count % 64 != 0) {
            class->bits[words - 1] = (UINT64_C(1) << (frame->vertex_count % 64)) - 1;
        }
    }
    if (count == 0) {
        return STATUS_OK;
    }
    const struct expression *joined = join(build, conjuncts, count);
    if (joined == NULL) {
        return out_of_memory(build);
    }
    return program_build(&class->program, build->query, joined, build->arena, build->error);
}

enum status filter_make_vertex_classes(struct filter_build *build)
{
    for (uint32_t vertex = 0; vertex < build->query->vertex_count; vertex++) {
        uint32_t count = 0;
        const struct expression **conjuncts =
            collect(build, PREDICATE_VERTEX, UINT32_C(1) << vertex, &count);
        if (conjuncts == NULL) {
            return out_of_memory(build);
        }
        if (count == 0) {
            continue;
        }
        struct vertex_class *class = &build->vertices[build->vertex_class_count];
        class->vertex = vertex;
        TRY(make_vertex_class(build, class, conjuncts, count));
        build->vertex_class_count++;
    }
    return STATUS_OK;
}
