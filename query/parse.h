/* From the text of a query to its syntax tree.
 *
 * lexer.l cuts the text into tokens, token.c tells apart those that are written alike, grammar.y is
 * the language, check.c what a grammar cannot say; the parser holds them together and words
 * syntax errors. Clauses that openCypher has and gyre has not (MERGE, CALL, ...) are refused by
 * name. */
#ifndef GYRE_QUERY_PARSE_H
#define GYRE_QUERY_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "query/ast.h"
#include "query/token.h"

/* The scanner that flex makes takes its memory from here: a few small objects, always the same. */
enum { PARSER_POOL_BYTES = 1024 };

struct parser {
    struct ast_builder builder;
    struct ast_query *query; /* the result */
    void *scanner;
    uint32_t offset; /* of the byte after the last token that was cut */
    uint32_t pool_used;
    struct token *tokens; /* of the whole text; the last is its end, or an error */
    uint32_t token_count;
    uint32_t token_capacity;
    uint32_t next;      /* token that the grammar gets */
    bool is_ended;      /* the grammar got a semicolon: the query ends behind it */
    struct error error; /* what the last token is, when it is an error */
    _Alignas(16) char pool[PARSER_POOL_BYTES];
};

/* The text is one query, with or without a semicolon. The tree lives in `memory`. */
enum status parse_query(struct ast_query **query, const struct source *source,
                        struct chain *memory);

/* The text is one query or several, each but the last ended by a semicolon. */
enum status parse_queries(struct ast_queries *queries, const struct source *source,
                          struct chain *memory);

/* refuse.c: what is not plain (query/plain.h), by name. */
enum status refuse_unsupported(const struct ast_query *query, const struct source *source);

/* refuse.c: CREATE, which the grammar reads only to say so at its place. */
enum status refuse_writing(const struct ast_query *query, const struct source *source);

/* check.c: what the grammar lets pass and openCypher does not: a pattern that is a value, a
 * parameter as a pattern's properties, WITH without a name, UNION beside UNION ALL. */
enum status check_query(const struct ast_query *query, const struct source *source);

/* What follows is for lexer.l, token.c and grammar.y. */

/* Starts and ends scanning `text`, which has two NULs behind its `size` bytes. */
void lexer_open(struct parser *parser, char *text, size_t size);
void lexer_close(struct parser *parser);

/* The kind of the next token, and where it stands. */
int lexer_next(struct parser *parser, struct source_span *span);

/* Cuts the whole text; false when memory ends. What is wrong in it becomes the last token, so that
 * a syntax error before it is told first. */
bool tokens_read(struct parser *parser);
void tokens_close(struct parser *parser);

/* Whether anything stands behind the query that the grammar has read. */
bool tokens_are_left(const struct parser *parser);

/* The token of a word, in any case; `name_token` when it is no keyword. */
int keyword_find(struct bytes word, int name_token);

/* A syntax error: something else was found than one of `expected` (names of tokens). */
void parser_report_unexpected(struct parser *parser, struct source_span found,
                              const char *const *expected, uint32_t expected_count);

/* The values of literals as written. NULL, with the error set, when they are none. */
struct ast_expression *literal_integer(const struct ast_builder *builder, struct source_span span);
struct ast_expression *literal_float(const struct ast_builder *builder, struct source_span span);
struct ast_expression *literal_text(const struct ast_builder *builder, struct source_span span);

/* $name */
struct ast_expression *literal_parameter(const struct ast_builder *builder,
                                         struct source_span span);

/* A plain name, one in backquotes, or names with dots between them. */
bool literal_name(const struct ast_builder *builder, struct source_span span,
                  struct ast_name *name);

#endif
