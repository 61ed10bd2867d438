/* Steps of patterns in the words of the query; see describe.h. */
#include "pipeline/describe.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/time_text.h"

/* Notes being made. */
struct noting {
    const struct compiled *compiled;
    const struct pattern *pattern;
    describe_note *note;
    void *context;
};

enum { NOTE_BYTES = 2 * WORDS_BYTES };

const char *describe_step_kind(const struct pattern_step *step)
{
    switch (step->kind) {
    case STEP_GIVEN:
        return "given";
    case STEP_KEY:
        return "seek";
    case STEP_SCAN:
        return "scan";
    case STEP_GIVEN_EDGE:
        return "given flow";
    case STEP_GIVEN_WALK:
        return "given walk";
    case STEP_EDGE:
        return step->has_left && step->has_right ? "close" : "extend";
    case STEP_WALK:
        return "walk";
    case STEP_SHORTEST:
        return "shortest path";
    }
    return "";
}

static void put_slot(const struct compiled *compiled, uint32_t slot, struct plan_text *text)
{
    plan_text_put_bytes(text, plan_text_cut(describe_slot(compiled, slot), WORDS_BYTES));
}

static void put_vertex(const struct compiled *compiled, const struct pattern *pattern,
                       uint32_t vertex, struct plan_text *text)
{
    plan_text_put(text, "(");
    put_slot(compiled, pattern->vertices[vertex].slot, text);
    plan_text_put(text, ")");
}

static void put_edge(const struct compiled *compiled, const struct pattern *pattern,
                     const struct pattern_edge *edge, struct plan_text *text)
{
    put_vertex(compiled, pattern, edge->left, text);
    plan_text_put(text, edge->direction == AST_LEFT ? "<-[" : "-[");
    put_slot(compiled, edge->slot, text);
    if (edge->is_variable) {
        plan_text_put(text, "*%" PRId64 "..", edge->least);
        if (edge->most != AST_HOPS_UNBOUNDED) {
            plan_text_put(text, "%" PRId64, edge->most);
        }
    }
    plan_text_put(text, edge->direction == AST_RIGHT ? "]->" : "]-");
    put_vertex(compiled, pattern, edge->right, text);
}

void describe_step(const struct compiled *compiled, const struct pattern *pattern,
                   const struct pattern_step *step, struct plan_text *text)
{
    char words[WORDS_BYTES];
    switch (step->kind) {
    case STEP_GIVEN:
    case STEP_SCAN:
        put_vertex(compiled, pattern, step->element, text);
        return;
    case STEP_KEY:
        put_vertex(compiled, pattern, step->element, text);
        plan_text_put(text, step->is_list ? " by keys " : " by key ");
        plan_text_put_bytes(text, describe_span(compiled, step->key.term->span, words));
        return;
    case STEP_GIVEN_EDGE:
    case STEP_GIVEN_WALK:
    case STEP_EDGE:
    case STEP_WALK:
    case STEP_SHORTEST:
        put_edge(compiled, pattern, &pattern->edges[step->element], text);
        return;
    }
}

__attribute__((format(printf, 3, 4))) static void note_text(const struct noting *noting,
                                                            const char *kind, const char *format,
                                                            ...)
{
    char bytes[NOTE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(bytes, sizeof bytes, format, arguments);
    va_end(arguments);
    noting->note(noting->context, kind, bytes_of(bytes));
}

static void note_span(const struct noting *noting, const char *kind, struct source_span span)
{
    char words[WORDS_BYTES];
    noting->note(noting->context, kind, describe_span(noting->compiled, span, words));
}

enum { TIME_NAME_BYTES = 96 };

/* The name of a flow in a relation of times; 1970 is that of none. */
static const char *time_name(const struct noting *noting, uint32_t slot, char text[TIME_NAME_BYTES])
{
    if (slot == SLOT_NONE) {
        return "1970";
    }
    const struct pattern *pattern = noting->pattern;
    uint32_t edge = slot >= SLOT_OF_END ? (slot & (SLOT_OF_END - 1)) >> 1 : 0;
    bool is_end = slot >= SLOT_OF_END && slot < SLOT_OF_INDEX && edge < pattern->edge_count;
    struct bytes name = describe_slot(noting->compiled, is_end ? pattern->edges[edge].slot : slot);
    name = name.size == 0 ? bytes_of("flow") : plan_text_cut(name, TIME_NAME_BYTES / 2);
    const char *form = !is_end ? "%.*s" : (slot & 1) != 0 ? "last(%.*s)" : "head(%.*s)";
    (void)snprintf(text, TIME_NAME_BYTES, form, (int)name.size, name.data);
    return text;
}

static void note_window(const struct noting *noting, const struct time_relation *relation)
{
    char later[TIME_NAME_BYTES];
    char earlier[TIME_NAME_BYTES];
    char limit[DURATION_TEXT_BYTES + TIME_TEXT_BYTES];
    const char *later_name = time_name(noting, relation->later, later);
    const char *earlier_name = time_name(noting, relation->earlier, earlier);
    if (relation->earlier == SLOT_NONE) {
        time_format(relation->limit_ns, limit);
        note_text(noting, "window", "%s <= %s", later_name, limit);
    } else if (relation->later == SLOT_NONE) {
        time_format(relation->limit_ns == INT64_MIN ? INT64_MAX : -relation->limit_ns, limit);
        note_text(noting, "window", "%s <= %s", limit, earlier_name);
    } else if (relation->limit_ns == 0 || relation->limit_ns == -1) {
        note_text(noting, "window", "%s %s %s", later_name, relation->limit_ns == 0 ? "<=" : "<",
                  earlier_name);
    } else {
        /* A nanosecond below a microsecond is what < makes of it. */
        bool is_below = relation->limit_ns % 1000 == 999;
        duration_format(relation->limit_ns + is_below, limit);
        note_text(noting, "window", "%s - %s %s %s", later_name, earlier_name,
                  is_below ? "<" : "<=", limit);
    }
}

static const char *comparison_sign(enum ast_kind kind)
{
    return kind == AST_LESS            ? "<"
           : kind == AST_LESS_EQUAL    ? "<="
           : kind == AST_GREATER       ? ">"
           : kind == AST_GREATER_EQUAL ? ">="
                                       : "=";
}

static void note_comparison(const struct noting *noting, const struct time_comparison *comparison)
{
    char words[WORDS_BYTES];
    char name[TIME_NAME_BYTES];
    struct bytes bound = describe_span(noting->compiled, comparison->term->span, words);
    note_text(noting, "window", "%s.StartTime %s %.*s", time_name(noting, comparison->slot, name),
              comparison_sign(comparison->kind), (int)bound.size, bound.data);
}

static void note_order(const struct noting *noting, const struct hop_order *order)
{
    char limit[DURATION_TEXT_BYTES];
    if (order->is_ascending) {
        note_text(noting, "order", "each flow %s the one before",
                  order->is_strict ? "after" : "at or after");
    }
    if (order->window_ns != INT64_MAX) {
        duration_format(order->window_ns, limit);
        note_text(noting, "window", "from the first flow to the last %s", limit);
    }
    if (order->gap_ns != INT64_MAX) {
        duration_format(order->gap_ns, limit);
        note_text(noting, "window", "from one flow to the next %s", limit);
    }
}

static void note_check(const struct noting *noting, const char *kind,
                       const struct pattern_check *check)
{
    const struct pattern *pattern = noting->pattern;
    struct bytes name;
    switch (check->kind) {
    case CHECK_LABELS:
        name = plan_text_cut(
            describe_slot(noting->compiled, pattern->vertices[check->element].slot), WORDS_BYTES);
        note_text(noting, kind, "labels of (%.*s)", (int)name.size, name.data);
        return;
    case CHECK_PATH:
        return;
    case CHECK_VERTEX_PROPERTY:
    case CHECK_VERTEX_MAP:
    case CHECK_EDGE_PROPERTY:
    case CHECK_EDGE_MAP:
    case CHECK_CONDITION:
        note_span(noting, kind, check->value.term->span);
        return;
    }
}

static void note_checks(const struct noting *noting, const char *kind,
                        const struct pattern_checks *checks)
{
    for (uint32_t i = 0; i < checks->count; i++) {
        note_check(noting, kind, &checks->checks[i]);
    }
}

/* A condition in the words of the query, or NOT of it. */
static void note_condition(const struct noting *noting, const char *kind, struct source_span span,
                           bool is_negated)
{
    char words[WORDS_BYTES];
    struct bytes text = describe_span(noting->compiled, span, words);
    note_text(noting, kind, is_negated ? "NOT (%.*s)" : "%.*s", (int)text.size, text.data);
}

static void note_hops(const struct noting *noting, const struct pattern_step *step)
{
    if (step->has_types) {
        note_text(noting, "hop", "type");
    }
    note_checks(noting, "hop", &step->hop_checks);
    for (uint32_t i = 0; i < step->hop_condition_count; i++) {
        const struct hop_condition *condition = step->hop_conditions[i];
        note_condition(noting, "hop", condition->term->span, condition->is_negated);
    }
}

void describe_cycle_notes(const struct compiled *compiled, const struct stage_cycle *cycle,
                          describe_note *note, void *context)
{
    struct noting noting = {compiled, NULL, note, context};
    for (uint32_t i = 0; i < cycle->condition_count; i++) {
        const struct cycle_condition *condition = &cycle->conditions[i];
        note_condition(&noting, condition->kind, condition->span, condition->is_negated);
    }
}

void describe_notes(const struct compiled *compiled, const struct pattern *pattern,
                    const struct pattern_step *step, describe_note *note, void *context)
{
    struct noting noting = {compiled, pattern, note, context};
    bool is_edge = step->kind == STEP_EDGE || step->kind == STEP_WALK ||
                   step->kind == STEP_SHORTEST || step->kind == STEP_GIVEN_EDGE ||
                   step->kind == STEP_GIVEN_WALK;
    for (uint32_t i = 0; i < step->relation_count; i++) {
        note_window(&noting, step->relations[i]);
    }
    for (uint32_t i = 0; i < step->comparison_count; i++) {
        note_comparison(&noting, step->comparisons[i]);
    }
    if (step->kind == STEP_WALK || step->kind == STEP_SHORTEST) {
        note_order(&noting, &step->order);
    }
    if (is_edge) {
        note_hops(&noting, step);
    }
    note_checks(&noting, "vertex", &step->vertex_checks);
    note_checks(&noting, "check", &step->checks);
}

void describe_checks(const struct compiled *compiled, const struct pattern *pattern,
                     describe_note *note, void *context)
{
    const struct pattern_plan *plan = pattern->plan;
    struct noting noting = {compiled, pattern, note, context};
    note_checks(&noting, "check", &plan->checks);
}
