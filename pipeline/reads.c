/* Which slots a term reads: so that a condition is checked as soon as it can be. */
#include "pipeline/compile.h"

static bool properties_read(const struct pattern_properties *properties, read_slot *visit,
                            void *context)
{
    bool is_known = properties->map == NULL || term_reads(properties->map, visit, context);
    for (uint32_t i = 0; i < properties->count; i++) {
        is_known = term_reads(properties->values[i], visit, context) && is_known;
    }
    return is_known;
}

bool pattern_reads(const struct pattern *pattern, read_slot *visit, void *context)
{
    bool is_known = true;
    for (uint32_t i = 0; i < pattern->vertex_count; i++) {
        if (pattern->vertices[i].is_bound) {
            visit(context, pattern->vertices[i].slot);
        }
        is_known = properties_read(&pattern->vertices[i].properties, visit, context) && is_known;
    }
    for (uint32_t i = 0; i < pattern->edge_count; i++) {
        if (pattern->edges[i].is_bound) {
            visit(context, pattern->edges[i].slot);
        }
        is_known = properties_read(&pattern->edges[i].properties, visit, context) && is_known;
    }
    for (uint32_t i = 0; i < pattern->condition_count; i++) {
        is_known = term_reads(pattern->conditions[i].term, visit, context) && is_known;
    }
    return is_known;
}

bool term_reads(const struct term *term, read_slot *visit, void *context)
{
    if (term->kind == AST_VARIABLE) {
        visit(context, term->slot);
    }
    bool is_known = term->subquery == NULL;
    if (term->pattern != NULL) {
        is_known = pattern_reads(term->pattern, visit, context) && is_known;
    }
    for (uint32_t i = 0; i < term->child_count; i++) {
        if (term->children[i] != NULL) {
            is_known = term_reads(term->children[i], visit, context) && is_known;
        }
    }
    return is_known;
}
