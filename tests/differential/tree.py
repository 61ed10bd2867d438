"""The abstract syntax of the queries that are drawn, and how it is printed as Cypher.

Nodes are immutable, so that shrinking can share what it does not change. An expression is an
operator over arguments; `value` is what else the operator needs (a name, a literal, a pattern).
"""
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Optional


@dataclass(frozen=True)
class Expr:
    op: str
    args: tuple = ()
    value: Any = None


@dataclass(frozen=True)
class Node:
    name: Optional[str] = None
    label: bool = False
    key: Optional[Expr] = None  # {IPAddr: key}


@dataclass(frozen=True)
class Rel:
    name: Optional[str] = None
    direction: str = "right"  # right, left, both
    range: Optional[tuple] = None  # (least, most), variable length
    type: bool = False
    properties: tuple = ()  # (name, Expr) pairs


@dataclass(frozen=True)
class Path:
    start: Node
    steps: tuple = ()  # (Rel, Node) pairs
    name: Optional[str] = None
    shortest: Optional[str] = None  # shortestPath or allShortestPaths


@dataclass(frozen=True)
class Match:
    paths: tuple
    where: Optional[Expr] = None
    optional: bool = False


@dataclass(frozen=True)
class Unwind:
    list: Expr
    name: str


@dataclass(frozen=True)
class Item:
    expr: Expr
    name: str


@dataclass(frozen=True)
class Sort:
    expr: Expr
    descending: bool = False


@dataclass(frozen=True)
class Projection:
    """WITH or RETURN."""
    items: tuple
    final: bool = False
    distinct: bool = False
    sorts: tuple = ()
    skip: Optional[int] = None
    limit: Optional[int] = None
    where: Optional[Expr] = None


@dataclass(frozen=True)
class Query:
    branches: tuple  # of tuples of clauses
    all: bool = True  # UNION ALL, else UNION


AGGREGATES = ("count", "sum", "avg", "min", "max", "collect", "stDev", "stDevP",
              "percentileCont", "percentileDisc")
INFIX = {"or", "xor", "and", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "^", "in",
         "starts", "ends", "contains"}
WORDS = {"starts": "STARTS WITH", "ends": "ENDS WITH", "contains": "CONTAINS", "in": "IN",
         "or": "OR", "xor": "XOR", "and": "AND"}


def walk(tree):
    """Every dataclass of a tree."""
    if isinstance(tree, tuple):
        for part in tree:
            yield from walk(part)
    elif is_dataclass(tree):
        yield tree
        for field in fields(tree):
            yield from walk(getattr(tree, field.name))


def has_aggregate(expr):
    return expr.op in ("aggregate", "count_rows") or any(has_aggregate(arg) for arg in expr.args)


def literal(value):
    return Expr("literal", (), value)


def var(name):
    return Expr("var", (), name)


def prop(name, key):
    return Expr("prop", (var(name),), key)


def show_literal(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return repr(value)


def show_each(expr):
    """What goes over a list: comprehensions, quantifiers, reduce."""
    args = [show(arg) for arg in expr.args]
    if expr.op == "reduce":
        total, item = expr.value
        return f"reduce({total} = {args[0]}, {item} IN {args[1]} | {args[2]})"
    if expr.op == "quantifier":
        kind, item = expr.value
        return f"{kind}({item} IN {args[0]} WHERE {args[1]})"
    item, has_where, has_result = expr.value
    text = f"[{item} IN {args[0]}"
    text += f" WHERE {args[1]}" if has_where else ""
    return text + (f" | {args[-1]}]" if has_result else "]")


def show_case(expr):
    args = [show(arg) for arg in expr.args]
    is_simple, whens, has_else = expr.value
    text = "CASE " + (args.pop(0) + " " if is_simple else "")
    text += " ".join(f"WHEN {args[2 * i]} THEN {args[2 * i + 1]}" for i in range(whens))
    return text + (f" ELSE {args[-1]}" if has_else else "") + " END"


def show_postfix(expr, args):
    operand = args[0] if expr.args[0].op in ("var", "prop", "call", "list") else f"({args[0]})"
    if expr.op == "prop":
        return f"{operand}.{expr.value}"
    if expr.op == "index":
        return f"{operand}[{args[1]}]"
    from_, to = expr.value
    bounds = iter(args[1:])
    return f"{operand}[{next(bounds) if from_ else ''}..{next(bounds) if to else ''}]"


def show(expr):
    """An expression, in parentheses wherever it is not a single thing."""
    op, value = expr.op, expr.value
    if op == "literal":
        text = show_literal(value)
        return f"({text})" if text.startswith("-") else text
    if op == "var":
        return value
    if op == "parameter":
        return f"${value}"
    if op in ("reduce", "quantifier", "comprehension"):
        return show_each(expr)
    if op == "case":
        return show_case(expr)
    if op in ("exists", "count_all"):
        word = "EXISTS" if op == "exists" else "COUNT"
        return f"{word} {{ {show_clause(value)} }}"
    if op == "connected":
        return f"({show_path(value)})"
    if op == "paths":
        where = f" WHERE {show(value.where)}" if value.where is not None else ""
        return f"[{show_path(value.paths[0])}{where} | {show(expr.args[0])}]"
    args = [show(arg) for arg in expr.args]
    if op in INFIX:
        return f"({args[0]} {WORDS.get(op, op)} {args[1]})"
    if op == "chain":
        return "(" + args[0] + "".join(f" {sign} {arg}" for sign, arg in zip(value, args[1:])) + ")"
    if op in ("prop", "index", "slice"):
        return show_postfix(expr, args)
    return show_call(expr, args)


def show_call(expr, args):
    op, value = expr.op, expr.value
    if op == "not":
        return f"(NOT {args[0]})"
    if op == "negate":
        return f"(-{args[0]})"
    if op in ("is_null", "is_not_null"):
        return f"({args[0]} IS {'NOT ' if op == 'is_not_null' else ''}NULL)"
    if op == "list":
        return "[" + ", ".join(args) + "]"
    if op == "duration":
        return f"duration({{seconds: {value}}})"
    if op == "datetime":
        return f"datetime('{value}')"
    if op == "count_rows":
        return "count(*)"
    if op == "aggregate":
        name, distinct = value
        return f"{name}({'DISTINCT ' if distinct else ''}{', '.join(args)})"
    if op == "call":
        return f"{value}({', '.join(args)})"
    raise ValueError(op)


def show_node(node):
    key = f" {{IPAddr: {show(node.key)}}}" if node.key is not None else ""
    return f"({node.name or ''}{':IP' if node.label else ''}{key})"


def show_rel(rel):
    inner = (rel.name or "") + (":Netflow" if rel.type else "")
    if rel.range is not None:
        least, most = rel.range
        inner += f"*{least}" if least == most else f"*{least}..{most}"
    if rel.properties:
        inner += " {" + ", ".join(f"{name}: {show(value)}" for name, value in rel.properties) + "}"
    inner = f"[{inner}]" if inner else ""
    return {"right": f"-{inner}->", "left": f"<-{inner}-", "both": f"-{inner}-"}[rel.direction]


def show_path(path):
    text = f"{path.name} = " if path.name else ""
    chain = show_node(path.start)
    chain += "".join(show_rel(rel) + show_node(node) for rel, node in path.steps)
    return text + (f"{path.shortest}({chain})" if path.shortest else chain)


def show_clause(clause):
    if isinstance(clause, Unwind):
        return f"UNWIND {show(clause.list)} AS {clause.name}"
    if isinstance(clause, Match):
        text = "OPTIONAL MATCH " if clause.optional else "MATCH "
        text += ", ".join(show_path(path) for path in clause.paths)
    else:
        text = "RETURN " if clause.final else "WITH "
        text += "DISTINCT " if clause.distinct else ""
        text += ", ".join(show(item.expr) + ("" if item.expr == var(item.name) else
                                             f" AS {item.name}") for item in clause.items)
        if clause.sorts:
            text += " ORDER BY " + ", ".join(
                show(sort.expr) + (" DESC" if sort.descending else "") for sort in clause.sorts)
        text += f" SKIP {clause.skip}" if clause.skip is not None else ""
        text += f" LIMIT {clause.limit}" if clause.limit is not None else ""
    return text + (f" WHERE {show(clause.where)}" if clause.where is not None else "")


def show_query(query):
    word = "\nUNION ALL\n" if query.all else "\nUNION\n"
    return word.join("\n".join(map(show_clause, branch)) for branch in query.branches)


def is_plain(query):
    """Whether the typed matcher may take it, so that it can be forced another way."""
    clauses = query.branches[0]
    if len(query.branches) != 1 or not isinstance(clauses[0], Match):
        return False
    return all(isinstance(clause, Match) and not clause.optional and
               not any(path.name for path in clause.paths) or
               isinstance(clause, Projection) and clause.final for clause in clauses)


def forced(query, way):
    """The same query in a form that no plain query has."""
    clauses = query.branches[0]
    if way == "with":
        first = Projection((Item(literal(0), "zero_"),))
        return replace(query, branches=((first,) + clauses,))
    paths = clauses[0].paths
    named = replace(clauses[0], paths=(replace(paths[0], name="path_"),) + paths[1:])
    return replace(query, branches=((named,) + clauses[1:],))


def parametrized(tree, parameters):
    """The same tree with a parameter for each literal; `parameters` takes their values' texts."""
    if isinstance(tree, tuple):
        return tuple(parametrized(part, parameters) for part in tree)
    if isinstance(tree, Expr) and tree.op == "literal":
        name = f"p{len(parameters)}"
        parameters[name] = show_literal(tree.value)
        return Expr("parameter", (), name)
    if is_dataclass(tree):
        return replace(tree, **{field.name: parametrized(getattr(tree, field.name), parameters)
                                for field in fields(tree)})
    return tree
