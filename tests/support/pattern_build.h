/* A pattern of pipeline/ from a drawn case, over a graph of its rows, and terms by hand. */
#ifndef GYRE_TESTS_SUPPORT_PATTERN_BUILD_H
#define GYRE_TESTS_SUPPORT_PATTERN_BUILD_H

#include "pipeline/pattern.h"
#include "tests/support/pattern_case.h"

/* Slots of the elements of a case. */
enum {
    CASE_VERTEX_SLOT = 0,
    CASE_EDGE_SLOT = CASE_VERTEX_SLOT + CASE_VERTICES_MAX,
    CASE_PATH_SLOT = CASE_EDGE_SLOT + CASE_EDGES_MAX,
    CASE_HOP_SLOT = CASE_PATH_SLOT + CASE_PATHS_MAX,
    CASE_SLOTS = CASE_HOP_SLOT + CASE_EDGES_MAX,
};

/* Everything that a pattern needs to run over a graph. */
struct pattern_bench {
    struct tiny tiny;
    struct chain chain;
    struct entities entities;
    struct entity_methods methods; /* of a graph that is none of flows */
    struct source source;
    struct error error;
    struct value row[CASE_SLOTS];
    struct run run;
};

void pattern_bench_open(struct pattern_bench *bench, const struct tiny_row *rows,
                        uint32_t row_count, uint32_t partition_count);
void pattern_bench_close(struct pattern_bench *bench);

/* The graph is one with the labels and types of cases, instead of flows. */
void pattern_bench_label(struct pattern_bench *bench);

/* Terms in the chain. */
struct term *term_literal(struct pattern_bench *bench, struct value literal);
struct term *term_slot(struct pattern_bench *bench, uint32_t slot);
struct term *term_property(struct pattern_bench *bench, uint32_t slot, const char *name,
                           uint32_t vertex_handle, uint32_t edge_handle);
struct term *term_binary(struct pattern_bench *bench, enum ast_kind kind, struct term *left,
                         struct term *right);
struct term *term_call(struct pattern_bench *bench, const struct function_table *table,
                       const char *name, struct term *argument);
struct term *term_key(struct pattern_bench *bench, uint32_t slot);
struct term *term_start_time(struct pattern_bench *bench, uint32_t slot);
struct value value_time_of(struct pattern_bench *bench, int64_t ns);
struct value value_span_of(struct pattern_bench *bench, int64_t ns);
struct value value_text_from(const char *text);

/* The pattern of a case, without pattern_prepare; what is bound is put into the row. */
struct pattern *pattern_build(struct pattern_bench *bench, const struct pattern_case *drawn);

/* Sets the bits of what the conditions read. */
void pattern_set_reads(struct pattern *pattern);

#endif
