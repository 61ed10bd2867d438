/* Shows a plan: what became a filter, a window, a step, or is left to the end. */
#include <inttypes.h>
#include <stdio.h>

#include "query/plan.h"
#include "query/plan_text.h"

struct shown {
    const struct plan *plan;
    const struct bound_query *query;
    bool is_profile;
    struct plan_text *text;
};

enum { NAME_BYTES = 96, EXPRESSION_BYTES = 512 };

static void show_filters(const struct shown *shown);
static void show_windows(const struct shown *shown);
static void show_steps(const struct shown *shown);
static void show_flows(const struct shown *shown);
static void show_ring(const struct shown *shown);
static void json_conjuncts(const struct shown *shown);
static void json_edges(const struct shown *shown);
static void json_windows(const struct shown *shown);
static void json_steps(const struct shown *shown);
static void json_ring(const struct shown *shown);

void plan_show(const struct plan *plan, const struct bound_query *query, bool is_profile,
               struct plan_text *text)
{
    struct shown shown = {plan, query, is_profile, text};
    if (plan->is_empty) {
        plan_text_put(text,
                      "no match is possible: a condition contradicts the others or the data\n");
    }
    show_filters(&shown);
    show_windows(&shown);
    if (plan->ring.hop_count > 0) {
        show_ring(&shown);
        return;
    }
    show_steps(&shown);
    show_flows(&shown);
}

void plan_show_json(const struct plan *plan, const struct bound_query *query, bool is_profile,
                    struct plan_text *text)
{
    struct shown shown = {plan, query, is_profile, text};
    plan_text_put(text, "{\"empty\": %s, ", plan->is_empty ? "true" : "false");
    json_conjuncts(&shown);
    plan_text_put(text, ", ");
    json_edges(&shown);
    plan_text_put(text, ", ");
    json_windows(&shown);
    plan_text_put(text, ", ");
    if (plan->ring.hop_count > 0) {
        json_ring(&shown);
    } else {
        json_steps(&shown);
    }
    plan_text_put(text, "}");
}

uint32_t plan_format(const struct plan *plan, const struct bound_query *query, bool is_profile,
                     char *text, uint32_t text_bytes)
{
    struct plan_text sheet = {.text = text, .size = text_bytes};
    plan_show(plan, query, is_profile, &sheet);
    return sheet.length;
}

uint32_t plan_format_json(const struct plan *plan, const struct bound_query *query, bool is_profile,
                          char *text, uint32_t text_bytes)
{
    struct plan_text sheet = {.text = text, .size = text_bytes};
    plan_show_json(plan, query, is_profile, &sheet);
    return sheet.length;
}

static const char *vertex_text(const struct shown *shown, uint32_t vertex, char *text)
{
    const char *name = shown->query->vertices[vertex].name;
    snprintf(text, NAME_BYTES, "(%s)", name == NULL ? "" : name);
    return text;
}

static const char *edge_name(const struct shown *shown, uint32_t edge, char *text)
{
    const char *name = shown->query->edges[edge].name;
    if (name != NULL) {
        snprintf(text, NAME_BYTES, "%s", name);
    } else {
        snprintf(text, NAME_BYTES, "edge %" PRIu32, edge + 1);
    }
    return text;
}

/* (a)-[e1]->(b), or (a)-[e1]-(b) */
static const char *edge_text(const struct shown *shown, uint32_t edge, char *text)
{
    char source[NAME_BYTES];
    char target[NAME_BYTES];
    char name[NAME_BYTES];
    const struct bound_edge *bound = &shown->query->edges[edge];
    snprintf(text, 4 * NAME_BYTES, "%s-[%s]-%s%s", vertex_text(shown, bound->source, source),
             edge_name(shown, edge, name), bound->is_undirected ? "" : ">",
             vertex_text(shown, bound->target, target));
    return text;
}

static const char *kind_text(enum predicate_kind kind)
{
    switch (kind) {
    case PREDICATE_CONSTANT:
        return "constant";
    case PREDICATE_VERTEX:
        return "address filter";
    case PREDICATE_EDGE:
        return "flow filter";
    case PREDICATE_STRUCTURE:
        return "structure";
    case PREDICATE_RESIDUAL:
        return "residual";
    }
    return "";
}

static const char *conjunct_text(const struct shown *shown, uint32_t index, char *text)
{
    uint32_t wanted = expression_format(shown->query, shown->query->predicates[index].expression,
                                        text, EXPRESSION_BYTES);
    if (wanted >= EXPRESSION_BYTES) {
        struct bytes cut = plan_text_cut(bytes_of(text), EXPRESSION_BYTES - 5);
        snprintf(text + cut.size, 5, " ...");
    }
    return text;
}

static void show_filters(const struct shown *shown)
{
    const struct bound_query *query = shown->query;
    char text[EXPRESSION_BYTES];
    char name[NAME_BYTES];
    uint32_t external_count = shown->plan->has_externals ? query->external_count : 0;
    if (query->predicate_count + external_count > 0) {
        plan_text_put(shown->text, "conditions\n");
    }
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        plan_text_put(shown->text, "  %-14s  %s\n", kind_text(query->predicates[i].kind),
                      conjunct_text(shown, i, text));
    }
    for (uint32_t i = 0; i < external_count; i++) {
        plan_text_put(shown->text, "  %-14s  ", kind_text(query->externals[i].kind));
        plan_text_put_bytes(shown->text, query->externals[i].text);
        plan_text_put(shown->text, "\n");
    }
    if (query->edge_count > 0) {
        plan_text_put(shown->text, "flows that pass the filters\n");
    }
    for (uint32_t e = 0; e < query->edge_count; e++) {
        plan_text_put(shown->text, "  %-14s  %" PRIu64 " of %" PRIu64 "\n",
                      edge_name(shown, e, name), shown->plan->pass_counts[e],
                      query->edges[e].frame->flow_count);
    }
}

/* The tightest things that are known of time[j] - time[i]; the limits are closed, so that this
 * shows what follows as well as what was written. */
static bool window_of(const struct shown *shown, uint32_t i, uint32_t j, int64_t *least,
                      int64_t *greatest)
{
    int64_t back = shown->query->window.limit_ns[j][i];
    *greatest = shown->query->window.limit_ns[i][j];
    *least = back == WINDOW_NONE ? INT64_MIN : -back;
    return *greatest != WINDOW_NONE || back != WINDOW_NONE;
}

static void show_windows(const struct shown *shown)
{
    uint32_t count = shown->query->edge_count;
    char first[NAME_BYTES];
    char second[NAME_BYTES];
    char bound[DURATION_TEXT_BYTES];
    bool is_titled = false;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = i + 1; j < count; j++) {
            int64_t least;
            int64_t greatest;
            if (!window_of(shown, i, j, &least, &greatest)) {
                continue;
            }
            plan_text_put(shown->text, "%s  ", is_titled ? "" : "windows between start times\n");
            is_titled = true;
            if (least != INT64_MIN) {
                duration_format(least, bound);
                plan_text_put(shown->text, "%s <= ", bound);
            }
            plan_text_put(shown->text, "%s - %s", edge_name(shown, j, second),
                          edge_name(shown, i, first));
            if (greatest != WINDOW_NONE) {
                duration_format(greatest, bound);
                plan_text_put(shown->text, " <= %s", bound);
            }
            plan_text_put(shown->text, "\n");
        }
    }
}

static const char *step_verb(enum plan_step_kind kind)
{
    switch (kind) {
    case STEP_SCAN_LINKS:
        return "scan links";
    case STEP_SCAN_VERTICES:
        return "scan addresses";
    case STEP_SEEK_VERTEX:
        return "seek address";
    case STEP_EXTEND:
        return "extend";
    case STEP_CLOSE:
        return "close";
    }
    return "";
}

static void show_steps(const struct shown *shown)
{
    char text[4 * NAME_BYTES];
    plan_text_put(shown->text, "structure");
    if (shown->plan->orientation_count > 1) {
        plan_text_put(shown->text, ", for all %" PRIu32 " orientations of the undirected flows",
                      shown->plan->orientation_count);
    }
    plan_text_put(shown->text, "\n");
    for (uint32_t s = 0; s < shown->plan->step_count; s++) {
        const struct plan_step *step = &shown->plan->steps[s];
        plan_text_put(shown->text, "  %2" PRIu32 "  %-14s", s + 1, step_verb(step->kind));
        if (step->kind != STEP_SCAN_LINKS && step->kind != STEP_CLOSE) {
            plan_text_put(shown->text, "  %s", vertex_text(shown, step->vertex, text));
        }
        for (uint32_t i = 0; i < step->edge_count; i++) {
            plan_text_put(shown->text, "  %s", edge_text(shown, step->edges[i], text));
        }
        if (step->is_counted) {
            plan_text_put(shown->text, "  counted by time");
        } else if (step->by_time) {
            plan_text_put(shown->text, "  by time");
        }
        plan_text_put(shown->text, "  about %.0f", step->estimate);
        if (shown->is_profile) {
            plan_text_put(shown->text, ", visited %" PRIu64 ", passed %" PRIu64, step->visited,
                          step->produced);
        }
        plan_text_put(shown->text, "\n");
    }
}

static void show_flows(const struct shown *shown)
{
    char name[NAME_BYTES];
    if (shown->query->edge_count == 0) {
        return;
    }
    plan_text_put(shown->text,
                  "time, per way to lay the pattern on links: the link with fewest flows first\n");
    for (uint32_t e = 0; shown->is_profile && e < shown->query->edge_count; e++) {
        plan_text_put(shown->text, "  %-14s  flows visited %" PRIu64 ", passed %" PRIu64 "\n",
                      edge_name(shown, e, name), shown->plan->flow_visited[e],
                      shown->plan->flow_produced[e]);
    }
}

static void show_ring(const struct shown *shown)
{
    const struct ring *ring = &shown->plan->ring;
    char text[NAME_BYTES];
    char window[DURATION_TEXT_BYTES];
    duration_format(ring->window_ns, window);
    plan_text_put(shown->text, "cycles, searched for as such\n  ");
    for (uint32_t hop = 0; hop < ring->hop_count; hop++) {
        plan_text_put(shown->text, "%s%s", hop > 0 ? ", " : "",
                      edge_name(shown, ring->edges[hop], text));
    }
    plan_text_put(shown->text, " within %s, each %s%s; link by link about %.0f\n", window,
                  ring->is_strict ? "later" : "no earlier",
                  ring->is_simple ? ", no vertex twice" : "", plan_estimate(shown->plan));
}

static void json_conjunct(const struct shown *shown, bool is_first, enum predicate_kind kind,
                          struct bytes words)
{
    plan_text_put(shown->text, "%s{\"kind\": ", is_first ? "" : ", ");
    plan_text_put_json(shown->text, bytes_of(kind_text(kind)));
    plan_text_put(shown->text, ", \"text\": ");
    plan_text_put_json(shown->text, words);
    plan_text_put(shown->text, "}");
}

static void json_conjuncts(const struct shown *shown)
{
    const struct bound_query *query = shown->query;
    uint32_t external_count = shown->plan->has_externals ? query->external_count : 0;
    char text[EXPRESSION_BYTES];
    plan_text_put(shown->text, "\"conditions\": [");
    for (uint32_t i = 0; i < query->predicate_count; i++) {
        json_conjunct(shown, i == 0, query->predicates[i].kind,
                      bytes_of(conjunct_text(shown, i, text)));
    }
    for (uint32_t i = 0; i < external_count; i++) {
        json_conjunct(shown, query->predicate_count + i == 0, query->externals[i].kind,
                      query->externals[i].text);
    }
    plan_text_put(shown->text, "]");
}

static void json_edges(const struct shown *shown)
{
    char text[4 * NAME_BYTES];
    plan_text_put(shown->text, "\"edges\": [");
    for (uint32_t e = 0; e < shown->query->edge_count; e++) {
        plan_text_put(shown->text, "%s{\"edge\": ", e > 0 ? ", " : "");
        plan_text_put_json(shown->text, bytes_of(edge_text(shown, e, text)));
        plan_text_put(shown->text, ", \"flows_passing\": %" PRIu64, shown->plan->pass_counts[e]);
        if (shown->is_profile) {
            plan_text_put(shown->text,
                          ", \"flows_visited\": %" PRIu64 ", \"flows_passed\": %" PRIu64,
                          shown->plan->flow_visited[e], shown->plan->flow_produced[e]);
        }
        plan_text_put(shown->text, "}");
    }
    plan_text_put(shown->text, "]");
}

static void json_windows(const struct shown *shown)
{
    char name[NAME_BYTES];
    bool is_first = true;
    plan_text_put(shown->text, "\"windows\": [");
    for (uint32_t i = 0; i < shown->query->edge_count; i++) {
        for (uint32_t j = i + 1; j < shown->query->edge_count; j++) {
            int64_t least;
            int64_t greatest;
            if (!window_of(shown, i, j, &least, &greatest)) {
                continue;
            }
            plan_text_put(shown->text, "%s{\"from\": ", is_first ? "" : ", ");
            plan_text_put_json(shown->text, bytes_of(edge_name(shown, i, name)));
            plan_text_put(shown->text, ", \"to\": ");
            plan_text_put_json(shown->text, bytes_of(edge_name(shown, j, name)));
            if (least != INT64_MIN) {
                plan_text_put(shown->text, ", \"least_ns\": %" PRId64, least);
            }
            if (greatest != WINDOW_NONE) {
                plan_text_put(shown->text, ", \"greatest_ns\": %" PRId64, greatest);
            }
            plan_text_put(shown->text, "}");
            is_first = false;
        }
    }
    plan_text_put(shown->text, "]");
}

static void json_steps(const struct shown *shown)
{
    char text[4 * NAME_BYTES];
    plan_text_put(shown->text, "\"orientations\": %" PRIu32 ", \"structure\": [",
                  shown->plan->orientation_count);
    for (uint32_t s = 0; s < shown->plan->step_count; s++) {
        const struct plan_step *step = &shown->plan->steps[s];
        plan_text_put(shown->text, "%s{\"step\": ", s > 0 ? ", " : "");
        plan_text_put_json(shown->text, bytes_of(step_verb(step->kind)));
        if (step->kind != STEP_SCAN_LINKS && step->kind != STEP_CLOSE) {
            plan_text_put(shown->text, ", \"vertex\": ");
            plan_text_put_json(shown->text, bytes_of(vertex_text(shown, step->vertex, text)));
        }
        plan_text_put(shown->text, ", \"edges\": [");
        for (uint32_t i = 0; i < step->edge_count; i++) {
            plan_text_put(shown->text, "%s", i > 0 ? ", " : "");
            plan_text_put_json(shown->text, bytes_of(edge_text(shown, step->edges[i], text)));
        }
        plan_text_put(shown->text, "], \"by_time\": %s, \"counted\": %s, \"estimate\": ",
                      step->by_time ? "true" : "false", step->is_counted ? "true" : "false");
        plan_text_put_number(shown->text, step->estimate);
        if (shown->is_profile) {
            plan_text_put(shown->text, ", \"visited\": %" PRIu64 ", \"passed\": %" PRIu64,
                          step->visited, step->produced);
        }
        plan_text_put(shown->text, "}");
    }
    plan_text_put(shown->text, "]");
}

static void json_ring(const struct shown *shown)
{
    const struct ring *ring = &shown->plan->ring;
    char text[NAME_BYTES];
    plan_text_put(shown->text, "\"cycles\": {\"edges\": [");
    for (uint32_t hop = 0; hop < ring->hop_count; hop++) {
        plan_text_put(shown->text, "%s", hop > 0 ? ", " : "");
        plan_text_put_json(shown->text, bytes_of(edge_name(shown, ring->edges[hop], text)));
    }
    plan_text_put(
        shown->text, "], \"window_ns\": %" PRId64 ", \"is_strict\": %s, \"is_simple\": %s}",
        ring->window_ns, ring->is_strict ? "true" : "false", ring->is_simple ? "true" : "false");
}
