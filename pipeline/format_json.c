/* Shows to programs what a compiled query does, stage by stage, and what it did. */
#include <inttypes.h>

#include "base/time_text.h"
#include "pipeline/describe.h"
#include "pipeline/estimate.h"
#include "query/plan.h"

struct showing {
    const struct compiled *compiled;
    struct plan_text *text;
    const struct profile *profile; /* NULL: nothing was counted */
    uint32_t count;                /* of the list being written */
};

static void show_stages(const struct showing *showing, const struct stage *first);

/* Described in plain text first, which is then quoted. */
enum { DESCRIBED_BYTES = 4096 };
static void show_described(const struct showing *showing, const struct stage *stage,
                           const struct pattern *pattern, const struct pattern_step *step)
{
    char bytes[DESCRIBED_BYTES] = "";
    struct plan_text described = {.text = bytes, .size = sizeof bytes};
    if (stage != NULL) {
        describe_stage(showing->compiled, stage, &described);
    } else {
        describe_step(showing->compiled, pattern, step, &described);
    }
    plan_text_put(showing->text, "\"text\": ");
    plan_text_put_json(showing->text, plan_text_cut(bytes_of(bytes), sizeof bytes - 1));
}

static void show_figures(const struct showing *showing, const struct stage_profile *done)
{
    plan_text_put(showing->text,
                  ", \"rows_in\": %" PRIu64 ", \"rows_out\": %" PRIu64
                  ", \"flows_visited\": %" PRIu64 ", \"links_visited\": %" PRIu64
                  ", \"seconds\": %.9f, \"bytes\": %" PRIu64,
                  done->rows_in, done->rows_out, done->flows_visited, done->links_visited,
                  (double)done->own_ns / (double)NS_PER_SECOND, done->bytes);
}

static void show_note(void *context, const char *kind, struct bytes note)
{
    struct showing *showing = context;
    plan_text_put(showing->text,
                  "%s{\"kind\": \"%s\", \"text\": ", showing->count++ == 0 ? "" : ", ", kind);
    plan_text_put_json(showing->text, note);
    plan_text_put(showing->text, "}");
}

static void show_step(const struct showing *showing, const struct pattern *pattern, uint32_t index,
                      double rows)
{
    const struct pattern_plan *plan = pattern->plan;
    const struct pattern_step *step = &plan->steps[index];
    struct showing notes = *showing;
    notes.count = 0;
    plan_text_put(showing->text, "%s{\"step\": \"%s\", ", index == 0 ? "" : ", ",
                  describe_step_kind(step));
    show_described(showing, NULL, pattern, step);
    plan_text_put(showing->text, ", \"estimate\": ");
    plan_text_put_number(showing->text, rows);
    if (showing->profile != NULL) {
        plan_text_put(showing->text, ", \"passed\": %" PRIu64,
                      showing->profile->step_rows[pattern->first_step + index]);
    }
    plan_text_put(showing->text, ", \"notes\": [");
    describe_notes(showing->compiled, pattern, step, show_note, &notes);
    plan_text_put(showing->text, "]}");
}

static void show_steps(const struct showing *showing, const struct pattern *pattern, double rows)
{
    const struct pattern_plan *plan = pattern->plan;
    const struct graph *graph = showing->compiled->entities->graph;
    struct showing notes = *showing;
    notes.count = 0;
    plan_text_put(showing->text, "\"empty\": %s, \"checks\": [",
                  plan->is_impossible ? "true" : "false");
    describe_checks(showing->compiled, pattern, show_note, &notes);
    plan_text_put(showing->text, "], \"steps\": [");
    for (uint32_t i = 0; i < plan->step_count; i++) {
        rows = estimate_step(graph, pattern, &plan->steps[i], rows);
        show_step(showing, pattern, i, rows);
    }
    plan_text_put(showing->text, "]");
}

static const char *inner_kind(const struct term *term)
{
    return term->kind == AST_EXISTS    ? "exists"
           : term->kind == AST_COUNT   ? "count"
           : term->kind == AST_PATTERN ? "pattern"
                                       : "list";
}

static void show_branches(const struct showing *showing, struct stage *const *branches,
                          uint32_t count)
{
    plan_text_put(showing->text, "\"branches\": [");
    for (uint32_t i = 0; i < count; i++) {
        plan_text_put(showing->text, "%s", i == 0 ? "" : ", ");
        show_stages(showing, branches[i]);
    }
    plan_text_put(showing->text, "]");
}

static void show_inner(void *context, const struct term *term)
{
    struct showing *showing = context;
    struct showing deeper = *showing;
    char words[WORDS_BYTES];
    plan_text_put(showing->text,
                  "%s{\"kind\": \"%s\", \"text\": ", showing->count++ == 0 ? "" : ", ",
                  inner_kind(term));
    plan_text_put_json(showing->text, describe_span(showing->compiled, term->span, words));
    plan_text_put(showing->text, ", ");
    if (term->pattern != NULL) {
        deeper.count = 0;
        show_steps(showing, term->pattern, 1);
        plan_text_put(showing->text, ", \"inner\": [");
        describe_pattern_inner(term->pattern, show_inner, &deeper);
        plan_text_put(showing->text, "]");
    } else {
        show_branches(showing, term->subquery->branches, term->subquery->branch_count);
    }
    plan_text_put(showing->text, "}");
}

static void show_stage(const struct showing *showing, const struct stage *stage, double rows_in,
                       double rows_out)
{
    struct plan_text *text = showing->text;
    struct showing inner = *showing;
    inner.count = 0;
    struct showing notes = inner;
    plan_text_put(text, "{\"stage\": \"%s\", \"optional\": %s, ", describe_stage_kind(stage),
                  stage->is_optional ? "true" : "false");
    show_described(showing, stage, NULL, NULL);
    plan_text_put(text, ", \"estimate\": ");
    plan_text_put_number(text, rows_out);
    if (showing->profile != NULL) {
        show_figures(showing, &showing->profile->stages[stage->index]);
    }
    if (stage->kind == STAGE_MATCHER) {
        plan_text_put(text, ", \"plan\": ");
        plan_show_json(stage->plan, stage->matcher, showing->profile != NULL, text);
    } else if (stage->kind == STAGE_MATCH) {
        plan_text_put(text, ", ");
        show_steps(showing, stage->pattern, rows_in);
    } else if (stage->cycle != NULL) {
        plan_text_put(text, ", \"notes\": [");
        describe_cycle_notes(showing->compiled, stage->cycle, show_note, &notes);
        plan_text_put(text, "]");
    }
    plan_text_put(text, ", \"inner\": [");
    describe_stage_inner(stage, show_inner, &inner);
    plan_text_put(text, "]}");
}

static void show_stages(const struct showing *showing, const struct stage *first)
{
    double rows = 1;
    plan_text_put(showing->text, "[");
    for (const struct stage *stage = first; stage != NULL; stage = describe_next(stage)) {
        double rows_out = estimate_stage(showing->compiled, stage, rows);
        plan_text_put(showing->text, "%s", stage == first ? "" : ", ");
        show_stage(showing, stage, rows, rows_out);
        rows = rows_out;
    }
    plan_text_put(showing->text, "]");
}

uint32_t compiled_format_json(const struct compiled *compiled, bool is_profile, char *text,
                              uint32_t text_bytes)
{
    struct plan_text sheet = {.text = text, .size = text_bytes};
    const struct profile *profile = compiled->profile;
    bool is_counted = is_profile && profile->is_filled;
    struct showing showing = {compiled, &sheet, is_counted ? profile : NULL, 0};
    plan_text_put(&sheet, "{\"union\": \"%s\", ",
                  compiled->branch_count < 2 ? "none"
                  : compiled->is_distinct    ? "distinct"
                                             : "all");
    show_branches(&showing, compiled->branches, compiled->branch_count);
    if (is_counted) {
        plan_text_put(&sheet, ", \"rows\": %" PRIu64 ", \"bytes\": %" PRIu64, profile->answer_rows,
                      profile->answer_bytes);
    }
    plan_text_put(&sheet, "}");
    return sheet.length;
}
