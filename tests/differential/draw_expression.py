"""Random expressions of a wanted type over the variables in scope.

Types are "int", "float", "text", "bool", "time", "duration", "vertex", "edge", "path", ("list", T),
and ("bag", T) for a list in no order, which may only be asked what does not depend on one.
"""
import graph
from tree import Expr, Item, Match, Node, Path, Rel, literal, var

SCALARS = ("int", "float", "text", "bool", "time")
INTEGERS = (0, 1, 2, 3, -1, 22, 53, 60, 443)
FLOATS = (0.5, 1.5, -0.25, 3.0)
TEXTS = graph.PROTOS + graph.STATES + graph.LABELS + ("", "c") + graph.ADDRESSES
MOMENTS = ("2011-08-16T10:00:00Z", "2011-08-16T10:00:01.500Z", "2011-08-16T10:00:20Z")
SECONDS = (0, 0.5, 1, 2, -1, 30)
ORDERED = ("<", "<=", ">", ">=")


def call(name, *args):
    return Expr("call", args, name)


class Expressions:
    """`is_plain`: only what the typed matcher takes, so that all types are static and agree."""

    def __init__(self, random, is_plain):
        self.random = random
        self.is_plain = is_plain
        self.scope = {}
        self.fresh = 0

    def chance(self, share):
        return self.random.random() < share

    def pick(self, *choices):
        return self.random.choice(choices)

    def name(self, prefix):
        self.fresh += 1
        return f"{prefix}{self.fresh}"

    def names(self, *types):
        return [name for name, type_ in self.scope.items() if type_ in types]

    def expression(self, type_, depth=2):
        """Any expression of the type."""
        if not self.is_plain and self.chance(0.03):
            return literal(None)
        known = self.names(type_)
        if known and self.chance(0.35):
            return var(self.random.choice(known))
        if isinstance(type_, tuple):
            return self.list(type_[1], depth)
        if type_ in ("vertex", "edge", "path"):
            return var(self.random.choice(known)) if known else literal(None)
        if depth <= 0:
            return self.leaf(type_)
        if not self.is_plain and self.chance(0.2):
            return self.general(type_, depth - 1)
        return {"int": self.number, "float": self.number, "text": self.text, "bool": self.bool,
                "time": self.time, "duration": self.duration}[type_](type_, depth - 1)

    def leaf(self, type_):
        found = self.property(type_) if self.chance(0.7) else None
        if found is not None:
            return found
        known = self.names(type_)
        if known and self.chance(0.7):
            return var(self.random.choice(known))
        if type_ == "duration":
            return Expr("duration", (), self.random.choice(SECONDS))
        if type_ == "time":
            return Expr("datetime", (), self.random.choice(MOMENTS))
        if type_ == "bool" and self.is_plain:
            return self.comparison(0)
        return literal(self.random.choice({"int": INTEGERS, "float": FLOATS, "text": TEXTS,
                                           "bool": (True, False)}[type_]))

    def property(self, type_):
        """A property of something in scope, or None."""
        edges = self.names("edge")
        if type_ == "text" and self.chance(0.3) and self.names("vertex"):
            return Expr("prop", (var(self.random.choice(self.names("vertex"))),), "IPAddr")
        if type_ == "time":
            keys = ["StartTime"]
        else:
            keys = [key for key, of in graph.TYPES.items() if of == type_]
        if not edges or not keys:
            return None
        return Expr("prop", (var(self.random.choice(edges)),), self.random.choice(keys))

    # By type.

    def number(self, type_, depth):
        kind = self.random.random()
        if kind < 0.35:
            return self.leaf(type_)
        if kind < 0.75:
            other = self.pick(type_, "int") if type_ == "float" else "int"
            return Expr(self.pick("+", "-", "*"),
                        (self.expression(type_, depth), self.expression(other, depth)))
        if kind < 0.9:
            by = self.leaf(type_) if self.chance(0.1) else literal(self.pick(2, 3, 7, -2))
            return Expr(self.pick("/", "%"), (self.expression(type_, depth), by))
        if kind < 0.95 or self.is_plain:
            return Expr("negate", (self.expression(type_, depth),))
        if type_ == "int":
            return call(self.pick("abs", "sign"), self.expression("int", depth))
        return call(self.pick("abs", "floor", "ceil"), self.expression("float", depth))

    def text(self, _, depth):
        if self.is_plain or self.chance(0.6):
            return self.leaf("text")
        text = self.expression("text", depth)
        small = literal(self.pick(0, 1, 2, 5))
        return self.pick(
            Expr("+", (text, self.expression("text", depth))),
            call(self.pick("toUpper", "toLower", "trim", "reverse"), text),
            call(self.pick("left", "right"), text, small),
            call("substring", text, small, literal(self.pick(0, 1, 3))),
            call("replace", text, literal(self.pick("=", "c", "10")), literal(self.pick("", "xx"))),
            call("toString", self.expression("int", depth)))

    def time(self, _, depth):
        if self.chance(0.6):
            return self.leaf("time")
        return Expr(self.pick("+", "-"), (self.leaf("time"), self.expression("duration", depth)))

    def duration(self, _, depth):
        if self.chance(0.4):
            return self.leaf("duration")
        walks = self.names("path", ("list", "edge"))
        if walks and self.chance(0.4):
            return call("span", var(self.random.choice(walks)))
        return Expr("-", (self.expression("time", depth), self.expression("time", depth)))

    def bool(self, _, depth):
        kind = self.random.random()
        if kind < 0.4:
            return self.comparison(depth)
        if kind < 0.65:
            sign = self.pick("and", "or", "and", "or", "xor")
            return Expr(sign, (self.expression("bool", depth), self.expression("bool", depth)))
        if kind < 0.75:
            return Expr("not", (self.expression("bool", depth),))
        if kind < 0.83:
            return Expr(self.pick("is_null", "is_not_null"),
                        (self.leaf(self.pick("int", "text", "float")),))
        if kind < 0.9:
            return self.membership(depth)
        if kind < 0.95:
            return Expr(self.pick("starts", "ends", "contains"),
                        (self.leaf("text"), literal(self.random.choice(TEXTS))))
        lists = [name for name, of in self.scope.items() if isinstance(of, tuple)]
        if self.is_plain or not lists:
            return self.leaf("bool")
        return self.quantifier(self.random.choice(lists), depth)

    def comparison(self, depth):
        for kind in ("vertex", "edge"):
            known = self.names(kind)
            if len(known) > 1 and self.chance(0.15):
                return Expr(self.pick("=", "<>"), tuple(map(var, self.random.sample(known, 2))))
        type_ = self.pick("int", "int", "float", "text", "time", "time", "duration")
        others = ("int", "float") if type_ in ("int", "float") else (type_,)
        if not self.is_plain and self.chance(0.04):
            args = (self.expression(type_, depth), self.expression(self.pick(*SCALARS), depth))
            return Expr(self.pick("=", "<>", *ORDERED), args, "mixed")
        args = [self.expression(type_, depth), self.expression(self.pick(*others), depth)]
        if self.chance(0.1):
            args.append(self.expression(self.pick(*others), depth))
            return Expr("chain", tuple(args), (self.pick(*ORDERED), self.pick(*ORDERED)))
        sign = self.pick("=", "<>") if self.chance(0.4) else self.pick(*ORDERED)
        return Expr(sign, tuple(args))

    def membership(self, depth):
        type_ = self.pick("int", "text")
        item = self.expression(type_, depth)
        lists = self.names(("list", type_), ("bag", type_))
        if lists and self.chance(0.5):
            return Expr("in", (item, var(self.random.choice(lists))))
        pool = INTEGERS if type_ == "int" else TEXTS
        items = [literal(one) for one in self.random.sample(pool, self.random.randint(1, 4))]
        if self.chance(0.2):
            items.append(literal(None))
        return Expr("in", (item, Expr("list", tuple(items))))

    # What only the pipeline takes.

    def general(self, type_, depth):
        kind = self.random.random()
        if kind < 0.35:
            return self.case(type_, depth)
        if kind < 0.5:
            return call("coalesce", self.expression(type_, depth), self.expression(type_, depth))
        if kind < 0.6:
            items = self.list(type_, depth)
            return self.pick(call("head", items), call("last", items),
                             Expr("index", (items, literal(self.pick(0, 1, -1, 5)))))
        if type_ == "int":
            return self.general_integer(depth)
        if type_ == "float":
            return call("toFloat", self.expression("int", depth))
        if type_ == "bool":
            return self.general_bool(depth)
        return self.leaf(type_)

    def case(self, type_, depth):
        whens = self.random.randint(1, 2)
        is_simple, has_else = self.chance(0.4), self.chance(0.7)
        args = [self.expression("int", depth)] if is_simple else []
        for _ in range(whens):
            args += [self.expression("int" if is_simple else "bool", depth),
                     self.expression(type_, depth)]
        if has_else:
            args.append(self.expression(type_, depth))
        return Expr("case", tuple(args), (is_simple, whens, has_else))

    def general_integer(self, depth):
        lists = [name for name, of in self.scope.items() if isinstance(of, tuple)]
        edges, vertices, paths = (self.names(kind) for kind in ("edge", "vertex", "path"))
        choices = [call("toInteger", self.expression("float", depth)),
                   call("size", self.expression("text", depth))]
        if lists:
            choices.append(call("size", var(self.random.choice(lists))))
            choices.append(self.reduce(self.random.choice(lists), depth))
        if edges:
            choices.append(call("id", var(self.random.choice(edges))))
        if vertices:
            choices.append(call(self.pick("indegree", "outdegree"),
                                var(self.random.choice(vertices))))
            choices.append(Expr("count_all", (), self.subpattern(depth)))
            choices.append(self.of_paths(depth))
        if paths:
            choices.append(call("length", var(self.random.choice(paths))))
        return self.random.choice(choices)

    def general_bool(self, depth):
        walks = self.names("path", ("list", "edge"))
        if walks and self.chance(0.5):
            return call(self.pick("ascending", "strictlyAscending"),
                        var(self.random.choice(walks)))
        lists = [name for name, of in self.scope.items() if isinstance(of, tuple)]
        if lists and self.chance(0.6):
            return self.quantifier(self.random.choice(lists), depth)
        if self.names("vertex"):
            return Expr("exists", (), self.subpattern(depth))
        return self.leaf("bool")

    def subpattern(self, depth):
        """A MATCH that begins at a vertex in scope; its own names end with it."""
        scope = dict(self.scope)
        start = Node(self.random.choice(self.names("vertex")))
        rel = Rel(self.name("r"), self.pick("right", "left", "both"))
        ends = self.names("vertex") if self.chance(0.2) else []
        end = self.random.choice(ends) if ends else self.name("v")
        self.scope[rel.name] = "edge"
        self.scope[end] = "vertex"
        where = self.expression("bool", depth) if self.chance(0.5) else None
        self.scope = scope
        return Match((Path(start, ((rel, Node(end)),)),), where)

    def of_paths(self, depth):
        """How many a pattern comprehension gives, or their sum."""
        scope = dict(self.scope)
        pattern = self.subpattern(depth)
        rel, node = pattern.paths[0].steps[0]
        self.scope[rel.name] = "edge"
        self.scope[node.name] = "vertex"
        paths = Expr("paths", (self.expression("int", depth),), pattern)
        self.scope = scope
        if self.chance(0.4):
            return call("size", paths)
        item, total = self.name("x"), self.name("t")
        body = Expr("+", (var(total), call("coalesce", var(item), literal(1))))
        return Expr("reduce", (literal(0), paths, body), (total, item))

    # Lists.

    def within(self, name, type_, make):
        """What `make` draws with one more variable in scope."""
        scope = dict(self.scope)
        self.scope[name] = type_
        made = make()
        self.scope = scope
        return made

    def quantifier(self, of, depth):
        item = self.name("x")
        test = self.within(item, self.scope[of][1], lambda: self.expression("bool", depth))
        kind = self.pick("all", "any", "none", "single")
        return Expr("quantifier", (var(of), test), (kind, item))

    def reduce(self, of, depth):
        """A sum, which does not depend on an order."""
        item, total = self.name("x"), self.name("t")
        part = self.within(item, self.scope[of][1], lambda: self.expression("int", depth))
        body = Expr("+", (var(total), call("coalesce", part, literal(1))))
        return Expr("reduce", (literal(0), var(of), body), (total, item))

    def list(self, type_, depth):
        """Of items of a type, in an order that is known."""
        kind = self.random.random()
        known = [name for name, of in self.scope.items() if of == ("list", type_)]
        if known and kind < 0.3:
            return var(self.random.choice(known))
        if type_ == "int" and kind < 0.4:
            return call("range", literal(self.pick(0, 1, 3)), literal(self.pick(0, 2, 4)))
        if type_ in ("vertex", "edge") and self.names("path") and kind < 0.8:
            name = "nodes" if type_ == "vertex" else "relationships"
            return call(name, var(self.random.choice(self.names("path"))))
        if depth > 0 and kind < 0.6:
            inner = self.list(type_, depth - 1)
            return self.pick(call(self.pick("tail", "reverse"), inner),
                             Expr("slice", (inner, literal(self.pick(0, 1, -1))), (True, False)),
                             Expr("slice", (inner, literal(self.pick(0, 1, 2))), (False, True)))
        if depth > 0 and kind < 0.8:
            return self.comprehension(type_, depth - 1)
        return Expr("list", tuple(self.expression(type_, depth - 1)
                                  for _ in range(self.random.randint(0, 3))))

    def comprehension(self, type_, depth):
        of = self.pick("int", "text", type_)
        edges = self.names(("list", "edge"))
        inner = self.list(of, depth)
        if edges and self.chance(0.5):
            of, inner = "edge", var(self.random.choice(edges))
        item = self.name("x")
        args = [inner]
        has_where, has_result = self.chance(0.5), of != type_ or self.chance(0.6)
        if has_where:
            args.append(self.within(item, of, lambda: self.expression("bool", depth)))
        if has_result:
            args.append(self.within(item, of, lambda: self.expression(type_, depth)))
        return Expr("comprehension", tuple(args), (item, has_where, has_result))


def item_of(expr, name):
    return Item(expr, expr.value if expr.op == "var" else name)
