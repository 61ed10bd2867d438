/* Queries: branches and clauses, in order, so that a clause sees only what stands before it. */
#include "pipeline/compile.h"

#include <time.h>

#include "base/memory.h"
#include "pipeline/head.h"
#include "pipeline/section.h"
#include "query/bound.h"

enum { STAGES_MAX = 1000, STEPS_MAX = 2000 };

struct stage *new_stage(struct compiler *compiler, enum stage_kind kind, uint32_t place,
                        struct stage ***end)
{
    struct stage *stage = compiler_allocate(compiler, 1, sizeof *stage);
    if (stage != NULL) {
        *stage = (struct stage){
            .kind = kind, .place = place, .index = compiler->compiled->stage_count++};
        **end = stage;
        *end = &stage->next;
    }
    return stage;
}

static bool compile_match(struct compiler *compiler, const struct ast_clause *clause,
                          struct stage ***end)
{
    struct stage *stage = new_stage(compiler, STAGE_MATCH, clause->span.begin, end);
    if (stage == NULL) {
        return false;
    }
    stage->span = clause->span;
    stage->is_optional = clause->is_optional;
    stage->pattern = compile_pattern(compiler, clause->pattern, clause->where);
    return stage->pattern != NULL;
}

static bool compile_unwind(struct compiler *compiler, const struct ast_clause *clause,
                           struct stage ***end)
{
    compiler->no_aggregates = "UNWIND";
    struct term *list = compile_term(compiler, clause->list);
    compiler->no_aggregates = NULL;
    struct stage *stage =
        list == NULL ? NULL : new_stage(compiler, STAGE_UNWIND, clause->span.begin, end);
    if (stage == NULL) {
        return false;
    }
    if (scope_find(&compiler->scope, clause->alias.text) != NULL) {
        (void)source_error(compiler->source, clause->alias.span.begin,
                           "there is a variable `%.*s` already", source_shown(clause->alias.text),
                           clause->alias.text.data);
        return false;
    }
    stage->term = list;
    stage->slot = compiler_new_slot(compiler);
    return scope_add(compiler, clause->alias.text, stage->slot, term_item_kind(list));
}

static bool compile_clause(struct compiler *compiler, const struct ast_clause *clause,
                           struct stage ***end)
{
    switch (clause->kind) {
    case AST_MATCH:
        return compile_match(compiler, clause, end);
    case AST_UNWIND:
        return compile_unwind(compiler, clause, end);
    case AST_WITH:
    case AST_RETURN:
        return compile_projection(compiler, clause, end);
    case AST_CREATE:
        break;
    }
    (void)source_error(compiler->source, clause->span.begin,
                       "CREATE is not supported: gyre reads graphs and does not change them");
    return false;
}

static bool compile_clauses(struct compiler *compiler, const struct ast_branch *branch,
                            bool is_whole, struct compiled_clause *clauses)
{
    bool is_returned = false;
    struct stage **end = clauses[0].first;
    for (uint32_t i = 0; i < branch->count; i++) {
        const struct ast_clause *clause = branch->clauses[i];
        if (is_returned) {
            (void)source_error(compiler->source, clause->span.begin,
                               "RETURN ends a query: nothing may stand behind it");
            return false;
        }
        clauses[i].first = end;
        if (!compile_clause(compiler, clause, &end) ||
            !scope_copy(compiler, &clauses[i].scope, &compiler->scope)) {
            return false;
        }
        is_returned = clause->kind == AST_RETURN;
    }
    clauses[branch->count].first = end;
    if (is_whole && !is_returned) {
        (void)source_error(compiler->source,
                           branch->count == 0 ? 0 : branch->clauses[branch->count - 1]->span.end,
                           "the query has to end with RETURN");
        return false;
    }
    return true;
}

static bool is_reached(const struct stage *from, const struct stage *stage)
{
    while (from != NULL && from != stage) {
        from = from->next;
    }
    return from != NULL;
}

/* The end of a clause without the WHERE behind a WITH, which is a filter. */
static uint32_t last_end(const struct compiler *compiler, const struct ast_clause *clause)
{
    static const char word[] = "WHERE";
    const char *text = compiler->source->text.data;
    if (clause->kind != AST_WITH || clause->where == NULL) {
        return clause->span.end;
    }
    uint32_t end = clause->where->span.begin - (uint32_t)(sizeof word - 1);
    while (end > clause->span.begin &&
           !bytes_equal_ignoring_case(bytes_view(text + end, sizeof word - 1), bytes_of(word))) {
        end--;
    }
    return end > clause->span.begin ? end : clause->span.end;
}

/* A head does the clauses up to the first one that has its stages still. */
static void set_head_span(const struct compiler *compiler, const struct ast_branch *branch,
                          const struct compiled_clause *clauses, struct stage *head)
{
    if (head == NULL ||
        (head->kind != STAGE_MATCHER && head->kind != STAGE_CYCLES && head->kind != STAGE_ENDS)) {
        return;
    }
    uint32_t taken = 1;
    while (taken < branch->count && !is_reached(head, *clauses[taken].first)) {
        taken++;
    }
    head->span.begin = branch->clauses[0]->span.begin;
    head->span.end = last_end(compiler, branch->clauses[taken - 1]);
}

/* A row goes through stages, and a match through steps, one inside another on the stack. */
static bool check_depth(const struct compiler *compiler, const struct ast_branch *branch,
                        uint32_t stages_before, uint32_t steps_before)
{
    const struct compiled *compiled = compiler->compiled;
    if (compiled->stage_count - stages_before <= STAGES_MAX &&
        compiled->step_count - steps_before <= STEPS_MAX) {
        return true;
    }
    (void)source_error(compiler->source, branch->clauses[0]->span.begin,
                       "this takes more than %d steps, or patterns of more than %d elements "
                       "together: divide it with INTO into several queries",
                       STAGES_MAX, STEPS_MAX);
    return false;
}

bool compile_branch(struct compiler *compiler, const struct ast_branch *branch, bool is_whole,
                    struct stage **first)
{
    uint32_t stages_before = compiler->compiled->stage_count;
    uint32_t steps_before = compiler->compiled->step_count;
    struct compiled_clause *clauses =
        compiler_allocate(compiler, branch->count + 1, sizeof *clauses);
    *first = NULL;
    if (clauses == NULL) {
        return false;
    }
    clauses[0].first = first;
    if (!compile_clauses(compiler, branch, is_whole, clauses) ||
        !check_depth(compiler, branch, stages_before, steps_before)) {
        return false;
    }
    if (is_whole && compiler->entities->has_columns && !compile_head(compiler, branch, clauses)) {
        return false;
    }
    set_head_span(compiler, branch, clauses, *first);
    return true;
}

/* The columns of a branch are what is in scope behind its RETURN; all branches have the same. */
static bool set_columns(struct compiler *compiler, const struct ast_query *query, uint32_t branch)
{
    struct compiled *compiled = compiler->compiled;
    const struct scope *scope = &compiler->scope;
    uint32_t *slots = compiler_allocate(compiler, scope->count, sizeof *slots);
    if (branch == 0) {
        compiled->names = compiler_allocate(compiler, scope->count, sizeof(char *));
        compiled->column_count = scope->count;
    }
    if (slots == NULL || compiled->names == NULL) {
        return false;
    }
    bool is_same = scope->count == compiled->column_count;
    for (uint32_t i = 0; is_same && i < scope->count; i++) {
        struct bytes name = scope->variables[i].name;
        if (branch == 0) {
            compiled->names[i] = chain_copy(compiler->memory, name.data, name.size);
            if (compiled->names[i] == NULL) {
                (void)source_error_memory(compiler->source);
                return false;
            }
        }
        is_same = bytes_equal(bytes_of(compiled->names[i]), name);
        slots[i] = scope->variables[i].slot;
    }
    if (!is_same) {
        (void)source_error(compiler->source, query->branches[branch]->union_span.begin,
                           "both sides of UNION have to return columns of the same names");
    }
    compiled->columns[branch] = slots;
    return is_same;
}

static bool check_union(struct compiler *compiler, const struct ast_query *query, uint32_t branch)
{
    if (branch < 2 || query->branches[branch]->is_all == query->branches[1]->is_all) {
        return true;
    }
    (void)source_error(compiler->source, query->branches[branch]->union_span.begin,
                       "UNION and UNION ALL cannot be mixed in one query");
    return false;
}

static bool compile_branches(struct compiler *compiler, const struct ast_query *query)
{
    struct compiled *compiled = compiler->compiled;
    compiled->branches = compiler_allocate(compiler, query->count, sizeof(struct stage *));
    compiled->columns = compiler_allocate(compiler, query->count, sizeof(uint32_t *));
    if (compiled->branches == NULL || compiled->columns == NULL) {
        return false;
    }
    compiled->is_distinct = query->count > 1 && !query->branches[1]->is_all;
    for (uint32_t i = 0; i < query->count; i++) {
        compiler->scope = (struct scope){0};
        if (!check_union(compiler, query, i) ||
            !compile_branch(compiler, query->branches[i], true, &compiled->branches[i]) ||
            !set_columns(compiler, query, i)) {
            return false;
        }
        compiled->branch_count++;
    }
    for (uint32_t i = 0; i < query->count; i++) { /* rand() may be anywhere */
        if (!compile_sections(compiler, compiled->branches[i], compiled->columns[i],
                              compiled->column_count)) {
            return false;
        }
    }
    return true;
}

static struct value_instant current_time(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (struct value_instant){.seconds = now.tv_sec, .nanoseconds = (uint32_t)now.tv_nsec};
}

static bool open_profile(struct compiler *compiler)
{
    struct compiled *compiled = compiler->compiled;
    struct profile *profile = compiler_allocate(compiler, 1, sizeof *profile);
    compiled->profile = profile;
    if (profile == NULL) {
        return false;
    }
    profile->stage_count = compiled->stage_count;
    profile->step_count = compiled->step_count;
    profile->stages =
        compiler_allocate(compiler, (size_t)compiled->stage_count + 1, sizeof *profile->stages);
    profile->step_rows =
        compiler_allocate(compiler, compiled->step_count, sizeof *profile->step_rows);
    return profile->stages != NULL && profile->step_rows != NULL;
}

enum status compile_query(struct compiled **compiled, const struct ast_query *query,
                          const struct source *source, const struct entities *entities,
                          struct value parameters)
{
    struct compiled *made = memory_allocate(1, sizeof *made);
    *compiled = NULL;
    if (made == NULL) {
        return source_error_memory(source);
    }
    made->entities = entities;
    made->source = *source;
    made->now = current_time();
    struct compiler compiler = {.compiled = made,
                                .source = source,
                                .memory = &made->memory,
                                .entities = entities,
                                .parameters = parameters,
                                .binds_in_patterns = true};
    bool is_compiled = compile_branches(&compiler, query);
    if (!is_compiled || !open_profile(&compiler)) {
        compiled_close(made);
        return source->error->status;
    }
    *compiled = made;
    return STATUS_OK;
}

void compiled_close(struct compiled *compiled)
{
    if (compiled != NULL) {
        for (struct stage *stage = compiled->matchers; stage != NULL; stage = stage->next_matcher) {
            query_close(stage->matcher);
        }
        chain_close(&compiled->memory);
        pool_close(&compiled->constants);
        memory_free(compiled);
    }
}

uint32_t compiled_column_count(const struct compiled *compiled)
{
    return compiled->column_count;
}

const char *compiled_column_name(const struct compiled *compiled, uint32_t column)
{
    return compiled->names[column];
}
