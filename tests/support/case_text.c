/* Writes a random case down: its flows as CSV, its query as text. How a thing is spelt is drawn
 * from the case's seed. */
#include "tests/support/random_case.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define SECOND INT64_C(1000000000)

struct writer {
    char *text;
    size_t used;
    uint64_t state;
    bool has_vertex_name[ORACLE_VERTICES_MAX];
    bool has_edge_name[ORACLE_EDGES_MAX];
    bool is_written[ORACLE_VERTICES_MAX];      /* under its own name */
    int other_names[2 * ORACLE_EDGES_MAX + 2]; /* `w0` is another name of vertex other_names[0] */
    int other_count;
};

/* One edge as it is written: from `first` to `last`, against the arrow when mirrored. */
struct step {
    int first;
    int last;
    bool is_mirrored;
    bool is_chained; /* goes on where the step before ended */
};

static void write_pattern(struct writer *writer, const struct oracle_query *query);
static void write_conditions(struct writer *writer, const struct oracle_query *query);
static void write_return(struct writer *writer, const struct oracle_query *query);

void case_write_csv(const struct random_case *drawn, FILE *file)
{
    fputs("StartTime,Dur,Proto,SrcAddr,DstAddr,TotBytes,Id\n", file);
    for (int index = 0; index < drawn->flow_count; index++) {
        const struct oracle_flow *flow = &drawn->flows[index];
        int64_t second = flow->time_ns / SECOND;
        fprintf(file, "2011/08/16 %02d:%02d:%02d.%06d,", (int)(10 + second / 3600),
                (int)(second / 60 % 60), (int)(second % 60), (int)(flow->time_ns % SECOND / 1000));
        if (flow->has_duration) {
            fprintf(file, "%.6f", flow->duration);
        }
        fprintf(file, ",%s,%s,%s,", flow->protocol != NULL ? flow->protocol : "",
                case_names[flow->source], case_names[flow->target]);
        if (flow->has_bytes) {
            fprintf(file, "%" PRId64, flow->bytes);
        }
        fprintf(file, ",%d\n", index);
    }
}

void case_write_query(const struct random_case *drawn, char *text)
{
    struct writer writer = {.text = text, .state = drawn->seed ^ UINT64_C(0x5bd1e995)};
    text[0] = '\0';
    write_pattern(&writer, &drawn->query);
    write_conditions(&writer, &drawn->query);
    write_return(&writer, &drawn->query);
}

__attribute__((format(printf, 2, 3))) static void put(struct writer *writer, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length =
        vsnprintf(writer->text + writer->used, CASE_QUERY_BYTES - writer->used, format, arguments);
    va_end(arguments);
    writer->used += (size_t)length;
}

static bool toss(struct writer *writer, int odds)
{
    return random_below(&writer->state, odds) == 0;
}

static void put_keyword(struct writer *writer, const char *upper, const char *lower)
{
    put(writer, "%s", toss(writer, 8) ? lower : upper);
}

/* Which variables need a name: those that a condition or the RETURN reads. */
static void mark_names(struct writer *writer, const struct oracle_query *query)
{
    bool all_edges = query->form == ORACLE_ROWS || query->form == ORACLE_TOP;
    for (int edge = 0; edge < query->edge_count; edge++) {
        writer->has_edge_name[edge] = all_edges || edge == 0 || toss(writer, 2);
    }
    for (int vertex = 0; vertex < query->vertex_count; vertex++) {
        bool is_end = vertex == 0 || vertex == query->vertex_count - 1;
        writer->has_vertex_name[vertex] = query->form == ORACLE_ROWS || is_end || toss(writer, 2);
    }
    for (int clause = 0; clause < query->clause_count; clause++) {
        for (int index = 0; index < query->clauses[clause].literal_count; index++) {
            const struct oracle_literal *literal = &query->clauses[clause].literals[index];
            bool is_of_vertices =
                literal->kind == ORACLE_VERTEX_PAIR || literal->kind == ORACLE_VERTEX_NAME;
            bool *names = is_of_vertices ? writer->has_vertex_name : writer->has_edge_name;
            names[literal->left] = true;
            names[literal->right] = true;
        }
    }
}

/* Lays the edges out as chains; a vertex that is written twice needs a name. */
static void lay_out(struct writer *writer, const struct oracle_query *query, struct step *steps)
{
    int written[ORACLE_VERTICES_MAX] = {0};
    for (int edge = 0; edge < query->edge_count; edge++) {
        const struct oracle_edge *drawn = &query->edges[edge];
        struct step *step = &steps[edge];
        int end = edge > 0 && query->edges[edge - 1].match == drawn->match && !toss(writer, 6)
                      ? steps[edge - 1].last
                      : -1;
        step->is_mirrored = end == drawn->source   ? false
                            : end == drawn->target ? true
                                                   : toss(writer, 3);
        step->first = step->is_mirrored ? drawn->target : drawn->source;
        step->last = step->is_mirrored ? drawn->source : drawn->target;
        step->is_chained = step->first == end;
        written[step->first] += step->is_chained ? 0 : 1;
        written[step->last]++;
    }
    for (int vertex = 0; vertex < query->vertex_count; vertex++) {
        writer->has_vertex_name[vertex] |= written[vertex] > 1;
    }
}

static void put_vertex(struct writer *writer, int vertex)
{
    put(writer, "(");
    if (writer->is_written[vertex] && toss(writer, 8)) {
        put(writer, "w%d", writer->other_count);
        writer->other_names[writer->other_count++] = vertex;
    } else if (writer->has_vertex_name[vertex]) {
        put(writer, "v%d", vertex);
        writer->is_written[vertex] = true;
    }
    put(writer, "%s)", toss(writer, 8) ? ":IP" : "");
}

/* An undirected edge has both arrows or none. */
static void put_edge(struct writer *writer, int edge, bool is_undirected, bool is_mirrored)
{
    bool has_both = is_undirected && toss(writer, 3);
    put(writer, "%s", has_both || (is_mirrored && !is_undirected) ? "<-" : "-");
    if (writer->has_edge_name[edge]) {
        put(writer, "[e%d%s]", edge, toss(writer, 8) ? ":Netflow" : "");
    } else if (!toss(writer, 3)) {
        put(writer, "[%s]", toss(writer, 4) ? ":Netflow" : "");
    }
    put(writer, "%s", has_both || (!is_mirrored && !is_undirected) ? "->" : "-");
}

static void write_pattern(struct writer *writer, const struct oracle_query *query)
{
    struct step steps[ORACLE_EDGES_MAX];
    mark_names(writer, query);
    lay_out(writer, query, steps);
    for (int edge = 0; edge < query->edge_count; edge++) {
        bool is_new_match = edge == 0 || query->edges[edge].match != query->edges[edge - 1].match;
        if (is_new_match) {
            put(writer, "%s", edge > 0 ? "\n" : "");
            put_keyword(writer, "MATCH ", "match ");
        } else if (!steps[edge].is_chained) {
            put(writer, ", ");
        }
        if (is_new_match || !steps[edge].is_chained) {
            put_vertex(writer, steps[edge].first);
        }
        put_edge(writer, edge, query->edges[edge].is_undirected, steps[edge].is_mirrored);
        put_vertex(writer, steps[edge].last);
    }
}

static const char *const signs[ORACLE_COMPARISONS] = {"<", "<=", "=", "<>", ">", ">="};
static const char *const turned_signs[ORACLE_COMPARISONS] = {">", ">=", "=", "<>", "<", "<="};

static void put_duration(struct writer *writer, int64_t duration)
{
    if (duration % SECOND == 0 && !toss(writer, 6)) {
        put(writer, "duration({seconds: %" PRId64 "})", duration / SECOND);
    } else {
        put(writer, "duration({milliseconds: %" PRId64 "})", duration / 1000000);
    }
}

static void put_time_difference(struct writer *writer, const struct oracle_literal *literal)
{
    const char *sign = signs[literal->comparison];
    const char *turned = turned_signs[literal->comparison];
    int64_t size = literal->number < 0 ? -literal->number : literal->number;
    const char *plus = literal->number < 0 ? "-" : "+";
    if (literal->number == 0 && !toss(writer, 4)) {
        if (toss(writer, 2)) {
            put(writer, "e%d.StartTime %s e%d.StartTime", literal->right, sign, literal->left);
        } else {
            put(writer, "e%d.StartTime %s e%d.StartTime", literal->left, turned, literal->right);
        }
    } else if (literal->number > 0 && toss(writer, 3)) {
        put(writer, "e%d.StartTime - e%d.StartTime %s ", literal->right, literal->left, sign);
        put_duration(writer, size);
    } else if (toss(writer, 2)) {
        put(writer, "e%d.StartTime %s e%d.StartTime %s ", literal->right, sign, literal->left,
            plus);
        put_duration(writer, size);
    } else {
        put(writer, "e%d.StartTime %s ", literal->left, plus);
        put_duration(writer, size);
        put(writer, " %s e%d.StartTime", turned, literal->right);
    }
}

static void put_literal(struct writer *writer, const struct oracle_literal *literal)
{
    const char *sign = signs[literal->comparison];
    const char *turned = turned_signs[literal->comparison];
    int left = literal->left;
    int right = literal->right;
    switch (literal->kind) {
    case ORACLE_TIME_DIFFERENCE:
        put_time_difference(writer, literal);
        return;
    case ORACLE_BYTES:
        if (toss(writer, 4)) {
            put(writer, "%" PRId64 " %s e%d.TotBytes", literal->number, turned, left);
        } else {
            put(writer, "e%d.TotBytes %s %" PRId64, left, sign, literal->number);
        }
        return;
    case ORACLE_BYTES_PAIR:
        put(writer, "e%d.TotBytes %s e%d.TotBytes", left, sign, right);
        return;
    case ORACLE_BYTES_SUM:
        put(writer, "e%d.TotBytes + e%d.TotBytes %s %" PRId64, left, right, sign, literal->number);
        return;
    case ORACLE_BYTES_IS_NULL:
        put(writer, "e%d.TotBytes IS NULL", left);
        return;
    case ORACLE_DURATION_RATIO:
        put(writer, "e%d.Dur %s (e%d.Dur / %" PRId64 ")", left, sign, right, literal->number);
        return;
    case ORACLE_PROTOCOL:
        put(writer, "e%d.Proto %s '%s'", left, sign, literal->text);
        return;
    case ORACLE_PROTOCOL_PAIR:
        put(writer, "e%d.Proto %s e%d.Proto", left, sign, right);
        return;
    case ORACLE_VERTEX_PAIR:
        if (toss(writer, 3)) {
            put(writer, "v%d.IPAddr %s v%d.IPAddr", left, sign, right);
        } else {
            put(writer, "v%d %s v%d", left, sign, right);
        }
        return;
    case ORACLE_VERTEX_NAME:
        put(writer, "v%d.IPAddr %s '%s'", left, sign, case_names[literal->number]);
        return;
    case ORACLE_SOURCE_NAME:
        put(writer, "e%d.SrcAddr %s '%s'", left, sign, case_names[literal->number]);
        return;
    case ORACLE_KINDS:
        return;
    }
}

static bool is_membership(const struct oracle_clause *clause)
{
    bool is_one = clause->literal_count > 1;
    for (int index = 0; index < clause->literal_count; index++) {
        const struct oracle_literal *literal = &clause->literals[index];
        is_one = is_one && literal->kind == ORACLE_BYTES && literal->comparison == ORACLE_EQUAL &&
                 !literal->is_negated && literal->left == clause->literals[0].left;
    }
    return is_one;
}

static void put_clause(struct writer *writer, const struct oracle_clause *clause)
{
    if (is_membership(clause)) {
        put(writer, "e%d.TotBytes IN [", clause->literals[0].left);
        for (int index = 0; index < clause->literal_count; index++) {
            put(writer, "%s%" PRId64, index > 0 ? ", " : "", clause->literals[index].number);
        }
        put(writer, "]");
        return;
    }
    bool is_negation = clause->literal_count > 1;
    for (int index = 0; index < clause->literal_count; index++) {
        is_negation = is_negation && clause->literals[index].is_negated;
    }
    bool is_wrapped = is_negation || clause->literal_count > 1;
    put(writer, "%s%s", is_negation ? "NOT " : "", is_wrapped ? "(" : "");
    for (int index = 0; index < clause->literal_count; index++) {
        put(writer, "%s", index == 0 ? "" : is_negation ? " AND " : " OR ");
        bool is_negated = clause->literals[index].is_negated && !is_negation;
        put(writer, "%s", is_negated ? "NOT (" : "");
        put_literal(writer, &clause->literals[index]);
        put(writer, "%s", is_negated ? ")" : "");
    }
    put(writer, "%s", is_wrapped ? ")" : "");
}

/* That a vertex with another name is the same one. */
static void put_sameness(struct writer *writer, int other)
{
    int vertex = writer->other_names[other];
    const char *address = toss(writer, 3) ? ".IPAddr" : "";
    if (toss(writer, 2)) {
        put(writer, "w%d%s = v%d%s", other, address, vertex, address);
    } else {
        put(writer, "v%d%s = w%d%s", vertex, address, other, address);
    }
}

static void write_conditions(struct writer *writer, const struct oracle_query *query)
{
    for (int index = 0; index < query->clause_count + writer->other_count; index++) {
        put(writer, "\n%s", index == 0 ? "WHERE " : "  AND ");
        if (index < query->clause_count) {
            put_clause(writer, &query->clauses[index]);
        } else {
            put_sameness(writer, index - query->clause_count);
        }
    }
}

static void write_return(struct writer *writer, const struct oracle_query *query)
{
    put(writer, "\n");
    put_keyword(writer, "RETURN ", "return ");
    int last = query->vertex_count - 1;
    switch (query->form) {
    case ORACLE_ROWS:
    case ORACLE_TOP:
        for (int edge = 0; edge < query->edge_count; edge++) {
            put(writer, "%se%d.Id AS r%d", edge > 0 ? ", " : "", edge, edge);
        }
        for (int vertex = 0; query->form == ORACLE_ROWS && vertex <= last; vertex++) {
            put(writer, ", v%d.IPAddr", vertex);
        }
        break;
    case ORACLE_COUNT:
        put(writer, "count(*) AS n, sum(e0.TotBytes), min(e0.TotBytes), max(e0.TotBytes), "
                    "count(e0.TotBytes), avg(e0.TotBytes)");
        break;
    case ORACLE_GROUPS:
        put(writer, "v0.IPAddr, count(*), sum(e0.TotBytes), count(DISTINCT v%d)", last);
        break;
    case ORACLE_DISTINCT:
        put(writer, "DISTINCT v0.IPAddr, v%d.IPAddr AS last", last);
        break;
    case ORACLE_FORMS:
        break;
    }
    if (query->form == ORACLE_TOP) {
        put(writer, " ORDER BY e0.TotBytes DESC");
    }
    if (query->skip > 0) {
        put(writer, " SKIP %d", query->skip);
    }
    if (query->limit >= 0) {
        put(writer, " LIMIT %d", query->limit);
    }
}
