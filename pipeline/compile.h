/* The compiler's parts. Internal to pipeline/.
 *
 * Functions that make a term return NULL when they fail, with the error set. */
#ifndef GYRE_PIPELINE_COMPILE_H
#define GYRE_PIPELINE_COMPILE_H

#include "pipeline/compiled.h"
#include "pipeline/pipe.h"
#include "pipeline/profile.h"
#include "query/chain.h"

struct compiled {
    struct chain memory;
    struct pool constants;
    const struct entities *entities;
    struct source source;
    struct value_instant now; /* of the compilation, and of the runs */
    const char **names;
    uint32_t column_count;
    uint32_t slot_count;
    uint32_t stage_count;
    uint32_t step_count;      /* of all patterns */
    struct profile *profile;  /* of the last run that was profiled */
    struct bytes *slot_names; /* [name_capacity]; without data: none */
    uint32_t name_capacity;
    bool calls_random;      /* rand() somewhere: what it gives depends on the order of rows */
    struct stage *matchers; /* all of them, to be closed */
    struct stage **branches;
    uint32_t **columns; /* [branch]: slots of its columns */
    uint32_t branch_count;
    bool is_distinct; /* UNION without ALL */
};

struct variable {
    struct bytes name;
    uint32_t slot;
    int known;             /* see term.known */
    enum value_kind items; /* see term.items */
};

/* What names mean at one place; later ones hide earlier ones. */
struct scope {
    struct variable *variables;
    uint32_t count;
    uint32_t capacity;
};

/* An expression that is worth a slot: an item of a projection. */
struct key {
    const struct ast_expression *expression;
    uint32_t slot;
    int known;
};

/* Where items, ORDER BY and WHERE of a projection are compiled. */
struct projecting {
    struct key *keys;
    uint32_t key_count;
    bool is_grouped;      /* only keys, aggregates and locals may be read */
    bool is_mixed;        /* in an expression with aggregates: of the keys only simple ones */
    bool is_sorting;      /* in ORDER BY: new aggregates read no variables */
    uint32_t first_local; /* variables of the scope from here on may be read in any case */
    uint32_t first_inner; /* those from here on are of comprehensions and the like */
    struct stage_fold *folds;
    uint32_t fold_count;
    uint32_t fold_capacity;
};

struct compiler {
    struct compiled *compiled;
    const struct source *source;
    struct chain *memory;
    const struct entities *entities;
    struct value parameters;
    struct scope scope;
    const char *no_aggregates;     /* what does not allow them, or NULL */
    struct projecting *projecting; /* NULL: none */
    bool binds_in_patterns;        /* false: a pattern used as a condition binds no names */
};

/* Fails with a text at a place of the query. */
#define COMPILE_FAIL(compiler, place, ...) \
    ((void)source_error((compiler)->source, place, __VA_ARGS__), NULL)

/* scope.c */
void *compiler_allocate(struct compiler *compiler, size_t count, size_t size);
void *compiler_grow(struct compiler *compiler, void *items, uint32_t count, uint32_t *capacity,
                    size_t size);
uint32_t compiler_new_slot(struct compiler *compiler);
const struct variable *scope_find(const struct scope *scope, struct bytes name);
bool scope_add(struct compiler *compiler, struct bytes name, uint32_t slot, int known);

/* A copy, so that what a subquery adds stays in it. */
bool scope_copy(struct compiler *compiler, struct scope *copy, const struct scope *scope);

/* compile_term.c */
struct term *compile_term(struct compiler *compiler, const struct ast_expression *ast);
struct term *compile_condition(struct compiler *compiler, const struct ast_expression *ast,
                               const char *what);
struct term *new_term(struct compiler *compiler, const struct ast_expression *ast);
struct term *new_variable(struct compiler *compiler, uint32_t slot, int known, uint32_t place);

/* What is known of the items of a list. */
static inline int term_item_kind(const struct term *list)
{
    return list->items != VALUE_NULL ? (int)list->items : KIND_ANY;
}

/* Makes a term of constants a constant, unless evaluating it fails. */
void fold_constant(struct compiler *compiler, struct term *term);

/* compile_address.c: brings literals that an equality compares with addresses into the spelling
 * that the graph has */
bool compile_addresses(struct compiler *compiler, const struct term *equality);

/* compile_kinds.c: whether a comparison's operands can be compared, as far as their kinds are
 * known; a text that is compared with a time becomes one */
bool compile_kinds(struct compiler *compiler, const struct term *comparison);

/* compile_call.c */
struct term *compile_call(struct compiler *compiler, const struct ast_expression *ast);
bool is_aggregate_call(const struct ast_expression *ast);
bool has_aggregate(const struct ast_expression *ast);

/* compile_list.c: comprehensions, quantifiers, reduce; the list of an IN, where it is constant */
struct term *compile_walk(struct compiler *compiler, const struct ast_expression *ast);
bool compile_members(struct compiler *compiler, struct term *in);

/* compile_pattern.c */
struct pattern *compile_pattern(struct compiler *compiler, const struct ast_pattern *ast,
                                const struct ast_expression *where);

/* compile_subquery.c */
struct term *compile_pattern_term(struct compiler *compiler, const struct ast_expression *ast);
struct term *compile_subquery(struct compiler *compiler, const struct ast_expression *ast);

/* compile_projection.c: adds the stages of a WITH or RETURN behind `*end`; the scope is that of
 * the projected names afterwards. */
bool compile_projection(struct compiler *compiler, const struct ast_clause *clause,
                        struct stage ***end);

/* compile.c */
struct stage *new_stage(struct compiler *compiler, enum stage_kind kind, uint32_t place,
                        struct stage ***end);
/* The stages of a branch; `is_whole`: it has to end in RETURN. */
bool compile_branch(struct compiler *compiler, const struct ast_branch *branch, bool is_whole,
                    struct stage **first);

/* reads.c: the slots that a term reads */
typedef void read_slot(void *context, uint32_t slot);
/* False: it cannot be told (a subquery); then it may read any. */
bool term_reads(const struct term *term, read_slot *visit, void *context);
/* Those that a pattern reads of what was bound before it, and of its own in its conditions. */
bool pattern_reads(const struct pattern *pattern, read_slot *visit, void *context);

#endif
