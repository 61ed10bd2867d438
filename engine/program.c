/* Compiles an expression into a program; see engine/program.h. */
#include "engine/program.h"

#include "base/check.h"

/* While compiling. */
struct compiler {
    struct program *program;
    const struct bound_query *query;
    struct arena *arena;
    bool is_out_of_memory;
};

static uint64_t expression_count(const struct bound_query *query,
                                 const struct expression *expression);
static void compile(struct compiler *compiler, const struct expression *expression,
                    uint32_t result);
static bool makes_text(const struct bound_query *query, const struct expression *expression);

enum status program_build(struct program **program, const struct bound_query *query,
                          const struct expression *expression, struct arena *arena,
                          struct error *error)
{
    struct program *built = arena_allocate_zeroed(arena, 1, sizeof *built);
    if (built == NULL) {
        return arena_error(arena, "compiling an expression", error);
    }
    built->query = query;
    built->type = expression->type;
    built->makes_text = makes_text(query, expression);
    built->operations = arena_allocate_zeroed(arena, expression_count(query, expression),
                                              sizeof *built->operations);
    if (built->operations == NULL) {
        return arena_error(arena, "compiling an expression", error);
    }
    struct compiler compiler = {.program = built, .query = query, .arena = arena};
    compile(&compiler, expression, 0);
    if (compiler.is_out_of_memory) {
        return arena_error(arena, "compiling an expression", error);
    }
    *program = built;
    return STATUS_OK;
}

static const struct expression *resolve(const struct bound_query *query,
                                        const struct expression *expression)
{
    return expression->kind == EXPRESSION_OUTPUT ? query->outputs[expression->variable].expression
                                                 : expression;
}

/* At most two operations a node: a negation brings a constant. */
static uint64_t expression_count(const struct bound_query *query,
                                 const struct expression *expression)
{
    expression = resolve(query, expression);
    uint64_t count = 2;
    for (uint32_t i = 0; i < expression->child_count; i++) {
        count += expression_count(query, expression->children[i]);
    }
    return count;
}

static bool makes_text(const struct bound_query *query, const struct expression *expression)
{
    expression = resolve(query, expression);
    return expression->kind == EXPRESSION_TO_TEXT ||
           (expression->kind == EXPRESSION_ADD && expression->type == TYPE_TEXT);
}

static const struct dictionary *dictionary_of(const struct compiler *compiler,
                                              const struct expression *expression)
{
    return &compiler->query->edges[expression->variable].frame->dictionaries[expression->property];
}

static struct operation *emit(struct compiler *compiler, enum operation_code code,
                              const struct expression *expression, uint32_t result)
{
    struct program *program = compiler->program;
    struct operation *operation = &program->operations[program->operation_count++];
    operation->code = code;
    operation->result = result;
    operation->expression = expression;
    operation->variable = expression->variable;
    operation->property = expression->property;
    if (program->register_count < result + 1) {
        program->register_count = result + 1;
    }
    return operation;
}

static void emit_literal(struct compiler *compiler, const struct expression *expression,
                         bool is_null, union lane value, uint32_t result)
{
    struct operation *operation = emit(compiler, OPERATION_LITERAL, expression, result);
    operation->is_null = is_null;
    operation->literal = value;
}

static void compile_children(struct compiler *compiler, const struct expression *expression,
                             uint32_t result)
{
    for (uint32_t i = 0; i < expression->child_count; i++) {
        compile(compiler, expression->children[i], result + i);
    }
}

/* AND and OR of any number of operands, folded from the left. */
static void compile_logic(struct compiler *compiler, const struct expression *expression,
                          uint32_t result)
{
    compile(compiler, expression->children[0], result);
    for (uint32_t i = 1; i < expression->child_count; i++) {
        compile(compiler, expression->children[i], result + 1);
        emit(compiler, expression->kind == EXPRESSION_AND ? OPERATION_AND : OPERATION_OR,
             expression, result);
    }
}

static void compile_negate(struct compiler *compiler, const struct expression *expression,
                           uint32_t result)
{
    if (expression->type == TYPE_FLOAT) {
        compile(compiler, expression->children[0], result);
        emit_literal(compiler, expression, false, (union lane){.real = -1.0}, result + 1);
        emit(compiler, OPERATION_PLAIN, expression, result)->plain =
            plain_function_of(EXPRESSION_MULTIPLY, TYPE_FLOAT);
        return;
    }
    emit_literal(compiler, expression, false, (union lane){.integer = 0}, result);
    compile(compiler, expression->children[0], result + 1);
    emit(compiler, OPERATION_CHECKED, expression, result)->checked =
        checked_function_of(EXPRESSION_SUBTRACT, TYPE_INTEGER);
}

static void compile_table(struct compiler *compiler, const struct expression *expression,
                          uint32_t result)
{
    const struct expression *column = expression->children[0];
    emit(compiler, OPERATION_CODE, column, result);
    struct operation *operation = emit(compiler, OPERATION_CODE_TABLE, expression, result);
    operation->table = code_table_of(dictionary_of(compiler, column), expression, compiler->arena);
    if (operation->table == NULL) {
        compiler->is_out_of_memory = true;
    }
}

/* A text column against a literal, or against the same column of another flow: on codes. */
static bool compile_codes(struct compiler *compiler, const struct expression *expression,
                          uint32_t result)
{
    const struct expression *left = expression->children[0];
    const struct expression *right = expression->children[1];
    enum expression_kind kind = expression->kind;
    if (comparison_is(kind) && operand_is_text_column(right) && operand_is_literal(left)) {
        const struct expression *exchanged = left;
        left = right;
        right = exchanged;
        kind = comparison_flipped(kind);
    }
    if (!operand_is_text_column(left)) {
        return false;
    }
    const struct dictionary *dictionary = dictionary_of(compiler, left);
    if (comparison_is(kind) && operand_is_text_column(right) &&
        dictionary_of(compiler, right) == dictionary) {
        emit(compiler, OPERATION_CODE, left, result);
        emit(compiler, OPERATION_CODE, right, result + 1);
        emit(compiler, OPERATION_PLAIN, expression, result)->plain =
            plain_function_of(kind, TYPE_INTEGER);
        return true;
    }
    struct code_range range;
    if (!operand_is_literal(right)) {
        return false;
    }
    if (!code_range_of(&range, dictionary, kind, right->literal.text)) {
        compile_table(compiler, expression, result);
        return true;
    }
    emit(compiler, OPERATION_CODE, left, result);
    struct operation *operation = emit(compiler, OPERATION_CODE_RANGE, expression, result);
    operation->range_first = range.first;
    operation->range_count = range.count;
    operation->is_inverted = range.is_inverted;
    return true;
}

static void compile_comparison(struct compiler *compiler, const struct expression *expression,
                               uint32_t result)
{
    enum type type = expression->children[0]->type;
    if (type == TYPE_TEXT && compile_codes(compiler, expression, result)) {
        return;
    }
    compile_children(compiler, expression, result);
    if (type == TYPE_TEXT) {
        emit(compiler, OPERATION_TEXT, expression, result)->text =
            text_function_of(expression->kind);
    } else if (type == TYPE_ADDRESS) {
        emit(compiler, OPERATION_ADDRESS, expression, result)->comparison = expression->kind;
    } else {
        plain_function function = plain_function_of(expression->kind, type);
        CHECK(function != NULL);
        emit(compiler, OPERATION_PLAIN, expression, result)->plain = function;
    }
}

static void compile_arithmetic(struct compiler *compiler, const struct expression *expression,
                               uint32_t result)
{
    const struct expression *left = expression->children[0];
    const struct expression *right = expression->children[1];
    if (expression->type == TYPE_TEXT) {
        compile_children(compiler, expression, result);
        emit(compiler, OPERATION_CONCATENATE, expression, result);
        return;
    }
    if (expression->type == TYPE_FLOAT) {
        compile_children(compiler, expression, result);
        emit(compiler, OPERATION_PLAIN, expression, result)->plain =
            plain_function_of(expression->kind, TYPE_FLOAT);
        return;
    }
    /* A number times a duration, the other way round. */
    if (left->type == TYPE_FLOAT) {
        const struct expression *exchanged = left;
        left = right;
        right = exchanged;
    }
    compile(compiler, left, result);
    compile(compiler, right, result + 1);
    checked_function function = checked_function_of(expression->kind, right->type);
    CHECK(function != NULL);
    emit(compiler, OPERATION_CHECKED, expression, result)->checked = function;
}

static void compile_in(struct compiler *compiler, const struct expression *expression,
                       uint32_t result)
{
    const struct expression *value = expression->children[0];
    bool has_null = false;
    for (uint32_t i = 1; i < expression->child_count; i++) {
        has_null = has_null || expression->children[i]->type == TYPE_NULL;
    }
    if (operand_is_text_column(value) && !has_null && expression->child_count > 1) {
        compile_table(compiler, expression, result);
        return;
    }
    compile(compiler, value, result);
    struct operation *operation = emit(compiler, OPERATION_SET, expression, result);
    struct literal_set *set = &operation->set;
    set->type = value->type;
    set->has_null = has_null;
    set->values = arena_allocate(compiler->arena, expression->child_count, sizeof *set->values);
    if (set->values == NULL) {
        compiler->is_out_of_memory = true;
        return;
    }
    for (uint32_t i = 1; i < expression->child_count; i++) {
        if (expression->children[i]->type != TYPE_NULL && set->type != TYPE_NULL) {
            set->values[set->count++] = expression->children[i]->literal;
        }
    }
    literal_set_sort(set, compiler->query->graph);
}

static void compile_unary(struct compiler *compiler, const struct expression *expression,
                          enum operation_code code, uint32_t result)
{
    compile(compiler, expression->children[0], result);
    emit(compiler, code, expression, result);
}

/* Strict operators with a literal null for an operand are null, whatever the other is. */
static bool has_null_operand(const struct expression *expression)
{
    for (uint32_t i = 0; i < expression->child_count; i++) {
        if (expression->children[i]->type == TYPE_NULL) {
            return true;
        }
    }
    return false;
}

static void compile_strict(struct compiler *compiler, const struct expression *expression,
                           uint32_t result)
{
    if (has_null_operand(expression)) {
        emit_literal(compiler, expression, true, (union lane){.integer = 0}, result);
    } else if (comparison_is(expression->kind) || expression->kind == EXPRESSION_XOR ||
               expression->kind >= EXPRESSION_STARTS_WITH) {
        compile_comparison(compiler, expression, result);
    } else if (expression->kind == EXPRESSION_NEGATE) {
        compile_negate(compiler, expression, result);
    } else {
        compile_arithmetic(compiler, expression, result);
    }
}

static void compile(struct compiler *compiler, const struct expression *expression, uint32_t result)
{
    expression = resolve(compiler->query, expression);
    switch (expression->kind) {
    case EXPRESSION_LITERAL:
        emit_literal(compiler, expression, expression->type == TYPE_NULL, expression->literal,
                     result);
        break;
    case EXPRESSION_VERTEX:
        emit(compiler, OPERATION_VERTEX, expression, result);
        break;
    case EXPRESSION_EDGE:
        emit(compiler, OPERATION_EDGE, expression, result);
        break;
    case EXPRESSION_KEY:
        emit(compiler, OPERATION_KEY, expression, result);
        break;
    case EXPRESSION_PROPERTY:
    case EXPRESSION_END:
        emit(compiler, OPERATION_PROPERTY, expression, result);
        break;
    case EXPRESSION_GROUP_KEY:
        emit(compiler, OPERATION_GROUP_KEY, expression, result);
        break;
    case EXPRESSION_AGGREGATE:
        emit(compiler, OPERATION_AGGREGATE, expression, result);
        break;
    case EXPRESSION_TO_FLOAT:
        compile_unary(compiler, expression, OPERATION_TO_FLOAT, result);
        break;
    case EXPRESSION_TO_TEXT:
        compile_unary(compiler, expression, OPERATION_TO_TEXT, result);
        break;
    case EXPRESSION_NOT:
        compile_unary(compiler, expression, OPERATION_NOT, result);
        break;
    case EXPRESSION_IS_NULL:
        compile_unary(compiler, expression, OPERATION_IS_NULL, result);
        break;
    case EXPRESSION_IS_NOT_NULL:
        compile_unary(compiler, expression, OPERATION_IS_NOT_NULL, result);
        break;
    case EXPRESSION_AND:
    case EXPRESSION_OR:
        compile_logic(compiler, expression, result);
        break;
    case EXPRESSION_IN:
        compile_in(compiler, expression, result);
        break;
    case EXPRESSION_OUTPUT:
        CHECK(false && "an output that is an output");
        break;
    case EXPRESSION_NEGATE:
    case EXPRESSION_XOR:
    case EXPRESSION_EQUAL:
    case EXPRESSION_NOT_EQUAL:
    case EXPRESSION_LESS:
    case EXPRESSION_LESS_EQUAL:
    case EXPRESSION_GREATER:
    case EXPRESSION_GREATER_EQUAL:
    case EXPRESSION_ADD:
    case EXPRESSION_SUBTRACT:
    case EXPRESSION_MULTIPLY:
    case EXPRESSION_DIVIDE:
    case EXPRESSION_REMAINDER:
    case EXPRESSION_POWER:
    case EXPRESSION_STARTS_WITH:
    case EXPRESSION_ENDS_WITH:
    case EXPRESSION_CONTAINS:
        compile_strict(compiler, expression, result);
        break;
    }
}
