"""Random queries: clauses and patterns, over expressions of draw_expression.py."""
from dataclasses import replace

from draw_expression import Expressions, SCALARS, SECONDS, call, item_of
from tree import Expr, Match, Node, Path, Projection, Query, Rel, Sort, Unwind, literal, prop, var

NUMBERS = ("int", "float")
PROPERTIES = (("Proto", "text"), ("Dport", "int"), ("State", "text"), ("TotBytes", "int"))
EDGES_MAX = 4


def is_bag(type_):
    return isinstance(type_, tuple) and type_[0] == "bag"


class Drawing(Expressions):
    def query(self):
        if self.is_plain:
            return Query(((*self.matches(), self.projection(True)),))
        if self.chance(0.08):
            return self.cycles()
        if self.chance(0.05):
            return self.shortest()
        if self.chance(0.12):
            types = [self.pick(*SCALARS) for _ in range(self.random.randint(1, 3))]
            branches = tuple(self.union_branch(types) for _ in range(self.random.randint(2, 3)))
            return Query(branches, self.chance(0.4))
        return Query((self.branch(),))

    def cycles(self):
        """Walks back to where they began, or to another vertex, ever later and within a time."""
        self.scope = {}
        self.edges = EDGES_MAX
        edges, path = self.name("e"), self.name("p")
        start, end = self.pick("a", "a", None), self.pick("a", "a", "b")
        least = self.pick(1, 2, 2, 3)
        rel = Rel(edges, self.pick("right", "right", "right", "left", "both"),
                  (least, least + self.pick(0, 1, 2)))
        walk = Path(Node(start), ((rel, Node(end)),), path if self.chance(0.7) else None)
        self.scope = {edges: ("list", "edge"), "a": "vertex", end: "vertex"}
        if start is None and end != "a":
            del self.scope["a"]
        subject = var(path if walk.name and self.chance(0.5) else edges)
        conditions = [call(self.pick("ascending", "strictlyAscending"), subject)]
        conditions.append(Expr(self.pick("<", "<="), (call("span", subject), self.window())))
        if walk.name and self.chance(0.4):
            conditions.append(call("unique_vertices", var(path)))
        if self.chance(0.5):
            conditions += [self.walk_condition(var(edges)) for _ in range(self.pick(1, 1, 2))]
        if self.chance(0.3):
            conditions.append(self.expression("bool", 2))
        self.random.shuffle(conditions)
        where = self.conjunction(conditions[:self.random.randint(1, len(conditions))])
        if walk.name:
            self.scope[path] = "path"
        return Query(((Match((walk,), where), self.count_of_walks(edges)),))

    def shortest(self):
        """Which of several shortest paths is found is open, so that only lengths are asked."""
        self.scope = {"e": ("list", "edge"), "a": "vertex", "b": "vertex", "p": "path"}
        self.edges = EDGES_MAX
        least = self.pick(0, 1, 1)
        rel = Rel("e", self.pick("right", "left", "both"), (least, least + self.pick(1, 2, 3)))
        kind = self.pick("shortestPath", "allShortestPaths")
        ends = Expr("<>", (var("a"), var("b")))
        where = self.conjunction([ends] + [self.condition(["e", "p"])
                                           for _ in range(self.pick(0, 1, 1))])
        match = Match((Path(Node("a"), ((rel, Node("b")),), "p", kind),), where)
        first = Match((Path(Node("a")), Path(Node("b"))))
        if kind == "allShortestPaths" and self.chance(0.5):
            return Query(((first, match, self.projection(True)),))
        items = (item_of(var("a"), "a"), item_of(var("b"), "b"),
                 item_of(call("length", var("p")), "hops"))
        return Query(((*self.pick((first,), ()), match, Projection(items, True)),))

    def count_of_walks(self, edges):
        """How many there are, by length, or anything."""
        if self.chance(0.5):
            return self.projection(True)
        items = (item_of(Expr("count_rows"), "n"),)
        if self.chance(0.6):
            items = self.pick(items, items[::-1]) + (item_of(call("size", var(edges)), "h"),)
        return Projection(items, True)

    def union_branch(self, types):
        self.scope = {}
        self.edges = 0
        match = self.match()
        items = tuple(item_of(self.expression(type_, 1), f"c{i}") for i, type_ in enumerate(types))
        items = tuple(replace(item, name=f"c{i}") for i, item in enumerate(items))
        return (match, Projection(items, True, self.chance(0.2)))

    def matches(self):
        self.scope = {}
        self.edges = 0
        return [self.match() for _ in range(self.pick(1, 1, 1, 2))]

    def branch(self):
        self.scope = {}
        self.edges = 0
        clauses = []
        for _ in range(self.pick(1, 2, 2, 3, 3, 4)):
            kind = self.random.random()
            if kind < 0.6 and self.edges < EDGES_MAX:
                clauses.append(self.match(bool(clauses) and self.chance(0.4)))
            elif kind < 0.7:
                clauses.append(self.unwind())
            elif clauses:
                clauses.append(self.projection(False))
        return (*clauses, self.projection(True))

    # Patterns.

    def match(self, is_optional=False):
        before = set(self.scope)
        self.used = set()
        paths = tuple(self.path() for _ in range(self.pick(1, 1, 1, 2)))
        made = [name for name in self.scope if name not in before]
        conditions = [self.condition(made) for _ in range(self.pick(0, 0, 0, 1, 1, 2))]
        return Match(paths, self.conjunction(conditions), is_optional)

    def conjunction(self, conditions):
        where = None
        for condition in conditions:
            where = condition if where is None else Expr("and", (where, condition))
        return where

    def path(self):
        length = self.pick(0, 1, 1, 1, 2, 2, 3)
        length = min(length, EDGES_MAX - self.edges)
        start = self.node()
        steps = tuple((self.rel(), self.node()) for _ in range(length))
        if self.is_plain or self.chance(0.75):
            return Path(start, steps)
        name = self.name("p")
        self.scope[name] = "path"
        return Path(start, steps, name)

    def node(self):
        known = self.names("vertex")
        kind = self.random.random()
        if known and kind < 0.4:
            name = self.random.choice(known)
        elif kind < 0.9:
            name = self.name("v")
        else:
            name = None
        key = None
        if self.chance(0.03):
            key = literal(self.pick("10.0.0.2", "10.0.0.10", "9.0.0.1"))
        if name:
            self.scope[name] = "vertex"
        return Node(name, self.chance(0.05), key)

    def rel(self):
        self.edges += 1
        direction = "both" if self.chance(0.25) else self.pick("right", "right", "left")
        bound = [name for name in self.names("edge") if name not in self.used]
        if not self.is_plain and bound and self.chance(0.06):
            name = self.random.choice(bound)
            self.used.add(name)
            return Rel(name, direction)
        name = self.name("e") if self.chance(0.85) else None
        range_ = None
        if not self.is_plain and self.chance(0.2):
            least = self.pick(0, 1, 1, 1, 2)
            range_ = (least, least + self.pick(0, 1, 1, 2))
            self.edges += 1
        properties = ()
        if self.chance(0.04):
            key, type_ = self.pick(*PROPERTIES)
            properties = ((key, self.leaf_literal(type_)),)
        if name:
            self.scope[name] = "edge" if range_ is None else ("list", "edge")
            self.used.add(name)
        return Rel(name, direction, range_, self.chance(0.05), properties)

    def leaf_literal(self, type_):
        return literal(self.pick(53, 80, 60, 0) if type_ == "int" else
                       self.pick("tcp", "CON", "udp"))

    def condition(self, made):
        """Something that hunts ask of a pattern, or anything."""
        edges = [name for name in self.names("edge") if name in made]
        lists = [name for name in self.names(("list", "edge")) if name in made]
        if lists and self.chance(0.7):
            return self.walk_condition(var(self.random.choice(lists)))
        paths = [name for name in self.names("path") if name in made]
        if paths and self.chance(0.5):
            return self.walk_condition(call("relationships", var(self.random.choice(paths))))
        if len(edges) > 1 and self.chance(0.5):
            return self.time_condition(self.random.sample(edges, min(len(edges), 3)))
        if not self.is_plain and self.names("vertex") and self.chance(0.08):
            connected = Expr("connected", (), self.connected())
            return Expr("not", (connected,)) if self.chance(0.4) else connected
        condition = self.expression("bool", 2)
        if self.chance(0.4):
            edge = self.random.choice(edges) if edges else None
            wide = Expr(self.pick("<", ">="), (prop(edge, "Dport"), literal(80))) if edge else None
            condition = Expr("or", (condition, wide or self.expression("bool", 1)))
        return condition

    def connected(self):
        vertices = self.names("vertex")
        end = Node(self.random.choice(vertices) if self.chance(0.5) else None)
        direction = self.pick("right", "left", "both")
        range_ = (1, 2) if self.chance(0.2) else None
        return Path(Node(self.random.choice(vertices)), ((Rel(None, direction, range_), end),))

    def window(self):
        return Expr("duration", (), self.random.choice(SECONDS))

    def time_condition(self, edges):
        times = [prop(edge, "StartTime") for edge in edges]
        if len(times) > 2 and self.chance(0.5):
            return Expr("chain", tuple(times), (self.pick("<", "<="), self.pick("<", "<=", "=")))
        sign = self.pick("<", "<=", ">", ">=", "=")
        kind = self.random.random()
        if kind < 0.4:
            return Expr(sign, tuple(times[:2]))
        if kind < 0.7:
            return Expr(sign, (times[0], Expr(self.pick("+", "-"), (times[1], self.window()))))
        return Expr(sign, (Expr("-", tuple(times[:2])), self.window()))

    def walk_condition(self, edges):
        def item(index):
            return Expr("prop", (Expr("index", (edges, index)),), "StartTime")
        kind = self.random.random()
        sign = self.pick("<", "<=", "<=", ">")
        if kind < 0.2:
            return call(self.pick("ascending", "strictlyAscending"), edges)
        if kind < 0.4:
            i = var(self.name("i"))
            indices = call("range", literal(0), Expr("-", (call("size", edges), literal(2))))
            test = Expr(sign, (item(i), item(Expr("+", (i, literal(1))))))
            return Expr("quantifier", (indices, test), ("all", i.value))
        if kind < 0.65:
            ends = [item(literal(-1)), item(literal(0))]
            if self.chance(0.5):
                ends = [Expr("prop", (call(name, edges),), "StartTime")
                        for name in ("last", "head")]
            if self.chance(0.5):
                return Expr(sign, (Expr("-", tuple(ends)), self.window()))
            return Expr(sign, (ends[0], Expr("+", (ends[1], self.window()))))
        if kind < 0.72:
            return Expr(sign, (call("span", edges), self.window()))
        if kind < 0.82 and self.names("edge"):
            other = prop(self.random.choice(self.names("edge")), "StartTime")
            window = Expr(self.pick("+", "-"), (other, self.window()))
            return Expr(sign, (item(literal(self.pick(0, -1, 1))), self.pick(other, window)))
        x = self.name("x")
        test = self.within(x, "edge", lambda: self.expression("bool", 1))
        return Expr("quantifier", (edges, test), (self.pick("all", "all", "any", "none"), x))

    # The other clauses.

    def unwind(self):
        bags = [name for name, type_ in self.scope.items() if is_bag(type_)]
        name = self.name("u")
        if bags and self.chance(0.7):
            bag = self.random.choice(bags)
            clause = Unwind(var(bag), name)
            self.scope[name] = self.scope[bag][1]
            return clause
        type_ = self.pick("int", "int", "text", "float")
        kinds = self.names(("list", "edge"))
        if kinds and self.chance(0.5):
            clause = Unwind(var(self.random.choice(kinds)), name)
            self.scope[name] = "edge"
            return clause
        clause = Unwind(self.list(type_, 1), name)
        self.scope[name] = type_
        return clause

    def projection(self, is_final):
        is_folded = self.chance(0.35)
        types = {}
        items = []
        self.add_items(items, types, is_folded)
        if not items:
            items.append(item_of(Expr("count_rows"), "n"))
            types["n"] = "int"
            is_folded = True
        bags = [name for name, type_ in types.items() if is_bag(type_)]
        is_distinct = not bags and self.chance(0.15)
        sorts, limited = self.sorts(items, types, is_folded or is_distinct, is_final)
        if is_final and self.is_plain and not sorts:
            limited = False
        skip = self.pick(None, None, 0, 1, 2) if limited else None
        limit = self.pick(0, 1, 2, 3, 5, 10) if limited else None
        self.scope = types
        where = None
        if not is_final and self.chance(0.2):
            where = self.expression("bool", 2)
        self.edges = max(0, self.edges - 1)
        return Projection(tuple(items), is_final, is_distinct, sorts, skip, limit, where)

    def add_items(self, items, types, is_folded):
        """Keys or passed variables, other expressions, aggregates."""
        for name, type_ in list(self.scope.items()):
            if self.chance(0.3 if is_folded else 0.45) and not (is_folded and is_bag(type_)):
                items.append(item_of(var(name), name))
                types[name] = type_
        for _ in range(self.pick(0, 1, 1, 2)):
            type_ = self.pick(*SCALARS)
            if not self.is_plain and self.chance(0.1):
                type_ = ("list", self.pick("int", "text"))
            name = self.name("k")
            items.append(item_of(self.expression(type_, 2), name))
            types[items[-1].name] = type_
        for _ in range(self.pick(1, 1, 2, 3) if is_folded else 0):
            name = self.name("g")
            expr, types[name] = self.fold()
            items.append(item_of(expr, name))
        unique = {item.name: item for item in items}
        items[:] = unique.values()
        self.random.shuffle(items)

    def fold(self):
        """An aggregate and its type."""
        names = ("count", "sum", "avg", "min", "max")
        name = self.pick("rows", *names, *(() if self.is_plain else ("collect", "collect", "stDev",
                                           "stDevP", "percentileCont", "percentileDisc")))
        if name == "rows":
            return Expr("count_rows"), "int"
        entities = [of for of in ("vertex", "edge") if self.names(of)]
        types = {"count": (*SCALARS, *entities), "min": ("int", "float", "text", "time"),
                 "max": ("int", "float", "text", "time"), "collect": SCALARS}.get(name, NUMBERS)
        type_ = self.random.choice(types)
        args = (self.expression(type_, 1),)
        if name.startswith("percentile"):
            args += (literal(self.pick(0.0, 0.25, 0.5, 0.9, 1.0)),)
        expr = Expr("aggregate", args, (name, self.chance(0.2)))
        result = {"count": "int", "collect": ("bag", type_)}.get(
            name, type_ if name in ("sum", "min", "max", "percentileDisc") else "float")
        if result == "int" and self.chance(0.15):
            expr = Expr(self.pick("+", "*"), (expr, literal(self.pick(1, 2, -1))))
        return expr, result

    def sorts(self, items, types, is_closed, is_final):
        """Sort keys, and whether a limit may follow: inside a query only behind a total order."""
        keys, is_total = [], True
        for item in items:
            type_ = types[item.name]
            if type_ in SCALARS:
                keys.append(var(item.name))
            elif type_ == "vertex":
                keys.append(prop(item.name, "IPAddr"))
            elif type_ == "edge" and not self.is_plain:
                keys.append(call("id", var(item.name)))
            else:
                is_total = False
        if self.chance(0.55) or not keys:
            return (), False
        self.random.shuffle(keys)
        is_limited = self.chance(0.5) and (is_total or is_final)
        if is_final or not is_limited:
            keys = keys[:self.random.randint(1, len(keys))]
        if not is_closed and not is_limited and self.chance(0.3):
            scope = self.scope
            self.scope = {**scope, **types}
            keys.append(self.expression(self.pick(*SCALARS), 1))
            self.scope = scope
        return tuple(Sort(key, self.chance(0.4)) for key in keys), is_limited


def draw_query(random):
    return Drawing(random, random.random() < 0.4).query()
