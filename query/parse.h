/* From the text of a query to its syntax tree.
 *
 * lexer.l cuts the text into tokens, grammar.y is the language; both are fed and held together by
 * the parser. Whatever the language of openCypher has and gyre has not is refused by name: words
 * by parser_report_unexpected, parts of patterns by refuse.c. */
#ifndef GYRE_QUERY_PARSE_H
#define GYRE_QUERY_PARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"
#include "query/ast.h"

/* The scanner that flex makes takes its memory from here: a few small objects, always the same. */
enum { PARSER_POOL_BYTES = 1024 };

struct parser {
    struct ast_builder builder;
    struct ast_query *query; /* the result */
    void *scanner;
    uint32_t offset;  /* of the byte after the last token */
    uint32_t nesting; /* open parentheses, brackets and braces */
    uint32_t pool_used;
    _Alignas(16) char pool[PARSER_POOL_BYTES];
};

/* The tree lives in `memory`. */
enum status parse_query(struct ast_query **query, const struct source *source,
                        struct chain *memory);

/* Refuses what a tree may hold and the binder cannot bind yet. */
enum status refuse_unsupported(const struct ast_query *query, const struct source *source);

/* What follows is for lexer.l and grammar.y. */

/* Starts and ends scanning `text`, which has two NULs behind its `size` bytes. */
void lexer_open(struct parser *parser, char *text, size_t size);
void lexer_close(struct parser *parser);

/* The token of a word, in any case; `name_token` when it is no keyword. */
int keyword_find(struct bytes word, int name_token);

/* A syntax error: something else was found than one of `expected` (names of tokens). */
void parser_report_unexpected(struct parser *parser, struct source_span found,
                              const char *const *expected, uint32_t expected_count);

/* The values of literals as written. NULL, with the error set, when they are none. */
struct ast_expression *literal_integer(const struct ast_builder *builder, struct source_span span);
struct ast_expression *literal_float(const struct ast_builder *builder, struct source_span span);
struct ast_expression *literal_text(const struct ast_builder *builder, struct source_span span);

/* A plain name, or one in backquotes. */
bool literal_name(const struct ast_builder *builder, struct source_span span,
                  struct ast_name *name);

#endif
