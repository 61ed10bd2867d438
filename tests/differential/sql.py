"""Queries as SQL on DuckDB, for what SQL can say.

Every clause becomes a table expression over the one before: rows of the query's variables. Vertices
are their keys, flows their row numbers, times and durations nanoseconds; a walk of variable length
is the list of its flows, from a recursive expression. Each row has a number, so that OPTIONAL MATCH
can find the rows without a match. What SQL has no words for raises NotSql.
"""
import duckdb

import graph
from tree import Match, Unwind, has_aggregate

TYPES = {"StartTime": "BIGINT", "float": "DOUBLE", "int": "BIGINT", "text": "VARCHAR"}
SIGNS = {"=", "<>", "<", "<=", ">", ">=", "+", "-", "*"}
FOLDS = {"count": "count", "sum": "sum", "avg": "avg", "min": "min", "max": "max",
         "collect": "list", "stDev": "stddev_samp", "stDevP": "stddev_pop",
         "percentileCont": "quantile_cont", "percentileDisc": "quantile_disc"}
CALLS = {"toUpper": "upper", "toLower": "lower", "trim": "trim", "left": "left", "right": "right",
         "abs": "abs", "sign": "sign", "id": "", "replace": "replace", "coalesce": "coalesce",
         "reverse": "reverse"}


class NotSql(Exception):
    """The query has no translation."""


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def in_order(sorts):
    """Null is the greatest."""
    return ", ".join(f"{key} DESC NULLS FIRST" if is_descending else f"{key} ASC NULLS LAST"
                     for key, is_descending in sorts)


def is_text(expr):
    """As far as one can see without the variables' types."""
    if expr.op == "+":
        return any(map(is_text, expr.args))
    if expr.op == "prop":
        return expr.value == "IPAddr" or graph.TYPES.get(expr.value) == "text"
    if expr.op == "literal":
        return isinstance(expr.value, str)
    return expr.op == "call" and expr.value in ("toUpper", "toLower", "trim", "left", "right",
                                                "replace", "substring", "toString")


def number_kind(expr):
    """"int", "float" or "unknown": as far as one can see without the variables' types."""
    if expr.op == "literal":
        return "float" if isinstance(expr.value, float) else "int"
    if expr.op == "prop":
        return graph.TYPES.get(expr.value, "unknown")
    if expr.op in ("+", "-", "*", "/", "%", "negate"):
        kinds = set(map(number_kind, expr.args))
        return "unknown" if "unknown" in kinds else "float" if "float" in kinds else "int"
    return "unknown"


def flow_property(row, name):
    return f"(SELECT p_.{name} FROM flow p_ WHERE p_.row_ = {row})"


def rising(sign):
    def translate(edges):
        this, next_ = (flow_property(f"{edges}[i_{step}]", "StartTime") for step in ("", " + 1"))
        places = f"(SELECT unnest(range(1, len({edges}))) AS i_)"
        rises = f"(SELECT bool_and({this} {sign} {next_}) FROM {places})"
        return f"(CASE WHEN {edges} IS NULL THEN NULL ELSE coalesce({rises}, true) END)"
    return translate


def span(edges):
    last, first = (flow_property(f"{edges}[{place}]", "StartTime") for place in (-1, 1))
    return f"({last} - {first})"


WALKS = {"ascending": rising("<="), "strictlyAscending": rising("<"), "span": span,
         "head": "{}[1]".format, "last": "{}[-1]".format}


class Sql:
    def __init__(self):
        self.connection = duckdb.connect(config={"threads": 1})

    def load(self, flows):
        return Translation(self.connection, flows)


class Translation:
    """One graph as tables, and the queries on it."""

    def __init__(self, connection, flows):
        self.connection = connection
        run = connection.execute
        columns = ", ".join(f"{name} {TYPES[graph.TYPES.get(name, name)]}"
                            for name in graph.COLUMNS)
        run(f"CREATE OR REPLACE TABLE flow (row_ BIGINT, {columns})")
        marks = ", ".join("?" * (len(graph.COLUMNS) + 1))
        connection.executemany(f"INSERT INTO flow VALUES ({marks})", [
            [number, *(flow[name] for name in graph.COLUMNS)]
            for number, flow in enumerate(flows)])
        run("CREATE OR REPLACE TABLE vertex AS "
            "SELECT SrcAddr AS key FROM flow UNION SELECT DstAddr FROM flow")
        run("CREATE OR REPLACE TABLE hop AS SELECT *, SrcAddr AS near, DstAddr AS far, "
            "true AS forth FROM flow UNION ALL SELECT *, DstAddr, SrcAddr, false FROM flow")

    def run(self, text, query):
        try:
            rows = self.connection.execute(text).fetchall()
        except duckdb.Error as error:
            # Types that do not mix, numbers that do not fit.
            raise NotSql(str(error).splitlines()[0]) from None
        types = Typing(query).types
        return [tuple(self.value(value, type_) for value, type_ in zip(row, types)) for row in rows]

    @staticmethod
    def value(value, type_):
        if value is not None and type_ in ("edge", "time", "duration"):
            return (type_, value)
        return value

    def translate(self, query):
        types = Typing(query)
        if types.types is None:
            raise NotSql
        branches = [Branch(types).text(branch) for branch in query.branches]
        if len(branches) == 1:
            return branches[0]
        return (" UNION ALL " if query.all else " UNION ").join(f"({text})" for text in branches)


class Typing:
    """Which results are flows, times and durations, since SQL has plain numbers for these."""

    def __init__(self, query):
        try:
            self.types = None
            for branch in query.branches:
                self.scope = {}
                for clause in branch:
                    self.clause(clause)
                types = list(self.scope.values())
                if self.types is not None and types != self.types:
                    raise NotSql
                self.types = types
        except NotSql:
            self.types = None

    def clause(self, clause):
        if isinstance(clause, Match):
            for path in clause.paths:
                if path.shortest:
                    raise NotSql("a shortest path")
                if path.name:
                    self.scope[path.name] = "path"
                self.scope.update((node.name, "vertex") for node in
                                  (path.start, *(node for _, node in path.steps)) if node.name)
                self.scope.update((rel.name, "edges" if rel.range else "edge")
                                  for rel, _ in path.steps if rel.name)
        elif isinstance(clause, Unwind):
            self.scope[clause.name] = "edge" if self.of(clause.list) == "edges" else "other"
        else:
            self.scope = {item.name: self.of(item.expr) for item in clause.items}

    def of(self, expr):
        if expr.op == "var":
            found = self.scope.get(expr.value, "other")
            if found == "path":
                raise NotSql("a path")
            return found
        if expr.op in ("duration", "datetime"):
            return "duration" if expr.op == "duration" else "time"
        if expr.op == "prop":
            return "time" if expr.value == "StartTime" else "other"
        if expr.op in ("quantifier", "comprehension", "reduce"):
            return "other"
        args = [self.of(arg) for arg in expr.args]
        if expr.op == "index" or expr.op == "call" and expr.value in ("head", "last"):
            return "edge" if args[0] == "edges" else "other"
        if expr.op == "call" and expr.value == "span":
            return "duration"
        if expr.op == "aggregate":
            is_same = expr.value[0] in ("min", "max")
            if not is_same and expr.value[0] != "count" and args[0] != "other":
                raise NotSql
            return args[0] if is_same else "other"
        if expr.op == "-" and args == ["time", "time"]:
            return "duration"
        if expr.op in ("+", "-") and set(args) & {"time", "duration"}:
            return "time" if "time" in args else "duration"
        if expr.op in ("case", "call") and set(args) & {"time", "duration", "edge"}:
            if expr.op == "call" and expr.value == "id":
                return "other"
            raise NotSql
        return "other"


class Branch:
    def __init__(self, types):
        self.types = types
        self.tables = []
        self.fresh = 0

    def name(self, prefix):
        self.fresh += 1
        return f"{prefix}{self.fresh}_"

    def add(self, text, is_recursive=False):
        name = self.name("walk" if is_recursive else "rows")
        self.tables.append(f"{name} AS ({text})")
        return name

    def text(self, clauses):
        scope, last = [], self.add("SELECT 0 AS nr_")
        for clause in clauses[:-1]:
            scope, last = self.clause(clause, scope, last)
        final = self.projection(clauses[-1], scope, last)
        return f"WITH RECURSIVE {', '.join(self.tables)} {final}"

    def clause(self, clause, scope, last):
        if isinstance(clause, Match):
            return self.match(clause, scope, last)
        if isinstance(clause, Unwind):
            items = self.expr(clause.list, scope)
            names = scope + [clause.name]
            text = f"SELECT {self.columns(scope)} unnest({items}) AS {clause.name} FROM {last}"
            return names, self.numbered(names, text)
        names = [item.name for item in clause.items]
        last = self.numbered(names, self.projection(clause, scope, last))
        if clause.where is not None:
            last = self.add(f"SELECT * FROM {last} WHERE {self.expr(clause.where, names)}")
        return names, last

    def columns(self, names):
        return "".join(f"{name}, " for name in names)

    def numbered(self, names, text):
        return self.add(f"SELECT {self.columns(names)} row_number() OVER () AS nr_ FROM ({text})")

    # Patterns.

    def match(self, clause, scope, last):
        sources, tests, new = self.pattern(clause.paths, scope)
        names = scope + list(new)
        columns = self.columns(scope) + "".join(f"{text} AS {name}, " for name, text in new.items())
        text = f"SELECT {columns} nr_ FROM {', '.join([last] + sources)}"
        text += f" WHERE {' AND '.join(tests)}" if tests else ""
        text = f"SELECT * FROM ({text})"
        text += f" WHERE {self.expr(clause.where, names)}" if clause.where is not None else ""
        if clause.optional:
            found = self.add(text)
            nulls = "".join(f"f_.{name}, " for name in new)
            olds = "".join(f"o_.{name}, " for name in scope)
            text = (f"SELECT {olds} {nulls} o_.nr_ FROM {last} o_ LEFT JOIN {found} f_ "
                    "ON o_.nr_ = f_.nr_")
        return names, self.numbered(names, text)

    def pattern(self, paths, scope):
        """Tables to join, conditions, and what new variables are."""
        sources, tests, new, used = [], [], {}, []
        for path in paths:
            near = self.node(path.start, None, scope, sources, tests, new)
            for rel, node in path.steps:
                alias = self.name("e")
                walks = self.walks(rel, scope) if rel.range else "hop"
                sources.append(f"{walks} {alias}")
                tests.append(f"{alias}.near = {near}")
                self.rel(rel, alias, scope, tests, new)
                rows = f"{alias}.rows_" if rel.range else f"[{alias}.row_]"
                tests += [f"NOT list_has_any({rows}, {other})" for other in used]
                used.append(rows)
                near = self.node(node, f"{alias}.far", scope, sources, tests, new)
        return sources, tests, new

    def node(self, node, text, scope, sources, tests, new):
        """The vertex as SQL: `text`, when a relationship leads to it."""
        known = new.get(node.name) or (node.name if node.name in scope else None)
        if text is None and known is None:
            alias = self.name("v")
            sources.append(f"vertex {alias}")
            text = f"{alias}.key"
        elif text is None:
            # A row without that vertex has no match.
            tests.append(f"{known} IS NOT NULL")
            text = known
        elif known is not None:
            tests.append(f"{text} = {known}")
        if node.name and known is None:
            new[node.name] = text
        if node.key is not None:
            tests.append(f"{text} = {self.expr(node.key, scope)}")
        return text

    def rel(self, rel, alias, scope, tests, new):
        if rel.range is None:
            tests += self.hop_tests(rel, alias)
        value = f"{alias}.rows_" if rel.range else f"{alias}.row_"
        if rel.name and rel.name in scope:
            tests.append(f"{value} = {rel.name}")
        elif rel.name:
            new[rel.name] = value

    def hop_tests(self, rel, alias):
        tests = {"right": [f"{alias}.forth"], "left": [f"NOT {alias}.forth"],
                 "both": [f"({alias}.forth OR {alias}.near <> {alias}.far)"]}[rel.direction]
        return tests + [f"{alias}.{name} = {self.expr(value, [])}"
                        for name, value in rel.properties]

    def walks(self, rel, scope):
        if rel.name in scope or any(value.op != "literal" for _, value in rel.properties):
            raise NotSql
        least, most = rel.range
        tests = " AND ".join(self.hop_tests(rel, "h"))
        name = self.name("walk")
        self.tables.append(
            f"{name} AS (SELECT key AS near, key AS far, []::BIGINT[] AS rows_ FROM vertex "
            f"UNION ALL SELECT w.near, h.far, list_append(w.rows_, h.row_) FROM {name} w, hop h "
            f"WHERE w.far = h.near AND NOT list_contains(w.rows_, h.row_) AND {tests} "
            f"AND len(w.rows_) < {most})")
        return f"(SELECT * FROM {name} WHERE len(rows_) >= {least})"

    # Projections.

    def projection(self, clause, scope, last):
        items = [(self.expr(item.expr, scope), item) for item in clause.items]
        shown = ", ".join(f"{text} AS {item.name}" for text, item in items)
        is_folded = any(has_aggregate(item.expr) for item in clause.items)
        names = [item.name for item in clause.items]
        keys = [str(i + 1) for i, (_, item) in enumerate(items) if not has_aggregate(item.expr)]
        inner = f"SELECT {'DISTINCT ' if clause.distinct else ''}{shown} FROM {last}"
        inner += f" GROUP BY {', '.join(keys)}" if is_folded and keys else ""
        text = f"SELECT {', '.join(names)} FROM ({inner})"
        if clause.sorts:
            if not (is_folded or clause.distinct):
                old = [name for name in scope if name not in names]
                inner = f"SELECT {self.columns(old)} {shown} FROM {last}"
                text = f"SELECT {', '.join(names)} FROM ({inner})"
                names = names + old
            sorts = [(self.expr(sort.expr, names), sort.descending) for sort in clause.sorts]
            text += f" ORDER BY {in_order(sorts)}"
        elif clause.limit is not None or clause.skip:
            raise NotSql
        text += f" LIMIT {clause.limit}" if clause.limit is not None else ""
        return text + (f" OFFSET {clause.skip}" if clause.skip else "")

    # Expressions.

    def expr(self, expr, scope):
        op = expr.op
        if op == "literal":
            return self.literal(expr.value)
        if op == "var":
            if expr.value not in scope:
                raise NotSql
            return expr.value
        if op == "prop":
            return self.property(expr, scope)
        if op == "exists":
            sources, tests, new = self.pattern(expr.value.paths, scope)
            columns = "".join(f"{text} AS {name}, " for name, text in new.items())
            where = f" WHERE {' AND '.join(tests)}" if tests else ""
            inner = f"SELECT {columns} 1 AS one_ FROM {', '.join(sources)}{where}"
            if expr.value.where is None:
                return f"EXISTS ({inner})"
            test = self.expr(expr.value.where, scope + list(new))
            return f"EXISTS (SELECT 1 FROM ({inner}) WHERE {test})"
        if op == "case":
            return self.case(expr, scope)
        if op == "connected":
            sources, tests, _ = self.pattern((expr.value,), scope)
            return f"EXISTS (SELECT 1 FROM {', '.join(sources)} WHERE {' AND '.join(tests)})"
        if op == "quantifier":
            return self.quantifier(expr, scope)
        args = [self.expr(arg, scope) for arg in expr.args]
        if op == "+" and any(map(is_text, expr.args)):
            return f"({args[0]} || {args[1]})"
        if expr.value == "mixed":
            raise NotSql("a comparison of different types")
        if op in SIGNS:
            return f"({args[0]} {op} {args[1]})"
        return self.operator(expr, args)

    @staticmethod
    def literal(value):
        if isinstance(value, bool) or value is None:
            return {True: "true", False: "false", None: "NULL"}[value]
        if isinstance(value, str):
            return quote(value)
        return f"({value})::{'DOUBLE' if isinstance(value, float) else 'BIGINT'}"

    def property(self, expr, scope):
        owner = self.expr(expr.args[0], scope)
        return owner if expr.value == "IPAddr" else flow_property(owner, expr.value)

    def case(self, expr, scope):
        is_simple, whens, has_else = expr.value
        args = [self.expr(arg, scope) for arg in expr.args]
        text = "CASE " + (args.pop(0) if is_simple else "")
        for i in range(whens):
            text += f" WHEN {args[2 * i]} THEN {args[2 * i + 1]}"
        return f"({text}{f' ELSE {args[-1]}' if has_else else ''} END)"

    def operator(self, expr, args):
        op, value = expr.op, expr.value
        if op in ("and", "or"):
            return f"({args[0]} {op} {args[1]})"
        if op == "xor":
            return f"(({args[0]})::BOOLEAN <> ({args[1]})::BOOLEAN)"
        if op == "not":
            return f"(NOT {args[0]})"
        if op == "negate":
            return f"(-{args[0]})"
        if op in ("is_null", "is_not_null"):
            return f"({args[0]} IS {'NOT ' if op == 'is_not_null' else ''}NULL)"
        if op == "chain":
            parts = [f"{left} {sign} {right}" for sign, left, right in zip(value, args, args[1:])]
            return "(" + " AND ".join(parts) + ")"
        if op in ("/", "%"):
            return self.division(expr, args)
        if op == "index":
            return f"{args[0]}[CASE WHEN {args[1]} < 0 THEN {args[1]} ELSE {args[1]} + 1 END]"
        if op == "list":
            return "[" + ", ".join(args) + "]"
        if op == "in" and expr.args[1].op == "list" and args:
            return f"({args[0]} IN ({args[1][1:-1]}))"
        if op == "duration":
            return f"({round(value * graph.SECOND_NS)})::BIGINT"
        if op == "datetime":
            return f"({graph.time_of_text(value)})::BIGINT"
        if op in ("starts", "ends", "contains"):
            word = {"starts": "starts_with", "ends": "ends_with", "contains": "contains"}[op]
            return f"{word}({args[0]}, {args[1]})"
        if op == "count_rows":
            return "count(*)"
        if op == "aggregate":
            return self.fold(value, args)
        if op == "call" and value == "substring":
            return f"substring({args[0]}, {args[1]} + 1, {args[2]})"
        if op == "call" and value == "range" and len(args) == 2:
            return f"range({args[0]}, {args[1]} + 1)"
        if op == "call" and value in WALKS and expr.args[0].op == "var":
            return WALKS[value](args[0])
        if op == "call" and value == "size" and expr.args[0].op == "var":
            if expr.args[0].value.startswith("e"):
                return f"len({args[0]})"
        if op == "call" and value in CALLS:
            return f"{CALLS[value]}({', '.join(args)})"
        raise NotSql(f"{op} {value if op == 'call' else ''}")

    @staticmethod
    def division(expr, args):
        """Integers are divided as integers."""
        kinds = list(map(number_kind, expr.args))
        if "unknown" in kinds or expr.args[1].op != "literal":
            raise NotSql(f"{expr.op} of what only a run tells")
        sign = "//" if expr.op == "/" and kinds == ["int", "int"] else expr.op
        return f"({args[0]} {sign} {args[1]})"

    def quantifier(self, expr, scope):
        kind, name = expr.value
        items = self.expr(expr.args[0], scope)
        test = self.expr(expr.args[1], scope + [name])
        true, false, null = (f"count(*) FILTER ({form}) > 0"
                             for form in ("t_", "NOT t_", "t_ IS NULL"))
        result = {"all": f"WHEN {false} THEN false WHEN {null} THEN NULL ELSE true",
                  "any": f"WHEN {true} THEN true WHEN {null} THEN NULL ELSE false",
                  "none": f"WHEN {true} THEN false WHEN {null} THEN NULL ELSE true",
                  "single": "WHEN count(*) FILTER (t_) > 1 THEN false "
                            f"WHEN {null} THEN NULL ELSE {true}"}[kind]
        return (f"(CASE WHEN {items} IS NULL THEN NULL ELSE (SELECT CASE {result} END FROM "
                f"(SELECT ({test})::BOOLEAN AS t_ FROM (SELECT unnest({items}) AS {name}))) END)")

    @staticmethod
    def fold(value, args):
        name, is_distinct = value
        text = f"{FOLDS[name]}({'DISTINCT ' if is_distinct else ''}{', '.join(args)})"
        if name == "collect":
            return f"coalesce({text} FILTER ({args[0]} IS NOT NULL), [])"
        if name == "stDev":
            count = text.replace(FOLDS[name], "count")
            return f"CASE WHEN {count} = 1 THEN 0 ELSE {text} END"
        return f"coalesce({text}, 0)" if name == "sum" else text
