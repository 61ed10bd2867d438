/* Expressions over a tiny graph, as text; see tiny_evaluate.h. */
#include "tests/support/tiny_evaluate.h"

#include <stdio.h>
#include <string.h>

#include <CUnit/CUnit.h>

const struct tiny_row tiny_evaluate_rows[TINY_EVALUATE_ROWS] = {
    {"10.0.0.1", "10.0.0.2", 1000, 5, 0.5, "tcp"},
    {"10.0.0.2", "10.0.0.1", 2000, TINY_NULL, 1.25, "udp"},
    {"10.0.0.1", "2001:db8::1", 1500, 70000, NAN, "icmp"},
    {"host-a", "10.0.0.1", 1200, -3, 2, NULL},
    {"00:11:22:33:44:55", "10.0.0.9", 5000, 0, 0, "tcp"},
    {"10.0.0.9", "host-b", -4000, 255, 0.001, "udp-lite"},
};

void tiny_evaluate_open(struct tiny *tiny, uint32_t partition_count)
{
    tiny_open(tiny, tiny_evaluate_rows, TINY_EVALUATE_ROWS, partition_count, 1);
    tiny_pattern(tiny, (const uint32_t[]){0, 1}, 1, 2);
}

void tiny_evaluate_inputs(const struct tiny *tiny, struct tiny_inputs *all)
{
    *all = (struct tiny_inputs){0};
    for (uint32_t i = 0; i < TINY_EVALUATE_ROWS; i++) {
        all->edges[i] = tiny_edge(tiny, i);
        all->sources[i] = tiny_vertex(tiny, tiny_evaluate_rows[i].source);
        all->targets[i] = tiny_vertex(tiny, tiny_evaluate_rows[i].target);
    }
    all->inputs.edges[0] = all->edges;
    all->inputs.vertices[0] = all->sources;
    all->inputs.vertices[1] = all->targets;
    all->inputs.edge_stride[0] = 1;
    all->inputs.vertex_stride[0] = 1;
    all->inputs.vertex_stride[1] = 1;
}

const char *tiny_evaluate(struct tiny *tiny, const struct expression *expression,
                          const struct inputs *inputs, uint32_t count)
{
    static char text[4096];
    struct error error = {0};
    struct program *program = NULL;
    struct registers *registers = NULL;
    struct lanes lanes;
    text[0] = '\0';
    if (program_build(&program, &tiny->query, expression, tiny->arena, &error) != STATUS_OK ||
        registers_open(&registers, tiny->arena, &error) != STATUS_OK ||
        program_run(program, registers, inputs, count, &lanes, &error) != STATUS_OK) {
        snprintf(text, sizeof text, "%s", error.text);
        return text;
    }
    CU_ASSERT_EQUAL(lanes.type, expression->type);
    for (uint32_t i = 0; i < count; i++) {
        size_t used = strlen(text);
        snprintf(text + used, sizeof text - used, " ");
        tiny_append_lane(tiny, &lanes, i, text, sizeof text);
    }
    return text + (count > 0);
}

void tiny_expect_text(const char *found, const char *expected)
{
    if (strcmp(found, expected) != 0) {
        printf("\n    found:    %s\n    expected: %s\n", found, expected);
    }
    CU_ASSERT_STRING_EQUAL(found, expected);
}
