/* Every assignment of flows to edges is tried, edge by edge, and the condition is evaluated on each
 * whole one. No index, no early evaluation, and no order but that of the rows at the end. */
#include "tests/support/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The values of three-valued logic. */
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_NULL };

struct match {
    int flows[ORACLE_EDGES_MAX];
    int vertices[ORACLE_VERTICES_MAX];
};

struct search {
    const struct oracle_query *query;
    const struct oracle_flow *flows;
    int flow_count;
    const char *const *names;
    struct match current;
    struct match *matches;
    size_t match_count;
    bool is_too_many;
};

static void search_edge(struct search *search, int edge);
static bool condition_holds(const struct search *search, const struct match *match);
static void write_rows(struct oracle_result *result, const struct search *search);
static void write_count(struct oracle_result *result, const struct search *search);
static void write_groups(struct oracle_result *result, const struct search *search);
static void write_distinct(struct oracle_result *result, const struct search *search);
static void sort_top(const struct search *search);

/* By their flows, in the order of the pattern. */
static int compare_matches(const void *left, const void *right)
{
    const struct match *first = left;
    const struct match *second = right;
    int edge = 0;
    while (edge < ORACLE_EDGES_MAX - 1 && first->flows[edge] == second->flows[edge]) {
        edge++;
    }
    return (first->flows[edge] > second->flows[edge]) - (first->flows[edge] < second->flows[edge]);
}

bool oracle_answer(struct oracle_result *result, const struct oracle_query *query,
                   const struct oracle_flow *flows, int flow_count, const char *const *names)
{
    struct search search = {
        .query = query, .flows = flows, .flow_count = flow_count, .names = names};
    search.matches = calloc(ORACLE_MATCHES_MAX, sizeof(*search.matches));
    result->lines = calloc(ORACLE_MATCHES_MAX + 1, sizeof(*result->lines));
    result->count = 0;
    if (search.matches == NULL || result->lines == NULL) {
        abort();
    }
    for (int vertex = 0; vertex < ORACLE_VERTICES_MAX; vertex++) {
        search.current.vertices[vertex] = -1;
    }
    search_edge(&search, 0);
    qsort(search.matches, search.match_count, sizeof(*search.matches), compare_matches);
    switch (query->form) {
    case ORACLE_ROWS:
        write_rows(result, &search);
        break;
    case ORACLE_COUNT:
        write_count(result, &search);
        break;
    case ORACLE_GROUPS:
        write_groups(result, &search);
        break;
    case ORACLE_DISTINCT:
        write_distinct(result, &search);
        break;
    case ORACLE_TOP:
        sort_top(&search);
        write_rows(result, &search);
        break;
    case ORACLE_FORMS:
        abort();
    }
    free(search.matches);
    if (search.is_too_many) {
        oracle_result_close(result);
    }
    return !search.is_too_many;
}

void oracle_result_close(struct oracle_result *result)
{
    free(result->lines);
    result->lines = NULL;
    result->count = 0;
}

/* Whether `flow` already stands for an earlier edge of the same MATCH. */
static bool is_used(const struct search *search, int edge, int flow)
{
    for (int earlier = 0; earlier < edge; earlier++) {
        if (search->current.flows[earlier] == flow &&
            search->query->edges[earlier].match == search->query->edges[edge].match) {
            return true;
        }
    }
    return false;
}

/* Goes on with a flow for `edge` that leads from `first` to `last`, if its vertices can be those.
 */
static void try_flow(struct search *search, int edge, int flow, int first, int last)
{
    int *vertices = search->current.vertices;
    int source = search->query->edges[edge].source;
    int target = search->query->edges[edge].target;
    int source_before = vertices[source];
    int target_before = vertices[target];
    if (source_before < 0) {
        vertices[source] = first;
    }
    if (vertices[target] < 0) {
        vertices[target] = last;
    }
    if (vertices[source] == first && vertices[target] == last) {
        search->current.flows[edge] = flow;
        search_edge(search, edge + 1);
    }
    vertices[target] = target_before;
    vertices[source] = source_before;
}

static void search_edge(struct search *search, int edge)
{
    if (edge == search->query->edge_count) {
        if (!condition_holds(search, &search->current)) {
            return;
        }
        if (search->match_count == ORACLE_MATCHES_MAX) {
            search->is_too_many = true;
            return;
        }
        search->matches[search->match_count++] = search->current;
        return;
    }
    for (int flow = 0; flow < search->flow_count && !search->is_too_many; flow++) {
        if (is_used(search, edge, flow)) {
            continue;
        }
        int source = search->flows[flow].source;
        int target = search->flows[flow].target;
        try_flow(search, edge, flow, source, target);
        if (search->query->edges[edge].is_undirected && source != target) {
            try_flow(search, edge, flow, target, source);
        }
    }
}

static enum truth truth_of(enum oracle_comparison comparison, int order)
{
    switch (comparison) {
    case ORACLE_LESS:
        return order < 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_LESS_EQUAL:
        return order <= 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_EQUAL:
        return order == 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_NOT_EQUAL:
        return order != 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_GREATER:
        return order > 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_GREATER_EQUAL:
        return order >= 0 ? TRUTH_TRUE : TRUTH_FALSE;
    case ORACLE_COMPARISONS:
        break;
    }
    abort();
}

static enum truth compare_integers(enum oracle_comparison comparison, bool are_known, int64_t left,
                                   int64_t right)
{
    return are_known ? truth_of(comparison, (left > right) - (left < right)) : TRUTH_NULL;
}

static enum truth compare_texts(enum oracle_comparison comparison, const char *left,
                                const char *right)
{
    return left == NULL || right == NULL ? TRUTH_NULL : truth_of(comparison, strcmp(left, right));
}

static enum truth literal_truth(const struct search *search, const struct match *match,
                                const struct oracle_literal *literal)
{
    enum oracle_comparison comparison = literal->comparison;
    if (literal->kind == ORACLE_VERTEX_PAIR) {
        return compare_integers(comparison, true, match->vertices[literal->left],
                                match->vertices[literal->right]);
    }
    if (literal->kind == ORACLE_VERTEX_NAME) {
        return compare_integers(comparison, true, match->vertices[literal->left], literal->number);
    }
    const struct oracle_flow *left = &search->flows[match->flows[literal->left]];
    const struct oracle_flow *right = &search->flows[match->flows[literal->right]];
    bool have_bytes = left->has_bytes && right->has_bytes;
    switch (literal->kind) {
    case ORACLE_TIME_DIFFERENCE:
        return compare_integers(comparison, true, right->time_ns - left->time_ns, literal->number);
    case ORACLE_BYTES:
        return compare_integers(comparison, left->has_bytes, left->bytes, literal->number);
    case ORACLE_BYTES_PAIR:
        return compare_integers(comparison, have_bytes, left->bytes, right->bytes);
    case ORACLE_BYTES_SUM:
        return compare_integers(comparison, have_bytes, left->bytes + right->bytes,
                                literal->number);
    case ORACLE_BYTES_IS_NULL:
        return left->has_bytes ? TRUTH_FALSE : TRUTH_TRUE;
    case ORACLE_DURATION_RATIO: {
        if (!left->has_duration || !right->has_duration) {
            return TRUTH_NULL;
        }
        double ratio = right->duration / (double)literal->number;
        return truth_of(comparison, (left->duration > ratio) - (left->duration < ratio));
    }
    case ORACLE_PROTOCOL:
        return compare_texts(comparison, left->protocol, literal->text);
    case ORACLE_PROTOCOL_PAIR:
        return compare_texts(comparison, left->protocol, right->protocol);
    case ORACLE_SOURCE_NAME:
        return compare_integers(comparison, true, left->source, literal->number);
    case ORACLE_VERTEX_PAIR:
    case ORACLE_VERTEX_NAME:
    case ORACLE_KINDS:
        break;
    }
    abort();
}

/* A disjunction is true when one part is, and else null when one part is. */
static enum truth clause_truth(const struct search *search, const struct match *match,
                               const struct oracle_clause *clause)
{
    bool has_true = false;
    bool has_null = false;
    for (int index = 0; index < clause->literal_count; index++) {
        enum truth truth = literal_truth(search, match, &clause->literals[index]);
        if (clause->literals[index].is_negated && truth != TRUTH_NULL) {
            truth = truth == TRUTH_TRUE ? TRUTH_FALSE : TRUTH_TRUE;
        }
        has_true |= truth == TRUTH_TRUE;
        has_null |= truth == TRUTH_NULL;
    }
    return has_true ? TRUTH_TRUE : has_null ? TRUTH_NULL : TRUTH_FALSE;
}

static bool condition_holds(const struct search *search, const struct match *match)
{
    for (int index = 0; index < search->query->clause_count; index++) {
        if (clause_truth(search, match, &search->query->clauses[index]) != TRUTH_TRUE) {
            return false;
        }
    }
    return true;
}

static const struct oracle_flow *flow_of(const struct search *search, size_t match, int edge)
{
    return &search->flows[search->matches[match].flows[edge]];
}

static const char *name_of(const struct search *search, size_t match, int vertex)
{
    return search->names[search->matches[match].vertices[vertex]];
}

static void write_rows(struct oracle_result *result, const struct search *search)
{
    const struct oracle_query *query = search->query;
    size_t begin = (size_t)query->skip;
    size_t end = search->match_count;
    if (query->limit >= 0 && end > begin + (size_t)query->limit) {
        end = begin + (size_t)query->limit;
    }
    for (size_t match = begin; match < end; match++) {
        char *line = result->lines[result->count++];
        int used = 0;
        for (int edge = 0; edge < query->edge_count; edge++) {
            used += snprintf(line + used, ORACLE_LINE_BYTES - (size_t)used, "%s%d",
                             edge > 0 ? "|" : "", search->matches[match].flows[edge]);
        }
        for (int vertex = 0; query->form == ORACLE_ROWS && vertex < query->vertex_count; vertex++) {
            used += snprintf(line + used, ORACLE_LINE_BYTES - (size_t)used, "|%s",
                             name_of(search, match, vertex));
        }
    }
}

/* The aggregates over the bytes of edge 0, null where openCypher's are. */
static void write_count(struct oracle_result *result, const struct search *search)
{
    int64_t sum = 0;
    int64_t least = INT64_MAX;
    int64_t greatest = INT64_MIN;
    int64_t count = 0;
    for (size_t match = 0; match < search->match_count; match++) {
        const struct oracle_flow *flow = flow_of(search, match, 0);
        if (flow->has_bytes) {
            sum += flow->bytes;
            least = flow->bytes < least ? flow->bytes : least;
            greatest = flow->bytes > greatest ? flow->bytes : greatest;
            count++;
        }
    }
    char *line = result->lines[result->count++];
    if (count == 0) {
        snprintf(line, ORACLE_LINE_BYTES, "%zu|0|null|null|0|null", search->match_count);
    } else {
        snprintf(line, ORACLE_LINE_BYTES,
                 "%zu|%" PRId64 "|%" PRId64 "|%" PRId64 "|%" PRId64 "|%.9g", search->match_count,
                 sum, least, greatest, count, (double)sum / (double)count);
    }
}

/* Whether an earlier match of the same group has the same last vertex. */
static bool has_twin(const struct search *search, size_t match)
{
    int last = search->query->vertex_count - 1;
    for (size_t earlier = 0; earlier < match; earlier++) {
        if (search->matches[earlier].vertices[0] == search->matches[match].vertices[0] &&
            search->matches[earlier].vertices[last] == search->matches[match].vertices[last]) {
            return true;
        }
    }
    return false;
}

static void write_groups(struct oracle_result *result, const struct search *search)
{
    int name_count = 0;
    for (int flow = 0; flow < search->flow_count; flow++) {
        int source = search->flows[flow].source;
        int target = search->flows[flow].target;
        name_count = source >= name_count ? source + 1 : name_count;
        name_count = target >= name_count ? target + 1 : name_count;
    }
    for (int name = 0; name < name_count; name++) {
        int64_t sum = 0;
        int count = 0;
        int distinct = 0;
        for (size_t match = 0; match < search->match_count; match++) {
            if (search->matches[match].vertices[0] != name) {
                continue;
            }
            const struct oracle_flow *flow = flow_of(search, match, 0);
            sum += flow->has_bytes ? flow->bytes : 0;
            count++;
            distinct += has_twin(search, match) ? 0 : 1;
        }
        if (count > 0) {
            snprintf(result->lines[result->count++], ORACLE_LINE_BYTES, "%s|%d|%" PRId64 "|%d",
                     search->names[name], count, sum, distinct);
        }
    }
}

static void write_distinct(struct oracle_result *result, const struct search *search)
{
    for (size_t match = 0; match < search->match_count; match++) {
        if (!has_twin(search, match)) {
            snprintf(result->lines[result->count++], ORACLE_LINE_BYTES, "%s|%s",
                     name_of(search, match, 0),
                     name_of(search, match, search->query->vertex_count - 1));
        }
    }
}

/* Nulls are greater than any number. */
static bool is_before(const struct oracle_flow *left, const struct oracle_flow *right)
{
    if (left->has_bytes != right->has_bytes) {
        return !left->has_bytes;
    }
    return left->has_bytes && left->bytes > right->bytes;
}

/* By insertion, which keeps the order of equals. */
static void sort_top(const struct search *search)
{
    for (size_t next = 1; next < search->match_count; next++) {
        struct match moving = search->matches[next];
        size_t place = next;
        while (place > 0 &&
               is_before(&search->flows[moving.flows[0]], flow_of(search, place - 1, 0))) {
            search->matches[place] = search->matches[place - 1];
            place--;
        }
        search->matches[place] = moving;
    }
}
