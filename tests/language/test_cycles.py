#!/usr/bin/env python3
"""Temporal cycles are the same whether they are searched for or walked to.

Usage: test_cycles.py PROGRAM

Draws small graphs, with times that are often equal, and questions about cycles of variable length,
and generates flows in which cycles are planted. Each question is asked twice in one query: once so
that the search for cycles takes it, which EXPLAIN has to say, and once behind another clause, so
that the general walk has to do it. Rows have to be equal, however the graph is divided.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

from chosen import chosen_cases

GRAPHS = chosen_cases(16)
QUESTIONS = 18  # of each
DIVISIONS = [["--partitions=1", "--threads=1"], ["--partitions=3", "--threads=2"]]
HEADER = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes"
WALKS = "UNWIND [0] AS before "  # what comes behind it is walked to

# Paths, with the condition that closes each where its form does not.
CYCLES = [("(a)-[r*2..]->(a)", None), ("(a)-[r*1..4]->(a)", None), ("(a)-[r*3]->(a)", None),
          ("(a)<-[r*2..]-(a)", None), ("(a)<-[r*1..3]-(a)", None),
          ("(a)-[r*2..4]->(b)", "a = b"), ("(b)<-[r*2..]-(a)", "b.IPAddr = a.IPAddr"),
          ("(a)-[r*1.. {Proto: 'tcp'}]->(a)", None), ("(a)<-[r*2.. {Proto: 'tcp'}]-(a)", None),
          ("(a)-[r*2..]->(a {IPAddr: '10.0.0.2'})", None),
          ("(a {IPAddr: '10.0.0.1'})-[r*2..]->(b)", "a = b"),
          ("(a)-[r*2..]->(b {IPAddr: '10.0.0.1'})", "a = b")]
ORDERS = ["strictlyAscending(r)", "ascending(r)",
          "all(i IN range(0, size(r) - 2) WHERE r[i].StartTime < r[i + 1].StartTime)",
          "all(i IN range(1, size(r) - 1) WHERE r[i - 1].StartTime <= r[i].StartTime)"]
WINDOWS = [None, "span(r) <= duration('PT2S')", "span(r) < duration('PT3S')",
           "last(r).StartTime <= head(r).StartTime + duration('PT4S')"]
SIMPLE = [None, "unique_vertices(p)",
          "all(n IN nodes(p)[1..] WHERE single(m IN nodes(p)[1..] WHERE m = n))"]
OTHERS = [None, "all(x IN r WHERE x.Proto = 'tcp')", "a.IPAddr = '10.0.0.1'",
          "a.IPAddr <> '10.0.0.1'", "any(x IN r WHERE x.Proto = 'udp')", "size(r) <> 3",
          "all(x IN r WHERE x.TotBytes > 3 AND x.TotBytes < 12)",
          "all(x IN r WHERE x.StartTime >= datetime('2011-08-16T10:00:02'))",
          "all(x IN r WHERE x.StartTime < datetime('2011-08-16T10:00:02')) AND "
          "all(y IN r WHERE y.StartTime > datetime('2011-08-16T10:00:03'))",
          "none(x IN r WHERE x.Proto = 'tcp')", "head(r).Proto = 'tcp'",
          "(r[0].Dport = 22 OR r[0].TotBytes < 9)", "NOT r[0].Proto = 'tcp' AND r[0].Dport > 22",
          "head(r).Proto <> last(r).Proto", "head(r).TotBytes % 3 = 1",
          "head(r).StartTime > datetime('2011-08-16T10:00:01')", "r[0].Proto IN ['udp', null]"]
# On some flows; Dport is not always there.
QUANTIFIED = ["any(x IN r WHERE x.Dport = 22)", "NOT any(x IN r WHERE x.Dport = 22)",
              "none(x IN r WHERE x.Dport < 80)", "NOT none(x IN r WHERE x.Dport >= 80)",
              "NOT all(x IN r WHERE x.Dport = 22)", "NOT NOT any(y IN r WHERE y.Dport IS NULL)",
              "any(x IN relationships(p) WHERE x.Dport <> 22 OR x.Proto = 'udp')",
              "any(x IN r WHERE x.Dport = 22) AND any(x IN r WHERE x.Dport = 80)",
              "all(x IN r WHERE x.Dport IS NOT NULL) AND any(x IN r WHERE x.Proto = 'udp')",
              "any(x IN r WHERE x.TotBytes < 2 AND x.Dport = 22) AND "
              "any(x IN r WHERE x.TotBytes > 4) AND NOT all(x IN r WHERE x.TotBytes > 2) AND "
              "any(x IN r WHERE x.Dport IS NULL) AND any(x IN r WHERE x.TotBytes % 2 = 1) AND "
              "any(z IN r WHERE z.StartTime < datetime('2011-08-16T10:00:03'))",
              "single(x IN r WHERE x.Dport = 22)", "any(x IN r WHERE 12 % x.TotBytes > 1)",
              "any(x IN r WHERE null)", "any(x IN r WHERE true)", "none(x IN r WHERE 1 = 2)"]
# On vertices, of which the first is also the last.
VERTICES = ["all(n IN nodes(p) WHERE n.IPAddr <> '10.0.0.1')",
            "all(n IN nodes(p)[1..] WHERE n.IPAddr IN ['10.0.0.1', '10.0.0.2', '10.0.0.3'])",
            "any(n IN nodes(p) WHERE n.IPAddr = '10.0.0.2')",
            "NOT all(n IN tail(nodes(p)) WHERE n.IPAddr ENDS WITH '1')",
            "none(n IN nodes(p)[..-1] WHERE n.IPAddr > '10.0.0.3')",
            "NOT none(n IN nodes(p)[0..-1] WHERE n.IPAddr < '10.0.0.3') AND "
            "any(n IN nodes(p) WHERE n.IPAddr ENDS WITH '1') AND any(x IN r WHERE x.Dport = 22)",
            "all(n IN nodes(p) WHERE n.IPAddr =~ '.*[124]') AND "
            "all(m IN nodes(p) WHERE m.IPAddr <> '10.0.0.2' OR m.IPAddr IS NULL)",
            "any(n IN nodes(p) WHERE n = a AND n.IPAddr ENDS WITH '2')",
            "all(n IN nodes(p) WHERE n.IPAddr <= a.IPAddr)",
            "any(n IN nodes(p)[1..-1] WHERE n.IPAddr = '10.0.0.2')",
            "single(n IN nodes(p) WHERE n.IPAddr = '10.0.0.2')",
            "all(n IN nodes(p) WHERE n.IPAddr = '10.0.0.1' OR null)",
            "any(n IN nodes(p) WHERE true)", "head(r).DstAddr <> '10.0.0.2'",
            "all(x IN r WHERE x.DstAddr <> '10.0.0.1' AND x.Dport IS NOT NULL)",
            "any(x IN r WHERE x.SrcAddr = '10.0.0.2') AND NOT any(x IN r WHERE x.DstAddr IN "
            "['10.0.0.1', '10.0.0.4'])", "any(x IN r WHERE x.SrcAddr = x.DstAddr)"]
# Rings of which a flow has a name of its own, with what orders them.
RINGS = [
    ("p = (a)-[e]->(b)-[r*1..3]->(a)", [
        "strictlyAscending([e] + r)", "ascending(p)", "strictlyAscending(relationships(p))",
        "e.StartTime < r[0].StartTime AND strictlyAscending(r)",
        "head(r).StartTime >= e.StartTime AND ascending(r)",
        "all(i IN range(1, size(r) - 1) WHERE r[i - 1].StartTime < r[i].StartTime) AND "
        "e.StartTime < head(r).StartTime",
        "r[0].StartTime > e.StartTime AND "
        "all(i IN range(0, size(r) - 2) WHERE r[i + 1].StartTime > r[i].StartTime)"],
     [None, "last(r).StartTime <= e.StartTime + duration('PT3S')",
      "span([e] + r) < duration('PT4S')",
      "r[-1].StartTime - e.StartTime <= duration({seconds: 3})"]),
    ("p = (a)<-[r*1..3]-(b)<-[e]-(a)", [
        "ascending(r + [e])", "last(r).StartTime < e.StartTime AND strictlyAscending(r)",
        "e.StartTime >= r[size(r) - 1].StartTime AND ascending(r)",
        "r[-1].StartTime < e.StartTime AND "
        "all(i IN range(0, size(r) - 2) WHERE r[i].StartTime < r[i + 1].StartTime)"],
     [None, "e.StartTime <= head(r).StartTime + duration('PT3S')", "span(p) <= duration('PT4S')"])]
# On its parts.
PARTS = [None, "e.Proto = 'tcp'", "b.IPAddr <> '10.0.0.1'", "all(x IN r WHERE x.Proto = 'tcp')",
         "e.Dport = 22 AND any(x IN r WHERE x.Dport = 80)", "size(r) <> 2", "r[1].Proto = 'tcp'",
         "r[-2].Proto = 'udp'", "e.Proto <> last(r).Proto", "b <> a", "unique_vertices(p)",
         "none(e2 IN r WHERE e2.TotBytes > e.TotBytes)", "head(r).TotBytes < 9", "length(p) <> 3",
         "any(n IN nodes(p) WHERE n = b AND n.IPAddr > '10.0.0.2')",
         "e.TotBytes IN [1, 2, 3, 4, 5]"]
RING_RESULTS = [
    "RETURN {n} AS question, a.IPAddr AS a, [b.IPAddr] AS through, "
    "[x IN [e] + r | x.TotBytes] AS flows, size(r) AS count",
    "RETURN {n} AS question, b.IPAddr AS a, [n IN nodes(p) | n.IPAddr] AS through, "
    "[x IN r | x.TotBytes] AS flows, e.TotBytes AS count",
    "WITH e.Proto AS a, count(*) AS c RETURN {n} AS question, a, [] AS through, [] AS flows, "
    "c AS count",
    "WITH count(*) AS c RETURN {n} AS question, '' AS a, [] AS through, [] AS flows, c AS count"]
ROWS = ("RETURN {n} AS question, a.IPAddr AS a, [n IN nodes(p) | n.IPAddr] AS through, "
        "[x IN r | x.TotBytes] AS flows, length(p) AS count")
RESULTS = [ROWS, ROWS, ROWS + " LIMIT 2",
           "RETURN DISTINCT {n} AS question, a.IPAddr AS a, [] AS through, [] AS flows, 0 AS count",
           "WITH count(*) AS c RETURN {n} AS question, '' AS a, [] AS through, [] AS flows, "
           "c AS count",
           "WITH size(r) AS s, count(p) AS c RETURN {n} AS question, '' AS a, [] AS through, "
           "[s] AS flows, c AS count",
           "WITH length(p) AS s, a, count(*) AS c RETURN {n} AS question, a.IPAddr AS a, "
           "[] AS through, [s] AS flows, c AS count",
           "WITH a, count(*) AS c RETURN {n} AS question, a.IPAddr AS a, [] AS through, "
           "[] AS flows, c AS count",
           "WITH a AS x, r WHERE x.IPAddr <> '10.0.0.2' WITH DISTINCT x RETURN {n} AS question, "
           "x.IPAddr AS a, [] AS through, [] AS flows, 0 AS count",
           "WITH right(a.IPAddr, 1) > '2' AS s, count(p) AS c, count(DISTINCT a) AS d, "
           "min(a.IPAddr) AS m RETURN {n} AS question, m AS a, [s] AS through, [d] AS flows, "
           "c AS count",
           "WITH count(*) AS c, max(a.IPAddr) AS m RETURN {n} AS question, m AS a, [] AS through, "
           "[] AS flows, c AS count"]


def draw_question(draw):
    path, closing = draw.choice(CYCLES)
    conditions = [draw.choice(ORDERS), closing, draw.choice(WINDOWS), draw.choice(SIMPLE),
                  draw.choice(OTHERS), draw.choice([None, *QUANTIFIED, *VERTICES])]
    conditions = [condition for condition in conditions if condition is not None]
    draw.shuffle(conditions)
    return f"MATCH p = {path} WHERE {' AND '.join(conditions)}", draw.choice(RESULTS)


def draw_ring(draw):
    path, orders, windows = draw.choice(RINGS)
    conditions = [draw.choice(orders), draw.choice(windows), draw.choice(PARTS), draw.choice(PARTS)]
    conditions = [condition for condition in conditions if condition is not None]
    draw.shuffle(conditions)
    return f"MATCH {path} WHERE {' AND '.join(conditions)}", draw.choice(RING_RESULTS)


def draw_flows(draw, path):
    count = draw.randint(8, 15)
    addresses = [f"10.0.0.{i}" for i in range(1, draw.randint(2, 5) + 1)]
    seconds = draw.choice([2, 5, 20])
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(count):
            print(f"2011/08/16 10:00:{draw.randrange(seconds):02}.000000,0.1,"
                  f"{draw.choice(['tcp', 'tcp', 'udp'])},{draw.choice(addresses)},1,->,"
                  f"{draw.choice(addresses)},{draw.choice([22, 80, ''])},CON,1,{row + 1}",
                  file=file)


def run(program, *words):
    result = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}\n{result.stderr}")
    return result.stdout


def check_ways(program, branches, query, path):
    """Every other branch searches for cycles, or matches them, and every other one walks."""
    plan = json.loads(run(program, "query", "--quiet", "--format=json", "--explain", query, path))
    for i, stages in enumerate(plan["branches"]):
        is_single = "*3]" in branches[i]  # as many single flows, which the matcher finds
        found = "matcher" if is_single else "cycles"
        if (stages[0]["stage"] == found) != (i % 2 == 0):
            raise RuntimeError(f"branch {i} begins with {stages[0]['stage']}: {branches[i]}")


def check(program, questions, path):
    branches = []
    for i, (match, result) in enumerate(questions):
        branches.append(f"{match} {result.format(n=2 * i)}")
        branches.append(f"{WALKS}{match} {result.format(n=2 * i + 1)}")
    query = "\nUNION ALL ".join(branches)
    check_ways(program, branches, query, path)
    for division in DIVISIONS:
        rows = [[] for _ in branches]
        lines = run(program, "query", "--quiet", "--format=jsonl", *division, query, path)
        for line in lines.splitlines():
            row = json.loads(line)
            rows[row.pop("question")].append(json.dumps(row, sort_keys=True))
        for i, (match, result) in enumerate(questions):
            found, walked = (collections.Counter(part) for part in rows[2 * i:2 * i + 2])
            if "LIMIT" in result:  # any of them
                found, walked = found.total(), walked.total()
            if found != walked:
                raise RuntimeError(f"{' '.join(division)}: {match} {result}\n"
                                   f"found: {found}\nwalked to: {walked}")
    return sum(len(part) for part in rows)


def check_drawn(program, seed, folder):
    draw = random.Random(seed)
    path = os.path.join(folder, f"{seed}.csv")
    draw_flows(draw, path)
    drawn = [draw_ring(draw) if i % 3 == 0 else draw_question(draw) for i in range(QUESTIONS)]
    return check(program, drawn, path)


def check_planted(program, folder):
    """A generated network's cycles of up to four flows within a minute, planted ones among them."""
    path, list_path = os.path.join(folder, "flows.csv"), os.path.join(folder, "cycles.csv")
    run(program, "generate", "--quiet", "--flows=3000", "--seed=5", "--cycles=6",
        "--cycle-length=4", f"--output={path}", f"--cycles-output={list_path}")
    match = ("MATCH p = (a)-[r*2..4]->(a) WHERE strictlyAscending(r) AND "
             "span(r) <= duration('PT60S') AND unique_vertices(p)")
    for result, is_counted in (("DISTINCT a.IPAddr", True), ("a.IPAddr, count(*)", True),
                               ("'all' AS which, count(p)", True), ("a, max(length(p))", False)):
        plan = run(program, "query", "--quiet", "--explain", f"{match} RETURN {result}", path)
        if ("by where they begin" in plan) != is_counted:
            raise RuntimeError(f"{result}\n{plan}")
    planted = " AND all(x IN r WHERE x.Label STARTS WITH 'flow=Planted')"
    count = RESULTS[4]
    if check(program, [(match, ROWS), (match, count), (match + planted, ROWS)], path) == 0:
        raise RuntimeError("no cycle was planted")
    found = run(program, "query", "--quiet", "--format=csv", f"{match}{planted} RETURN count(*)",
                path)
    if found.split() != ["count(*)", "6"]:
        raise RuntimeError(f"of 6 planted cycles, {found.split()[1]} are found")


def main():
    program = sys.argv[1]
    rows = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(GRAPHS):
            try:
                rows += check_drawn(program, seed, folder)
            except RuntimeError as error:
                print(f"seed {seed}: {error}", file=sys.stderr)
                failed += 1
        check_planted(program, folder)
    print(f"{GRAPHS} graphs, {GRAPHS * QUESTIONS} questions, {rows} rows")
    return 1 if failed or rows == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
