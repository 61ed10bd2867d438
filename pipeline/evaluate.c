/* Evaluation of terms: literals, variables, logic, comparisons, containers. What walks lists is in
 * evaluate_list.c, what runs patterns and subqueries in evaluate_query.c. */
#include "pipeline/evaluate.h"

#include "base/check.h"
#include "value/compare.h"
#include "value/members.h"
#include "value/operator.h"

/* An operator over two values that may fail. */
typedef enum status binary_operator(struct value left, struct value right, struct pool *pool,
                                    struct value *result, struct error *error);

enum status evaluate_error(struct run *run, const struct term *term, const char *text)
{
    return source_error(run->source, term->place, "%s", text);
}

enum status evaluate_placed(struct run *run, const struct term *term, enum status status,
                            const struct error *problem)
{
    if (status == STATUS_OK) {
        return STATUS_OK;
    }
    if (status != STATUS_USAGE) {
        return error_set(run->source->error, status, "%s", problem->text);
    }
    return evaluate_error(run, term, problem->text);
}

enum status evaluate_children(struct run *run, const struct term *term, struct value *values)
{
    for (uint32_t i = 0; i < term->child_count; i++) {
        TRY(evaluate(run, term->children[i], &values[i]));
    }
    return STATUS_OK;
}

/* What is neither true, false nor null cannot be an operand of logic. */
static enum status evaluate_truth(struct run *run, const struct term *term, struct value *value)
{
    TRY(evaluate(run, term, value));
    if (value->kind != VALUE_BOOL && value->kind != VALUE_NULL) {
        return source_error(run->source, term->place, "this has to be true or false, but is %s",
                            value_kind_phrase(value->kind));
    }
    return STATUS_OK;
}

/* AND is decided by a false, OR by a true; null stands where nothing decides. */
static enum status evaluate_decided(struct run *run, const struct term *term, bool decider,
                                    struct value *value)
{
    bool has_null = false;
    for (uint32_t i = 0; i < term->child_count; i++) {
        TRY(evaluate_truth(run, term->children[i], value));
        if (value->kind == VALUE_NULL) {
            has_null = true;
        } else if ((value->integer != 0) == decider) {
            return STATUS_OK;
        }
    }
    *value = has_null ? value_null() : value_bool(!decider);
    return STATUS_OK;
}

static enum status evaluate_xor(struct run *run, const struct term *term, struct value *value)
{
    bool result = false;
    bool has_null = false;
    for (uint32_t i = 0; i < term->child_count; i++) {
        TRY(evaluate_truth(run, term->children[i], value));
        has_null = has_null || value->kind == VALUE_NULL;
        result ^= value_is_true(*value);
    }
    *value = has_null ? value_null() : value_bool(result);
    return STATUS_OK;
}

static enum status evaluate_not(struct run *run, const struct term *term, struct value *value)
{
    TRY(evaluate_truth(run, term->children[0], value));
    if (value->kind == VALUE_BOOL) {
        value->integer = value->integer == 0;
    }
    return STATUS_OK;
}

static struct value compare(enum ast_kind kind, struct value left, struct value right,
                            struct stop *stop)
{
    switch (kind) {
    case AST_LESS:
        return value_compare(COMPARE_LESS, left, right, stop);
    case AST_LESS_EQUAL:
        return value_compare(COMPARE_LESS_EQUAL, left, right, stop);
    case AST_GREATER:
        return value_compare(COMPARE_GREATER, left, right, stop);
    case AST_GREATER_EQUAL:
        return value_compare(COMPARE_GREATER_EQUAL, left, right, stop);
    case AST_STARTS_WITH:
        return value_starts_with(left, right);
    case AST_ENDS_WITH:
        return value_ends_with(left, right);
    case AST_CONTAINS:
        return value_contains(left, right);
    default:
        break;
    }
    struct value equal = value_equal(left, right, stop);
    if (kind == AST_NOT_EQUAL && equal.kind == VALUE_BOOL) {
        equal.integer = equal.integer == 0;
    }
    return equal;
}

static enum status evaluate_comparison(struct run *run, const struct term *term,
                                       struct value *value)
{
    struct value operands[2];
    TRY(evaluate_children(run, term, operands));
    *value = compare(term->kind, operands[0], operands[1], run->stop);
    return pool_poll_compared(&run->pool, operands[0], run->source->error);
}

static enum status evaluate_arithmetic(struct run *run, const struct term *term,
                                       struct value *value)
{
    static binary_operator *const operators[] = {
        [AST_ADD] = value_add,
        [AST_SUBTRACT] = value_subtract,
        [AST_MULTIPLY] = value_multiply,
        [AST_DIVIDE] = value_divide,
        [AST_REMAINDER] = value_remainder,
        [AST_POWER] = value_power,
    };
    struct value operands[2];
    TRY(evaluate_children(run, term, operands));
    struct error problem;
    error_clear(&problem);
    enum status status =
        operators[term->kind](operands[0], operands[1], &run->pool, value, &problem);
    return evaluate_placed(run, term, status, &problem);
}

static enum status evaluate_in(struct run *run, const struct term *term, struct value *value)
{
    struct value operands[2];
    if (term->members != NULL) {
        TRY(evaluate(run, term->children[0], value));
        *value = members_has(term->members, *value);
        return STATUS_OK;
    }
    TRY(evaluate_children(run, term, operands));
    if (operands[1].kind == VALUE_NULL) {
        *value = value_null();
        return STATUS_OK;
    }
    if (operands[1].kind != VALUE_LIST) {
        return source_error(run->source, term->children[1]->place, "IN wants a list, not %s",
                            value_kind_phrase(operands[1].kind));
    }
    *value = value_in(operands[0], operands[1], run->stop);
    return pool_poll(&run->pool, run->source->error);
}

static enum status evaluate_sign(struct run *run, const struct term *term, struct value *value)
{
    struct value operand;
    TRY(evaluate(run, term->children[0], &operand));
    if (term->kind == AST_PLUS) {
        *value = operand;
        return STATUS_OK;
    }
    struct error problem;
    error_clear(&problem);
    enum status status = value_negate(operand, &run->pool, value, &problem);
    return evaluate_placed(run, term, status, &problem);
}

static enum status evaluate_matches(struct run *run, const struct term *term, struct value *value)
{
    struct value operands[2];
    TRY(evaluate_children(run, term, operands));
    struct error problem;
    error_clear(&problem);
    enum status status = value_matches(operands[0], operands[1], run->stop, value, &problem);
    return evaluate_placed(run, term, status, &problem);
}

static enum status evaluate_null_test(struct run *run, const struct term *term, struct value *value)
{
    TRY(evaluate(run, term->children[0], value));
    *value = value_bool(value_is_null(*value) == (term->kind == AST_IS_NULL));
    return STATUS_OK;
}

static enum status evaluate_call(struct run *run, const struct term *term, struct value *value)
{
    struct value few[4];
    struct value *arguments = few;
    struct error problem;
    error_clear(&problem);
    if (term->child_count > 4) {
        arguments =
            pool_allocate(&run->pool, term->child_count, sizeof *arguments, run->source->error);
        if (arguments == NULL) {
            return run->source->error->status;
        }
    }
    TRY(evaluate_children(run, term, arguments));
    run->call.error = &problem;
    enum status status = term->function->call(&run->call, arguments, term->child_count, value);
    return evaluate_placed(run, term, status, &problem);
}

/* CASE x WHEN ...: the first equal value; CASE WHEN ...: the first condition that is true. */
static enum status evaluate_case(struct run *run, const struct term *term, struct value *value)
{
    struct value operand = value_null();
    if (term->children[0] != NULL) {
        TRY(evaluate(run, term->children[0], &operand));
    }
    uint32_t last = term->child_count - 1;
    for (uint32_t i = 1; i < last; i += 2) {
        struct value when;
        if (term->children[0] != NULL) {
            TRY(evaluate(run, term->children[i], &when));
            when = value_equal(operand, when, run->stop);
            TRY(pool_poll_compared(&run->pool, operand, run->source->error));
        } else {
            TRY(evaluate_truth(run, term->children[i], &when));
        }
        if (value_is_true(when)) {
            return evaluate(run, term->children[i + 1], value);
        }
    }
    *value = value_null();
    return term->children[last] == NULL ? STATUS_OK : evaluate(run, term->children[last], value);
}

enum status evaluate_condition(struct run *run, const struct term *term, bool *holds)
{
    struct value value;
    TRY(evaluate_truth(run, term, &value));
    *holds = value_is_true(value);
    return STATUS_OK;
}

static enum status evaluate_kind(struct run *run, const struct term *term, struct value *value)
{
    switch (term->kind) {
    case AST_NULL:
        *value = term->literal;
        return STATUS_OK;
    case AST_VARIABLE:
        *value = run->row[term->slot];
        return STATUS_OK;
    case AST_PROPERTY:
        return evaluate_property(run, term, value);
    case AST_CALL:
        return evaluate_call(run, term, value);
    case AST_AND:
    case AST_OR:
        return evaluate_decided(run, term, term->kind == AST_OR, value);
    case AST_XOR:
        return evaluate_xor(run, term, value);
    case AST_NOT:
        return evaluate_not(run, term, value);
    case AST_IS_NULL:
    case AST_IS_NOT_NULL:
        return evaluate_null_test(run, term, value);
    case AST_NEGATE:
    case AST_PLUS:
        return evaluate_sign(run, term, value);
    case AST_ADD:
    case AST_SUBTRACT:
    case AST_MULTIPLY:
    case AST_DIVIDE:
    case AST_REMAINDER:
    case AST_POWER:
        return evaluate_arithmetic(run, term, value);
    case AST_IN:
        return evaluate_in(run, term, value);
    case AST_MATCHES:
        return evaluate_matches(run, term, value);
    case AST_CASE:
        return evaluate_case(run, term, value);
    case AST_EQUAL:
    case AST_NOT_EQUAL:
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
        return evaluate_comparison(run, term, value);
    default:
        return evaluate_container(run, term, value);
    }
}

/* Whatever is done with a value of so many items or bytes takes so long that the stop is looked at
 * each time. */
enum { LARGE_COUNT = 4096 };

enum status evaluate(struct run *run, const struct term *term, struct value *value)
{
    TRY(evaluate_kind(run, term, value));
    bool has_count =
        value->kind == VALUE_LIST || value->kind == VALUE_TEXT || value->kind == VALUE_MAP;
    if (LIKELY(!has_count || value->count < LARGE_COUNT) || !stop_poll(run->stop)) {
        return STATUS_OK;
    }
    return stop_error(run->stop, "running the query", run->source->error);
}
