/* Tokens as the grammar gets them.
 *
 * Some are written alike and mean different things, which only what stands behind them can tell,
 * at any distance: `(a)` is an expression and `(a)-->(b)` a pattern, `[x IN xs]` goes over a list
 * and `[x, y]` is one, `count` is a name but in `count { ... }`. So the text is cut whole, brackets
 * find their partners, and such a token gets its meaning when the grammar asks for it. Each looks
 * at the tokens between it and its partner at most, past all brackets within, so the time is linear
 * in the text. */
#include "query/token.h"

#include "base/memory.h"
#include "query/bound.h"
#include "query/grammar.h"
#include "query/parse.h"

enum { TOKENS_LEAST = 64 };
#define NO_PARTNER UINT32_MAX

/* As grammar.y declares them. */
enum { FIRST_KEYWORD = TOKEN_ALL, LAST_KEYWORD = TOKEN_XOR };

/* Brackets that wait for their partners; the depth bounds the parser's stack too. */
struct nesting {
    uint32_t open[QUERY_DEPTH_MAX];
    uint32_t depth;
};

static const struct token end_token = {.kind = TOKEN_END, .partner = NO_PARTNER};

static bool grow_tokens(struct parser *parser)
{
    if (parser->token_count < parser->token_capacity) {
        return true;
    }
    uint32_t capacity = parser->token_capacity == 0 ? TOKENS_LEAST : parser->token_capacity * 2;
    struct token *tokens = memory_resize(parser->tokens, capacity, sizeof *tokens);
    if (tokens == NULL) {
        (void)source_error_memory(parser->builder.source);
        return false;
    }
    parser->tokens = tokens;
    parser->token_capacity = capacity;
    return true;
}

static int opening_of(int kind)
{
    return kind == ')' ? '(' : kind == ']' ? '[' : kind == '}' ? '{' : 0;
}

/* Marks what the token does for the bracket that it stands in; makes it an error when it opens one
 * too many. */
static void nest(struct parser *parser, struct nesting *nesting, uint32_t index)
{
    struct token *token = &parser->tokens[index];
    struct token *outer =
        nesting->depth == 0 ? NULL : &parser->tokens[nesting->open[nesting->depth - 1]];
    switch (token->kind) {
    case '(':
    case '[':
    case '{':
        if (nesting->depth == QUERY_DEPTH_MAX) {
            (void)source_error(parser->builder.source, token->span.begin,
                               "this is nested more than %d levels deep", QUERY_DEPTH_MAX);
            token->kind = TOKEN_GRAMMAR_error;
            return;
        }
        nesting->open[nesting->depth++] = index;
        break;
    case ')':
    case ']':
    case '}':
        if (outer != NULL && outer->kind == opening_of(token->kind)) {
            outer->partner = index;
            nesting->depth--;
        }
        break;
    case ',':
    case '|':
        if (outer != NULL) {
            outer->has_comma = outer->has_comma || token->kind == ',';
            outer->has_bar = outer->has_bar || token->kind == '|';
        }
        break;
    case ';':
        nesting->depth = 0;
        break;
    default:
        break;
    }
}

bool tokens_read(struct parser *parser)
{
    struct nesting nesting = {.depth = 0};
    int kind = TOKEN_NAME;
    while (kind != TOKEN_END && kind != TOKEN_GRAMMAR_error) {
        if (!grow_tokens(parser)) {
            return false;
        }
        uint32_t index = parser->token_count++;
        parser->tokens[index] = end_token;
        parser->tokens[index].kind = lexer_next(parser, &parser->tokens[index].span);
        nest(parser, &nesting, index);
        kind = parser->tokens[index].kind;
    }
    if (kind == TOKEN_GRAMMAR_error) {
        parser->error = *parser->builder.source->error;
        *parser->builder.source->error = (struct error){0};
    }
    return true;
}

void tokens_close(struct parser *parser)
{
    memory_free(parser->tokens);
    parser->tokens = NULL;
}

static const struct token *token_at(const struct parser *parser, uint32_t index)
{
    return index < parser->token_count ? &parser->tokens[index] : &end_token;
}

static int kind_at(const struct parser *parser, uint32_t index)
{
    return token_at(parser, index)->kind;
}

bool tokens_are_left(const struct parser *parser)
{
    return kind_at(parser, parser->next) != TOKEN_END;
}

/* Every keyword may be a name where nothing else can stand. */
static bool is_word_at(const struct parser *parser, uint32_t index)
{
    int kind = kind_at(parser, index);
    return kind == TOKEN_NAME || (kind >= FIRST_KEYWORD && kind <= LAST_KEYWORD);
}

/* The token behind what the bracket encloses. */
static uint32_t behind_bracket(const struct parser *parser, uint32_t index)
{
    uint32_t partner = token_at(parser, index)->partner;
    return partner == NO_PARTNER ? NO_PARTNER : partner + 1;
}

/* The token behind a node, as in (a:A:B {x: 1}); NO_PARTNER when it is none. */
static uint32_t behind_node(const struct parser *parser, uint32_t index)
{
    uint32_t at = index + 1;
    at += is_word_at(parser, at) ? 1 : 0;
    while (kind_at(parser, at) == ':' && is_word_at(parser, at + 1)) {
        at += 2;
    }
    if (kind_at(parser, at) == '{') {
        at = behind_bracket(parser, at);
    } else if (kind_at(parser, at) == TOKEN_PARAMETER) {
        at++;
    }
    return kind_at(parser, at) == ')' ? at + 1 : NO_PARTNER;
}

/* Whether a node begins at `index` from which an arrow leads, or a line to another node. `(a)--(b)`
 * is a pattern and not a difference, as in openCypher. */
static bool is_pattern_at(const struct parser *parser, uint32_t index)
{
    uint32_t at = behind_node(parser, index);
    at += at != NO_PARTNER && kind_at(parser, at) == '<' ? 1 : 0;
    if (kind_at(parser, at) != '-') {
        return false;
    }
    at++;
    if (kind_at(parser, at) == '[') {
        if (kind_at(parser, at + 1) == ':') {
            return true;
        }
        at = behind_bracket(parser, at);
    }
    if (kind_at(parser, at) != '-') {
        return false;
    }
    return kind_at(parser, at + 1) == '>' || kind_at(parser, at + 1) == '(';
}

/* What a square bracket begins; `[x IN xs, y]` is a list of two. */
static int square_bracket(const struct parser *parser, uint32_t index)
{
    const struct token *token = token_at(parser, index);
    bool is_named = is_word_at(parser, index + 1);
    if (is_named && kind_at(parser, index + 2) == TOKEN_IN && !token->has_comma) {
        return TOKEN_EACH_BRACKET;
    }
    uint32_t path = is_named && kind_at(parser, index + 2) == '=' ? index + 3 : index + 1;
    bool is_path = token->has_bar && kind_at(parser, path) == '(' && is_pattern_at(parser, path);
    return is_path ? TOKEN_PATHS_BRACKET : '[';
}

/* Whether `word ( name next` stands here. */
static bool begins_with(const struct parser *parser, uint32_t index, int next)
{
    return kind_at(parser, index + 1) == '(' && is_word_at(parser, index + 2) &&
           kind_at(parser, index + 3) == next;
}

/* What a word means that is a keyword only before what belongs to it. */
static int meaning_of_word(const struct parser *parser, uint32_t index, int kind)
{
    bool is_keyword = true;
    switch (kind) {
    case TOKEN_EXISTS:
    case TOKEN_COUNT:
        is_keyword = kind_at(parser, index + 1) == '{';
        break;
    case TOKEN_ALL:
        is_keyword = begins_with(parser, index, TOKEN_IN) ||
                     (index > 0 && kind_at(parser, index - 1) == TOKEN_UNION);
        break;
    case TOKEN_ANY:
    case TOKEN_NONE:
    case TOKEN_SINGLE:
        is_keyword = begins_with(parser, index, TOKEN_IN);
        break;
    case TOKEN_CIDR:
        is_keyword =
            index > 0 && kind_at(parser, index - 1) == TOKEN_IN &&
            (kind_at(parser, index + 1) == TOKEN_STRING ||
             kind_at(parser, index + 1) == TOKEN_PARAMETER ||
             kind_at(parser, index + 1) == TOKEN_NAME || kind_at(parser, index + 1) == TOKEN_CIDR);
        break;
    case TOKEN_REDUCE:
        is_keyword = begins_with(parser, index, '=');
        break;
    case TOKEN_SHORTEST:
    case TOKEN_ALL_SHORTEST:
        is_keyword = kind_at(parser, index + 1) == '(' && kind_at(parser, index + 2) == '(';
        break;
    default:
        break;
    }
    return is_keyword ? kind : TOKEN_NAME;
}

static bool is_joined(const struct parser *parser, uint32_t index)
{
    return token_at(parser, index)->span.end == token_at(parser, index + 1)->span.begin;
}

/* The last token of a function's name with dots, duration.between; `index` when it is none. */
static uint32_t end_of_function(const struct parser *parser, uint32_t index)
{
    uint32_t last = index;
    if (index > 0 && kind_at(parser, index - 1) == '.') {
        return index;
    }
    while (kind_at(parser, last + 1) == '.' && is_word_at(parser, last + 2) &&
           is_joined(parser, last) && is_joined(parser, last + 1)) {
        last += 2;
    }
    return kind_at(parser, last + 1) == '(' ? last : index;
}

/* The token's kind for the grammar; `*last` is the last token that it takes. */
static int meaning_of(const struct parser *parser, uint32_t index, uint32_t *last)
{
    int kind = kind_at(parser, index);
    *last = index;
    switch (kind) {
    case '(':
        return is_pattern_at(parser, index) ? TOKEN_PATTERN_PARENTHESIS : kind;
    case '[':
        return square_bracket(parser, index);
    case TOKEN_NAME:
        *last = end_of_function(parser, index);
        return *last == index ? kind : TOKEN_FUNCTION;
    default:
        return meaning_of_word(parser, index, kind);
    }
}

/* The token with its value; an error when it has none. */
static int valued(struct parser *parser, int kind, struct source_span span, GRAMMAR_STYPE *value)
{
    const struct ast_builder *builder = &parser->builder;
    bool is_valid = true;
    switch (kind) {
    case TOKEN_INTEGER:
        value->expression = literal_integer(builder, span);
        is_valid = value->expression != NULL;
        break;
    case TOKEN_FLOAT:
        value->expression = literal_float(builder, span);
        is_valid = value->expression != NULL;
        break;
    case TOKEN_STRING:
        value->expression = literal_text(builder, span);
        is_valid = value->expression != NULL;
        break;
    case TOKEN_PARAMETER:
        value->expression = literal_parameter(builder, span);
        is_valid = value->expression != NULL;
        break;
    default:
        is_valid = (kind != TOKEN_NAME && kind != TOKEN_FUNCTION &&
                    (kind < FIRST_KEYWORD || kind > LAST_KEYWORD)) ||
                   literal_name(builder, span, &value->name);
        break;
    }
    return is_valid ? kind : TOKEN_GRAMMAR_error;
}

int grammar_lex(GRAMMAR_STYPE *value, GRAMMAR_LTYPE *location, struct parser *parser)
{
    uint32_t last = parser->next;
    const struct token *token = token_at(parser, parser->next);
    *location = token->span;
    if (parser->is_ended) {
        location->end = location->begin;
        return TOKEN_END;
    }
    if (token->kind == TOKEN_GRAMMAR_error) {
        *parser->builder.source->error = parser->error;
        return token->kind;
    }
    int kind = meaning_of(parser, parser->next, &last);
    location->end = token_at(parser, last)->span.end;
    parser->next = last + 1;
    parser->is_ended = kind == ';' || kind == TOKEN_END;
    return valued(parser, kind, *location, value);
}
