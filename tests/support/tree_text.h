/* A syntax tree as text, fully in parentheses: (+ 1 (* 2 3)), match (a)-[:B]->(); return  a. */
#ifndef GYRE_TESTS_SUPPORT_TREE_TEXT_H
#define GYRE_TESTS_SUPPORT_TREE_TEXT_H

#include <stdio.h>

#include "query/ast.h"

/* Operators by their sign, for trees as text. */
static const char *const tree_words[] = {
    [AST_NOT] = "not",
    [AST_IS_NULL] = "null?",
    [AST_IS_NOT_NULL] = "some?",
    [AST_NEGATE] = "neg",
    [AST_PLUS] = "pos",
    [AST_AND] = "and",
    [AST_OR] = "or",
    [AST_XOR] = "xor",
    [AST_EQUAL] = "=",
    [AST_NOT_EQUAL] = "<>",
    [AST_LESS] = "<",
    [AST_LESS_EQUAL] = "<=",
    [AST_GREATER] = ">",
    [AST_GREATER_EQUAL] = ">=",
    [AST_ADD] = "+",
    [AST_SUBTRACT] = "-",
    [AST_MULTIPLY] = "*",
    [AST_DIVIDE] = "/",
    [AST_REMAINDER] = "%",
    [AST_POWER] = "^",
    [AST_STARTS_WITH] = "starts",
    [AST_ENDS_WITH] = "ends",
    [AST_CONTAINS] = "contains",
    [AST_MATCHES] = "=~",
    [AST_IN] = "in",
    [AST_INDEX] = "at",
    [AST_SLICE] = "slice",
    [AST_CASE] = "case",
    [AST_LIST] = "list",
    [AST_MAP] = "map",
};

static inline void tree_show(const struct ast_expression *node, FILE *out);
static inline void tree_show_query(const struct ast_query *query, FILE *out);

static inline void tree_show_children(const struct ast_expression *node, FILE *out)
{
    for (uint32_t i = 0; i < node->child_count; i++) {
        fprintf(out, " ");
        if (node->keys != NULL) {
            fprintf(out, "%s:", node->keys[i].text.data);
        }
        tree_show(node->children[i], out);
    }
    fprintf(out, ")");
}

static inline void tree_show_names(const struct ast_names *names, char before, FILE *out)
{
    for (uint32_t i = 0; names != NULL && i < names->count; i++) {
        fprintf(out, "%c%s", i == 0 ? ':' : before, names->names[i].text.data);
    }
}

static inline void tree_show_name(const struct ast_name *name, FILE *out)
{
    fprintf(out, "%s", name->text.data == NULL ? "" : name->text.data);
}

static inline void tree_show_relationship(const struct ast_relationship *relationship, FILE *out)
{
    fprintf(out, relationship->direction == AST_LEFT ? "<-[" : "-[");
    tree_show_name(&relationship->name, out);
    tree_show_names(relationship->types, '|', out);
    if (relationship->range != NULL) {
        fprintf(out, "*%lld", (long long)relationship->range->min);
        if (relationship->range->max != AST_HOPS_UNBOUNDED) {
            fprintf(out, "..%lld", (long long)relationship->range->max);
        }
    }
    if (relationship->properties != NULL) {
        tree_show(relationship->properties, out);
    }
    fprintf(out, relationship->direction == AST_RIGHT ? "]->" : "]-");
}

static inline void tree_show_path(const struct ast_path *path, FILE *out)
{
    static const char *const kinds[] = {"", "shortest ", "shortests "};
    tree_show_name(&path->name, out);
    fprintf(out, "%s%s", path->name.text.data == NULL ? "" : "=", kinds[path->shortest]);
    for (uint32_t i = 0; i < path->node_count; i++) {
        const struct ast_node *node = path->nodes[i];
        fprintf(out, "(");
        tree_show_name(&node->name, out);
        tree_show_names(node->labels, ':', out);
        if (node->properties != NULL) {
            tree_show(node->properties, out);
        }
        fprintf(out, ")");
        if (i < path->relationship_count) {
            tree_show_relationship(path->relationships[i], out);
        }
    }
}

static inline void tree_show_pattern(const struct ast_pattern *pattern, FILE *out)
{
    for (uint32_t i = 0; i < pattern->count; i++) {
        fprintf(out, i == 0 ? "" : ",");
        tree_show_path(pattern->paths[i], out);
    }
}

/* What has a name of its own, or holds a pattern or a query. */
static inline void tree_show_special(const struct ast_expression *node, FILE *out)
{
    static const char *const names[] = {[AST_COMPREHENSION] = "each",
                                        [AST_ALL] = "all",
                                        [AST_ANY] = "any",
                                        [AST_NONE] = "none",
                                        [AST_SINGLE] = "single",
                                        [AST_REDUCE] = "reduce",
                                        [AST_EXISTS] = "exists",
                                        [AST_COUNT] = "count{}",
                                        [AST_PATTERN] = "path",
                                        [AST_PATTERN_COMPREHENSION] = "paths"};
    fprintf(out, "(%s ", names[node->kind]);
    if (node->query != NULL) {
        tree_show_query(node->query, out);
    }
    if (node->pattern != NULL) {
        tree_show_pattern(node->pattern, out);
    }
    tree_show_name(&node->accumulator, out);
    fprintf(out, node->kind == AST_REDUCE ? " " : "");
    tree_show_name(&node->name, out);
    tree_show_children(node, out);
}

/* A tree as text, fully in parentheses. */
static inline void tree_show(const struct ast_expression *node, FILE *out)
{
    if (node == NULL) {
        fprintf(out, "-");
        return;
    }
    switch ((int)node->kind) {
    case AST_NULL:
        fprintf(out, "null");
        break;
    case AST_BOOL:
        fprintf(out, node->integer != 0 ? "true" : "false");
        break;
    case AST_INTEGER:
        fprintf(out, "%lld", (long long)node->integer);
        break;
    case AST_FLOAT:
        fprintf(out, "%gf", node->real);
        break;
    case AST_TEXT:
        fprintf(out, "'%.*s'", (int)node->text.size, node->text.data);
        break;
    case AST_VARIABLE:
        fprintf(out, "%s", node->name.text.data);
        break;
    case AST_PARAMETER:
        fprintf(out, "$%s", node->name.text.data);
        break;
    case AST_PROPERTY:
        tree_show(node->children[0], out);
        fprintf(out, ".%s", node->name.text.data);
        break;
    case AST_LABELS:
        tree_show(node->children[0], out);
        tree_show_names(node->labels, ':', out);
        break;
    case AST_CALL:
        fprintf(out, "(%s%s%s", node->name.text.data, node->is_star ? "*" : "",
                node->is_distinct ? "!" : "");
        tree_show_children(node, out);
        break;
    default:
        if (node->kind >= sizeof tree_words / sizeof *tree_words ||
            tree_words[node->kind] == NULL) {
            tree_show_special(node, out);
            break;
        }
        fprintf(out, "(%s", tree_words[node->kind]);
        tree_show_children(node, out);
    }
}

static inline void tree_show_part(const char *what, const struct ast_expression *node, FILE *out)
{
    if (node != NULL) {
        fprintf(out, " %s ", what);
        tree_show(node, out);
    }
}

static inline void tree_show_projection(const struct ast_projection *projection, FILE *out)
{
    fprintf(out, "%s%s", projection->is_distinct ? " distinct" : "",
            projection->is_star ? " *" : "");
    for (uint32_t i = 0; i < projection->item_count; i++) {
        tree_show_part("", projection->items[i].expression, out);
        if (projection->items[i].alias.text.data != NULL) {
            fprintf(out, " as %s", projection->items[i].alias.text.data);
        }
    }
    for (uint32_t i = 0; i < projection->sort_count; i++) {
        tree_show_part(projection->sorts[i].is_descending ? "down" : "up",
                       projection->sorts[i].expression, out);
    }
    tree_show_part("skip", projection->skip, out);
    tree_show_part("limit", projection->limit, out);
}

static inline void tree_show_clause(const struct ast_clause *clause, FILE *out)
{
    static const char *const kinds[] = {
        [AST_MATCH] = "match",   [AST_UNWIND] = "unwind", [AST_WITH] = "with",
        [AST_RETURN] = "return", [AST_CREATE] = "create",
    };
    fprintf(out, "%s%s", clause->is_optional ? "optional " : "", kinds[clause->kind]);
    if (clause->pattern != NULL) {
        fprintf(out, " ");
        tree_show_pattern(clause->pattern, out);
    }
    if (clause->projection != NULL) {
        tree_show_projection(clause->projection, out);
    }
    tree_show_part("", clause->list, out);
    if (clause->alias.text.data != NULL) {
        fprintf(out, " as %s", clause->alias.text.data);
    }
    tree_show_part("where", clause->where, out);
}

static inline void tree_show_query(const struct ast_query *query, FILE *out)
{
    for (uint32_t i = 0; i < query->count; i++) {
        const struct ast_branch *branch = query->branches[i];
        fprintf(out, "%s", i == 0 ? "" : branch->is_all ? " union all " : " union ");
        for (uint32_t j = 0; j < branch->count; j++) {
            fprintf(out, j == 0 ? "" : "; ");
            tree_show_clause(branch->clauses[j], out);
        }
    }
    fprintf(out, "%s", query->into.text.data == NULL ? "" : " into ");
    tree_show_name(&query->into, out);
}

#endif
