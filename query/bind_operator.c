/* Which operators take which types, and what is converted so that the engine sees one type on both
 * sides. Null literals take part in everything and make null. */
#include "query/bind.h"

#include <stdio.h>

#include "base/number.h"
#include "base/time_text.h"
#include "query/suggest.h"

const char *type_phrase(enum type type)
{
    switch (type) {
    case TYPE_NULL:
        return "null";
    case TYPE_BOOL:
        return "a boolean";
    case TYPE_INTEGER:
        return "an integer";
    case TYPE_FLOAT:
        return "a float";
    case TYPE_TEXT:
        return "text";
    case TYPE_ADDRESS:
        return "an address";
    case TYPE_TIME:
        return "a time";
    case TYPE_DURATION:
        return "a duration";
    case TYPE_VERTEX:
        return "a vertex";
    case TYPE_EDGE:
        return "a flow";
    }
    return "something else";
}

static bool is_number(enum type type)
{
    return type == TYPE_INTEGER || type == TYPE_FLOAT;
}

static bool is_text_like(enum type type)
{
    return type == TYPE_TEXT || type == TYPE_ADDRESS;
}

static struct expression *to_float(struct binder *binder, struct expression *expression)
{
    if (expression == NULL || expression->type != TYPE_INTEGER) {
        return expression;
    }
    return build_unary(binder, EXPRESSION_TO_FLOAT, TYPE_FLOAT, expression->query_offset,
                       expression);
}

static struct expression *to_text(struct binder *binder, struct expression *expression)
{
    if (expression == NULL || expression->type != TYPE_ADDRESS) {
        return expression;
    }
    return build_unary(binder, EXPRESSION_TO_TEXT, TYPE_TEXT, expression->query_offset, expression);
}

/* A string that is compared with a time stands for one. */
static struct expression *to_time(struct binder *binder, struct expression *literal)
{
    struct bytes text = text_view(literal->literal.text);
    time_ns time = 0;
    if (!time_parse(text, &time)) {
        return BIND_FAIL(binder, literal->query_offset,
                         "'%.*s' is no time; write it like '2011-08-16T10:01:46.5Z'",
                         source_shown(text), text.data);
    }
    return build_integer(binder, TYPE_TIME, time, literal->query_offset);
}

/* An address that is none of the frame's texts equals no vertex. */
static struct expression *to_address(struct binder *binder, struct expression *literal)
{
    struct expression *result =
        build_leaf(binder, EXPRESSION_LITERAL, TYPE_ADDRESS, literal->query_offset);
    struct address *address = result == NULL ? NULL : binder_allocate(binder, 1, sizeof *address);
    if (address == NULL) {
        return NULL;
    }
    struct bytes text = text_view(literal->literal.text);
    const struct dictionary *texts = &binder->query->graph->vertices.address_texts;
    char advice[SUGGEST_TEXT_BYTES];
    if (suggest_address(text, texts, advice)) {
        return BIND_FAIL(binder, literal->query_offset, "%s", advice);
    }
    if (!address_parse(text, address)) {
        uint32_t code = 0;
        bool is_known = dictionary_find(texts, text, &code);
        *address = (struct address){ADDRESS_HIGH_TEXT, is_known ? code : UINT64_MAX};
    }
    result->literal.address = address;
    return result;
}

/* What to write instead, as the end of a message; empty when there is nothing to propose. */
static void hint(const struct binder *binder, const struct operand *left,
                 const struct operand *right, char *text, size_t size)
{
    enum type type = left->expression->type;
    const struct expression *other = right->expression;
    int shown = source_shown(right->text);
    text[0] = '\0';
    if (is_text_like(type) && is_number(other->type) && other->kind == EXPRESSION_LITERAL) {
        (void)snprintf(text, size, "; write '%.*s'?", shown, right->text.data);
    } else if (is_number(type) && expression_is_literal(other, TYPE_TEXT)) {
        struct bytes inner = text_view(other->literal.text);
        double number;
        if (float_parse(inner, &number)) {
            (void)snprintf(text, size, "; write %.*s without quotes?", source_shown(inner),
                           inner.data);
        }
    } else if (type == TYPE_DURATION && is_number(other->type)) {
        (void)snprintf(text, size, "; write duration({seconds: %.*s})?", shown, right->text.data);
    } else if (type == TYPE_TIME && is_number(other->type)) {
        (void)snprintf(text, size, "; write datetime('2011-08-16T10:01:46Z')?");
    } else if (type == TYPE_VERTEX && is_text_like(other->type)) {
        (void)snprintf(text, size, "; write %.*s.%s?", source_shown(left->text), left->text.data,
                       binder->query->graph->vertices.key);
    }
}

/* A number that is added to a time counts seconds, more likely than not. */
static void hint_sum(const struct operand *left, const struct operand *right, char *text,
                     size_t size)
{
    if (left->expression->type == TYPE_TIME && is_number(right->expression->type)) {
        (void)snprintf(text, size, "; write duration({seconds: %.*s})?", source_shown(right->text),
                       right->text.data);
    }
}

static void report_types(struct binder *binder, const struct operand *left,
                         const struct operand *right, uint32_t place, const char *reason,
                         bool is_sum)
{
    char advice[160] = "";
    if (is_sum) {
        hint_sum(left, right, advice, sizeof advice);
    }
    if (advice[0] == '\0') {
        hint(binder, left, right, advice, sizeof advice);
    }
    if (advice[0] == '\0') {
        hint(binder, right, left, advice, sizeof advice);
    }
    (void)source_error(binder->source, place, "%.*s is %s and %.*s is %s: %s%s",
                       source_shown(left->text), left->text.data,
                       type_phrase(left->expression->type), source_shown(right->text),
                       right->text.data, type_phrase(right->expression->type), reason, advice);
}

/* Converts the left one to the right one's type where that may be done; true when it was. NULL in
 * left->expression when it should and could not. */
static bool convert(struct binder *binder, struct operand *left, const struct operand *right)
{
    enum type wanted = right->expression->type;
    struct expression *expression = left->expression;
    if (expression->type == TYPE_INTEGER && wanted == TYPE_FLOAT) {
        left->expression = to_float(binder, expression);
    } else if (expression->type == TYPE_ADDRESS && wanted == TYPE_TEXT) {
        left->expression = to_text(binder, expression);
    } else if (expression_is_literal(expression, TYPE_TEXT) && wanted == TYPE_TIME) {
        left->expression = to_time(binder, expression);
    } else {
        return false;
    }
    return true;
}

static bool make_one_type(struct binder *binder, struct operand *left, struct operand *right,
                          uint32_t place, const char *reason)
{
    enum type left_type = left->expression->type;
    enum type right_type = right->expression->type;
    if (left_type == right_type || left_type == TYPE_NULL || right_type == TYPE_NULL) {
        return true;
    }
    if (convert(binder, left, right) || convert(binder, right, left)) {
        return left->expression != NULL && right->expression != NULL;
    }
    report_types(binder, left, right, place, reason, false);
    return false;
}

/* Equality knows more: an address is equal to a string when the string is that address, in any
 * spelling. */
bool bind_equatable(struct binder *binder, struct operand *left, struct operand *right,
                    uint32_t place)
{
    for (uint32_t i = 0; i < 2; i++) {
        struct operand *text = i == 0 ? left : right;
        const struct operand *other = i == 0 ? right : left;
        if (other->expression->type == TYPE_ADDRESS &&
            expression_is_literal(text->expression, TYPE_TEXT)) {
            text->expression = to_address(binder, text->expression);
            return text->expression != NULL;
        }
    }
    return make_one_type(binder, left, right, place, "never equal");
}

struct expression *bind_comparison(struct binder *binder, enum expression_kind kind,
                                   struct operand left, struct operand right, uint32_t place)
{
    bool is_equality = kind == EXPRESSION_EQUAL || kind == EXPRESSION_NOT_EQUAL;
    if (left.expression == NULL || right.expression == NULL) {
        return NULL;
    }
    if (is_equality ? !bind_equatable(binder, &left, &right, place)
                    : !make_one_type(binder, &left, &right, place, "they have no order")) {
        return NULL;
    }
    enum type type = left.expression->type;
    if (!is_equality && (type == TYPE_VERTEX || type == TYPE_EDGE)) {
        return BIND_FAIL(binder, place, "%s have no order; compare a property of theirs",
                         type == TYPE_VERTEX ? "vertices" : "flows");
    }
    return build_binary(binder, kind, TYPE_BOOL, place, left.expression, right.expression);
}

static const char *arithmetic_sign(enum expression_kind kind)
{
    switch ((int)kind) {
    case EXPRESSION_ADD:
        return "+ does not add them";
    case EXPRESSION_SUBTRACT:
        return "- does not subtract them";
    case EXPRESSION_MULTIPLY:
        return "* does not multiply them";
    case EXPRESSION_DIVIDE:
        return "/ does not divide them";
    case EXPRESSION_REMAINDER:
        return "% does not divide them";
    default:
        return "^ does not raise them";
    }
}

/* The type of `left kind right` for times, durations and text; TYPE_NULL when there is none. */
static enum type mixed_type(enum expression_kind kind, enum type left, enum type right)
{
    bool is_sum = kind == EXPRESSION_ADD || kind == EXPRESSION_SUBTRACT;
    if (is_sum && left == TYPE_TIME && right == TYPE_DURATION) {
        return TYPE_TIME;
    }
    if (is_sum && left == TYPE_DURATION && right == TYPE_DURATION) {
        return TYPE_DURATION;
    }
    if (kind == EXPRESSION_SUBTRACT && left == TYPE_TIME && right == TYPE_TIME) {
        return TYPE_DURATION;
    }
    bool scales = kind == EXPRESSION_MULTIPLY || kind == EXPRESSION_DIVIDE;
    if (scales && left == TYPE_DURATION && is_number(right)) {
        return TYPE_DURATION;
    }
    return TYPE_NULL;
}

static struct expression *bind_numbers(struct binder *binder, enum expression_kind kind,
                                       struct expression *left, struct expression *right,
                                       uint32_t place)
{
    bool is_float =
        left->type == TYPE_FLOAT || right->type == TYPE_FLOAT || kind == EXPRESSION_POWER;
    if (is_float) {
        left = to_float(binder, left);
        right = to_float(binder, right);
    }
    return build_binary(binder, kind, is_float ? TYPE_FLOAT : TYPE_INTEGER, place, left, right);
}

struct expression *bind_arithmetic(struct binder *binder, enum expression_kind kind,
                                   struct operand left, struct operand right, uint32_t place)
{
    if (left.expression == NULL || right.expression == NULL) {
        return NULL;
    }
    enum type left_type = left.expression->type;
    enum type right_type = right.expression->type;
    if (left_type == TYPE_NULL || right_type == TYPE_NULL) {
        return build_null(binder, place);
    }
    if (is_number(left_type) && is_number(right_type)) {
        return bind_numbers(binder, kind, left.expression, right.expression, place);
    }
    if (kind == EXPRESSION_ADD && is_text_like(left_type) && is_text_like(right_type)) {
        return build_binary(binder, kind, TYPE_TEXT, place, to_text(binder, left.expression),
                            to_text(binder, right.expression));
    }
    enum type type = mixed_type(kind, left_type, right_type);
    if (type != TYPE_NULL) {
        return build_binary(binder, kind, type, place, left.expression, right.expression);
    }
    /* The time, or the duration, comes first: what the other order means is the same. */
    bool commutes = kind == EXPRESSION_ADD || kind == EXPRESSION_MULTIPLY;
    type = commutes ? mixed_type(kind, right_type, left_type) : TYPE_NULL;
    if (type != TYPE_NULL) {
        return build_binary(binder, kind, type, place, right.expression, left.expression);
    }
    bool is_sum = kind == EXPRESSION_ADD || kind == EXPRESSION_SUBTRACT;
    report_types(binder, &left, &right, place, arithmetic_sign(kind), is_sum);
    return NULL;
}

struct expression *bind_text_operator(struct binder *binder, enum expression_kind kind,
                                      struct operand left, struct operand right, uint32_t place)
{
    const struct operand *operands[] = {&left, &right};
    for (uint32_t i = 0; i < 2; i++) {
        const struct expression *expression = operands[i]->expression;
        if (expression == NULL) {
            return NULL;
        }
        if (!is_text_like(expression->type) && expression->type != TYPE_NULL) {
            return BIND_FAIL(binder, operands[i]->place, "%s wants text, but %.*s is %s",
                             kind == EXPRESSION_STARTS_WITH ? "STARTS WITH"
                             : kind == EXPRESSION_ENDS_WITH ? "ENDS WITH"
                                                            : "CONTAINS",
                             source_shown(operands[i]->text), operands[i]->text.data,
                             type_phrase(expression->type));
        }
    }
    return build_binary(binder, kind, TYPE_BOOL, place, to_text(binder, left.expression),
                        to_text(binder, right.expression));
}

struct expression *bind_sign(struct binder *binder, enum ast_kind kind, struct operand child,
                             uint32_t place)
{
    if (child.expression == NULL) {
        return NULL;
    }
    enum type type = child.expression->type;
    if (!is_number(type) && type != TYPE_DURATION && type != TYPE_NULL) {
        return BIND_FAIL(binder, place, "%s wants a number, but %.*s is %s",
                         kind == AST_NEGATE ? "-" : "+", source_shown(child.text), child.text.data,
                         type_phrase(type));
    }
    return kind == AST_PLUS ? child.expression
                            : build_unary(binder, EXPRESSION_NEGATE, type, place, child.expression);
}
