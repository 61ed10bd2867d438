/* What pattern_prepare makes of a pattern: the order in which its elements are bound, and what is
 * checked after each. Immutable; lives where the pattern lives. Inside of pattern*.c. */
#ifndef GYRE_PIPELINE_PATTERN_PLAN_H
#define GYRE_PIPELINE_PATTERN_PLAN_H

#include "base/time_text.h"
#include "pipeline/pattern.h"

#define CONSTANT_NONE UINT32_MAX

/* A term, and where its value is when it reads nothing that the pattern binds: such ones are
 * evaluated once per row. */
struct pattern_value {
    const struct term *term;
    uint32_t constant; /* CONSTANT_NONE: evaluated where it is needed */
};

enum check_kind {
    CHECK_LABELS,          /* of pattern vertex `element` */
    CHECK_VERTEX_PROPERTY, /* `handle` of it equals `value` */
    CHECK_VERTEX_MAP,      /* its properties equal the entries of `value` */
    CHECK_EDGE_PROPERTY,   /* of pattern edge `element`, or of each of its list */
    CHECK_EDGE_MAP,
    CHECK_PATH,      /* no check: path `element` is complete and put into its slot */
    CHECK_CONDITION, /* `value.term` */
};

struct pattern_check {
    enum check_kind kind;
    uint32_t element;
    uint32_t handle;
    struct pattern_value value;
};

struct pattern_checks {
    uint32_t count;
    struct pattern_check *checks;
};

/* Elements of a pattern, as bits. */
struct pattern_set {
    uint64_t vertices;
    uint64_t edges;
    uint64_t paths;
};

/* StartTime of the edge in slot `later` <= that of `earlier` + limit_ns. Either may be SLOT_NONE,
 * which stands for 1970. Slots may be those of earlier clauses. */
struct time_relation {
    uint32_t later;
    uint32_t earlier;
    int64_t limit_ns;
};

/* StartTime of the edge in `slot` compared with a term that is known before it. */
struct time_comparison {
    uint32_t slot;
    enum ast_kind kind; /* AST_LESS ... AST_GREATER_EQUAL; AST_EQUAL */
    const struct term *term;
    struct pattern_set reads;
};

/* What each edge of a walk has to be like: `term` must hold, or be false, with it in `slot`. */
struct hop_condition {
    uint32_t edge; /* the pattern edge */
    uint32_t slot;
    const struct term *term;
    bool is_negated;
};

/* Start times along a walk, in the order of the pattern. */
struct hop_order {
    bool is_ascending;
    bool is_strict;
    int64_t window_ns; /* from the first to the last; INT64_MAX: any */
    int64_t gap_ns;    /* from one to the next, at most */
    int64_t pause_ns;  /* and at least, as far as it is known; a strict order has 1 */
};

/* Slots that stand for edges of a list, in relations: the first and the last of the list of a
 * pattern edge, and those at and around an index that takes all positions in turn. */
enum {
    SLOT_OF_END = 1 << 28,
    SLOT_OF_INDEX = 1 << 29,
    INDEX_OFFSET_MAX = 100,
};

static inline uint32_t slot_of_end(uint32_t edge, bool is_last)
{
    return SLOT_OF_END | edge << 1 | (uint32_t)is_last;
}
static inline uint32_t slot_of_index(uint32_t edge, int64_t offset)
{
    return SLOT_OF_INDEX | edge << 8 | (uint32_t)(offset + INDEX_OFFSET_MAX);
}

enum step_kind {
    STEP_GIVEN,      /* a vertex that an earlier clause bound */
    STEP_KEY,        /* the vertices that have `key`, or whose keys are in that list */
    STEP_SCAN,       /* every vertex */
    STEP_GIVEN_EDGE, /* an edge that an earlier clause bound, and its ends */
    STEP_GIVEN_WALK, /* a list of edges that an earlier clause bound, and its ends */
    STEP_EDGE,       /* flows at a bound vertex */
    STEP_WALK,       /* hops from a bound vertex on */
    STEP_SHORTEST,
};

struct pattern_step {
    enum step_kind kind;
    uint32_t element; /* pattern vertex or edge */
    bool has_left;    /* edges: which ends are bound before */
    bool has_right;
    bool is_impossible; /* no flow is like that edge */
    bool is_list;       /* KEY: any of the list */
    struct pattern_value key;

    struct pattern_checks hop_checks;    /* edges: of every single flow, before it is bound */
    struct pattern_checks vertex_checks; /* EDGE, SHORTEST: as soon as the other end is bound */
    struct pattern_checks checks;        /* when everything is bound */
    uint32_t hop_condition_count;
    const struct hop_condition **hop_conditions;
    struct hop_order order; /* WALK, SHORTEST */
    bool has_types;         /* flows have to be asked for their type */

    /* EDGE: what is checked first of a flow is that a column has this value, which the row tells;
     * NULL: it is something else. */
    const struct term *told;
    uint32_t told_handle; /* of the column */

    uint32_t relation_count; /* EDGE: those that bound its time, with edges known before it */
    const struct time_relation **relations;
    uint32_t comparison_count;
    const struct time_comparison **comparisons;
};

struct pattern_plan {
    bool is_impossible;
    uint32_t step_count;
    struct pattern_step *steps;
    struct pattern_checks checks; /* what reads nothing of the pattern */
    uint32_t constant_count;
    const struct term **constants;
};

/* While a plan is made. */
struct planner {
    struct pattern *pattern;
    const struct entities *entities;
    struct chain *memory;
    struct error *error;
    struct pattern_plan *plan;
    bool is_flows; /* the graph is one that gyre loaded */
    struct pattern_set bound;

    /* Everything that is to be checked, with what has to be bound before. */
    struct planned_check {
        struct pattern_check check;
        struct pattern_set reads;
        bool is_done;
    } * checks;
    uint32_t check_count;
    uint32_t check_capacity;

    struct hop_condition *hops;
    uint32_t hop_count;
    uint32_t hop_capacity;
    struct hop_order orders[PATTERN_ELEMENTS_MAX]; /* by edge */
    uint32_t index_slot; /* of the index that a condition being read goes over; or SLOT_NONE */

    struct time_relation *relations;
    uint32_t relation_count;
    uint32_t relation_capacity;
    struct time_comparison *comparisons;
    uint32_t comparison_count;
    uint32_t comparison_capacity;
};

static inline bool pattern_set_holds(const struct pattern_set *set, const struct pattern_set *part)
{
    return (part->vertices & ~set->vertices) == 0 && (part->edges & ~set->edges) == 0 &&
           (part->paths & ~set->paths) == 0;
}

/* What a term reads of the pattern; everything when that cannot be told. NULL reads nothing. */
struct pattern_set plan_reads(const struct pattern *pattern, const struct term *term);

/* Whether an element wants what nothing in the graph has. */
bool plan_is_impossible(const struct pattern *pattern);

/* Orders the steps; last, when checks and times are known. */
enum status plan_steps(struct planner *planner);

/* Fills the planner's checks from the pattern (pattern_checks.c). */
enum status plan_checks(struct planner *planner);

/* Moves the checks that `planner->bound` has everything for into `checks`. */
enum status plan_due_checks(struct planner *planner, struct pattern_checks *checks);

/* The checks of each flow of `edge`, from what is bound before it. */
enum status plan_hop_checks(struct planner *planner, uint32_t edge, struct pattern_step *step);

/* Finds what the checks of a step along single flows say of a column (pattern_told.c). */
void plan_told(const struct planner *planner, struct pattern_step *step);

/* Finds what the conditions say of start times (pattern_time.c), and picks what bounds `edge`. */
enum status plan_times(struct planner *planner);
enum status plan_read_times(struct planner *planner, const struct term *condition);
enum status plan_window(struct planner *planner, uint32_t edge, struct pattern_step *step);

/* Finds what the conditions say of the hops of walks (pattern_hop.c); after plan_times. */
enum status plan_hops(struct planner *planner);

/* The variable edge whose list a term is: its variable, or relationships(p) of a path of that one
 * edge. */
bool plan_list_edge(const struct planner *planner, const struct term *term, uint32_t *edge);

#endif
