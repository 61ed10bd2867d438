/* Conditions on one flow or one vertex; see external.h. */
#include "pipeline/external.h"

#include <string.h>

#include "pipeline/describe.h"
#include "pipeline/residual.h"

/* Whether a term binds a slot itself, for what stands in it. */
static bool is_local(const struct term *term, uint32_t slot)
{
    bool is = false;
    switch ((int)term->kind) {
    case AST_REDUCE:
        is = term->accumulator == slot || term->slot == slot;
        break;
    case AST_COMPREHENSION:
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
        is = term->slot == slot;
        break;
    default:
        break;
    }
    for (uint32_t i = 0; !is && i < term->child_count; i++) {
        is = term->children[i] != NULL && is_local(term->children[i], slot);
    }
    return is;
}

struct reading {
    const struct term *root;
    uint32_t slot; /* SLOT_NONE: nothing was read yet */
    bool is_one;
};

static void read_one(void *context, uint32_t slot)
{
    struct reading *reading = context;
    if (!is_local(reading->root, slot)) {
        reading->is_one = reading->is_one && (reading->slot == SLOT_NONE || reading->slot == slot);
        reading->slot = slot;
    }
}

static bool has_pattern(const struct term *term)
{
    bool has = term->pattern != NULL;
    for (uint32_t i = 0; !has && i < term->child_count; i++) {
        has = term->children[i] != NULL && has_pattern(term->children[i]);
    }
    return has;
}

uint32_t external_slot(const struct term *term)
{
    struct reading reading = {.root = term, .slot = SLOT_NONE, .is_one = true};
    bool is_known = !has_pattern(term) && term_reads(term, read_one, &reading);
    return is_known && reading.is_one ? reading.slot : SLOT_NONE;
}

/* The only property that is read of a flow; PROPERTY_NONE: there are several, or more is read. */
static int only_property(const struct term *term, uint32_t slot, int found)
{
    enum { ANY = PROPERTY_NONE - 1 }; /* nothing was read yet */
    if (term->kind == AST_VARIABLE && term->slot == slot) {
        return PROPERTY_NONE;
    }
    if (term->kind == AST_PROPERTY && term->children[0]->kind == AST_VARIABLE &&
        term->children[0]->slot == slot) {
        bool is_same = found == ANY || found == (int)term->edge_handle;
        return is_same && term->edge_handle != HANDLE_NONE ? (int)term->edge_handle : PROPERTY_NONE;
    }
    for (uint32_t i = 0; found != PROPERTY_NONE && i < term->child_count; i++) {
        found = term->children[i] == NULL ? found : only_property(term->children[i], slot, found);
    }
    return found;
}

/* Whether an expression says the same in every query of a graph: views may be made anew, and times
 * may be of the clock. */
static bool is_lasting(const struct ast_expression *expression)
{
    bool is = expression->kind != AST_LABELS && expression->kind != AST_PARAMETER &&
              (expression->kind != AST_CALL ||
               function_find(&temporal_functions, expression->name.text) == NULL);
    for (uint32_t i = 0; is && i < expression->child_count; i++) {
        is = expression->children[i] == NULL || is_lasting(expression->children[i]);
    }
    return is;
}

static bool set_key(struct compiler *compiler, struct external_predicate *predicate,
                    const struct ast_expression *condition, struct bytes name)
{
    if (!is_lasting(condition)) {
        return true;
    }
    uint64_t length = ast_key(condition, name, NULL, 0);
    uint8_t *key = compiler_allocate(compiler, length, 1);
    if (key != NULL) {
        (void)ast_key(condition, name, key, length);
        predicate->key = bytes_view((const char *)key, length);
    }
    return key != NULL;
}

bool external_add(struct compiler *compiler, struct stage_externals *externals,
                  enum predicate_kind kind, uint32_t variable, struct external_term asked,
                  const struct ast_expression *condition, struct bytes name)
{
    if (externals->count == EXTERNALS_MAX) {
        return false;
    }
    char words[WORDS_BYTES];
    struct external_predicate *predicate = &externals->predicates[externals->count];
    struct bytes text = describe_span(compiler->compiled, asked.term->span, words);
    char *copy = compiler_allocate(compiler, text.size + 1, 1);
    *predicate = (struct external_predicate){
        .kind = kind,
        .variable = variable,
        .property = kind == PREDICATE_EDGE
                        ? only_property(asked.term, asked.slot, PROPERTY_NONE - 1)
                        : PROPERTY_NONE};
    if (copy == NULL || !set_key(compiler, predicate, condition, name)) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    predicate->text = bytes_view(copy, text.size);
    externals->terms[externals->count++] = asked;
    return true;
}

/* Adds a filter that reads one of the matcher's columns. */
static bool take(struct compiler *compiler, const struct stage *matcher,
                 struct stage_externals *externals, const struct stage *filter)
{
    uint32_t slot = filter->kind == STAGE_FILTER ? external_slot(filter->term) : SLOT_NONE;
    for (uint32_t i = 0; slot != SLOT_NONE && i < matcher->slot_count; i++) {
        if (matcher->slots[i] == slot) {
            const struct expression *column = matcher->matcher->outputs[i].expression;
            return external_add(compiler, externals,
                                column->kind == EXPRESSION_VERTEX ? PREDICATE_VERTEX
                                                                  : PREDICATE_EDGE,
                                column->variable, (struct external_term){filter->term, slot},
                                filter->condition, compiler->compiled->slot_names[slot]);
        }
    }
    return false;
}

bool externals_take(struct compiler *compiler, struct stage *matcher, struct stage **filters)
{
    struct stage_externals *externals = compiler_allocate(compiler, 1, sizeof *externals);
    struct stage *taken = NULL;
    struct stage **taken_end = &taken;
    if (externals == NULL || compiler->compiled->calls_random) {
        return externals != NULL;
    }
    *externals = (struct stage_externals){0};
    for (struct stage **place = filters; *place != NULL;) {
        struct stage *filter = *place;
        if (take(compiler, matcher, externals, filter)) {
            *place = filter->next;
            *taken_end = filter;
            taken_end = &filter->next;
        } else {
            place = &filter->next;
        }
    }
    *taken_end = *filters;
    *filters = taken;
    externals_set(matcher, externals);
    return true;
}

void externals_set(struct stage *head, struct stage_externals *externals)
{
    if (externals->count > 0) {
        head->externals = externals;
        head->matcher->externals = externals->predicates;
        head->matcher->external_count = externals->count;
    }
}

bool external_judge_one(void *context, uint32_t index, uint32_t predicate, uint64_t id, bool *holds)
{
    struct residual *residual = context;
    const struct stage_externals *externals = residual->head->externals;
    const struct external_term *asked = &externals->terms[predicate];
    struct residual_worker *worker = residual_at(residual, index);
    if (worker == NULL || !run_continues(&worker->own.run)) {
        return false;
    }
    struct run *run = &worker->own.run;
    struct pool_mark mark = pool_mark(&run->pool);
    run->row[asked->slot] = externals->predicates[predicate].kind == PREDICATE_EDGE
                                ? value_edge(id)
                                : value_vertex((vertex_id)id);
    bool is_told = evaluate_condition(run, asked->term, holds) == STATUS_OK;
    error_clear(&worker->own.error);
    pool_release(&run->pool, mark);
    return is_told;
}
