/* Comparisons of what cannot be compared. Columns have kinds: a port compared with a text can only
 * be a mistake, which openCypher answers with false or null. In a strict graph it is an error, in
 * the words of the typed binder; what is known of no kind is compared as openCypher has it. */
#include "base/time_text.h"
#include "pipeline/compile.h"
#include "value/temporal.h"

static bool is_number(int kind)
{
    return kind == VALUE_INTEGER || kind == VALUE_FLOAT;
}

/* '2011-08-16 10:00' that is compared with a time becomes one. */
static bool read_time(struct compiler *compiler, struct term *term, int other)
{
    time_ns time = 0;
    if (other != VALUE_DATETIME || term->kind != AST_NULL || term->known != VALUE_TEXT) {
        return true;
    }
    if (!time_parse(value_text_view(term->literal), &time)) {
        (void)source_error(compiler->source, term->place,
                           "'%.*s' is no time; write it like '2011-08-16T10:01:46.5Z'",
                           source_shown(value_text_view(term->literal)), term->literal.text);
        return false;
    }
    term->known = VALUE_DATETIME;
    return temporal_from_ns(time, &compiler->compiled->constants, &term->literal,
                            compiler->source->error) == STATUS_OK;
}

/* What to write instead, as the end of a message. */
static const char *advice_for(int one, int other)
{
    if (one == VALUE_VERTEX && other == VALUE_TEXT) {
        return ": compare its address, as in a.IPAddr = '10.0.0.1'";
    }
    if (is_number(one) && other == VALUE_DURATION) {
        return ": compare it with a number of seconds, or make it duration({seconds: ...})";
    }
    if (is_number(one) && other == VALUE_DATETIME) {
        return ": write datetime('2011-08-16T10:01:46Z'), or datetime.fromEpoch(...)";
    }
    if (one == VALUE_DATETIME && other == VALUE_DATE) {
        return ": write date(...) around the datetime, or datetime(...) around the date";
    }
    if (one == VALUE_DATETIME && other == VALUE_TIME) {
        return ": write time(...) around the datetime";
    }
    if (one == VALUE_DATETIME && other == VALUE_LOCAL_TIME) {
        return ": write localtime(...) around the datetime";
    }
    if (one == VALUE_DATETIME && other == VALUE_LOCAL_DATETIME) {
        return ": write datetime(...) around the localdatetime";
    }
    return "";
}

static bool fail(struct compiler *compiler, const struct term *operator, int left, int right)
{
    const char *advice = advice_for(left, right);
    (void)source_error(compiler->source, operator->place, "%s is never compared with %s%s",
                       value_kind_phrase((enum value_kind)left),
                       value_kind_phrase((enum value_kind)right),
                       advice[0] != '\0' ? advice : advice_for(right, left));
    return false;
}

static bool check_pair(struct compiler *compiler, const struct term *operator, struct term * left,
                       struct term *right)
{
    if (!read_time(compiler, left, right->known) || !read_time(compiler, right, left->known)) {
        return false;
    }
    int one = left->known;
    int other = right->known;
    bool is_known = one != KIND_ANY && other != KIND_ANY;
    bool is_order = operator->kind != AST_EQUAL && operator->kind != AST_NOT_EQUAL;
    if (is_order && one == other && (one == VALUE_VERTEX || one == VALUE_EDGE)) {
        (void)source_error(compiler->source, operator->place,
                           "%s have no order; compare a property of theirs",
                           one == VALUE_VERTEX ? "vertices" : "flows");
        return false;
    }
    return !is_known || one == other || (is_number(one) && is_number(other)) ||
           fail(compiler, operator, one, other);
}

/* The items of a constant list on the right of IN. */
static bool check_items(struct compiler *compiler, const struct term *operator,
                        const struct term * left, const struct term *list)
{
    if (left->known == KIND_ANY || list->kind != AST_NULL || list->literal.kind != VALUE_LIST) {
        return true;
    }
    for (uint32_t i = 0; i < list->literal.count; i++) {
        int item = (int)list->literal.items[i].kind;
        if (item != VALUE_NULL && item != left->known &&
            !(is_number(item) && is_number(left->known))) {
            return fail(compiler, operator, left->known, item);
        }
    }
    return true;
}

static bool check_text(struct compiler *compiler, const struct term *operand)
{
    if (operand->known == KIND_ANY || operand->known == VALUE_TEXT) {
        return true;
    }
    (void)source_error(compiler->source, operand->place, "a text is wanted here, not %s",
                       value_kind_phrase((enum value_kind)operand->known));
    return false;
}

bool compile_kinds(struct compiler *compiler, const struct term *operator)
{
    if (!compiler->entities->is_strict) {
        return true;
    }
    switch (operator->kind) {
    case AST_EQUAL:
    case AST_NOT_EQUAL:
    case AST_LESS:
    case AST_LESS_EQUAL:
    case AST_GREATER:
    case AST_GREATER_EQUAL:
        return check_pair(compiler, operator, operator->children[0], operator->children[1]);
    case AST_IN:
        return check_items(compiler, operator, operator->children[0], operator->children[1]);
    case AST_STARTS_WITH:
    case AST_ENDS_WITH:
    case AST_CONTAINS:
    case AST_MATCHES:
        return check_text(compiler, operator->children[0]) &&
               check_text(compiler, operator->children[1]);
    default:
        return true;
    }
}
