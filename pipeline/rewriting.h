/* What the parts of rewrite.h share. Internal to rewrite*.c.
 *
 * Functions that write return false when memory ends, with the error set. */
#ifndef GYRE_PIPELINE_REWRITING_H
#define GYRE_PIPELINE_REWRITING_H

#include "pipeline/rewrite.h"

enum name_kind {
    NAME_VERTEX,
    NAME_FLOW,
    NAME_FLOWS, /* of a relationship of variable length: a list */
    NAME_PATH,
    NAME_OTHER,
};

/* What a name stands for where it is in scope; of a path and a relationship also the path, as
 * long as the names in it stand for what they did there, and it is certain to be there. */
struct rewrite_name {
    struct bytes text;
    enum name_kind kind;
    const struct ast_path *path;
    uint32_t index; /* of the relationship in it */
    uint32_t count; /* of a list that became single flows: how many there are from `index` on */
};

#define INDEX_NONE UINT32_MAX

struct rewriting {
    const struct ast_builder *builder;
    const struct graph *graph;
    struct bytes start_time; /* the name of that property */
    struct rewrite_name *names;
    uint32_t name_count;
    uint32_t name_capacity;
    const struct ast_expression *where; /* the whole condition that is being written */
    uint32_t copy_count;                /* of expressions that were said of several flows */
    bool is_inside;                     /* of an expression */
    bool has_star; /* names are shown that the query does not say, so that none may be added */
};

/* Makes an expression one of `kind` over the parts, or its only part, where it stands. */
bool rewriting_replace(struct rewriting *rewriting, struct ast_expression *expression,
                       enum ast_kind kind, struct ast_expression *const *parts, uint32_t count);

/* Makes *all, NULL at first, hold only if the condition does too. */
bool rewriting_add_conjunct(struct rewriting *rewriting, struct ast_expression **all,
                            struct ast_expression *condition);

/* The scope: names that come later hide those before. */
bool names_add(struct rewriting *rewriting, struct rewrite_name name);
bool names_add_pattern(struct rewriting *rewriting, const struct ast_pattern *pattern);
const struct rewrite_name *names_find(const struct rewriting *rewriting, struct bytes text);

/* Gives an element of a pattern that has no name the words for it as one, function(of)[index], if
 * nobody could see that; *is_known tells whether its name stands for it here. The function may be
 * "", and the index INDEX_NONE. */
bool names_give(struct rewriting *rewriting, struct ast_name *name, enum name_kind kind,
                const char *function, struct bytes of, uint32_t index, bool *is_known);

/* Where a name stands. */
struct name_uses {
    struct bytes name;
    uint32_t pattern_count;   /* in patterns */
    uint32_t property_count;  /* in properties of patterns */
    uint32_t condition_count; /* of MATCH clauses that have patterns or queries in them */
    bool is_read;             /* in expressions, or as the name of a column */
};

/* From a clause of a branch on. */
struct name_uses names_uses(const struct ast_branch *branch, uint32_t first, struct bytes name);

/* Puts a WITH behind the clause at an index. */
bool rewriting_add_with(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index,
                        struct ast_projection *projection);

/* What an expression is for certain: NAME_OTHER when that is not known. A flow may be null. */
enum name_kind names_kind(const struct rewriting *rewriting,
                          const struct ast_expression *expression);

/* Whether it is the StartTime of a flow. */
bool names_is_time(const struct rewriting *rewriting, const struct ast_expression *expression);

/* A call of that function with so many arguments. */
bool is_call_of(const struct ast_expression *expression, const char *function, uint32_t count);

/* rewrite_amount.c: the time from one flow to another, compared with a constant. */

/* later - earlier, in nanoseconds, is at least `least` and at most `most`; INT64_MIN and INT64_MAX
 * stand for no bound. */
struct time_bounds {
    const struct ast_expression *earlier; /* start times */
    const struct ast_expression *later;
    int64_t least;
    int64_t most;
    bool is_exact;    /* the comparison says nothing else */
    bool is_calendar; /* it is exact where no whole month lies between the times */
};

/* False when a comparison is no such thing. */
bool amount_read_bounds(const struct rewriting *rewriting, const struct ast_expression *comparison,
                        struct time_bounds *bounds);

/* rewrite_window.c */

/* Makes a comparison one of start times that says the same, or puts the one that follows from it
 * beside it, if it is a conjunct. */
bool rewrite_window(struct rewriting *rewriting, struct ast_expression *comparison,
                    bool is_conjunct);

/* rewrite_identity.c: vertices and flows by other words than their names. */
bool rewrite_identity(struct rewriting *rewriting, struct ast_expression *expression);

/* rewrite_range.c: what is in a range of constants is between them, or in a list of them. */
bool rewrite_range(struct rewriting *rewriting, struct ast_expression *in);

/* rewrite_list.c: what is said of a list or a path whose flows are single ones. */
bool rewrite_list(struct rewriting *rewriting, struct ast_expression *expression, bool *is_changed);

/* Whether a condition may be asked of more than the query asks it of: it cannot fail there where it
 * may be guarded, and is no query. */
bool rewriting_cannot_fail(const struct ast_expression *condition);

/* rewrite_hops.c: how many flows a walk has. */

/* Conjuncts on the length of a walk of the pattern become its bounds. */
bool rewrite_hops(struct rewriting *rewriting, struct ast_clause *match);

/* Walks of a few flows, always as many, become single flows, where the matcher can have all MATCH
 * clauses that the branch begins with; index: of one of them. */
bool rewrite_walks(struct rewriting *rewriting, const struct ast_branch *branch, uint32_t index);

/* Puts a WITH behind the last of these clauses that makes lists of the flows again for those who
 * read them. */
bool rewrite_lists_back(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index);

/* Takes their names from the paths of a MATCH that nobody reads, so that none has to be made. */
void rewrite_unread(const struct rewriting *rewriting, const struct ast_branch *branch,
                    uint32_t index);

/* rewrite_ring.c: the MATCH at an index of a branch, if it is of a ring whose first or last flow
 * has a name of its own. */
bool rewrite_ring(struct rewriting *rewriting, struct ast_branch *branch, uint32_t index);

/* rewrite_constants.c: names that a branch begins with giving to constants. */
bool rewrite_constants(struct rewriting *rewriting, struct ast_branch *branch);

/* rewrite_with.c: what stands behind the MATCH at an index of a branch and belongs to it. The names
 * are those behind that MATCH. */
bool rewrite_with(struct rewriting *rewriting, struct ast_branch *branch, uint32_t match);

/* rewrite_grouped.c: the same of conditions on vertices behind a WITH with other columns. */
bool rewrite_grouped(struct rewriting *rewriting, struct ast_branch *branch, uint32_t match);

#endif
