/* What the grammar reads and a graph or the typed binder cannot take is refused by name. */
#include "query/parse.h"

#include <string.h>

#include "query/plain.h"

static const char *reason_for(const struct unplain *found)
{
    return strcmp(found->what, "CREATE") == 0 ? ": gyre reads graphs and never changes them" : "";
}

enum status refuse_unsupported(const struct ast_query *query, const struct source *source)
{
    struct unplain found;
    if (!ast_find_unplain(query, &found) || found.what == NULL) {
        return STATUS_OK;
    }
    return source_error(source, found.place, "%s is not supported%s", found.what,
                        reason_for(&found));
}

enum status refuse_writing(const struct ast_query *query, const struct source *source)
{
    for (uint32_t i = 0; i < query->count; i++) {
        const struct ast_branch *branch = query->branches[i];
        for (uint32_t j = 0; j < branch->count; j++) {
            if (branch->clauses[j]->kind == AST_CREATE) {
                return source_error(source, branch->clauses[j]->span.begin,
                                    "CREATE is not supported: gyre reads graphs and never "
                                    "changes them");
            }
        }
    }
    return STATUS_OK;
}
