/* A graph as it should be, made from a sample by sorting rows with qsort; slow on purpose. */
#ifndef GYRE_TESTS_SUPPORT_REFERENCE_H
#define GYRE_TESTS_SUPPORT_REFERENCE_H

#include <stdlib.h>

#include "graph/graph.h"
#include "tests/support/staging.h"

struct reference_flow {
    uint32_t partition;
    vertex_id source;
    vertex_id target;
    int64_t time;
    uint64_t row;
};

struct reference {
    const struct sample *sample;
    const struct vertex_frame *frame; /* says who owns which address; NULL: one partition */
    struct reference_flow *flows;     /* [row_count], in the graph's order */
    const char **texts;               /* distinct address texts, ascending */
    uint32_t text_count;
    struct address *addresses; /* by vertex */
    uint32_t vertex_count;
};

static inline int reference_compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static inline struct address reference_address(const struct reference *reference, const char *text)
{
    struct address address;
    if (address_parse(bytes_of(text), &address)) {
        return address;
    }
    uint32_t code = 0;
    while (strcmp(reference->texts[code], text) != 0) {
        code++;
    }
    return (struct address){ADDRESS_HIGH_TEXT, code};
}

static inline void reference_add_text(struct reference *reference, const char *text)
{
    struct address address;
    for (uint32_t code = 0; code < reference->text_count; code++) {
        if (strcmp(reference->texts[code], text) == 0) {
            return;
        }
    }
    if (!address_parse(bytes_of(text), &address)) {
        reference->texts[reference->text_count++] = text;
    }
}

static inline uint32_t reference_partition(const struct reference *reference,
                                           struct address address)
{
    return reference->frame == NULL
               ? 0
               : reference->frame->bucket_partition[vertex_frame_bucket(address)];
}

/* Vertices partition by partition, each in order of first appearance. */
static inline void reference_number(struct reference *reference, const struct address *seen,
                                    uint32_t seen_count)
{
    uint32_t partition_count = reference->frame == NULL ? 1 : reference->frame->partition_count;
    for (uint32_t partition = 0; partition < partition_count; partition++) {
        for (uint32_t index = 0; index < seen_count; index++) {
            if (reference_partition(reference, seen[index]) == partition) {
                reference->addresses[reference->vertex_count++] = seen[index];
            }
        }
    }
}

static inline vertex_id reference_vertex(const struct reference *reference, const char *text)
{
    struct address address = reference_address(reference, text);
    vertex_id vertex = 0;
    while (!address_equal(reference->addresses[vertex], address)) {
        vertex++;
    }
    return vertex;
}

static inline int reference_compare_flows(const void *left, const void *right)
{
    const struct reference_flow *a = left;
    const struct reference_flow *b = right;
    if (a->source != b->source) { /* vertices ascend with partitions */
        return a->source < b->source ? -1 : 1;
    }
    if (a->target != b->target) {
        return a->target < b->target ? -1 : 1;
    }
    if (a->time != b->time) {
        return a->time < b->time ? -1 : 1;
    }
    return a->row < b->row ? -1 : 1;
}

static inline void reference_open(struct reference *reference, const struct sample *sample,
                                  const struct vertex_frame *frame)
{
    uint32_t source = (uint32_t)schema_find_role(&sample->schema, ROLE_SOURCE);
    uint32_t target = (uint32_t)schema_find_role(&sample->schema, ROLE_TARGET);
    uint32_t time = (uint32_t)schema_find_role(&sample->schema, ROLE_START_TIME);
    uint64_t row_count = sample->row_count;
    *reference = (struct reference){.sample = sample, .frame = frame};
    reference->flows = memory_allocate(row_count, sizeof(struct reference_flow));
    reference->texts = memory_allocate(row_count * 2, sizeof(char *));
    reference->addresses = memory_allocate(row_count * 2, sizeof(struct address));
    struct address *seen = memory_allocate(row_count * 2, sizeof(struct address));
    uint32_t seen_count = 0;
    CHECK(reference->flows != NULL && reference->texts != NULL && reference->addresses != NULL &&
          seen != NULL);
    for (uint64_t row = 0; row < row_count; row++) {
        reference_add_text(reference, sample_cell(sample, row, source)->text);
        reference_add_text(reference, sample_cell(sample, row, target)->text);
    }
    qsort(reference->texts, reference->text_count, sizeof(char *), reference_compare_texts);
    for (uint64_t end = 0; end < row_count * 2; end++) {
        uint32_t property = end % 2 == 0 ? source : target;
        struct address address =
            reference_address(reference, sample_cell(sample, end / 2, property)->text);
        uint32_t index = 0;
        while (index < seen_count && !address_equal(seen[index], address)) {
            index++;
        }
        seen[index] = address;
        seen_count += index == seen_count;
    }
    reference_number(reference, seen, seen_count);
    memory_free(seen);
    for (uint64_t row = 0; row < row_count; row++) {
        vertex_id from = reference_vertex(reference, sample_cell(sample, row, source)->text);
        reference->flows[row] = (struct reference_flow){
            reference_partition(reference, reference->addresses[from]), from,
            reference_vertex(reference, sample_cell(sample, row, target)->text),
            sample_cell(sample, row, time)->integer, row};
    }
    qsort(reference->flows, row_count, sizeof(struct reference_flow), reference_compare_flows);
}

static inline void reference_close(struct reference *reference)
{
    memory_free(reference->flows);
    memory_free(reference->texts);
    memory_free(reference->addresses);
    *reference = (struct reference){0};
}

#endif
