/* Inside evaluation: registers, and what each operation does to them. */
#ifndef GYRE_ENGINE_VECTOR_H
#define GYRE_ENGINE_VECTOR_H

#include <stdint.h>

#include "engine/program.h"
#include "engine/scratch.h"

/* What a register holds: lanes of its own storage, or borrowed ones (keys, aggregates). */
struct vector {
    const union lane *values;
    const uint8_t *nulls;            /* NULL: no lane is null */
    uint32_t step;                   /* 0: one value for all lanes */
    const struct operation *culprit; /* the operation that marked lanes, if any is */
    union lane *storage;             /* [EVALUATE_LANES] */
    uint8_t *null_storage;
};

struct registers {
    struct arena *arena;
    struct vector *vectors;
    uint32_t count;
    struct scratch scratch;
};

/* One run. */
struct run {
    const struct program *program;
    struct registers *registers;
    const struct inputs *inputs;
    uint32_t count;
    struct error *error;
};

static inline enum status registers_out_of_memory(const struct registers *registers,
                                                  struct error *error)
{
    return arena_error(registers->arena, "evaluating an expression", error);
}

/* Lanes that an operation must compute: one where its operands have one value for all. */
static inline uint32_t run_lane_count(const struct run *run, uint32_t step)
{
    return step == 0 ? (run->count == 0 ? 0 : 1) : run->count;
}

void vector_run_literal(struct vector *vector, const struct operation *operation);
void vector_run_vertices(const struct run *run, struct vector *vector,
                         const struct operation *operation);
void vector_run_edges(const struct run *run, struct vector *vector,
                      const struct operation *operation);
void vector_run_lanes(struct vector *vector, const struct lanes *lanes);
void vector_run_plain(const struct run *run, const struct operation *operation);
void vector_run_checked(const struct run *run, const struct operation *operation);
void vector_run_text(const struct run *run, const struct operation *operation);
void vector_run_address(const struct run *run, const struct operation *operation);
enum status vector_run_concatenate(const struct run *run, const struct operation *operation);
void vector_run_logic(const struct run *run, const struct operation *operation);
void vector_run_not(struct vector *vector, uint32_t count);
void vector_run_is_null(struct vector *vector, bool is_null_true, uint32_t count);
void vector_run_to_float(struct vector *vector, uint32_t count);
enum status vector_run_to_text(const struct run *run, struct vector *vector, uint32_t count);
void vector_run_codes(struct vector *vector, const struct operation *operation, uint32_t count);
void vector_run_set(const struct run *run, struct vector *vector, const struct operation *operation,
                    uint32_t count);

#endif
