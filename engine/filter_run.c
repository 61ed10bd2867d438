/* The way of one worker through the columns; see engine/filter_class.h. */
#include "engine/filter_class.h"
#include "engine/filter_kernel.h"

#include <string.h>

/* One worker's way through the classes. */
struct filter_worker {
    struct filter_build *build;
    uint32_t node;
    struct registers *registers;
    struct locality *locality;
    struct error *error;
};

/* Positions of the set bits of up to FILTER_BLOCK_WORDS words. */
static uint32_t list_bits(const uint64_t *words, uint64_t count, uint64_t first,
                          uint32_t *positions)
{
    uint32_t length = 0;
    for (uint64_t word = 0; word < count; word++) {
        for (uint64_t bits = words[word]; bits != 0; bits &= bits - 1) {
            positions[length++] = (uint32_t)(first + word * 64 + (uint32_t)__builtin_ctzll(bits));
        }
    }
    return length;
}

/* Leaves the bits of the selected positions. */
static void keep_selected(uint64_t *words, uint64_t count, uint64_t first,
                          const uint32_t *positions, const uint16_t *selected,
                          uint32_t selected_count)
{
    memset(words, 0, count * sizeof *words);
    for (uint32_t i = 0; i < selected_count; i++) {
        uint64_t bit = positions[selected[i]] - first;
        words[bit >> 6] |= UINT64_C(1) << (bit & 63);
    }
}

/* The ends of flows at ascending positions. */
static void list_ends(const struct partition *partition, const uint32_t *positions, uint32_t count,
                      vertex_id *sources, vertex_id *targets)
{
    uint32_t link = partition_flow_link(partition, positions[0]);
    uint32_t source = partition_link_source(partition, link) - partition->vertex_base;
    for (uint32_t i = 0; i < count; i++) {
        while (partition->flow_offset[link + 1] <= positions[i]) {
            link++;
        }
        while (partition->link_offset[source + 1] <= link) {
            source++;
        }
        sources[i] = partition->vertex_base + source;
        targets[i] = partition->link_target[link];
    }
}

/* Runs the program over the flows that passed the tests so far, block by block. */
static enum status run_flow_program(struct filter_worker *self, const struct flow_class *class,
                                    const struct partition *partition, uint64_t first_word,
                                    uint64_t count, uint64_t *words)
{
    const struct bound_edge *edge = &self->build->query->edges[class->edge];
    for (uint64_t done = 0; done < count; done += FILTER_BLOCK_WORDS) {
        uint64_t length = count - done < FILTER_BLOCK_WORDS ? count - done : FILTER_BLOCK_WORDS;
        uint64_t first = (first_word + done) * 64;
        uint32_t positions[EVALUATE_LANES];
        edge_id edges[EVALUATE_LANES];
        vertex_id sources[EVALUATE_LANES];
        vertex_id targets[EVALUATE_LANES];
        uint16_t selected[EVALUATE_LANES];
        uint32_t selected_count = 0;
        uint32_t lanes = list_bits(words + done, length, first, positions);
        if (lanes == 0) {
            continue;
        }
        locality_add(self->locality, partition->node != self->node, 0, lanes * sizeof(union lane));
        for (uint32_t i = 0; i < lanes; i++) {
            edges[i] = edge_id_of(partition->index, positions[i]);
        }
        struct inputs inputs = {0};
        inputs.edges[class->edge] = edges;
        inputs.edge_stride[class->edge] = 1;
        if (class->vertex_mask != 0) {
            list_ends(partition, positions, lanes, sources, targets);
            inputs.vertices[edge->source] = sources;
            inputs.vertices[edge->target] = targets;
            inputs.vertex_stride[edge->source] = 1;
            inputs.vertex_stride[edge->target] = 1;
        }
        TRY(program_select(class->program, self->registers, &inputs, lanes, selected,
                           &selected_count, self->error));
        keep_selected(words + done, length, first, positions, selected, selected_count);
    }
    return STATUS_OK;
}

/* The flows of a unit, and the columns that tests read whole. */
static void count_unit(struct filter_worker *self, const struct flow_class *class,
                       const struct partition *partition, uint64_t flows)
{
    uint64_t flow_bytes = 0;
    for (uint32_t i = 0; i < class->test_count; i++) {
        flow_bytes += partition->columns[class->tests[i].property].width;
    }
    locality_add(self->locality, partition->node != self->node, flows, flows * flow_bytes);
}

/* Words `begin` .. `end` of one partition. */
static enum status run_flow_unit(struct filter_worker *self, struct flow_class *class,
                                 const struct partition *partition, uint64_t begin, uint64_t end)
{
    uint64_t *words = class->bits[partition->index] + begin;
    uint64_t flows = partition->flow_count - begin * 64;
    flows = flows < (end - begin) * 64 ? flows : (end - begin) * 64;
    count_unit(self, class, partition, flows);
    for (uint32_t i = 0; i < class->test_count; i++) {
        if (i == 0) {
            flow_test_run(&class->tests[i], partition, begin, flows, words);
            continue;
        }
        uint64_t others[FILTER_UNIT_WORDS];
        flow_test_run(&class->tests[i], partition, begin, flows, others);
        for (uint64_t word = 0; word < end - begin; word++) {
            words[word] &= others[word];
        }
    }
    if (class->program != NULL) {
        if (class->test_count == 0) {
            memset(words, 0xff, (end - begin) * sizeof *words);
            if (flows % 64 != 0) {
                words[end - begin - 1] = (UINT64_C(1) << (flows % 64)) - 1;
            }
        }
        TRY(run_flow_program(self, class, partition, begin, end - begin, words));
    }
    atomic_fetch_add_explicit(&class->passed[partition->index], count_filter(words, end - begin),
                              memory_order_relaxed);
    return STATUS_OK;
}

static enum status run_partition(struct filter_worker *self, struct flow_class *class,
                                 const struct partition *partition)
{
    uint64_t begin = 0;
    uint64_t end = 0;
    while (team_next(&class->next_word[partition->index], filter_word_count(partition->flow_count),
                     FILTER_UNIT_WORDS, &begin, &end)) {
        if (stop_poll(self->build->stop)) {
            return STATUS_OK;
        }
        TRY(run_flow_unit(self, class, partition, begin, end));
    }
    return STATUS_OK;
}

/* Own node's partitions first, then whatever the others have left. */
static enum status run_flow_classes(struct filter_worker *self)
{
    for (int is_remote = 0; is_remote < 2; is_remote++) {
        for (uint32_t i = 0; i < self->build->flow_class_count; i++) {
            struct flow_class *class = &self->build->flows[i];
            const struct edge_frame *frame = self->build->query->edges[class->edge].frame;
            for (uint32_t j = 0; !class->is_known && j < frame->partition_count; j++) {
                if ((frame->partitions[j].node != self->node) == is_remote) {
                    TRY(run_partition(self, class, &frame->partitions[j]));
                }
            }
        }
    }
    return STATUS_OK;
}

static enum status run_vertex_unit(struct filter_worker *self, struct vertex_class *class,
                                   uint64_t begin, uint64_t end)
{
    for (uint64_t block = begin; block < end; block += FILTER_BLOCK_WORDS) {
        uint64_t length = end - block < FILTER_BLOCK_WORDS ? end - block : FILTER_BLOCK_WORDS;
        uint64_t *words = class->bits + block;
        uint32_t vertices[EVALUATE_LANES];
        uint16_t selected[EVALUATE_LANES];
        uint32_t selected_count = 0;
        uint32_t lanes = list_bits(words, length, block * 64, vertices);
        if (lanes > 0 && class->program != NULL) {
            struct inputs inputs = {0};
            inputs.vertices[class->vertex] = vertices;
            inputs.vertex_stride[class->vertex] = 1;
            TRY(program_select(class->program, self->registers, &inputs, lanes, selected,
                               &selected_count, self->error));
            keep_selected(words, length, block * 64, vertices, selected, selected_count);
        }
    }
    atomic_fetch_add_explicit(&class->passed, count_filter(class->bits + begin, end - begin),
                              memory_order_relaxed);
    return STATUS_OK;
}

static enum status run_vertex_classes(struct filter_worker *self)
{
    for (uint32_t i = 0; i < self->build->vertex_class_count; i++) {
        struct vertex_class *class = &self->build->vertices[i];
        uint64_t words =
            filter_word_count(self->build->query->vertices[class->vertex].frame->vertex_count);
        uint64_t begin = 0;
        uint64_t end = 0;
        while (team_next(&class->next_word, words, FILTER_UNIT_WORDS, &begin, &end)) {
            if (stop_poll(self->build->stop)) {
                return STATUS_OK;
            }
            TRY(run_vertex_unit(self, class, begin, end));
        }
    }
    return STATUS_OK;
}

static bool needs_registers(const struct filter_build *build)
{
    for (uint32_t i = 0; i < build->flow_class_count; i++) {
        if (build->flows[i].program != NULL) {
            return true;
        }
    }
    for (uint32_t i = 0; i < build->vertex_class_count; i++) {
        if (build->vertices[i].program != NULL) {
            return true;
        }
    }
    return false;
}

static enum status run_classes(struct filter_worker *self)
{
    if (needs_registers(self->build)) {
        TRY(registers_open(&self->registers, self->build->arena, self->error));
    }
    TRY(run_flow_classes(self));
    return run_vertex_classes(self);
}

void filter_run_worker(const struct worker *worker, void *context)
{
    struct filter_build *build = context;
    struct filter_worker self = {
        .build = build, .node = worker->node, .error = &build->worker_errors[worker->index]};
    struct locality locality = {0};
    self.locality = &locality;
    bool is_done = run_classes(&self) == STATUS_OK;
    build->filters->localities[worker->index] = locality;
    if (!is_done) {
        stop_request(build->stop, STOP_FAILED);
    }
}
