/* What names stand for, as far as the tree alone tells, and what many rules write. */
#include "pipeline/rewriting.h"

#include <stdio.h>

#include "query/bound.h"

bool rewriting_replace(struct rewriting *rewriting, struct ast_expression *expression,
                       enum ast_kind kind, struct ast_expression *const *parts, uint32_t count)
{
    struct ast_expression *made = ast_leaf(rewriting->builder, kind, expression->span);
    bool is_made = made != NULL;
    if (is_made) {
        made->place = expression->place;
    }
    for (uint32_t i = 0; is_made && i < count && count > 1; i++) {
        is_made = ast_add_child(rewriting->builder, made, parts[i]);
    }
    if (is_made) {
        *expression = count > 1 ? *made : *parts[0];
    }
    return is_made;
}

bool rewriting_add_conjunct(struct rewriting *rewriting, struct ast_expression **all,
                            struct ast_expression *condition)
{
    if (*all == NULL) {
        *all = condition;
        return true;
    }
    struct source_span span = {(*all)->span.begin, condition->span.end};
    *all = ast_binary(rewriting->builder, AST_AND, span, condition->place, *all, condition);
    return *all != NULL;
}

bool names_add(struct rewriting *rewriting, struct rewrite_name name)
{
    if (name.text.data == NULL) {
        return true;
    }
    struct rewrite_name *names =
        ast_grow(rewriting->builder, rewriting->names, rewriting->name_count,
                 &rewriting->name_capacity, sizeof *names);
    if (names == NULL) {
        return false;
    }
    rewriting->names = names;
    names[rewriting->name_count++] = name;
    return true;
}

/* A name that an earlier clause has bound goes on to stand for what it stood for. */
static bool add_new(struct rewriting *rewriting, struct rewrite_name name)
{
    return (name.text.data != NULL && names_find(rewriting, name.text) != NULL) ||
           names_add(rewriting, name);
}

bool names_add_pattern(struct rewriting *rewriting, const struct ast_pattern *pattern)
{
    for (uint32_t i = 0; i < pattern->count; i++) {
        const struct ast_path *path = pattern->paths[i];
        if (!add_new(rewriting, (struct rewrite_name){
                                    .text = path->name.text, .kind = NAME_PATH, .path = path})) {
            return false;
        }
        for (uint32_t j = 0; j < path->node_count; j++) {
            if (!add_new(rewriting, (struct rewrite_name){.text = path->nodes[j]->name.text,
                                                          .kind = NAME_VERTEX})) {
                return false;
            }
        }
        for (uint32_t j = 0; j < path->relationship_count; j++) {
            const struct ast_relationship *relationship = path->relationships[j];
            enum name_kind kind = relationship->range == NULL ? NAME_FLOW : NAME_FLOWS;
            if (!add_new(rewriting, (struct rewrite_name){.text = relationship->name.text,
                                                          .kind = kind,
                                                          .path = path,
                                                          .index = j})) {
                return false;
            }
        }
    }
    return true;
}

/* Whether a query says a name that it can only say in backticks. */
static bool is_said(const struct rewriting *rewriting, struct bytes name)
{
    struct bytes text = rewriting->builder->source->text;
    for (size_t i = 0; i + name.size + 2 <= text.size; i++) {
        if (text.data[i] == '`' && text.data[i + name.size + 1] == '`' &&
            bytes_equal(bytes_view(text.data + i + 1, name.size), name)) {
            return true;
        }
    }
    return false;
}

bool names_give(struct rewriting *rewriting, struct ast_name *name, enum name_kind kind,
                const char *function, struct bytes of, uint32_t index, bool *is_known)
{
    char text[QUERY_NAME_BYTES + 64];
    char place[16] = "";
    bool is_named = name->text.data != NULL;
    if (index != INDEX_NONE) {
        (void)snprintf(place, sizeof place, "[%u]", index);
    }
    (void)snprintf(text, sizeof text, "%s%s%.*s%s%s", function, function[0] == '\0' ? "" : "(",
                   QUERY_NAME_BYTES, of.data, function[0] == '\0' ? "" : ")", place);
    struct bytes words = bytes_of(text);
    const struct rewrite_name *known = names_find(rewriting, is_named ? name->text : words);
    *is_known = is_named ? known == NULL || known->kind == kind
                         : known == NULL && !rewriting->has_star && !is_said(rewriting, words);
    if (is_named || !*is_known) {
        return true;
    }
    char *copy = chain_copy(rewriting->builder->memory, words.data, words.size);
    if (copy == NULL) {
        (void)source_error_memory(rewriting->builder->source);
        return false;
    }
    name->text = bytes_view(copy, words.size);
    return names_add(rewriting, (struct rewrite_name){.text = name->text, .kind = kind});
}

const struct rewrite_name *names_find(const struct rewriting *rewriting, struct bytes text)
{
    for (uint32_t i = rewriting->name_count; i > 0; i--) {
        if (bytes_equal(rewriting->names[i - 1].text, text)) {
            return &rewriting->names[i - 1];
        }
    }
    return NULL;
}

bool is_call_of(const struct ast_expression *expression, const char *function, uint32_t count)
{
    return expression->kind == AST_CALL && expression->child_count == count &&
           !expression->is_star && !expression->is_distinct &&
           bytes_equal_ignoring_case(expression->name.text, bytes_of(function));
}

enum name_kind names_kind(const struct rewriting *rewriting,
                          const struct ast_expression *expression)
{
    if (expression->kind == AST_VARIABLE) {
        const struct rewrite_name *name = names_find(rewriting, expression->name.text);
        return name == NULL ? NAME_OTHER : name->kind;
    }
    if (is_call_of(expression, "relationships", 1)) {
        return names_kind(rewriting, expression->children[0]) == NAME_PATH ? NAME_FLOWS
                                                                           : NAME_OTHER;
    }
    bool is_item = expression->kind == AST_INDEX || is_call_of(expression, "head", 1) ||
                   is_call_of(expression, "last", 1);
    return is_item && names_kind(rewriting, expression->children[0]) == NAME_FLOWS ? NAME_FLOW
                                                                                   : NAME_OTHER;
}

bool names_is_time(const struct rewriting *rewriting, const struct ast_expression *expression)
{
    return expression->kind == AST_PROPERTY &&
           bytes_equal(expression->name.text, rewriting->start_time) &&
           names_kind(rewriting, expression->children[0]) == NAME_FLOW;
}

bool rewriting_cannot_fail(const struct ast_expression *condition)
{
    bool may = true;
    switch ((int)condition->kind) {
    case AST_DIVIDE:
    case AST_REMAINDER:
        may =
            (condition->children[1]->kind == AST_INTEGER && condition->children[1]->integer != 0) ||
            condition->children[1]->kind == AST_FLOAT;
        break;
    case AST_CALL:
        may = is_call_of(condition, "duration.between", 2) ||
              is_call_of(condition, "duration.inSeconds", 2);
        static const char *const functions[] = {
            "datetime",  "duration",          "head", "last",      "size",      "length",
            "nodes",     "relationships",     "id",   "elementId", "startNode", "endNode",
            "ascending", "strictlyAscending", "span", "toLower",   "toUpper"};
        for (uint32_t i = 0; !may && i < sizeof functions / sizeof *functions; i++) {
            may = is_call_of(condition, functions[i], 1);
        }
        may = may || bytes_equal_ignoring_case(condition->name.text, bytes_of("unique_vertices"));
        break;
    case AST_REDUCE:
    case AST_PATTERN:
    case AST_PATTERN_COMPREHENSION:
    case AST_EXISTS:
    case AST_COUNT:
    case AST_CASE:
    case AST_MATCHES:
    case AST_PARAMETER:
        return false;
    default:
        break;
    }
    for (uint32_t i = 0; may && i < condition->child_count; i++) {
        may = condition->children[i] == NULL || rewriting_cannot_fail(condition->children[i]);
    }
    return may;
}
