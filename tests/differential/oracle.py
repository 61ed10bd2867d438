"""The slow oracle: evaluates expressions, and clauses by enumerating every assignment.

Straight from openCypher 9's semantics, without an index, a plan or a thought for speed; it shares
nothing with gyre but the reading of the specification. A row is a dict from variables to values.
"""
import math
from collections import namedtuple

import values
from graph import time_of_text
from tree import Match, Unwind, has_aggregate, walk
from values import Bag, Duration, Edge, Raised, Time, Unsettled, Vertex, Walk

STEPS_MAX = 300_000
ROWS_MAX = 4_000

# Rows in runs within which ORDER BY leaves the order open.
Answer = namedtuple("Answer", "columns runs skip limit")


class Oracle:
    def __init__(self, flows):
        self.flows = flows
        self.vertices = list(dict.fromkeys(
            flow[side] for flow in flows for side in ("SrcAddr", "DstAddr")))
        self.steps = 0

    def step(self):
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise Unsettled("too many steps")

    # Queries and clauses.

    def answer(self, query):
        self.steps = 0
        answers = [self.branch(branch) for branch in query.branches]
        if len(answers) == 1:
            return answers[0]
        rows = [row for answer in answers for row in settled(answer)]
        if not query.all:
            rows = distinct(rows)
        return Answer(answers[0].columns, [rows], 0, None)

    def branch(self, clauses):
        rows, is_ordered = [{}], False
        for clause in clauses:
            if isinstance(clause, Match):
                rows = [new for row in rows for new in self.match_or_null(clause, row)]
                is_ordered = False
            elif isinstance(clause, Unwind):
                rows = [{**row, clause.name: item} for row in rows
                        for item in items_of(self.evaluate(clause.list, row))]
            else:
                answer = self.project(clause, rows, is_ordered)
                if clause.final:
                    return answer
                is_ordered = bool(clause.sorts)
                rows = [dict(zip(answer.columns, row)) for row in settled(answer)]
                is_ordered = is_ordered and all(len(distinct(run)) == 1 for run in answer.runs)
                rows = [row for row in rows if self.holds(clause.where, row)]
            if len(rows) > ROWS_MAX:
                raise Unsettled("too many rows")
        raise ValueError("a branch without RETURN")

    def match_or_null(self, clause, row):
        found = [new for new in self.match(clause.paths, row) if self.holds(clause.where, new)]
        if clause.paths[0].shortest:
            found = shortest(clause.paths[0], found)
        if found or not clause.optional:
            return found
        names = [node.name for node in walk(clause.paths) if getattr(node, "name", None)]
        return [{**dict.fromkeys(names), **row}]

    def holds(self, where, row):
        return where is None or truth(self.evaluate(where, row)) is True

    # Projections.

    def project(self, clause, rows, is_ordered):
        columns = tuple(item.name for item in clause.items)
        if any(has_aggregate(item.expr) for item in clause.items):
            pairs = [({}, row) for row in self.grouped(clause.items, rows, is_ordered)]
        else:
            pairs = [(row, tuple(self.evaluate(item.expr, row) for item in clause.items))
                     for row in rows]
        if clause.distinct:
            pairs = [({}, row) for row in distinct([row for _, row in pairs])]
        if not clause.sorts:
            return Answer(columns, [[row for _, row in pairs]], clause.skip or 0, clause.limit)
        keyed = [(self.sort_key(clause.sorts, {**old, **dict(zip(columns, row))}), row)
                 for old, row in pairs]
        keyed.sort(key=lambda pair: pair[0])
        runs, last = [], None
        for key, row in keyed:
            if last is None or key != last:
                runs.append([])
            runs[-1].append(row)
            last = key
        return Answer(columns, runs, clause.skip or 0, clause.limit)

    def sort_key(self, sorts, row):
        return tuple(Key(self.evaluate(sort.expr, row), sort.descending) for sort in sorts)

    def grouped(self, items, rows, is_ordered):
        keys = [item.expr for item in items if not has_aggregate(item.expr)]
        groups = {}
        for row in rows:
            key = tuple(values.identity(self.evaluate(expr, row)) for expr in keys)
            groups.setdefault(key, []).append(row)
        if not keys and not groups:
            groups[()] = []
        for members in groups.values():
            yield tuple(self.fold(item.expr, members, is_ordered) for item in items)

    def fold(self, expr, rows, is_ordered):
        """An expression with aggregates: what is around them is evaluated on any row."""
        if expr.op == "count_rows":
            return len(rows)
        if expr.op == "aggregate":
            name, is_distinct = expr.value
            found = [tuple(self.evaluate(arg, row) for arg in expr.args) for row in rows]
            found = [value for value in found if value[0] is not None]
            return values.aggregate(name, distinct(found) if is_distinct else found, is_ordered)
        if not has_aggregate(expr):
            return self.evaluate(expr, rows[0] if rows else {})
        folded = [self.fold(arg, rows, is_ordered) for arg in expr.args]
        return self.apply(expr, folded)

    # Patterns.

    def match(self, paths, row):
        """All assignments; within them no flow is used twice."""
        yield from self.match_paths(paths, dict(row), frozenset())

    def match_paths(self, paths, row, used):
        if not paths:
            yield row
            return
        path = paths[0]
        for vertex in self.vertices:
            self.step()
            for new in self.unify_node(path.start, vertex, row):
                for end, now_used, vertices, edges in self.match_steps(
                        path.steps, vertex, new, used, (vertex,), ()):
                    if path.name:
                        end = {**end, path.name: Walk(vertices, edges)}
                    yield from self.match_paths(paths[1:], end, now_used)

    def match_steps(self, steps, vertex, row, used, vertices, edges):
        if not steps:
            yield row, used, vertices, edges
            return
        rel, node = steps[0]
        least, most = rel.range or (1, 1)
        for hops in range(least, most + 1):
            for found, visited in self.hops(rel, vertex, row, used, hops):
                for new in self.unify_rel(rel, found, row):
                    last = visited[-1] if visited else vertex
                    for newer in self.unify_node(node, last, new):
                        yield from self.match_steps(steps[1:], last, newer, used | set(found),
                                                    vertices + visited, edges + found)

    def hops(self, rel, vertex, row, used, count):
        """Trails of `count` flows from a vertex: their rows, and the vertices behind it."""
        if count == 0:
            yield (), ()
            return
        for number, flow in enumerate(self.flows):
            self.step()
            if number in used or not self.has_properties(rel, number, row):
                continue
            ends = []
            if rel.direction != "left" and flow["SrcAddr"] == vertex:
                ends.append(flow["DstAddr"])
            if rel.direction != "right" and flow["DstAddr"] == vertex:
                ends.append(flow["SrcAddr"])
            for end in dict.fromkeys(ends):
                for found, visited in self.hops(rel, end, row, used | {number}, count - 1):
                    yield (number,) + found, (end,) + visited

    def has_properties(self, rel, number, row):
        return all(values.equal(self.flows[number][name], self.evaluate(value, row)) is True
                   for name, value in rel.properties)

    def unify_node(self, node, vertex, row):
        value = Vertex(vertex)
        if node.key is not None and values.equal(vertex, self.evaluate(node.key, row)) is not True:
            return
        if node.name is None or row.get(node.name, 0) == value:
            yield row
        elif node.name not in row:
            yield {**row, node.name: value}

    def unify_rel(self, rel, found, row):
        edges = tuple(map(Edge, found))
        value = edges[0] if rel.range is None else edges
        if rel.name is None or row.get(rel.name, 0) == value:
            yield row
        elif rel.name not in row:
            yield {**row, rel.name: value}

    # Expressions.

    def evaluate(self, expr, row):
        self.step()
        op, value = expr.op, expr.value
        if op == "literal":
            return value
        if op == "var":
            return row[value]
        if op == "case":
            return self.case(expr, row)
        if op in ("quantifier", "comprehension", "reduce"):
            return self.each(expr, row)
        if op == "exists":
            return any(self.holds(value.where, new) for new in self.match(value.paths, row))
        if op == "count_all":
            return sum(self.holds(value.where, new) for new in self.match(value.paths, row))
        if op == "connected":
            return any(True for _ in self.match((value,), row))
        if op == "paths":
            return Bag(self.evaluate(expr.args[0], new) for new in self.match(value.paths, row)
                       if self.holds(value.where, new))
        if op == "call" and value == "coalesce":
            found = (self.evaluate(arg, row) for arg in expr.args)
            return next((one for one in found if one is not None), None)
        return self.apply(expr, [self.evaluate(arg, row) for arg in expr.args])

    def apply(self, expr, args):
        """An operator on the values of its arguments."""
        op, value = expr.op, expr.value
        if op == "literal":
            return value
        if op in ("and", "or", "xor", "not"):
            args = list(map(truth, args))
        if op in ("and", "or"):
            return (values.conjunction if op == "and" else values.disjunction)(args)
        if op == "xor":
            return None if None in args else args[0] != args[1]
        if op == "not":
            return values.negation(args[0])
        if op in ("is_null", "is_not_null"):
            return (args[0] is None) == (op == "is_null")
        if op == "chain":
            return values.conjunction([values.compare(sign, left, right) for sign, left, right
                                       in zip(value, args, args[1:])])
        if op in ("=", "<>", "<", "<=", ">", ">="):
            return values.compare(op, *args)
        if op in values.ARITHMETIC:
            return values.arithmetic(op, *args)
        if op == "negate":
            return None if args[0] is None else values.subtract(0, args[0])
        if op == "in":
            return values.is_in(*args)
        if op in ("starts", "ends", "contains"):
            return text_test(op, *args)
        if op == "list":
            return tuple(args)
        if op == "duration":
            return Duration(round(value * 1_000_000_000))
        if op == "datetime":
            return self.moment(value)
        if op == "prop":
            return self.property(args[0], value)
        if op == "index":
            return index(*args)
        if op == "slice":
            return list_slice(args, *value)
        if op == "call":
            return None if args and args[0] is None else self.call(value, args)
        raise NotImplementedError(op)

    @staticmethod
    def moment(text):
        return Time(time_of_text(text))

    def property(self, owner, name):
        if owner is None:
            return None
        if isinstance(owner, Vertex):
            return owner.key
        found = self.flows[owner.row][name]
        return Time(found) if name == "StartTime" else found

    def case(self, expr, row):
        is_simple, whens, has_else = expr.value
        args = list(expr.args)
        subject = self.evaluate(args.pop(0), row) if is_simple else True
        for i in range(whens):
            test = self.evaluate(args[2 * i], row)
            if values.equal(subject, test) is True:
                return self.evaluate(args[2 * i + 1], row)
        return self.evaluate(args[-1], row) if has_else else None

    def each(self, expr, row):
        if expr.op == "reduce":
            total = self.evaluate(expr.args[0], row)
            found = self.evaluate(expr.args[1], row)
            for item in () if found is None else found:
                inner = {**row, expr.value[0]: total, expr.value[1]: item}
                total = self.evaluate(expr.args[2], inner)
            return None if found is None else total
        found = self.evaluate(expr.args[0], row)
        if found is None:
            return None
        if expr.op == "quantifier":
            kind, name = expr.value
            return quantify(kind, [self.evaluate(expr.args[1], {**row, name: item})
                                   for item in found])
        name, has_where, has_result = expr.value
        kept = [{**row, name: item} for item in found]
        if has_where:
            kept = [inner for inner in kept if self.evaluate(expr.args[1], inner) is True]
        result = [self.evaluate(expr.args[-1], inner) if has_result else inner[name]
                  for inner in kept]
        return type(found)(result)

    def call(self, name, args):
        first = args[0]
        if name in FUNCTIONS:
            return None if None in args else FUNCTIONS[name](*args)
        if name in ("startNode", "endNode"):
            return Vertex(self.flows[first.row]["SrcAddr" if name == "startNode" else "DstAddr"])
        if name in ("indegree", "outdegree"):
            side = "DstAddr" if name == "indegree" else "SrcAddr"
            return sum(flow[side] == first.key for flow in self.flows)
        if name == "unique_vertices":
            inner = first.vertices[first.vertices[0] == first.vertices[-1] and
                                   len(first.vertices) > 1:]
            return len(set(inner)) == len(inner)
        edges = tuple(map(Edge, first.edges)) if isinstance(first, Walk) else first
        if name == "relationships":
            return edges
        times = [self.flows[edge.row]["StartTime"] for edge in edges]
        if name == "span":
            return Duration(times[-1] - times[0]) if times else None
        if name == "ascending":
            return all(a <= b for a, b in zip(times, times[1:]))
        if name == "strictlyAscending":
            return all(a < b for a, b in zip(times, times[1:]))
        raise NotImplementedError(name)


class Key:
    """A sort key that knows its direction."""

    def __init__(self, value, descending):
        if isinstance(value, Bag) and len(value) > 1:
            raise Unsettled("a list in no order as a key")
        self.value, self.descending = value, descending

    def __lt__(self, other):
        order = values.order(self.value, other.value)
        return order > 0 if self.descending else order < 0

    def __eq__(self, other):
        return values.order(self.value, other.value) == 0


def shortest(path, rows):
    """Of the walks between the same two vertices for which the conditions hold."""
    groups = {}
    for row in rows:
        ends = tuple(row[node.name] for node in (path.start, path.steps[-1][1]))
        groups.setdefault(ends, []).append(row)
    kept = []
    for group in groups.values():
        least = min(len(row[path.name].edges) for row in group)
        group = [row for row in group if len(row[path.name].edges) == least]
        kept += group if path.shortest == "allShortestPaths" else group[:1]
    return kept


def truth(value):
    if value is not None and not isinstance(value, bool):
        raise TypeError("a condition that is neither true nor false")
    return value


def settled(answer):
    """The rows that SKIP and LIMIT leave, when the language says which."""
    begin, rows = answer.skip, []
    end = math.inf if answer.limit is None else begin + answer.limit
    place = 0
    for run in answer.runs:
        inside = [row for i, row in enumerate(run) if begin <= place + i < end]
        if 0 < len(inside) < len(run) and len(distinct(run)) > 1:
            raise Unsettled("a limit in the middle of a tie")
        rows += inside
        place += len(run)
    return rows


def distinct(rows):
    kept = {}
    for row in rows:
        kept.setdefault(tuple(map(values.identity, row)), row)
    return list(kept.values())


def items_of(found):
    return () if found is None else found


def quantify(kind, truths):
    if kind == "all":
        return values.conjunction(truths)
    if kind in ("any", "none"):
        some = values.disjunction(truths)
        return some if kind == "any" else values.negation(some)
    if truths.count(True) > 1:
        return False
    return None if None in truths else truths.count(True) == 1


def text_test(op, left, right):
    if not isinstance(left, str) or not isinstance(right, str):
        return None
    return {"starts": left.startswith, "ends": left.endswith, "contains": left.__contains__}[op](
        right)


def settle(items):
    if isinstance(items, Bag) and len(items) > 1:
        raise Unsettled("an item of a list in no order")
    return items


def index(items, place):
    if items is None or place is None:
        return None
    return settle(items)[place] if -len(items) <= place < len(items) else None


def list_slice(args, has_from, has_to):
    bounds = iter(args[1:])
    low = next(bounds) if has_from else 0
    high = next(bounds) if has_to else len(args[0] or ())
    if None in (args[0], low, high):
        return None
    return settle(args[0])[slice(low, high)]


def list_range(low, high, step=1):
    if step == 0:
        raise Raised("a step of zero")
    return tuple(range(low, high + (1 if step > 0 else -1), step))


def to_integer(value):
    if isinstance(value, str):
        try:
            return int(float(value)) if "." in value else int(value)
        except ValueError:
            return None
    return int(value)


def to_text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


FUNCTIONS = {
    "abs": abs, "sign": lambda x: (x > 0) - (x < 0), "id": lambda edge: edge.row,
    "size": len, "length": lambda path: len(path.edges),
    "nodes": lambda path: tuple(map(Vertex, path.vertices)),
    "head": lambda items: settle(items)[0] if items else None,
    "last": lambda items: settle(items)[-1] if items else None,
    "tail": lambda items: settle(items)[1:], "reverse": lambda items: items[::-1],
    "range": list_range, "toInteger": to_integer, "toFloat": float, "toString": to_text,
    "toUpper": str.upper, "toLower": str.lower, "trim": str.strip,
    "left": lambda text, count: text[:count], "right": lambda text, n: text[-n:] if n else "",
    "substring": lambda text, start, count: text[start:start + count],
    "replace": lambda text, old, new: text.replace(old, new) if old else text,
    "split": lambda text, by: tuple(text.split(by)), "type": lambda edge: "Netflow",
    "floor": lambda x: float(math.floor(x)), "ceil": lambda x: float(math.ceil(x)),
}
