#!/usr/bin/env python3
"""Ends of temporal paths are the same whether hops are taken together or paths are walked.

Usage: test_paths.py PROGRAM

Draws small graphs, with times that are often equal, and questions about the ends of paths of
variable length, how many flows they have and how many paths there are. Each question is asked twice
in one query: once so that the search for ends takes it, which EXPLAIN has to say, and once behind
another clause, so that the general walk has to do it. Rows have to be equal, however the graph is
divided, and come in the same order for any division.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

from chosen import chosen_cases
from test_cycles import DIVISIONS, HEADER, ORDERS, WALKS, WINDOWS, draw_flows, run

GRAPHS = chosen_cases(16)
QUESTIONS = 12  # of each

PATHS = ["(a)-[r*1..3]->(b)", "(a)-[r*]->(b)", "(a)-[r*2..4]->(b)", "(a)<-[r*1..3]-(b)",
         "(a)<-[r*2..]-(b)", "(a {IPAddr: '10.0.0.1'})-[r*1..4]->(b)",
         "(a)-[r*1..4 {Proto: 'tcp'}]->(b)", "(a)-[r*]->(b {IPAddr: '10.0.0.2'})",
         "(a {IPAddr: '10.0.0.1'})-[r*1..]->(b {IPAddr: '10.0.0.2'})",
         "(a {IPAddr: '10.0.0.1'})<-[r*1..4]-(b)", "(a)<-[r*]-(b {IPAddr: '10.0.0.1'})"]
CONDITIONS = [None, "all(x IN r WHERE x.Proto = 'tcp')", "a.IPAddr = '10.0.0.1'", "a <> b",
              "b.IPAddr IN ['10.0.0.1', '10.0.0.3']", "head(r).Proto = 'tcp'", "size(r) <> 2",
              "last(r).Dport = 22", "r[-1].TotBytes > 4 AND r[0].TotBytes < 9",
              "none(x IN r WHERE x.Dport = 80)", "b.IPAddr =~ '.*[123]'", "length(p) < 4",
              "all(x IN r WHERE x.TotBytes > 1) AND last(r).Proto = 'tcp'",
              "head(r).StartTime > datetime('2011-08-16T10:00:00')",
              "all(x IN r WHERE x.StartTime < datetime('2011-08-16T10:00:03'))",
              "a.IPAddr <> '10.0.0.2' AND b.IPAddr <> a.IPAddr"]
# What is asked of them; the second ones of each say nothing of how many, the third not even hops.
COUNTED = ["RETURN {n} AS question, count(*) AS c",
           "RETURN {n} AS question, size(r) AS s, count(p) AS c, min(last(r).StartTime) AS t",
           "RETURN {n} AS question, b.IPAddr AS b, size(relationships(p)) AS s, count(*) AS c",
           "RETURN {n} AS question, b.IPAddr AS b, count(*) AS c",
           "RETURN {n} AS question, a.IPAddr AS a, b.IPAddr AS b, count(r) AS c, "
           "min(length(p)) AS s",
           "RETURN {n} AS question, a.IPAddr AS a, count(*) AS c, count(DISTINCT b) AS d",
           "WITH a, b AS t, size(r) AS s WHERE t <> a RETURN {n} AS question, a.IPAddr AS a, "
           "t.IPAddr AS b, s % 2 AS s, count(*) AS c"]
HOPS = ["RETURN DISTINCT {n} AS question, b.IPAddr AS b, size(r) AS s",
        "RETURN {n} AS question, a.IPAddr AS a, max(length(p)) AS s, min(size(r)) AS t"]
ENDS = ["RETURN DISTINCT {n} AS question, b.IPAddr AS b",
        "RETURN DISTINCT {n} AS question, a.IPAddr AS a",
        "RETURN DISTINCT {n} AS question, a.IPAddr AS a, b.IPAddr AS b",
        "RETURN {n} AS question, b.IPAddr AS b, min(length(p)) AS s",
        "RETURN {n} AS question, b.IPAddr AS b, min(last(r).StartTime) AS t, min(size(r)) AS s",
        "RETURN {n} AS question, min(r[-1].StartTime) AS t, a.IPAddr AS a",
        "RETURN {n} AS question, min(last(relationships(p)).StartTime) AS t, b.IPAddr AS b",
        "RETURN {n} AS question, count(DISTINCT b) AS c, min(a.IPAddr) AS a, min(size(r)) AS s",
        "WITH DISTINCT b AS x RETURN {n} AS question, x.IPAddr AS b"]
SIMPLE = " AND unique_vertices(p)"


def draw_question(draw):
    """A question, and whether the search for ends takes it."""
    path, result = draw.choice(PATHS), draw.choice(COUNTED + HOPS + ENDS)
    drawn = [draw.choice(ORDERS), draw.choice(WINDOWS), draw.choice(CONDITIONS),
             draw.choice(CONDITIONS)]
    conditions = [condition for condition in drawn if condition is not None]
    draw.shuffle(conditions)
    where = " AND ".join(conditions)
    if draw.randrange(4) > 0:
        return f"MATCH p = {path} WHERE {where}", result, True
    # Vertices come once: the search does it where nothing else is asked of single flows or hops.
    is_taken = (result in ENDS and not any(word in where for word in
                                           ("head(r).Proto", "last(r).Dport", "r[-1]", "size(r) <>",
                                            "last(r).Proto", "head(r).StartTime >"))
                and "*2.." not in path)
    return f"MATCH p = {path} WHERE {where}{SIMPLE}", result, is_taken


def check_ways(program, questions, query, path):
    """Every other branch searches for ends, and every other one walks."""
    plan = json.loads(run(program, "query", "--quiet", "--format=json", "--explain", query, path))
    for i, stages in enumerate(plan["branches"]):
        match, result, is_taken = questions[i // 2]
        if (stages[0]["stage"] == "path ends") != (i % 2 == 0 and is_taken):
            raise RuntimeError(f"branch {i} begins with {stages[0]['stage']}: {match} {result}")


def check(program, questions, path):
    rows_found = 0
    for match, result, is_taken in questions:
        ways = [f"{match} {result.format(n=0)}", f"{WALKS}{match} {result.format(n=1)}"]
        query = "\nUNION ALL ".join(ways)
        check_ways(program, [(match, result, is_taken)], query, path)
        rows = [[], []]
        for division in DIVISIONS:
            lines = run(program, "query", "--quiet", "--format=jsonl", *division, query, path)
            parts = [[], []]
            for line in lines.splitlines():
                row = json.loads(line)
                parts[row.pop("question")].append(json.dumps(row, sort_keys=True))
            if collections.Counter(parts[0]) != collections.Counter(parts[1]):
                raise RuntimeError(f"{' '.join(division)}: {match} {result}\n"
                                   f"found: {parts[0]}\nwalked to: {parts[1]}")
            if is_taken and rows[0] and parts[0] != rows[0]:
                raise RuntimeError(f"{match} {result}\nin another order: {rows[0]}\n{parts[0]}")
            rows = parts
        rows_found += len(rows[0])
    return rows_found


def draw_more_flows(draw, path):
    """A hub with many neighbours, and a crowd among these."""
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(250):
            hub, other = "10.0.0.1", f"10.0.0.{draw.randrange(1, 60)}"
            third = f"10.0.0.{draw.randrange(1, 60)}"
            ends = draw.choice([(hub, other), (other, hub), (other, third)])
            print(f"2011/08/16 10:00:{draw.randrange(60):02}.{draw.randrange(4)}00000,0.1,"
                  f"{draw.choice(['tcp', 'udp'])},{ends[0]},1,->,{ends[1]},"
                  f"{draw.choice([22, 80, ''])},CON,1,{row + 1}", file=file)


def check_unread_failures(program, path):
    """What nobody reads fails nevertheless, though it is of paths that are not made; so does what
    is constant, though there are no paths."""
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row, (source, target) in enumerate([(1, 2), (2, 1), (1, 3)]):
            print(f"2011/08/16 10:00:0{row},0.1,tcp,10.0.0.{source},1,->,10.0.0.{target},22,CON,"
                  f"1,1", file=file)
    for result in ["WITH a, 1 / (size(nodes(p)) - 3) AS n RETURN DISTINCT a.IPAddr AS a",
                   "WITH a, 1 / (r[0].TotBytes - 1) AS n RETURN count(DISTINCT a) AS c",
                   "AND a.IPAddr = 'nobody' AND 1 / 0 = 1 RETURN count(*) AS c"]:
        for target in "ab":
            query = f"MATCH p = (a)-[r*1..3]->({target}) WHERE ascending(r) {result}"
            for before in ["", WALKS]:
                done = subprocess.run([program, "query", "--quiet", before + query, path],
                                      capture_output=True, text=True, timeout=60, check=False)
                if done.returncode == 0 or "division by zero" not in done.stderr:
                    raise RuntimeError(f"it does not fail: {before}{query}")


def check_uncounted(program, path):
    """Ways beyond any number are no error where nobody asks how many there are."""
    steps = 66  # with two flows each
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(2 * steps):
            step = row // 2
            print(f"2011/08/16 10:{step // 60:02}:{step % 60:02},0.1,tcp,10.0.0.{step},1,->,"
                  f"10.0.0.{step + 1},22,CON,1,1", file=file)
    for result, found in [("RETURN DISTINCT b.IPAddr AS b", "10.0.0.66"),
                          ("RETURN max(size(r)) AS s", "66")]:
        query = f"MATCH (a)-[r*63..]->(b) WHERE ascending(r) {result}"
        answer = run(program, "query", "--quiet", "--format=csv", query, path)
        if answer.splitlines()[-1] != found:
            raise RuntimeError(f"{query}\n{answer}")


def main():
    program = sys.argv[1]
    rows = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for check_fixed in [check_unread_failures, check_uncounted]:
            try:
                check_fixed(program, os.path.join(folder, "fixed.csv"))
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(error, file=sys.stderr)
                failed += 1
        for seed in range(GRAPHS):
            draw = random.Random(seed)
            path = os.path.join(folder, f"{seed}.csv")
            is_small = seed % 4 > 0
            (draw_flows if is_small else draw_more_flows)(draw, path)
            questions = [draw_question(draw) for _ in range(QUESTIONS)]
            if not is_small:  # walks of any length would not end
                questions = [(match.replace("*]", "*..3]").replace("*1..]", "*1..3]")
                              .replace("*2..]", "*2..3]").replace("..4", "..3"), result, is_taken)
                             for match, result, is_taken in questions]
            try:
                rows += check(program, questions, path)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                print(f"seed {seed}: {error}", file=sys.stderr)
                failed += 1
    print(f"{GRAPHS} graphs, {GRAPHS * QUESTIONS} questions, {rows} rows")
    return 1 if failed or rows == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
