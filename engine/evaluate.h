/* Evaluates expressions over vectors of matches.
 *
 * A program is an expression compiled once per query into a list of typed operations over vector
 * registers of EVALUATE_LANES lanes; each operation is a leaf loop. It may be run by any number of
 * workers at once, each with registers of its own. */
#ifndef GYRE_ENGINE_EVALUATE_H
#define GYRE_ENGINE_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "numa/arena.h"
#include "query/bound.h"

enum { EVALUATE_LANES = 1024 };

/* What the variables stand for. Variable v's value for lane i is pointer[i * stride]: stride 0 is
 * one value for all lanes. Variables that the program does not read may be NULL. `keys` and
 * `aggregates` are for expressions over groups, indexed like the bound query's. */
struct inputs {
    const vertex_id *vertices[PATTERN_VERTICES_MAX];
    const edge_id *edges[PATTERN_EDGES_MAX];
    uint32_t vertex_stride[PATTERN_VERTICES_MAX];
    uint32_t edge_stride[PATTERN_EDGES_MAX];
    const struct lanes *keys;
    const struct lanes *aggregates;
};

/* A vector of values. `is_null` is NULL when no lane is null; else 1 byte a lane, 0 or 1. */
struct lanes {
    enum type type;
    union lane *values;
    uint8_t *is_null;
};

struct program;

/* Compiles; memory comes from `arena`. Literals compared with a text column become code ranges, so
 * that no text is touched. */
enum status program_build(struct program **program, const struct bound_query *query,
                          const struct expression *expression, struct arena *arena,
                          struct error *error);

/* A worker's registers and text scratch, for any program built before; grows on demand. */
struct registers;
enum status registers_open(struct registers **registers, struct arena *arena, struct error *error);

/* Runs over `count` lanes (at most EVALUATE_LANES). The result is valid until the next run with the
 * same registers; text made on the way too. Fails (STATUS_USAGE, with the operator's place) on
 * integer overflow or division by zero, and when memory runs out. */
enum status program_run(const struct program *program, struct registers *registers,
                        const struct inputs *inputs, uint32_t count, struct lanes *result,
                        struct error *error);

/* For a BOOL program: writes the indices of the lanes that are true to `selected`, ascending, and
 * their number to `selected_count`. */
enum status program_select(const struct program *program, struct registers *registers,
                           const struct inputs *inputs, uint32_t count, uint16_t *selected,
                           uint32_t *selected_count, struct error *error);

#endif
