/* Finding sections, and the slots that are alive at their ends; see section.h. */
#include "pipeline/section.h"

#include <string.h>

#include "pipeline/head.h"
#include "query/bound.h"

/* A set of slots. Everything that a subquery may read cannot be told: then all are read. */
struct slot_set {
    bool *has; /* [slot_count] */
    uint32_t slot_count;
};

static bool set_open(struct compiler *compiler, struct slot_set *set)
{
    set->slot_count = compiler->compiled->slot_count;
    set->has = compiler_allocate(compiler, (size_t)set->slot_count + 1, sizeof *set->has);
    if (set->has != NULL) {
        memset(set->has, 0, set->slot_count);
    }
    return set->has != NULL;
}

static void set_fill(struct slot_set *set, bool has)
{
    memset(set->has, has, set->slot_count);
}

static void set_put(struct slot_set *set, uint32_t slot, bool has)
{
    if (slot != SLOT_NONE) {
        set->has[slot] = has;
    }
}

static void add_slot(void *context, uint32_t slot)
{
    set_put(context, slot, true);
}

static void add_slots(struct slot_set *set, const uint32_t *slots, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        set_put(set, slots[i], true);
    }
}

static void add_term(struct slot_set *set, const struct term *term)
{
    if (term != NULL && !term_reads(term, add_slot, set)) {
        set_fill(set, true);
    }
}

static bool is_rowwise(const struct stage *stage)
{
    switch (stage->kind) {
    case STAGE_MATCH:
    case STAGE_PATH:
    case STAGE_UNWIND:
    case STAGE_FILTER:
    case STAGE_PROJECT:
        return true;
    case STAGE_MATCHER:
    case STAGE_CYCLES:
    case STAGE_ENDS:
    case STAGE_GROUP:
    case STAGE_DISTINCT:
    case STAGE_SORT:
    case STAGE_SKIP:
    case STAGE_LIMIT:
        return false;
    }
    return false;
}

/* Variables that a pattern binds, which it does anew for every match. */
static void put_pattern(struct slot_set *set, const struct pattern *pattern, bool has)
{
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        if (!pattern->vertices[i].is_bound) {
            set_put(set, pattern->vertices[i].slot, has);
        }
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (!pattern->edges[i].is_bound) {
            set_put(set, pattern->edges[i].slot, has);
        }
    }
    for (uint32_t i = 0; i < pattern->path_count; i++) {
        set_put(set, pattern->paths[i].slot, has);
    }
}

static void put_written(struct slot_set *set, const struct stage *stage, bool has)
{
    if (stage->kind == STAGE_MATCH) {
        put_pattern(set, stage->pattern, has);
    } else if (stage->kind == STAGE_PATH || stage->kind == STAGE_UNWIND) {
        set_put(set, stage->slot, has);
    }
    for (uint32_t i = 0; stage->kind != STAGE_SORT && i < stage->item_count; i++) {
        set_put(set, stage->items[i].slot, has);
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        set_put(set, stage->folds[i].slot, has);
    }
}

/* What has a value behind a stage, out of what had one before it. */
static void define(struct slot_set *set, const struct stage *stage)
{
    switch (stage->kind) {
    case STAGE_MATCHER:
        add_slots(set, stage->slots, stage->slot_count);
        return;
    case STAGE_CYCLES:
        set_put(set, stage->cycle->vertex_slot, true);
        set_put(set, stage->cycle->end_slot, true);
        set_put(set, stage->cycle->list_slot, true);
        set_put(set, stage->cycle->path_slot, true);
        set_put(set, stage->cycle->is_by_anchor ? stage->cycle->weight_slot : SLOT_NONE, true);
        return;
    case STAGE_ENDS:
        set_put(set, stage->cycle->vertex_slot, true);
        set_put(set, stage->cycle->end_slot, true);
        set_put(set, stage->cycle->hops_slot, true);
        set_put(set, stage->cycle->told.first ? stage->cycle->first_slot : SLOT_NONE, true);
        set_put(set, stage->cycle->weight_slot, true);
        return;
    case STAGE_GROUP:
        set_fill(set, false);
        put_written(set, stage, true);
        return;
    case STAGE_SORT:
        set_fill(set, false);
        add_slots(set, stage->slots, stage->slot_count);
        return;
    case STAGE_MATCH:
    case STAGE_PATH:
    case STAGE_UNWIND:
    case STAGE_PROJECT:
        put_written(set, stage, true);
        return;
    case STAGE_FILTER:
    case STAGE_DISTINCT:
    case STAGE_SKIP:
    case STAGE_LIMIT:
        return;
    }
}

/* What is read from a stage on, out of what is read behind it. */
static void read_back(struct slot_set *set, const struct stage *stage)
{
    if (stage->kind == STAGE_GROUP) {
        set_fill(set, false);
    } else if (is_rowwise(stage)) {
        put_written(set, stage, false);
    }
    if (stage->kind == STAGE_MATCH && !pattern_reads(stage->pattern, add_slot, set)) {
        set_fill(set, true);
    }
    add_slots(set, stage->slots, stage->slot_count);
    add_term(set, stage->term);
    for (uint32_t i = 0; i < stage->item_count; i++) {
        add_term(set, stage->items[i].term);
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        add_term(set, stage->folds[i].argument);
        add_term(set, stage->folds[i].parameter);
    }
}

/* One branch, from its first stage on. */
struct branch {
    struct compiler *compiler;
    struct stage **stages;
    uint32_t stage_count;
    const uint32_t *columns;
    uint32_t column_count;
};

/* The slots that have a value before stage `at` and are read from there on. */
static bool find_alive(const struct branch *branch, uint32_t at, const uint32_t **slots,
                       uint32_t *count)
{
    struct slot_set defined;
    struct slot_set read;
    if (!set_open(branch->compiler, &defined) || !set_open(branch->compiler, &read)) {
        return false;
    }
    for (uint32_t i = 0; i < at; i++) {
        define(&defined, branch->stages[i]);
    }
    add_slots(&read, branch->columns, branch->column_count);
    for (uint32_t i = branch->stage_count; i > at; i--) {
        read_back(&read, branch->stages[i - 1]);
    }
    uint32_t *alive =
        compiler_allocate(branch->compiler, (size_t)read.slot_count + 1, sizeof *alive);
    *count = 0;
    for (uint32_t slot = 0; alive != NULL && slot < read.slot_count; slot++) {
        if (defined.has[slot] && read.has[slot]) {
            alive[(*count)++] = slot;
        }
    }
    *slots = alive;
    return alive != NULL;
}

/* What it counts are rows, not variables that may be null. */
static bool is_counted(const struct branch *branch, uint32_t begin, uint32_t end)
{
    const struct stage *group = end < branch->stage_count ? branch->stages[end] : NULL;
    uint32_t bound[3 * PATTERN_ELEMENTS_MAX];
    uint32_t count = 0;
    const struct stage *match = branch->stages[begin];
    if (match->kind != STAGE_MATCH) {
        return false;
    }
    for (uint32_t i = 0; !match->is_optional && i < match->pattern->vertex_count; i++) {
        bound[count++] = match->pattern->vertices[i].slot;
    }
    for (uint32_t i = 0; !match->is_optional && i < match->pattern->edge_count; i++) {
        bound[count++] = match->pattern->edges[i].slot;
    }
    for (uint32_t i = 0; !match->is_optional && i < match->pattern->path_count; i++) {
        bound[count++] = match->pattern->paths[i].slot;
    }
    return group != NULL && group->item_count == 0 && head_counts(group, bound, count);
}

static bool gathers(const struct stage *stage)
{
    return stage->kind == STAGE_GROUP || stage->kind == STAGE_SORT;
}

static bool add_section(const struct branch *branch, uint32_t begin, uint32_t end)
{
    struct section *section = compiler_allocate(branch->compiler, 1, sizeof *section);
    if (section == NULL) {
        return false;
    }
    const struct stage *last = branch->stages[end - 1];
    const struct stage *behind = end < branch->stage_count ? branch->stages[end] : NULL;
    bool is_distinct = behind != NULL && behind->kind == STAGE_DISTINCT;
    *section = (struct section){
        .end = behind,
        .last = last,
        .worker_end = is_distinct ? behind->next : behind,
        .gather = gathers(last) ? last : NULL,
        .is_counted = is_counted(branch, begin, end),
    };
    branch->stages[begin]->section = section;
    return find_alive(branch, begin, &section->in, &section->in_count) &&
           find_alive(branch, end, &section->out, &section->out_count);
}

/* Behind stages that look at one row at a time, from `begin` on. */
static uint32_t end_of_rowwise(const struct branch *branch, uint32_t begin, bool has_match)
{
    uint32_t end = begin;
    while (end < branch->stage_count && is_rowwise(branch->stages[end]) &&
           (has_match || branch->stages[end]->kind != STAGE_MATCH)) {
        end++;
    }
    return end;
}

/* Stages behind a head that it does itself, if it can. */
static uint32_t behind_head(const struct branch *branch)
{
    const struct stage *head = branch->stages[0];
    bool is_head =
        head->kind == STAGE_MATCHER || head->kind == STAGE_CYCLES || head->kind == STAGE_ENDS;
    return !is_head ? 0 : 1 + head->residual_count + (head->counts != NULL);
}

/* Where rows become many: behind the head, or the first UNWIND. */
static uint32_t first_rows(const struct branch *branch)
{
    uint32_t at = behind_head(branch);
    bool has_rows = at > 0;
    while (!has_rows && at < branch->stage_count && is_rowwise(branch->stages[at]) &&
           branch->stages[at]->kind != STAGE_MATCH) {
        has_rows = branch->stages[at++]->kind == STAGE_UNWIND;
    }
    return at;
}

/* Whether each match stands at a place of its own among all, which its flows' rows tell: one, or
 * two of 32 bits. */
static bool has_places(const struct bound_query *query)
{
    uint32_t all = (uint32_t)((UINT64_C(1) << query->vertex_count) - 1);
    bool fits =
        query->edge_count == 1 ||
        (query->edge_count == 2 && query->graph->edges.flow_count <= (uint64_t)UINT32_MAX + 1);
    bool has = fits && !query->is_grouped && !query->is_distinct && query->order_count == 0 &&
               query->skip == 0 && query->limit == UINT64_MAX && query_known_vertices(query) == all;
    for (uint32_t i = 0; has && i < query->output_count; i++) {
        enum expression_kind kind = query->outputs[i].expression->kind;
        has = kind == EXPRESSION_VERTEX || kind == EXPRESSION_EDGE;
    }
    return has;
}

/* What gathers at most one row of each match is done by the workers that find it. */
static void let_head_gather(const struct branch *branch)
{
    struct stage *head = branch->stages[0];
    const struct stage *first = head->kind == STAGE_MATCHER && head->counts == NULL
                                    ? stage_behind(head->next, head->residual_count)
                                    : NULL;
    const struct section *section = first == NULL ? NULL : first->section;
    if (section == NULL || section->gather == NULL || !has_places(head->matcher)) {
        return;
    }
    for (const struct stage *stage = first; stage != section->gather; stage = stage->next) {
        if (stage->kind == STAGE_MATCH || stage->kind == STAGE_UNWIND) {
            return;
        }
    }
    head->gathers = first;
}

/* A section begins with a MATCH; or where rows come in that are looked at one by one until they
 * are grouped or sorted, or equal ones dropped. */
static bool add_sections(const struct branch *branch)
{
    uint32_t begin = first_rows(branch);
    while (begin < branch->stage_count) {
        bool has_match = branch->stages[begin]->kind == STAGE_MATCH;
        uint32_t end = end_of_rowwise(branch, begin, has_match);
        bool gathered = end < branch->stage_count && gathers(branch->stages[end]) &&
                        !(has_match && is_counted(branch, begin, end));
        bool is_distinct =
            end > begin && end < branch->stage_count && branch->stages[end]->kind == STAGE_DISTINCT;
        if ((has_match || gathered || is_distinct) && !add_section(branch, begin, end + gathered)) {
            return false;
        }
        begin = end + gathered > begin ? end + gathered : begin + 1;
    }
    let_head_gather(branch);
    return true;
}

bool compile_sections(struct compiler *compiler, struct stage *first, const uint32_t *columns,
                      uint32_t column_count)
{
    struct branch branch = {.compiler = compiler, .columns = columns, .column_count = column_count};
    for (const struct stage *stage = first; stage != NULL; stage = stage->next) {
        branch.stage_count++;
    }
    branch.stages =
        compiler_allocate(compiler, (size_t)branch.stage_count + 1, sizeof(*branch.stages));
    if (branch.stages == NULL) {
        return false;
    }
    uint32_t at = 0;
    for (struct stage *stage = first; stage != NULL; stage = stage->next) {
        branch.stages[at++] = stage;
    }
    return compiler->compiled->calls_random || add_sections(&branch);
}
