/* A set-up query is run clause by clause over a table of rows. A reading clause becomes a query of
 * its own, over the rows as a parameter:
 *
 *     UNWIND $rows AS row WITH row.a AS a, row.b AS b <clause> RETURN *
 *
 * and CREATE takes its property maps from such a query too. So whatever the language can, set-ups
 * can. */
#include "tests/tck/create.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "pipeline/compiled.h"
#include "query/parse.h"

enum { NAMES_MAX = 2000, TEXT_BYTES_MAX = 1 << 18 };

struct setup {
    struct world *world;
    const struct source *source;
    struct bytes names[NAMES_MAX]; /* of variables so far */
    uint32_t name_count;
    struct value *rows; /* [row_count] maps of these */
    uint32_t row_count;
    struct pool pool; /* of everything */
    struct error *error;
};

/* A query being written. */
struct writing {
    char *text; /* [TEXT_BYTES_MAX] */
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void put(struct writing *writing, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = TEXT_BYTES_MAX - writing->length;
    int wanted = vsnprintf(writing->text + writing->length, room, format, arguments);
    va_end(arguments);
    CHECK(wanted >= 0 && (size_t)wanted < room);
    writing->length += (size_t)wanted;
}

static void *take(struct setup *setup, size_t count, size_t size)
{
    struct error error = {0};
    void *block = pool_allocate(&setup->pool, count + 1, size, &error);
    CHECK(block != NULL);
    return block;
}

/* Names are given as parameters' keys: quoted, since any name may come. */
static struct writing write_head(struct setup *setup)
{
    struct writing writing = {.text = take(setup, TEXT_BYTES_MAX, 1)};
    put(&writing, "UNWIND $rows AS ` row` WITH ` row`");
    for (uint32_t i = 0; i < setup->name_count; i++) {
        int size = (int)setup->names[i].size;
        const char *name = setup->names[i].data;
        put(&writing, ", ` row`.`%.*s` AS `%.*s`", size, name, size, name);
    }
    return writing;
}

/* Runs a query over the rows; the answer's columns and rows. */
static enum status run_over_rows(struct setup *setup, const char *text, struct answer **answer)
{
    struct value_entry entry = {bytes_of("rows"), value_list_of(setup->rows, setup->row_count)};
    struct value parameters = {.kind = VALUE_MAP, .count = 1, .entries = &entry};
    struct source source = {bytes_of(text), "set-up", setup->error};
    struct chain memory = {0};
    struct ast_query *query = NULL;
    struct compiled *compiled = NULL;
    struct match_statistics statistics;
    struct stop stop;
    stop_init(&stop, 0);
    struct run_options options = {.stop = &stop};
    *answer = NULL;
    enum status status = parse_query(&query, &source, &memory);
    if (status == STATUS_OK) {
        status = compile_query(&compiled, query, &source, &setup->world->entities, parameters);
    }
    if (status == STATUS_OK) {
        status = compiled_run(answer, compiled, &options, &statistics, setup->error);
        for (uint32_t i = 0; status == STATUS_OK && i < (*answer)->column_count; i++) {
            struct value name;
            CHECK(pool_copy_text(&setup->pool, bytes_of((*answer)->names[i]), &name,
                                 setup->error) == STATUS_OK);
            setup->names[i] = value_text_view(name);
        }
    }
    if (status == STATUS_OK) {
        (*answer)->names = NULL; /* they go with the compiled query */
    }
    compiled_close(compiled);
    chain_close(&memory);
    return status;
}

/* The rows become those of the answer, as maps; the column of the rows themselves is left out. */
static void set_rows(struct setup *setup, const struct answer *answer)
{
    uint32_t count = 0;
    uint32_t *columns = take(setup, answer->column_count, sizeof *columns);
    for (uint32_t i = 0; i < answer->column_count; i++) {
        if (!bytes_equal(setup->names[i], bytes_of(" row"))) {
            setup->names[count] = setup->names[i];
            columns[count++] = i;
        }
    }
    setup->name_count = count;
    setup->row_count = (uint32_t)answer->row_count;
    setup->rows = take(setup, setup->row_count, sizeof *setup->rows);
    for (uint32_t row = 0; row < setup->row_count; row++) {
        struct value_entry *entries = take(setup, count, sizeof *entries);
        for (uint32_t i = 0; i < count; i++) {
            struct value copied;
            CHECK(pool_copy(&setup->pool, answer_row(answer, row)[columns[i]], &copied,
                            setup->error) == STATUS_OK);
            entries[i] = (struct value_entry){setup->names[i], copied};
        }
        setup->rows[row] = pool_map_of(entries, count);
    }
}

static enum status run_reading(struct setup *setup, const struct ast_clause *clause)
{
    struct writing query = write_head(setup);
    struct bytes written = source_text(setup->source, clause->span);
    put(&query, " %.*s RETURN *", (int)written.size, written.data);
    struct answer *answer = NULL;
    TRY(run_over_rows(setup, query.text, &answer));
    set_rows(setup, answer);
    answer_close(answer);
    return STATUS_OK;
}

/* The property maps of a path's elements, for every row: [row][element]. */
struct maps {
    struct value *values;
    uint32_t count;
};

static void put_map(const struct setup *setup, struct writing *query, struct maps *maps,
                    const struct ast_expression *map)
{
    struct bytes written = map == NULL ? bytes_of("{}") : source_text(setup->source, map->span);
    put(query, "%s%.*s", maps->count == 0 ? "" : ", ", (int)written.size, written.data);
    maps->count++;
}

static enum status read_maps(struct setup *setup, const struct ast_path *path, struct maps *maps)
{
    struct writing query = write_head(setup);
    put(&query, " RETURN [");
    for (uint32_t i = 0; i < path->node_count; i++) {
        put_map(setup, &query, maps, path->nodes[i]->properties);
        if (i < path->relationship_count) {
            put_map(setup, &query, maps, path->relationships[i]->properties);
        }
    }
    put(&query, "] AS maps");
    struct answer *answer = NULL;
    struct bytes names[NAMES_MAX];
    memcpy(names, setup->names, sizeof names);
    TRY(run_over_rows(setup, query.text, &answer));
    memcpy(setup->names, names, sizeof names);
    maps->values = take(setup, (size_t)setup->row_count * maps->count, sizeof *maps->values);
    for (uint32_t row = 0; row < setup->row_count; row++) {
        struct value copied;
        CHECK(pool_copy(&setup->pool, answer_row(answer, row)[0], &copied, setup->error) ==
              STATUS_OK);
        memcpy(maps->values + (size_t)row * maps->count, copied.items, maps->count * sizeof copied);
    }
    answer_close(answer);
    return STATUS_OK;
}

/* A row's variables while it creates. Those of edges stay null: numbers of flows change. */
struct creation {
    struct value *values;    /* [NAMES_MAX] by name */
    const struct value *map; /* the next element's properties */
};

static uint32_t name_index(struct setup *setup, struct bytes name)
{
    uint32_t i = 0;
    while (i < setup->name_count && !bytes_equal(setup->names[i], name)) {
        i++;
    }
    if (i == setup->name_count) {
        CHECK(i < NAMES_MAX);
        setup->names[setup->name_count++] = name;
    }
    return i;
}

static struct value label_list(struct setup *setup, const struct ast_names *names)
{
    uint32_t count = names == NULL ? 0 : names->count;
    struct value *items = take(setup, count, sizeof *items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_text_of(names->names[i].text);
    }
    return value_list_of(items, count);
}

static uint32_t create_node(struct setup *setup, struct creation *creation,
                            const struct ast_node *node)
{
    struct value map = *creation->map++;
    bool is_named = node->name.text.data != NULL;
    uint32_t index = is_named ? name_index(setup, node->name.text) : 0;
    if (is_named && creation->values[index].kind == VALUE_VERTEX) {
        return creation->values[index].vertex;
    }
    uint32_t made = world_add_node(setup->world, label_list(setup, node->labels), map);
    if (is_named) {
        creation->values[index] = value_vertex(made);
    }
    return made;
}

static void create_path(struct setup *setup, struct creation *creation, const struct ast_path *path)
{
    uint32_t left = create_node(setup, creation, path->nodes[0]);
    for (uint32_t i = 0; i < path->relationship_count; i++) {
        const struct ast_relationship *relationship = path->relationships[i];
        struct value map = *creation->map++;
        uint32_t right = create_node(setup, creation, path->nodes[i + 1]);
        bool is_left = relationship->direction == AST_LEFT;
        world_add_edge(setup->world, is_left ? right : left, is_left ? left : right,
                       value_text_of(relationship->types->names[0].text), map);
        left = right;
    }
}

static void create_rows(struct setup *setup, const struct ast_path *path, const struct maps *maps)
{
    for (uint32_t row = 0; row < setup->row_count; row++) {
        struct creation creation = {take(setup, NAMES_MAX, sizeof(struct value)),
                                    maps->values + (size_t)row * maps->count};
        for (uint32_t i = 0; i < NAMES_MAX; i++) {
            const struct value *known =
                i < setup->name_count ? value_map_find(setup->rows[row], setup->names[i]) : NULL;
            creation.values[i] = known == NULL ? value_null() : *known;
        }
        create_path(setup, &creation, path);
        struct value_entry *entries = take(setup, setup->name_count, sizeof *entries);
        for (uint32_t i = 0; i < setup->name_count; i++) {
            entries[i] = (struct value_entry){setup->names[i], creation.values[i]};
        }
        setup->rows[row] = pool_map_of(entries, setup->name_count);
    }
}

/* Path by path, since one may use what the path before it made. */
static enum status run_create(struct setup *setup, const struct ast_clause *clause)
{
    for (uint32_t i = 0; i < clause->pattern->count; i++) {
        struct maps maps = {0};
        TRY(read_maps(setup, clause->pattern->paths[i], &maps));
        create_rows(setup, clause->pattern->paths[i], &maps);
    }
    return STATUS_OK;
}

enum status create_run(struct world *world, struct bytes text, struct error *error)
{
    struct chain memory = {0};
    struct ast_query *query = NULL;
    struct source source = {text, "set-up", error};
    struct value no_row = {.kind = VALUE_MAP};
    struct setup *setup = pool_allocate(&world->pool, 1, sizeof *setup, error);
    CHECK(setup != NULL);
    *setup = (struct setup){
        .world = world, .source = &source, .rows = &no_row, .row_count = 1, .error = error};
    enum status status = parse_query(&query, &source, &memory);
    for (uint32_t i = 0; status == STATUS_OK && i < query->branches[0]->count; i++) {
        const struct ast_clause *clause = query->branches[0]->clauses[i];
        if (clause->kind != AST_CREATE && clause->kind != AST_RETURN) {
            world_build(world);
            status = run_reading(setup, clause);
        } else if (clause->kind == AST_CREATE) {
            status = run_create(setup, clause);
        }
    }
    world_build(world);
    pool_close(&setup->pool);
    chain_close(&memory);
    return status;
}
