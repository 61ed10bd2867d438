#!/usr/bin/env python3
"""Differential test of the language: random graphs and queries, on gyre and on what shares no code
with it.

Usage: run.py --library=LIBGYRE [--cases=N] [--seed=N] [--only=N] [--stop-after=N] [--no-sql]

Each case is a query on a graph of a few flows (graph.py, draw.py). It is run on gyre with one
thread and one partition and with several of both, with its literals and with parameters for them;
plain queries also in forms that only the pipeline takes, so that both ways of the engine answer the
same question. The answers have to be
those of a slow oracle (oracle.py) and, for what SQL can say, of DuckDB (sql.py) where its Python
package is installed. What differs is made smaller and printed with its seed; --only=N runs the case
of that number again.
"""
import argparse
import collections
import importlib.util
import os
import random
import sys
import tempfile
import time

import engine
import graph
import shrink
import tree
from compare import Expected
from draw import draw_query
from oracle import Oracle
from values import Raised, Unsettled

QUERIES_PER_GRAPH = 25
# Refused before a run, where openCypher says false or null, or nothing as long as there is no row:
# columns have types, and constants are computed once.
STRICT = ("they have no order", "never equal", "is never compared with", "is no time;",
          "in a constant")
# An operand may be evaluated for a flow that another condition passes over.
EAGER = ("division by zero", "integer overflow")
PARTITIONS = (2, 3, 4)


class Difference(Exception):
    """`kind` says which two differ and how, so that shrinking does not slide to another one."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.kind = kind


class Loaded:
    """One graph of flows, in every engine."""

    def __init__(self, bench, flows, partitions):
        self.flows = flows
        self.file = tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False)
        self.file.write(graph.to_csv(flows))
        self.file.close()
        self.graphs = [engine.Graph(bench.engines[0], self.file.name, 1),
                       engine.Graph(bench.engines[1], self.file.name, partitions)]
        self.partitions = partitions
        self.oracle = Oracle(flows)
        self.sql = bench.sql.load(flows) if bench.sql else None

    def close(self):
        for loaded in self.graphs:
            loaded.__exit__()
        os.unlink(self.file.name)


class Bench:
    """The engines, and what was seen."""

    def __init__(self, library, with_sql, allowed=()):
        self.allowed = STRICT + tuple(allowed)
        self.counts = collections.Counter()
        self.unsaid = collections.Counter()
        self.sql = None
        if with_sql:
            # Before gyre: a C++ library that is loaded behind jemalloc frees what it did not
            # allocate.
            from sql import Sql
            self.sql = Sql()
        opened = engine.open_library(library)
        self.engines = [engine.Engine(opened, 1), engine.Engine(opened, 3)]

    def check(self, loaded, query):
        """Raises Difference."""
        self.counts["cases"] += 1
        try:
            answer = loaded.oracle.answer(query)
        except (Unsettled, OverflowError):
            self.counts["unsettled"] += 1
            return
        except Raised:
            # Whether an operand is evaluated that need not be is left open.
            self.counts["errors"] += 1
            return
        expected = Expected(answer, loaded.flows)
        self.check_gyre(loaded, query, expected, answer.columns)
        if loaded.sql is not None:
            self.check_sql(loaded, query, expected)

    def check_gyre(self, loaded, query, expected, columns):
        parameters = {}
        ways = [("", query), (" with parameters", tree.parametrized(query, parameters))]
        if tree.is_plain(query):
            self.counts["forced"] += 1
            ways += [(f" forced by {way}", tree.forced(query, way)) for way in ("with", "path")]
        for way, form in ways:
            text = tree.show_query(form)
            for which, loaded_graph in enumerate(loaded.graphs):
                where = f"gyre{way}, " + ("one partition" if which == 0 else
                                          f"{loaded.partitions} partitions and 3 threads")
                try:
                    names, rows = loaded_graph.query(text, parameters)
                except engine.Failed as failed:
                    for kind, allowed in (("refused", self.allowed), ("errors", EAGER)):
                        if any(words in str(failed) for words in allowed):
                            self.counts[kind] += 1
                            return
                    kind = (way, "fails", str(failed)[:12])
                    raise Difference(kind, f"{where}: {failed}") from None
                if tuple(names) != columns:
                    raise Difference((way, "names"), f"{where}: columns {names}")
                if not expected.allows(rows):
                    shown = "\n".join(f"    {row}" for row in rows[:20])
                    raise Difference((way, which, "rows"), f"{where}: {len(rows)} rows\n{shown}\n"
                                     f"the oracle: {expected.show()}")

    def check_sql(self, loaded, query, expected):
        from sql import NotSql
        try:
            text = loaded.sql.translate(query)
            rows = loaded.sql.run(text, query)
        except NotSql as why:
            self.unsaid[str(why).split(":")[-1][:60]] += 1
            return
        self.counts["sql"] += 1
        if not expected.allows(rows):
            shown = "\n".join(f"    {row}" for row in rows[:20])
            raise Difference(("sql",), f"SQL: {len(rows)} rows\n{shown}\n{text}\n"
                             f"the oracle: {expected.show()}")


class Retrial:
    """Tries smaller cases; the graph is loaded again only when its flows are others."""

    def __init__(self, bench, partitions):
        self.bench, self.partitions = bench, partitions
        self.loaded = None

    def close(self):
        if self.loaded is not None:
            self.loaded.close()

    def difference(self, flows, query):
        """A Difference or None."""
        if self.loaded is None or self.loaded.flows != flows:
            self.close()
            self.loaded = None
            self.loaded = Loaded(self.bench, flows, self.partitions)
        try:
            self.bench.check(self.loaded, query)
        except Difference as difference:
            return difference
        return None


def report(bench, seed, number, loaded, query, difference):
    retrial = Retrial(bench, loaded.partitions)
    counts = collections.Counter(bench.counts)

    def differs(flows, candidate):
        found = retrial.difference(flows, candidate)
        return found is not None and found.kind == difference.kind
    flows, small = shrink.shrink(loaded.flows, query, differs)
    found = retrial.difference(flows, small)
    retrial.close()
    if bench.sql is not None:
        loaded.sql = bench.sql.load(loaded.flows)
    bench.counts = counts
    print(f"DIFFERENCE in case {number} of seed {seed}: {difference.kind}")
    print(graph.to_csv(flows), end="")
    print(tree.show_query(small))
    print(found or f"(does not differ again) {difference}")
    print(flush=True)


def draw_graph(seed, number):
    source = random.Random(f"{seed}/graph/{number}")
    return graph.draw_flows(source), source.choice(PARTITIONS)


def run(bench, arguments):
    """The number of differences."""
    different = 0
    first, last = 0, arguments.cases
    if arguments.only is not None:
        first, last = arguments.only, arguments.only + 1
    loaded = None
    for number in range(first, last):
        if loaded is None or number % QUERIES_PER_GRAPH == 0:
            if loaded is not None:
                loaded.close()
            loaded = Loaded(bench, *draw_graph(arguments.seed, number // QUERIES_PER_GRAPH))
        query = draw_query(random.Random(f"{arguments.seed}/query/{number}"))
        if arguments.verbose:
            print(f"-- {number}\n{tree.show_query(query)}", flush=True)
        try:
            bench.check(loaded, query)
        except Difference as difference:
            different += 1
            report(bench, arguments.seed, number, loaded, query, difference)
            if different >= arguments.stop_after:
                break
    if loaded is not None:
        loaded.close()
    return different


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", 1)[0])
    parser.add_argument("--library", dest="libgyre", default=os.environ.get("GYRE_LIBRARY"),
                        help="libgyre.so")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=None, help="by default the time")
    parser.add_argument("--only", type=int, help="the number of one case")
    parser.add_argument("--stop-after", type=int, default=10, help="differences")
    parser.add_argument("--allow", action="append", default=[], metavar="WORDS",
                        help="what gyre may say when it refuses a query")
    parser.add_argument("--no-sql", action="store_true")
    parser.add_argument("--verbose", action="store_true", help="prints every query")
    arguments = parser.parse_args()
    if arguments.libgyre is None:
        parser.error("--library or $GYRE_LIBRARY has to name libgyre.so")
    if arguments.seed is None:
        arguments.seed = int(time.time())
    with_sql = not arguments.no_sql and importlib.util.find_spec("duckdb") is not None
    start = time.monotonic()
    bench = Bench(arguments.libgyre, with_sql, arguments.allow)
    different = run(bench, arguments)
    counts = bench.counts
    if arguments.verbose:
        for why, count in bench.unsaid.most_common(20):
            print(f"no SQL {count}: {why}")
    print(f"seed {arguments.seed}: {counts['cases']} cases in {time.monotonic() - start:.0f} s, "
          f"{different} differ; {counts['forced']} ran both ways of the engine, "
          f"{counts['sql']} as SQL{'' if with_sql else ' (DuckDB is not installed)'}; "
          f"{counts['unsettled']} have no settled answer, {counts['errors']} end with an error, "
          f"{counts['refused']} were refused")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
