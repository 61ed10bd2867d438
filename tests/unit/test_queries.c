/* floor: query */
#include "query/parse.h"

#include "tests/support/suite.h"

static enum status parse(const char *text, struct chain *memory, struct ast_query **query,
                         struct error *error)
{
    struct source source = {bytes_of(text), "query", error};
    return parse_query(query, &source, memory);
}

static void a_query_has_all_its_parts(void)
{
    struct error error = {0};
    struct chain memory = {0};
    struct ast_query *query = NULL;
    enum status status =
        parse("explain match (a:IP:Host {IPAddr: '1'})-[e:A|B|:C {x: 1}]->()<--(:`L l`), (b) "
              "Where a.x = 1 MATCH (c) return distinct *, a.x as y order by y desc, a.z "
              "ascending Skip 1 limit 2;",
              &memory, &query, &error);
    CU_ASSERT_EQUAL_FATAL(status, STATUS_OK);
    CU_ASSERT_EQUAL(query->mode, AST_EXPLAIN);
    CU_ASSERT_EQUAL_FATAL(query->branches[0]->count, 3);
    const struct ast_pattern *pattern = query->branches[0]->clauses[0]->pattern;
    CU_ASSERT_EQUAL_FATAL(pattern->count, 2);
    const struct ast_path *path = pattern->paths[0];
    CU_ASSERT_EQUAL(path->node_count, 3);
    CU_ASSERT_EQUAL_FATAL(path->relationship_count, 2);
    CU_ASSERT_EQUAL(path->nodes[0]->labels->count, 2);
    CU_ASSERT_STRING_EQUAL(path->nodes[2]->labels->names[0].text.data, "L l");
    CU_ASSERT_EQUAL(path->relationships[0]->types->count, 3);
    CU_ASSERT_EQUAL(path->relationships[0]->direction, AST_RIGHT);
    CU_ASSERT_EQUAL(path->relationships[1]->direction, AST_LEFT);
    CU_ASSERT_PTR_NULL(path->relationships[1]->name.text.data);
    CU_ASSERT_PTR_NOT_NULL(query->branches[0]->clauses[0]->where);
    CU_ASSERT_PTR_NULL(query->branches[0]->clauses[1]->where);
    const struct ast_projection *projection = query->branches[0]->clauses[2]->projection;
    CU_ASSERT_TRUE(projection->is_distinct && projection->is_star);
    CU_ASSERT_EQUAL(projection->item_count, 1);
    CU_ASSERT_STRING_EQUAL(projection->items[0].alias.text.data, "y");
    CU_ASSERT_EQUAL_FATAL(projection->sort_count, 2);
    CU_ASSERT_TRUE(projection->sorts[0].is_descending && !projection->sorts[1].is_descending);
    CU_ASSERT_EQUAL(projection->skip->integer, 1);
    CU_ASSERT_EQUAL(projection->limit->integer, 2);
    chain_close(&memory);
}

static void several_queries_stand_between_semicolons(void)
{
    struct error error = {0};
    struct chain memory = {0};
    struct ast_queries queries = {0};
    struct source source = {bytes_of("RETURN 1 INTO a;\nMATCH (b) RETURN ';'; // end"), "query",
                            &error};
    CU_ASSERT_EQUAL_FATAL(parse_queries(&queries, &source, &memory), STATUS_OK);
    CU_ASSERT_EQUAL_FATAL(queries.count, 2);
    CU_ASSERT_STRING_EQUAL(queries.queries[0]->into.text.data, "a");
    CU_ASSERT_EQUAL(queries.queries[0]->span.end, 15);
    CU_ASSERT_EQUAL(queries.queries[1]->span.begin, 17);
    CU_ASSERT_EQUAL(queries.queries[1]->branches[0]->count, 2);
    source.text = bytes_of("RETURN 1;\n RETURN (2; RETURN 3");
    CU_ASSERT_EQUAL(parse_queries(&queries, &source, &memory), STATUS_USAGE);
    CU_ASSERT_EQUAL(error.line, 2);
    CU_ASSERT_EQUAL(error.column, 11);
    error = (struct error){0};
    source.text = bytes_of("RETURN 1;; RETURN 2");
    CU_ASSERT_EQUAL(parse_queries(&queries, &source, &memory), STATUS_USAGE);
    CU_ASSERT_EQUAL(error.column, 10);
    chain_close(&memory);
}

int main(void)
{
    CU_TestInfo cases[] = {
        CASE(a_query_has_all_its_parts),
        CASE(several_queries_stand_between_semicolons),
        CU_TEST_INFO_NULL,
    };
    return suite_run("queries", NULL, NULL, cases);
}
