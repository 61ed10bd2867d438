/* Drives scanner and grammar, knows the keywords, and words syntax errors.
 *
 * The grammar says exactly which tokens could have stood where it failed (bison's look-ahead
 * correction). That list is cut to what helps: beside something else operators are left out, and
 * all that begins an expression is "an expression". */
#include "query/parse.h"

#include <stdio.h>

#include "query/bound.h"
#include "query/grammar.h"
#include "query/suggest.h"

enum { EXPECTED_SHOWN_MAX = 4, EXPECTED_BYTES = 160, ADVICE_BYTES = 96 };

struct keyword {
    const char *word;
    int token;
};

static const struct keyword keywords[] = {
    {"ALL", TOKEN_ALL},
    {"ALLSHORTESTPATHS", TOKEN_ALL_SHORTEST},
    {"AND", TOKEN_AND},
    {"ANY", TOKEN_ANY},
    {"AS", TOKEN_AS},
    {"ASC", TOKEN_ASCENDING},
    {"ASCENDING", TOKEN_ASCENDING},
    {"BY", TOKEN_BY},
    {"CASE", TOKEN_CASE},
    {"CIDR", TOKEN_CIDR},
    {"CONTAINS", TOKEN_CONTAINS},
    {"COUNT", TOKEN_COUNT},
    {"CREATE", TOKEN_CREATE},
    {"DELETE", TOKEN_RESERVED},
    {"DESC", TOKEN_DESCENDING},
    {"DESCENDING", TOKEN_DESCENDING},
    {"DETACH", TOKEN_RESERVED},
    {"DISTINCT", TOKEN_DISTINCT},
    {"DROP", TOKEN_RESERVED},
    {"ELSE", TOKEN_ELSE},
    {"END", TOKEN_END_CASE},
    {"ENDS", TOKEN_ENDS},
    {"EXISTS", TOKEN_EXISTS},
    {"EXPLAIN", TOKEN_EXPLAIN},
    {"FALSE", TOKEN_FALSE},
    {"IN", TOKEN_IN},
    {"INTO", TOKEN_INTO},
    {"IS", TOKEN_IS},
    {"LIMIT", TOKEN_LIMIT},
    {"MATCH", TOKEN_MATCH},
    {"MERGE", TOKEN_RESERVED},
    {"NONE", TOKEN_NONE},
    {"NOT", TOKEN_NOT},
    {"NULL", TOKEN_NULL},
    {"OPTIONAL", TOKEN_OPTIONAL},
    {"OR", TOKEN_OR},
    {"ORDER", TOKEN_ORDER},
    {"PROFILE", TOKEN_PROFILE},
    {"REDUCE", TOKEN_REDUCE},
    {"REMOVE", TOKEN_RESERVED},
    {"RETURN", TOKEN_RETURN},
    {"SET", TOKEN_RESERVED},
    {"SHORTESTPATH", TOKEN_SHORTEST},
    {"SINGLE", TOKEN_SINGLE},
    {"SKIP", TOKEN_SKIP},
    {"STARTS", TOKEN_STARTS},
    {"THEN", TOKEN_THEN},
    {"TRUE", TOKEN_TRUE},
    {"UNION", TOKEN_UNION},
    {"UNWIND", TOKEN_UNWIND},
    {"WHEN", TOKEN_WHEN},
    {"WHERE", TOKEN_WHERE},
    {"WITH", TOKEN_WITH},
    {"XOR", TOKEN_XOR},
};

/* What openCypher has at the place of a syntax error and gyre has not, and why. */
struct refusal {
    const char *word;
    const char *reason;
};

static const char reason_writes[] = "gyre reads graphs and never changes them";
static const char reason_procedure[] = "gyre has no procedures";

static const struct refusal refusals[] = {
    {"CALL", reason_procedure}, {"CREATE", reason_writes},   {"DELETE", reason_writes},
    {"DETACH", reason_writes},  {"DROP", reason_writes},     {"FOREACH", reason_writes},
    {"LOAD", reason_writes},    {"MERGE", reason_writes},    {"REMOVE", reason_writes},
    {"SET", reason_writes},     {"YIELD", reason_procedure},
};

/* What users of other languages, or of later versions of this one, write: a word that is found
 * where a certain token could have stood, and what to write here. */
struct habit {
    const char *word;
    const char *expected; /* NULL: whatever could have stood there */
    const char *advice;
};

static const struct habit habits[] = {
    {"BETWEEN", NULL, "write low <= x <= high"},
    {"SELECT", NULL, "a query is written MATCH ... WHERE ... RETURN ..."},
    {"OFFSET", NULL, "write SKIP n LIMIT m"},
    {",", "'+'", "a list is written [1, 2], and conditions are joined with AND"},
    {"LIKE", NULL, "write STARTS WITH, CONTAINS or =~"},
    {"ILIKE", NULL, "write =~ '(?i)...'"},
    {"GROUP", NULL, "rows are grouped by the columns without an aggregate"},
    {"HAVING", NULL, "write WITH ... WHERE ..."},
    {"WHERE", "'{'", "conditions stand in a WHERE behind the pattern"},
    {"RETURN", "'}'", "a query in braces begins with MATCH"},
    {"WITH", "'}'", "a query in braces begins with MATCH"},
    {"|", "':'", "labels have no alternatives: write a:A OR a:B as a condition"},
    {">", "'-'", "an arrow is written --> or -[e]->"},
    {"{", "'.'", "map projections are written out, {name: a.name}"},
    {"+", "'('", "flows in a row are written -[e*]->"},
    {"*", "'('", "flows in a row are written -[e*]->"},
    {"{", "'('", "so many flows in a row are written -[e*1..3]->"},
    {"NOT", "IN", "write NOT x IN [1, 2], NOT x STARTS WITH y"},
    {"ORDER", "RETURN", "ORDER BY stands behind RETURN or WITH"},
    {"SKIP", "INTO", "SKIP stands before LIMIT"},
    {"USE", NULL, "there is one graph, that of all sources: leave USE out"},
    {"SHOW", NULL, "gyre info FILE tells what there is"},
    {"DESCRIBE", NULL, "gyre info FILE tells what there is"},
    {"*", "a name", "properties(e) is all that e has"},
    {"-", "'='", "vertices stand in parentheses, (a)-->(b)"},
};

/* Tokens that go on with an expression that could also end here. */
static const char *const operators[] = {
    "+", "-",  "*",  "/",  "%",  "^",  ".",   "=",   "<>",     "<",    "<=",
    ">", ">=", "=~", "IN", "IS", "OR", "AND", "XOR", "STARTS", "ENDS", "CONTAINS",
};

/* Tokens that begin an expression. */
static const char *const beginnings[] = {
    "an integer", "a number", "a string", "a name", "a parameter", "true", "false", "null",
    "NOT",        "CASE",     "EXISTS",   "COUNT",  "ALL",         "ANY",  "NONE",  "SINGLE",
    "REDUCE",     "(",        "[",        "{",      "-",           "+",
};

/* Tokens that begin a clause, where others may follow. */
static const char *const clauses[] = {
    "MATCH", "OPTIONAL", "UNWIND", "WITH", "CREATE", "RETURN", "EXPLAIN", "PROFILE",
};

/* Tokens that are never told: a plain bracket or "a name" stands for each. */
static const char *const doubles[] = {
    "( of a pattern", "[ of a list",      "[ of a pattern", "a function",
    "shortestPath",   "allShortestPaths", "CIDR",
};

/* Keywords that are names where a name may stand. */
static const char *const soft_keywords[] = {
    "ASC", "BY", "DESC", "END", "ENDS", "EXPLAIN", "INTO", "PROFILE", "STARTS",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_among(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

int keyword_find(struct bytes word, int name_token)
{
    for (size_t i = 0; i < COUNT_OF(keywords); i++) {
        if (bytes_equal_ignoring_case(word, bytes_of(keywords[i].word))) {
            return keywords[i].token;
        }
    }
    return name_token;
}

/* Parses what stands up to the next semicolon. */
static enum status parse_next(struct parser *parser, struct ast_query **query)
{
    const struct source *source = parser->builder.source;
    parser->is_ended = false;
    if (grammar_parse(parser) != 0) {
        return source->error->status;
    }
    *query = parser->query;
    return check_query(parser->query, source);
}

static enum status parse_all(struct parser *parser, struct ast_queries *queries)
{
    const struct source *source = parser->builder.source;
    do {
        struct ast_query *query = NULL;
        TRY(parse_next(parser, &query));
        if (ast_add_query(&parser->builder, queries, query) == NULL) {
            return source->error->status;
        }
    } while (tokens_are_left(parser));
    return STATUS_OK;
}

static enum status parse_one(struct parser *parser, struct ast_query **query)
{
    TRY(parse_next(parser, query));
    if (!tokens_are_left(parser)) {
        return STATUS_OK;
    }
    static const char *const end[] = {"the end of the query"};
    parser_report_unexpected(parser, parser->tokens[parser->next].span, end, 1);
    return parser->builder.source->error->status;
}

/* Cuts the text into tokens; what is open then is closed by close_parser. */
static enum status open_parser(struct parser *parser)
{
    const struct source *source = parser->builder.source;
    if (source->text.size > QUERY_BYTES_MAX) {
        return source_error(source, 0, "the query has %zu bytes; at most %d are allowed",
                            source->text.size, QUERY_BYTES_MAX);
    }
    char *text = chain_allocate(parser->builder.memory, source->text.size + 2, 1);
    if (text == NULL) {
        return source_error_memory(source);
    }
    if (source->text.size > 0) {
        memcpy(text, source->text.data, source->text.size);
    }
    lexer_open(parser, text, source->text.size);
    bool is_read = tokens_read(parser);
    lexer_close(parser);
    return is_read ? STATUS_OK : source->error->status;
}

enum status parse_query(struct ast_query **query, const struct source *source, struct chain *memory)
{
    struct parser parser = {.builder = {source, memory}};
    enum status status = open_parser(&parser);
    if (status == STATUS_OK) {
        status = parse_one(&parser, query);
    }
    tokens_close(&parser);
    return status;
}

enum status parse_queries(struct ast_queries *queries, const struct source *source,
                          struct chain *memory)
{
    struct parser parser = {.builder = {source, memory}};
    enum status status = open_parser(&parser);
    *queries = (struct ast_queries){0};
    if (status == STATUS_OK) {
        status = parse_all(&parser, queries);
    }
    tokens_close(&parser);
    return status;
}

/* The expected tokens in the user's words; the comma goes last, where it is easiest to read. */
struct expectation {
    const char *words[EXPECTED_SHOWN_MAX];
    uint32_t count; /* may be more than are shown */
    bool has_comma;
};

static void expect(struct expectation *expectation, const char *word)
{
    if (strcmp(word, ",") == 0) {
        expectation->has_comma = true;
        return;
    }
    if (expectation->count < EXPECTED_SHOWN_MAX) {
        expectation->words[expectation->count] = word;
    }
    expectation->count++;
}

/* bison names a token of one character with quotes around it. */
static const char *bare_name(const char *name, char *buffer)
{
    if (name[0] != '\'' || name[1] == '\0') {
        return name;
    }
    buffer[0] = name[1];
    buffer[1] = '\0';
    return buffer;
}

/* Whether a token stands for the same as another one that is told. */
static bool is_unsaid(const char *word, const char *const *expected, uint32_t count)
{
    bool has_name = is_among("a name", expected, count);
    bool has_clause = is_among("UNWIND", expected, count);
    bool is_behind_value = is_among("'.'", expected, count);
    bool is_value = is_among("null", expected, count);
    return is_among(word, doubles, COUNT_OF(doubles)) ||
           (!is_value && strcmp(word, "a parameter") == 0) ||
           (has_name && is_among(word, soft_keywords, COUNT_OF(soft_keywords))) ||
           (has_clause && is_among(word, clauses, COUNT_OF(clauses))) ||
           (is_behind_value &&
            (strcmp(word, "(") == 0 || strcmp(word, "[") == 0 || strcmp(word, ":") == 0));
}

static struct expectation summarize(const char *const *expected, uint32_t count, char (*buffers)[2])
{
    bool is_expression = is_among("null", expected, count) && !is_among("XOR", expected, count);
    bool is_any_name = is_among("null", expected, count) && is_among("XOR", expected, count);
    struct expectation all = {0};
    struct expectation fewer = {0};
    if (is_any_name) {
        expect(&all, "a name");
        return all;
    }
    if (is_expression) {
        expect(&fewer, "an expression");
    }
    if (is_among("UNWIND", expected, count)) {
        expect(&fewer, "a clause like MATCH or RETURN");
    }
    for (uint32_t i = 0; i < count; i++) {
        const char *word = bare_name(expected[i], buffers[i]);
        if (is_unsaid(word, expected, count)) {
            continue;
        }
        expect(&all, word);
        bool is_covered = is_expression && is_among(word, beginnings, COUNT_OF(beginnings));
        if (!is_covered && (!is_among(word, operators, COUNT_OF(operators)) || is_expression)) {
            expect(&fewer, word);
        }
    }
    return fewer.count > 0 || fewer.has_comma ? fewer : all;
}

/* Writes "a, b or c"; false when there are too many to help. */
static bool write_expectation(const struct expectation *expectation, char *text)
{
    uint32_t total = expectation->count + (expectation->has_comma ? 1 : 0);
    text[0] = '\0';
    if (total == 0 || total > EXPECTED_SHOWN_MAX) {
        return false;
    }
    size_t length = 0;
    for (uint32_t i = 0; i < total; i++) {
        const char *word = i < expectation->count ? expectation->words[i] : "','";
        const char *before = i == 0 ? "" : i + 1 == total ? " or " : ", ";
        length += (size_t)snprintf(text + length, EXPECTED_BYTES - length, "%s%s", before, word);
    }
    return true;
}

static const struct refusal *find_refusal(struct bytes word)
{
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        if (bytes_equal_ignoring_case(word, bytes_of(refusals[i].word))) {
            return &refusals[i];
        }
    }
    return NULL;
}

static void report_end(struct parser *parser, struct source_span found, const char *expectation,
                       const char *const *expected, uint32_t count)
{
    const struct source *source = parser->builder.source;
    bool is_name = is_among("a name", expected, count);
    if (is_among("PROFILE", expected, count) && !is_name) {
        (void)source_error(source, found.begin, "the query is empty");
    } else if (is_among("RETURN", expected, count) && !is_name) {
        (void)source_error(source, found.begin, "the query ends without RETURN");
    } else if (expectation[0] != '\0') {
        (void)source_error(source, found.begin, "expected %s but the query ends here", expectation);
    } else {
        (void)source_error(source, found.begin, "the query ends too early");
    }
}

/* Writes "; did you mean RETURN?" when the word is nearly a keyword that could stand here. */
static void advise_keyword(struct bytes word, const char *const *expected, uint32_t count,
                           char *text)
{
    enum { LETTERS_LEAST = 3, LETTERS_MAX = 16 };
    struct bytes names[COUNT_OF(keywords)];
    uint32_t name_count = 0;
    char upper[LETTERS_MAX];
    text[0] = '\0';
    if (word.size < LETTERS_LEAST || word.size > LETTERS_MAX) {
        return;
    }
    for (size_t i = 0; i < word.size; i++) {
        bool is_lower = word.data[i] >= 'a' && word.data[i] <= 'z';
        upper[i] = (char)(is_lower ? word.data[i] - 'a' + 'A' : word.data[i]);
    }
    for (uint32_t i = 0; i < count && name_count < COUNT_OF(names); i++) {
        if (expected[i][0] >= 'A' && expected[i][0] <= 'Z') {
            names[name_count++] = bytes_of(expected[i]);
        }
    }
    const struct bytes *nearest = suggest_nearest(bytes_view(upper, word.size), names, name_count);
    if (nearest != NULL) {
        (void)snprintf(text, ADVICE_BYTES, "; did you mean %s?", nearest->data);
    }
}

static const struct habit *find_habit(struct bytes word, const char *const *expected,
                                      uint32_t count)
{
    for (size_t i = 0; i < COUNT_OF(habits); i++) {
        const char *where = habits[i].expected;
        if (bytes_equal_ignoring_case(word, bytes_of(habits[i].word)) &&
            (where == NULL || is_among(where, expected, count))) {
            return &habits[i];
        }
    }
    return NULL;
}

/* What to write instead of the word, as the end of a message. */
static void advise(struct bytes word, const char *const *expected, uint32_t count, char *text)
{
    const struct habit *habit = find_habit(word, expected, count);
    bool is_quoted = word.size > 0 && (word.data[0] == '"' || word.data[0] == '\'');
    text[0] = '\0';
    if (habit != NULL) {
        (void)snprintf(text, ADVICE_BYTES, "; %s", habit->advice);
    } else if (is_quoted && is_among("a name", expected, count)) {
        (void)snprintf(text, ADVICE_BYTES, "; a name that is no word stands in backquotes");
    } else if (keyword_find(word, TOKEN_NAME) == TOKEN_NAME) {
        advise_keyword(word, expected, count, text);
    }
}

void parser_report_unexpected(struct parser *parser, struct source_span found,
                              const char *const *expected, uint32_t expected_count)
{
    const struct source *source = parser->builder.source;
    struct bytes word = source_text(source, found);
    bool is_keyword = keyword_find(word, TOKEN_NAME) != TOKEN_NAME;
    bool wants_name = is_among("a name", expected, expected_count);
    bool wants_expression = is_among("null", expected, expected_count);
    const struct refusal *refusal = find_refusal(word);
    char buffers[256][2];
    char text[EXPECTED_BYTES];
    struct expectation summary =
        summarize(expected, expected_count < 256 ? expected_count : 256, buffers);
    bool helps = write_expectation(&summary, text);
    char advice[ADVICE_BYTES];
    advise(word, expected, expected_count, advice);

    if (is_keyword && wants_name && !wants_expression &&
        !is_among("'('", expected, expected_count)) {
        (void)source_error(source, found.begin,
                           "expected a name but found the keyword %.*s: a name that is a keyword "
                           "stands in backquotes",
                           source_shown(word), word.data);
    } else if (refusal != NULL) {
        (void)source_error(source, found.begin, "%s is not supported: %s", refusal->word,
                           refusal->reason);
    } else if (found.begin == found.end) {
        report_end(parser, found, text, expected, expected_count);
    } else if (helps) {
        (void)source_error(source, found.begin, "expected %s but found %.*s%s", text,
                           source_shown(word), word.data, advice);
    } else {
        (void)source_error(source, found.begin, "unexpected %.*s%s", source_shown(word), word.data,
                           advice);
    }
}
