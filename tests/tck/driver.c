/* Answers queries over graphs that CREATE made, for run_tck.py. A request is lines of
 *
 *     KIND NAME BYTES \n TEXT \n
 *
 * with KIND reset, create, param (NAME = the value of the expression TEXT) or query; a query is
 * answered by `rows COLUMNS ROWS` and that many texts (the names, then the cells as literals), or
 * by `error compile time|runtime|set-up` and a text. A text is its length in a line, then itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "pipeline/compiled.h"
#include "query/parse.h"
#include "tests/tck/create.h"
#include "value/text.h"

enum { PARAMETERS_MAX = 16 };

struct session {
    struct world world;
    struct pool pool;
    struct value_entry parameters[PARAMETERS_MAX];
    uint32_t parameter_count;
    struct error setup_error;
};

static void put_text(struct bytes text)
{
    printf("%zu\n", text.size);
    fwrite(text.data, 1, text.size, stdout);
    putchar('\n');
}

static void put_error(const char *phase, const struct error *error)
{
    printf("error %s\n", phase);
    put_text(bytes_of(error->text));
}

struct printer {
    const struct world *world;
    char *text;
    size_t size;
};

static void print_value(struct printer *printer, struct value value);

static void print(struct printer *printer, struct bytes text)
{
    printer->text = realloc(printer->text, printer->size + text.size + 1);
    CHECK(printer->text != NULL);
    memcpy(printer->text + printer->size, text.data, text.size);
    printer->size += text.size;
}

static void print_map(struct printer *printer, struct value map)
{
    if (map.count > 0) {
        print(printer, bytes_of(" "));
        print_value(printer, map);
    }
}

static void print_node(struct printer *printer, uint32_t vertex)
{
    const struct world_node *node = &printer->world->nodes[vertex];
    print(printer, bytes_of("("));
    for (uint32_t i = 0; i < node->labels.count; i++) {
        print(printer, bytes_of(":"));
        print(printer, value_text_view(node->labels.items[i]));
    }
    print_map(printer, node->properties);
    print(printer, bytes_of(")"));
}

static const struct world_edge *edge_of(const struct printer *printer, uint64_t flow)
{
    return &printer->world->edges[printer->world->edge_at[edge_position(flow)]];
}

static void print_edge(struct printer *printer, uint64_t flow)
{
    const struct world_edge *edge = edge_of(printer, flow);
    print(printer, bytes_of("[:"));
    print(printer, value_text_view(edge->type));
    print_map(printer, edge->properties);
    print(printer, bytes_of("]"));
}

static void print_path(struct printer *printer, const struct value_path *path)
{
    print(printer, bytes_of("<"));
    print_node(printer, path->vertices[0]);
    for (uint32_t i = 0; i < path->length; i++) {
        bool is_right = edge_of(printer, path->edges[i])->source == path->vertices[i];
        print(printer, bytes_of(is_right ? "-" : "<-"));
        print_edge(printer, path->edges[i]);
        print(printer, bytes_of(is_right ? "->" : "-"));
        print_node(printer, path->vertices[i + 1]);
    }
    print(printer, bytes_of(">"));
}

static enum status name_entity(void *context, struct value entity, struct pool *pool,
                               struct value *text, struct error *error)
{
    struct printer printer = {.world = context};
    if (entity.kind == VALUE_VERTEX) {
        print_node(&printer, entity.vertex);
    } else if (entity.kind == VALUE_EDGE) {
        print_edge(&printer, entity.edge);
    } else {
        print_path(&printer, entity.path);
    }
    enum status status = pool_copy_text(pool, bytes_view(printer.text, printer.size), text, error);
    free(printer.text);
    return status;
}

static void print_value(struct printer *printer, struct value value)
{
    struct value_naming naming = {name_entity, (void *)(uintptr_t)printer->world, false, false};
    struct pool pool = {0};
    struct value text;
    struct error error = {0};
    CHECK(value_to_literal(value, &naming, &pool, &text, &error) == STATUS_OK);
    print(printer, value_text_view(text));
    pool_close(&pool);
}

static void put_answer(const struct session *session, const struct answer *answer)
{
    printf("rows %u %lu\n", answer->column_count, (unsigned long)answer->row_count);
    for (uint32_t i = 0; i < answer->column_count; i++) {
        put_text(bytes_of(answer->names[i]));
    }
    for (uint64_t row = 0; row < answer->row_count; row++) {
        for (uint32_t i = 0; i < answer->column_count; i++) {
            struct printer printer = {.world = &session->world};
            print_value(&printer, answer_row(answer, row)[i]);
            put_text(bytes_view(printer.text, printer.size));
            free(printer.text);
        }
    }
}

/* Runs a query; its first value is copied when `first` is wanted, else its rows are put out. */
static enum status run_query(struct session *session, struct bytes text, struct value *first,
                             const char **phase, struct error *error)
{
    struct source source = {text, "query", error};
    struct value parameters = pool_map_of(session->parameters, session->parameter_count);
    struct chain memory = {0};
    struct ast_query *query = NULL;
    struct compiled *compiled = NULL;
    struct answer *answer = NULL;
    struct match_statistics statistics;
    struct stop stop;
    stop_init(&stop, 0);
    struct run_options options = {.stop = &stop};
    *phase = "compile time";
    enum status status = parse_query(&query, &source, &memory);
    if (status == STATUS_OK) {
        status = compile_query(&compiled, query, &source, &session->world.entities, parameters);
    }
    if (status == STATUS_OK) {
        *phase = "runtime";
        status = compiled_run(&answer, compiled, &options, &statistics, error);
    }
    if (status == STATUS_OK && first != NULL) {
        CHECK(pool_copy(&session->pool, answer_row(answer, 0)[0], first, error) == STATUS_OK);
    } else if (status == STATUS_OK) {
        put_answer(session, answer);
    }
    answer_close(answer);
    compiled_close(compiled);
    chain_close(&memory);
    return status;
}

static void reset(struct session *session)
{
    world_close(&session->world);
    pool_close(&session->pool);
    session->pool = (struct pool){0};
    session->parameter_count = 0;
    error_clear(&session->setup_error);
    world_open(&session->world);
}

static void set_parameter(struct session *session, const char *name, struct bytes text)
{
    char query[4096];
    struct value key;
    struct value value;
    const char *phase = NULL;
    int size = snprintf(query, sizeof query, "RETURN %.*s", (int)text.size, text.data);
    CHECK(size < (int)sizeof query && session->parameter_count < PARAMETERS_MAX);
    if (run_query(session, bytes_view(query, (size_t)size), &value, &phase,
                  &session->setup_error) == STATUS_OK) {
        CHECK(pool_copy_text(&session->pool, bytes_of(name), &key, &session->setup_error) ==
              STATUS_OK);
        session->parameters[session->parameter_count++] =
            (struct value_entry){value_text_view(key), value};
    }
}

static void answer_query(struct session *session, struct bytes text)
{
    struct error error = {0};
    const char *phase = NULL;
    if (session->setup_error.status != STATUS_OK) {
        put_error("set-up", &session->setup_error);
    } else if (run_query(session, text, NULL, &phase, &error) != STATUS_OK) {
        put_error(phase, &error);
    }
    fflush(stdout);
}

int main(void)
{
    static struct session session;
    char kind[16];
    char name[256];
    size_t size = 0;
    world_open(&session.world);
    while (scanf("%15s %255s %zu", kind, name, &size) == 3) {
        char *text = malloc(size + 1);
        CHECK(text != NULL && getchar() == '\n' && fread(text, 1, size, stdin) == size);
        struct bytes bytes = bytes_view(text, size);
        if (strcmp(kind, "reset") == 0) {
            reset(&session);
        } else if (strcmp(kind, "create") == 0) {
            (void)create_run(&session.world, bytes, &session.setup_error);
        } else if (strcmp(kind, "param") == 0) {
            set_parameter(&session, name, bytes);
        } else {
            answer_query(&session, bytes);
        }
        free(text);
    }
    world_close(&session.world);
    pool_close(&session.pool);
    return 0;
}
