/* A query of the whole language, compiled to stages, and its runs. */
#ifndef GYRE_PIPELINE_COMPILED_H
#define GYRE_PIPELINE_COMPILED_H

#include "base/stop.h"
#include "engine/match.h"
#include "numa/budget.h"
#include "pipeline/answer.h"
#include "pipeline/entities.h"
#include "query/ast.h"

struct compiled;

/* Resolves and checks everything that can be known before a run: names, scopes, kinds, aggregates.
 * Errors are STATUS_USAGE with line and column. `parameters`: a MAP. The text and name of `source`,
 * the tree and the entities must outlive what is made. */
enum status compile_query(struct compiled **compiled, const struct ast_query *query,
                          const struct source *source, const struct entities *entities,
                          struct value parameters);

/* NULL is accepted. */
void compiled_close(struct compiled *compiled);

uint32_t compiled_column_count(const struct compiled *compiled);
const char *compiled_column_name(const struct compiled *compiled, uint32_t column);

/* Its stages, as text for people or JSON; with `is_profile` what each did in the last run. Return
 * the length that they wanted to write. */
uint32_t compiled_format(const struct compiled *compiled, bool is_profile, char *text,
                         uint32_t text_bytes);
uint32_t compiled_format_json(const struct compiled *compiled, bool is_profile, char *text,
                              uint32_t text_bytes);

/* When walks that know when their next flow may start list the links that have one
 * (pipeline/pattern_timed.h). For tests: what is found is the same. */
enum timing { TIMING_BY_EFFORT, TIMING_ALWAYS, TIMING_NEVER };

/* `team` may be NULL when the query has no MATCH over a graph with columns. */
struct run_options {
    struct budget *budget; /* NULL: none */
    struct stop *stop;
    uint64_t row_limit; /* 0: none */
    struct team *team;
    struct progress *progress;
    bool is_profile;              /* counts and times what each stage does */
    bool counts_reads;            /* see match_options */
    struct node_work *nodes;      /* the same */
    struct filter_cache *filters; /* the same */
    enum timing timing;
};

/* Plans the matcher's part without running anything, for compiled_format. */
enum status compiled_explain(const struct compiled *compiled, const struct run_options *options,
                             struct error *error);

/* The matcher, the filters directly behind it, and sections (section.h) run on the team, what rows
 * are gathered in (groups, sorts, the answer) on one thread.
 * `statistics` are those of the matcher, with what the rest visited added. `*answer` is set
 * whenever there is something to show: also when a limit or an interrupt ended the run
 * (STATUS_LIMIT, STATUS_INTERRUPTED), and is then partial. */
enum status compiled_run(struct answer **answer, const struct compiled *compiled,
                         const struct run_options *options, struct match_statistics *statistics,
                         struct error *error);

#endif
