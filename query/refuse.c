/* What the grammar reads and the binder cannot bind yet is refused here, by name, at its place; a
 * construct that is learnt loses its lines here and nothing else. */
#include "query/parse.h"

static enum status refuse_path(const struct ast_path *path, const struct source *source)
{
    if (path->name.text.data != NULL) {
        return source_error(source, path->name.span.begin, "named paths are not supported");
    }
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_relationship *relationship = path->relationships[i];
        if (relationship->direction == AST_UNDIRECTED) {
            return source_error(
                source, relationship->span.begin,
                "undirected relationships are not supported: write -[e]-> or <-[e]-");
        }
        if (relationship->range != NULL) {
            return source_error(source, relationship->range->span.begin,
                                "relationships of variable length are not supported: write each "
                                "one, as in (a)-[e1]->()-[e2]->(b)");
        }
    }
    return STATUS_OK;
}

enum status refuse_unsupported(const struct ast_query *query, const struct source *source)
{
    for (uint32_t i = 0; i < query->count; i++) {
        const struct ast_pattern *pattern = query->clauses[i]->pattern;
        for (uint32_t j = 0; pattern != NULL && j < pattern->count; j++) {
            TRY(refuse_path(pattern->paths[j], source));
        }
    }
    return STATUS_OK;
}
