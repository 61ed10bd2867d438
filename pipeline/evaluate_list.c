/* Evaluation of what has parts: properties, items, lists and maps, and of what walks a list. */
#include "pipeline/evaluate.h"

#include "value/operator.h"

/* Of a vertex or flow; the handle is that of its kind. */
static enum status entity_property(struct run *run, const struct term *term, struct value base,
                                   uint32_t handle, struct value *value)
{
    const struct entities *entities = run->entities;
    struct error problem;
    error_clear(&problem);
    enum status status = STATUS_OK;
    *value = value_null();
    if (handle == HANDLE_NONE && entities->is_strict) {
        status =
            entities->methods->find_property(entities, base.kind, term->name, &handle, &problem);
    }
    if (status == STATUS_OK && handle != HANDLE_NONE) {
        status = entities->methods->property(entities, base, handle, &run->pool, value, &problem);
    }
    return evaluate_placed(run, term, status, &problem);
}

enum status evaluate_property(struct run *run, const struct term *term, struct value *value)
{
    struct value base;
    TRY(evaluate(run, term->children[0], &base));
    switch (base.kind) {
    case VALUE_NULL:
        *value = base;
        return STATUS_OK;
    case VALUE_VERTEX:
        return entity_property(run, term, base, term->vertex_handle, value);
    case VALUE_EDGE:
        return entity_property(run, term, base, term->edge_handle, value);
    case VALUE_MAP: {
        const struct value *found = value_map_find(base, term->name);
        *value = found == NULL ? value_null() : *found;
        return STATUS_OK;
    }
    case VALUE_DATE:
    case VALUE_LOCAL_TIME:
    case VALUE_TIME:
    case VALUE_LOCAL_DATETIME:
    case VALUE_DATETIME:
    case VALUE_DURATION: {
        struct error problem;
        error_clear(&problem);
        enum status status = value_component(base, term->name, &run->pool, value, &problem);
        return evaluate_placed(run, term, status, &problem);
    }
    default:
        return source_error(run->source, term->place, "%s has no properties",
                            value_kind_phrase(base.kind));
    }
}

/* container[index]; of a vertex or flow, the property of that name. */
static enum status evaluate_index(struct run *run, const struct term *term, struct value *value)
{
    struct value operands[2];
    TRY(evaluate_children(run, term, operands));
    struct error problem;
    error_clear(&problem);
    enum status status = STATUS_OK;
    bool is_entity = operands[0].kind == VALUE_VERTEX || operands[0].kind == VALUE_EDGE;
    if (is_entity && operands[1].kind == VALUE_TEXT) {
        const struct entities *entities = run->entities;
        uint32_t handle = HANDLE_NONE;
        *value = value_null();
        status = entities->methods->find_property(entities, operands[0].kind,
                                                  value_text_view(operands[1]), &handle, &problem);
        if (status == STATUS_OK && handle != HANDLE_NONE) {
            status = entities->methods->property(entities, operands[0], handle, &run->pool, value,
                                                 &problem);
        }
    } else {
        status = value_index(operands[0], operands[1], value, &problem);
    }
    return evaluate_placed(run, term, status, &problem);
}

static enum status evaluate_slice(struct run *run, const struct term *term, struct value *value)
{
    struct value operands[3] = {value_null(), value_null(), value_null()};
    for (uint32_t i = 0; i < 3; i++) {
        if (term->children[i] != NULL) {
            TRY(evaluate(run, term->children[i], &operands[i]));
        }
    }
    struct error problem;
    error_clear(&problem);
    enum status status = value_slice(operands[0], term->children[1] != NULL, operands[1],
                                     term->children[2] != NULL, operands[2], value, &problem);
    return evaluate_placed(run, term, status, &problem);
}

/* Of lists that hold the same few again and again, those at the front tell. */
enum { WIDTH_LOOKED_AT = 16 };

static enum status check_bounds(struct run *run, struct value value, uint32_t width)
{
    return value_is_bounded(value, width)
               ? STATUS_OK
               : error_set(run->source->error, STATUS_LIMIT,
                           "lists and maps lie more than %d deep in one another, or there are more "
                           "than %d of them in one value",
                           VALUE_DEPTH_MAX, (int)VALUE_CONTAINERS_MAX);
}

static enum status evaluate_list(struct run *run, const struct term *term, struct value *value)
{
    struct value *items =
        pool_allocate(&run->pool, term->child_count, sizeof *items, run->source->error);
    if (items == NULL) {
        return run->source->error->status;
    }
    TRY(evaluate_children(run, term, items));
    *value = value_list_of(items, term->child_count);
    return check_bounds(run, *value, WIDTH_LOOKED_AT);
}

static enum status evaluate_map(struct run *run, const struct term *term, struct value *value)
{
    struct value_entry *entries =
        pool_allocate(&run->pool, term->child_count, sizeof *entries, run->source->error);
    if (entries == NULL) {
        return run->source->error->status;
    }
    for (uint32_t i = 0; i < term->child_count; i++) {
        entries[i].key = term->keys[i].text;
        TRY(evaluate(run, term->children[i], &entries[i].value));
    }
    *value = pool_map_of(entries, term->child_count);
    return check_bounds(run, *value, WIDTH_LOOKED_AT);
}

/* variable:A:B: all labels of a vertex, or the one type of a flow. */
static enum status evaluate_labels(struct run *run, const struct term *term, struct value *value)
{
    struct value base;
    TRY(evaluate(run, term->children[0], &base));
    if (base.kind == VALUE_NULL) {
        *value = base;
        return STATUS_OK;
    }
    if (base.kind != VALUE_VERTEX && base.kind != VALUE_EDGE) {
        return source_error(run->source, term->place, "%s has no labels",
                            value_kind_phrase(base.kind));
    }
    const uint32_t *handles =
        base.kind == VALUE_VERTEX ? term->labels : term->labels + term->label_count;
    bool holds = true;
    for (uint32_t i = 0; holds && i < term->label_count; i++) {
        holds = handles[i] != HANDLE_NONE &&
                run->entities->methods->has_label(run->entities, base, handles[i]);
    }
    *value = value_bool(holds);
    return STATUS_OK;
}

/* The list that a comprehension, a quantifier or reduce walks; a single value is no list. */
static enum status walked_list(struct run *run, const struct term *term, struct value *list)
{
    TRY(evaluate(run, term->children[0], list));
    if (list->kind != VALUE_LIST && list->kind != VALUE_NULL) {
        return source_error(run->source, term->children[0]->place, "a list is wanted here, not %s",
                            value_kind_phrase(list->kind));
    }
    return STATUS_OK;
}

static enum status evaluate_comprehension(struct run *run, const struct term *term,
                                          struct value *value)
{
    struct value list;
    TRY(walked_list(run, term, &list));
    if (list.kind == VALUE_NULL) {
        *value = list;
        return STATUS_OK;
    }
    struct list_builder builder = {.pool = &run->pool};
    for (uint32_t i = 0; i < list.count; i++) {
        struct value item = list.items[i];
        bool passes = true;
        run->row[term->slot] = item;
        if (!run_continues(run)) {
            return stop_error(run->stop, "running the query", run->source->error);
        }
        if (term->children[1] != NULL) {
            TRY(evaluate_condition(run, term->children[1], &passes));
        }
        if (passes && term->children[2] != NULL) {
            TRY(evaluate(run, term->children[2], &item));
        }
        if (passes) {
            TRY(list_add(&builder, item, run->source->error));
        }
    }
    *value = list_finish(&builder);
    return check_bounds(run, *value, WIDTH_LOOKED_AT);
}

/* How many items make the condition true, and how many null. */
struct tally {
    uint32_t trues;
    uint32_t nulls;
    uint32_t count;
};

static enum status tally_list(struct run *run, const struct term *term, struct value list,
                              struct tally *tally)
{
    tally->count = list.count;
    for (uint32_t i = 0; i < list.count; i++) {
        struct value truth;
        run->row[term->slot] = list.items[i];
        if (!run_continues(run)) {
            return stop_error(run->stop, "running the query", run->source->error);
        }
        TRY(evaluate(run, term->children[1], &truth));
        if (truth.kind != VALUE_BOOL && truth.kind != VALUE_NULL) {
            return source_error(run->source, term->children[1]->place,
                                "this has to be true or false, but is %s",
                                value_kind_phrase(truth.kind));
        }
        tally->trues += value_is_true(truth);
        tally->nulls += value_is_null(truth);
    }
    return STATUS_OK;
}

static struct value judge(enum ast_kind kind, struct tally tally)
{
    uint32_t falses = tally.count - tally.trues - tally.nulls;
    switch (kind) {
    case AST_ALL:
        return falses > 0 ? value_bool(false) : tally.nulls > 0 ? value_null() : value_bool(true);
    case AST_ANY:
        return tally.trues > 0   ? value_bool(true)
               : tally.nulls > 0 ? value_null()
                                 : value_bool(false);
    case AST_NONE:
        return tally.trues > 0   ? value_bool(false)
               : tally.nulls > 0 ? value_null()
                                 : value_bool(true);
    default:
        return tally.trues > 1   ? value_bool(false)
               : tally.nulls > 0 ? value_null()
                                 : value_bool(tally.trues == 1);
    }
}

static enum status evaluate_quantifier(struct run *run, const struct term *term,
                                       struct value *value)
{
    struct value list;
    TRY(walked_list(run, term, &list));
    if (list.kind == VALUE_NULL) {
        *value = list;
        return STATUS_OK;
    }
    struct tally tally = {0};
    TRY(tally_list(run, term, list, &tally));
    *value = judge(term->kind, tally);
    return STATUS_OK;
}

enum { REDUCE_STEPS = 64 };

/* Gives back everything made since the mark but the value. */
static enum status keep_only(struct run *run, struct pool_mark mark, struct value *value)
{
    struct error *error = run->source->error;
    struct pool spare = {.budget = run->pool.budget, .stop = run->stop};
    struct value copy;
    enum status status = pool_copy(&spare, *value, &copy, error);
    if (status == STATUS_OK) {
        pool_release(&run->pool, mark);
        status = pool_copy(&run->pool, copy, value, error);
    }
    pool_close(&spare);
    return status;
}

static enum status evaluate_reduce(struct run *run, const struct term *term, struct value *value)
{
    struct value list;
    TRY(walked_list(run, term, &list));
    struct pool_mark mark = pool_mark(&run->pool);
    TRY(evaluate(run, term->children[1], value));
    if (list.kind == VALUE_NULL) {
        *value = list;
        return STATUS_OK;
    }
    for (uint32_t i = 0; i < list.count; i++) {
        run->row[term->accumulator] = *value;
        run->row[term->slot] = list.items[i];
        if (!run_continues(run)) {
            return stop_error(run->stop, "running the query", run->source->error);
        }
        TRY(evaluate(run, term->children[2], value));
        TRY(check_bounds(run, *value, UINT32_MAX));
        if (i % REDUCE_STEPS == REDUCE_STEPS - 1) {
            TRY(keep_only(run, mark, value));
        }
    }
    return STATUS_OK;
}

enum status evaluate_container(struct run *run, const struct term *term, struct value *value)
{
    switch (term->kind) {
    case AST_INDEX:
        return evaluate_index(run, term, value);
    case AST_SLICE:
        return evaluate_slice(run, term, value);
    case AST_LIST:
        return evaluate_list(run, term, value);
    case AST_MAP:
        return evaluate_map(run, term, value);
    case AST_LABELS:
        return evaluate_labels(run, term, value);
    case AST_COMPREHENSION:
        return evaluate_comprehension(run, term, value);
    case AST_ALL:
    case AST_ANY:
    case AST_NONE:
    case AST_SINGLE:
        return evaluate_quantifier(run, term, value);
    case AST_REDUCE:
        return evaluate_reduce(run, term, value);
    default:
        return evaluate_query(run, term, value);
    }
}
