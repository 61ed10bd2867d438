/* The patterns and queries inside expressions; see describe.h. */
#include "pipeline/describe.h"

static void visit_term(const struct term *term, describe_inner *inner, void *context)
{
    if (term == NULL) {
        return;
    }
    if (term->pattern != NULL || term->subquery != NULL) {
        inner(context, term);
    }
    for (uint32_t i = 0; i < term->child_count; i++) {
        visit_term(term->children[i], inner, context);
    }
}

static void visit_properties(const struct pattern_properties *properties, describe_inner *inner,
                             void *context)
{
    visit_term(properties->map, inner, context);
    for (uint32_t i = 0; i < properties->count; i++) {
        visit_term(properties->values[i], inner, context);
    }
}

void describe_pattern_inner(const struct pattern *pattern, describe_inner *inner, void *context)
{
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        visit_properties(&pattern->vertices[i].properties, inner, context);
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        visit_properties(&pattern->edges[i].properties, inner, context);
    }
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        visit_term(pattern->conditions[i].term, inner, context);
    }
}

void describe_stage_inner(const struct stage *stage, describe_inner *inner, void *context)
{
    visit_term(stage->term, inner, context);
    for (uint32_t i = 0; i < stage->item_count; i++) {
        visit_term(stage->items[i].term, inner, context);
    }
    for (uint32_t i = 0; i < stage->fold_count; i++) {
        visit_term(stage->folds[i].argument, inner, context);
        visit_term(stage->folds[i].parameter, inner, context);
    }
    if (stage->kind == STAGE_MATCH) {
        describe_pattern_inner(stage->pattern, inner, context);
    }
}
