/* Drives scanner and grammar, knows the keywords, and words syntax errors.
 *
 * The grammar says exactly which tokens could have stood where it failed (bison's look-ahead
 * correction). That list is cut to what helps: beside something else operators are left out, and
 * all that begins an expression is "an expression". */
#include "query/parse.h"

#include <stdio.h>

#include "query/bound.h"
#include "query/grammar.h"

enum { EXPECTED_SHOWN_MAX = 4, EXPECTED_BYTES = 160 };

struct keyword {
    const char *word;
    int token;
};

static const struct keyword keywords[] = {
    {"AND", TOKEN_AND},         {"AS", TOKEN_AS},
    {"ASC", TOKEN_ASCENDING},   {"ASCENDING", TOKEN_ASCENDING},
    {"BY", TOKEN_BY},           {"CALL", TOKEN_RESERVED},
    {"CASE", TOKEN_RESERVED},   {"CONTAINS", TOKEN_CONTAINS},
    {"CREATE", TOKEN_RESERVED}, {"DELETE", TOKEN_RESERVED},
    {"DESC", TOKEN_DESCENDING}, {"DESCENDING", TOKEN_DESCENDING},
    {"DETACH", TOKEN_RESERVED}, {"DISTINCT", TOKEN_DISTINCT},
    {"DROP", TOKEN_RESERVED},   {"ENDS", TOKEN_ENDS},
    {"EXISTS", TOKEN_RESERVED}, {"EXPLAIN", TOKEN_EXPLAIN},
    {"FALSE", TOKEN_FALSE},     {"FOREACH", TOKEN_RESERVED},
    {"IN", TOKEN_IN},           {"INTO", TOKEN_RESERVED},
    {"IS", TOKEN_IS},           {"LIMIT", TOKEN_LIMIT},
    {"LOAD", TOKEN_RESERVED},   {"MATCH", TOKEN_MATCH},
    {"MERGE", TOKEN_RESERVED},  {"NOT", TOKEN_NOT},
    {"NULL", TOKEN_NULL},       {"OPTIONAL", TOKEN_RESERVED},
    {"OR", TOKEN_OR},           {"ORDER", TOKEN_ORDER},
    {"PROFILE", TOKEN_PROFILE}, {"REMOVE", TOKEN_RESERVED},
    {"RETURN", TOKEN_RETURN},   {"SET", TOKEN_RESERVED},
    {"SKIP", TOKEN_SKIP},       {"STARTS", TOKEN_STARTS},
    {"TRUE", TOKEN_TRUE},       {"UNION", TOKEN_RESERVED},
    {"UNWIND", TOKEN_RESERVED}, {"WHERE", TOKEN_WHERE},
    {"WITH", TOKEN_WITH},       {"XOR", TOKEN_XOR},
    {"YIELD", TOKEN_RESERVED},
};

/* What openCypher has at the place of a syntax error and gyre has not, and why. */
struct refusal {
    const char *word;
    const char *reason;
};

static const char reason_writes[] = "gyre reads graphs and never changes them";
static const char reason_procedure[] = "gyre has no procedures";
static const char reason_none[] = "";

static const struct refusal refusals[] = {
    {"CALL", reason_procedure}, {"CASE", reason_none},      {"CREATE", reason_writes},
    {"DELETE", reason_writes},  {"DETACH", reason_writes},  {"DROP", reason_writes},
    {"EXISTS", reason_none},    {"FOREACH", reason_writes}, {"INTO", reason_none},
    {"LOAD", reason_writes},    {"MERGE", reason_writes},   {"OPTIONAL", reason_none},
    {"REMOVE", reason_writes},  {"SET", reason_writes},     {"UNION", reason_none},
    {"UNWIND", reason_none},    {"WITH", reason_none},      {"YIELD", reason_procedure},
};

/* Tokens that go on with an expression that could also end here. */
static const char *const operators[] = {
    "+",  "-",  "*",  "/",  "%",   "^",   ".",      "=",    "<>",       "<",       "<=",      ">",
    ">=", "IN", "IS", "OR", "AND", "XOR", "STARTS", "ENDS", "CONTAINS", "EXPLAIN", "PROFILE",
};

/* Tokens that begin an expression. */
static const char *const beginnings[] = {
    "an integer", "a number", "a string", "a name", "true", "false",   "null",    "NOT",
    "(",          "[",        "{",        "-",      "+",    "EXPLAIN", "PROFILE",
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

enum status parse_query(struct ast_query **query, const struct source *source, struct chain *memory)
{
    if (source->text.size > QUERY_BYTES_MAX) {
        return source_error(source, 0, "the query has %zu bytes; at most %d are allowed",
                            source->text.size, QUERY_BYTES_MAX);
    }
    struct parser parser = {.builder = {source, memory}};
    char *text = chain_allocate(memory, source->text.size + 2, 1);
    if (text == NULL) {
        return source_error_memory(source);
    }
    if (source->text.size > 0) {
        memcpy(text, source->text.data, source->text.size);
    }
    lexer_open(&parser, text, source->text.size);
    int failure = grammar_parse(&parser);
    lexer_close(&parser);
    if (failure != 0) {
        return source->error->status;
    }
    TRY(refuse_unsupported(parser.query, source));
    *query = parser.query;
    return STATUS_OK;
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
    for (uint32_t i = 0; i < count; i++) {
        const char *word = bare_name(expected[i], buffers[i]);
        expect(&all, word);
        bool is_covered = is_expression && is_among(word, beginnings, COUNT_OF(beginnings));
        bool is_call = strcmp(word, "(") == 0 && is_among("'.'", expected, count);
        if (is_call) {
            continue;
        }
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
    if (is_among("PROFILE", expected, count) && !is_among("a name", expected, count)) {
        (void)source_error(source, found.begin, "the query is empty");
    } else if (is_among("RETURN", expected, count)) {
        (void)source_error(source, found.begin, "the query ends without RETURN");
    } else if (expectation[0] != '\0') {
        (void)source_error(source, found.begin, "expected %s but the query ends here", expectation);
    } else {
        (void)source_error(source, found.begin, "the query ends too early");
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

    if (is_keyword && wants_name && !wants_expression &&
        !is_among("'('", expected, expected_count)) {
        (void)source_error(source, found.begin,
                           "expected a name but found the keyword %.*s: a name that is a keyword "
                           "stands in backquotes",
                           source_shown(word), word.data);
    } else if (refusal != NULL) {
        (void)source_error(source, found.begin, "%s%s is not supported%s%s", refusal->word,
                           strcmp(refusal->word, "OPTIONAL") == 0 ? " MATCH" : "",
                           refusal->reason[0] == '\0' ? "" : ": ", refusal->reason);
    } else if (found.begin == found.end) {
        report_end(parser, found, text, expected, expected_count);
    } else if (helps) {
        (void)source_error(source, found.begin, "expected %s but found %.*s", text,
                           source_shown(word), word.data);
    } else {
        (void)source_error(source, found.begin, "unexpected %.*s", source_shown(word), word.data);
    }
}
