/* Shows to people what a compiled query does, stage by stage, and what it did. */
#include <inttypes.h>
#include <math.h>

#include "base/number.h"
#include "pipeline/describe.h"
#include "pipeline/estimate.h"
#include "query/plan.h"

struct showing {
    const struct compiled *compiled;
    struct plan_text *text;
    const struct profile *profile; /* NULL: nothing was counted */
};

enum { INDENT = 8 };

static void show_stages(const struct showing *showing, const struct stage *first);

static void show_estimate(const struct showing *showing, double rows)
{
    if (isfinite(rows)) {
        plan_text_put(showing->text, "  about %.0f", rows);
    }
}

static void show_figures(const struct showing *showing, const struct stage_profile *done)
{
    struct plan_text *text = showing->text;
    char bytes[NUMBER_TEXT_BYTES];
    plan_text_put(text, ", in %" PRIu64 ", out %" PRIu64 ", %.3f ms", done->rows_in, done->rows_out,
                  (double)done->own_ns / 1e6);
    if (done->flows_visited > 0 || done->links_visited > 0) {
        plan_text_put(text, ", flows %" PRIu64 ", links %" PRIu64, done->flows_visited,
                      done->links_visited);
    }
    if (done->bytes > 0) {
        size_format(done->bytes, bytes);
        plan_text_put(text, ", %s", bytes);
    }
}

static void show_note(void *context, const char *kind, struct bytes note)
{
    const struct showing *showing = context;
    plan_text_put(showing->text, "      %-14s  ", kind);
    plan_text_put_bytes(showing->text, note);
    plan_text_put(showing->text, "\n");
}

static void show_steps(const struct showing *showing, const struct pattern *pattern, double rows)
{
    const struct pattern_plan *plan = pattern->plan;
    const struct graph *graph = showing->compiled->entities->graph;
    if (plan->is_impossible) {
        plan_text_put(showing->text, "no match is possible: nothing has such a label or type\n");
        return;
    }
    describe_checks(showing->compiled, pattern, show_note, (void *)(uintptr_t)showing);
    for (uint32_t i = 0; i < plan->step_count; i++) {
        const struct pattern_step *step = &plan->steps[i];
        rows = estimate_step(graph, pattern, step, rows);
        plan_text_put(showing->text, "  %2" PRIu32 "  %-14s  ", i + 1, describe_step_kind(step));
        describe_step(showing->compiled, pattern, step, showing->text);
        show_estimate(showing, rows);
        if (showing->profile != NULL) {
            plan_text_put(showing->text, ", passed %" PRIu64,
                          showing->profile->step_rows[pattern->first_step + i]);
        }
        plan_text_put(showing->text, "\n");
        describe_notes(showing->compiled, pattern, step, show_note, (void *)(uintptr_t)showing);
    }
}

static void show_inner(void *context, const struct term *term)
{
    const struct showing *showing = context;
    struct plan_text *text = showing->text;
    char words[WORDS_BYTES];
    plan_text_put_bytes(text, describe_span(showing->compiled, term->span, words));
    plan_text_put(text, "\n");
    if (term->pattern != NULL) {
        show_steps(showing, term->pattern, 1);
        text->indent += INDENT;
        describe_pattern_inner(term->pattern, show_inner, context);
        text->indent -= INDENT;
        return;
    }
    for (uint32_t i = 0; i < term->subquery->branch_count; i++) {
        plan_text_put(text, "%s", i == 0 ? "" : "union\n");
        show_stages(showing, term->subquery->branches[i]);
    }
}

static void show_stage(const struct showing *showing, const struct stage *stage, uint32_t number,
                       double rows_in, double rows_out)
{
    struct plan_text *text = showing->text;
    plan_text_put(text, "  %2" PRIu32 "  %-14s  ", number, describe_stage_kind(stage));
    describe_stage(showing->compiled, stage, text);
    show_estimate(showing, rows_out);
    if (showing->profile != NULL) {
        show_figures(showing, &showing->profile->stages[stage->index]);
    }
    plan_text_put(text, "\n");
    text->indent += INDENT;
    if (stage->kind == STAGE_MATCHER) {
        plan_show(stage->plan, stage->matcher, showing->profile != NULL, text);
    } else if (stage->kind == STAGE_MATCH) {
        show_steps(showing, stage->pattern, rows_in);
    } else if (stage->cycle != NULL) {
        describe_cycle_notes(showing->compiled, stage->cycle, show_note,
                             (void *)(uintptr_t)showing);
    }
    describe_stage_inner(stage, show_inner, (void *)(uintptr_t)showing);
    text->indent -= INDENT;
}

static void show_stages(const struct showing *showing, const struct stage *first)
{
    double rows = 1;
    uint32_t number = 1;
    for (const struct stage *stage = first; stage != NULL; stage = describe_next(stage)) {
        double rows_out = estimate_stage(showing->compiled, stage, rows);
        show_stage(showing, stage, number++, rows, rows_out);
        rows = rows_out;
    }
}

uint32_t compiled_format(const struct compiled *compiled, bool is_profile, char *text,
                         uint32_t text_bytes)
{
    struct plan_text sheet = {.text = text, .size = text_bytes};
    bool is_counted = is_profile && compiled->profile->is_filled;
    struct showing showing = {compiled, &sheet, is_counted ? compiled->profile : NULL};
    for (uint32_t i = 0; i < compiled->branch_count; i++) {
        plan_text_put(&sheet, "%s\n",
                      i == 0                  ? "stages"
                      : compiled->is_distinct ? "union"
                                              : "union all");
        show_stages(&showing, compiled->branches[i]);
    }
    if (is_counted) {
        char bytes[NUMBER_TEXT_BYTES];
        size_format(compiled->profile->answer_bytes, bytes);
        plan_text_put(&sheet, "result  rows %" PRIu64 ", %s\n", compiled->profile->answer_rows,
                      bytes);
    }
    return sheet.length;
}
