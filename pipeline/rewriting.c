/* What names stand for, as far as the tree alone tells, and what many rules write. */
#include "pipeline/rewriting.h"

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
        if (!add_new(rewriting,
                     (struct rewrite_name){.text = path->name.text, .kind = NAME_PATH})) {
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
