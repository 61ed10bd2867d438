#!/usr/bin/env python3
"""Stages that all workers run side by side give the same rows, in the same order, as one worker.

Usage: test_section.py PROGRAM

Draws graphs, and chains of clauses of which some are walked to. Whatever one worker answers, or
complains about, several have to answer byte for byte; with PROFILE, each stage has as many rows.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from test_cycles import HEADER

GRAPHS = 5
QUESTIONS = 18
THREADS = [2, 5]

FIRST = ["MATCH (a)-[r*1..2]-(b)", "MATCH (a)-[r*0..2]->(b)", "MATCH (a)<-[r*1..3]-(b)",
         "MATCH (a {IPAddr: '10.0.0.1'})-[r*1..2]-(b)", "MATCH (a)-[e]-(b)",
         "MATCH (a)-[e]->(b) WHERE e.TotBytes % 3 = 1 MATCH (b)-[r*1..2]-(c)",
         "MATCH p = shortestPath((a)-[*]-(b)) WHERE a <> b", "MATCH (a), (b)-[r*1..1]-(c)",
         "MATCH (a)-[r*1..2]-(a) MATCH (b)", "UNWIND range(1, 300) AS k MATCH (a)-[r*0..1]-(b)",
         "UNWIND ['10.0.0.1', '10.0.0.9', '10.0.0.2'] AS k MATCH (a {IPAddr: k})-[r*1..2]->(b)",
         "MATCH (a) WHERE a.IPAddr IN ['10.0.0.2', '10.0.0.1'] MATCH (a)-[r*1..2]-(b)",
         "MATCH (a)-[r*1..2]->(b) WHERE all(x IN r WHERE x.TotBytes > 2)",
         "OPTIONAL MATCH (a)-[r*1..2]->(b) WHERE a <> b"]
MIDDLE = ["OPTIONAL MATCH (b)-[g]->(d) WHERE g.Proto = 'udp'", "MATCH (b)-[g]-(d)",
          "MATCH (b) WHERE EXISTS { MATCH (b)-[h]->(x) WHERE h.TotBytes < 9 }",
          "UNWIND [1, null, 3] AS u", "WITH DISTINCT a, b", "WITH a, b, 1 AS one WHERE a <> b",
          "WITH a, collect(b)[0] AS b", "WITH a, count(*) AS n, head(collect(b)) AS b",
          "WITH a, b ORDER BY b.IPAddr DESC, a.IPAddr LIMIT 7", "WITH a, b SKIP 2",
          "WITH a, b, [(b)--(x) | x.IPAddr] AS others", "WITH *, COUNT { (b)-->() } AS m",
          "MATCH p2 = shortestPath((a)-[*..3]-(b))"]
WRONG = ["WITH a, b, 12 / (COUNT { (b)-->() } - 2) AS wrong",
         "WITH a, b WHERE substring('0123', COUNT { (a)-->() } - 2) <> ''"]
LAST = ["RETURN count(*)", "RETURN a.IPAddr, b.IPAddr", "RETURN count(a), count(DISTINCT b)",
        "RETURN a.IPAddr AS x, count(*) AS n, collect(b.IPAddr) AS l", "RETURN 1 AS one",
        "RETURN a.IPAddr, b.IPAddr LIMIT 5", "RETURN DISTINCT b.IPAddr AS x, a.IPAddr AS y",
        "RETURN a.IPAddr, [b.IPAddr, 'text'] AS l ORDER BY l DESC, a.IPAddr", "RETURN a, b",
        "RETURN sum(COUNT { (a)-->() }) AS s, avg(size(b.IPAddr)) AS m"]


def draw_graph(draw, path):
    """A hub, so that one vertex has more links than a morsel has room for, and others."""
    addresses = [f"10.0.0.{i}" for i in range(1, draw.randint(3, 12) + 1)]
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(draw.randint(10, 30)):
            ends = [draw.choice(addresses), draw.choice(addresses)]
            if draw.random() < 0.4:
                ends[draw.randrange(2)] = addresses[0]
            print(f"2011/08/16 10:00:{draw.randrange(20):02}.000000,0.1,"
                  f"{draw.choice(['tcp', 'udp'])},{ends[0]},1,->,{ends[1]},2,CON,1,{row}",
                  file=file)


def draw_query(draw):
    middle = draw.sample(MIDDLE, draw.randint(0, 2))
    if draw.random() < 0.25:
        middle.insert(draw.randint(0, len(middle)), draw.choice(WRONG))
    return " ".join([draw.choice(FIRST), *middle, draw.choice(LAST)])


def ask(program, query, path, threads, *options):
    return subprocess.run([program, "query", "--quiet", "--format=jsonl", "--partitions=3",
                           f"--threads={threads}", *options, query, path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)


def counts(result):
    plan = json.JSONDecoder().raw_decode(result.stderr[result.stderr.index("{"):])[0]
    return [[(stage["stage"], stage["rows_in"], stage["rows_out"]) for stage in branch]
            for branch in plan.get("branches", [])]


def check(program, query, path):
    """Whether it had an answer."""
    one = ask(program, query, path, 1)
    if one.returncode not in (0, 2):
        raise RuntimeError(f"exit code {one.returncode}: {query}\n{one.stderr}")
    for threads in THREADS:
        many = ask(program, query, path, threads)
        if (many.returncode, many.stdout, many.stderr) != (one.returncode, one.stdout, one.stderr):
            raise RuntimeError(f"{threads} threads: {query}\n{many.stdout}{many.stderr}\n"
                               f"one thread:\n{one.stdout}{one.stderr}")
    if one.returncode == 0 and "LIMIT" not in query:
        profiles = [counts(ask(program, query, path, threads, "--profile")) for threads in (1, 3)]
        if profiles[0] != profiles[1]:
            raise RuntimeError(f"PROFILE {query}\n{profiles[0]}\n{profiles[1]}")
    return one.returncode == 0


def check_rounds(program, path):
    """More rows than are gathered at once, and a limit that ends among them."""
    query = "UNWIND range(1, 30000) AS k MATCH (a)-[r*1..1]-(b) "
    for last in ("RETURN count(*)", "RETURN k, a.IPAddr, b.IPAddr SKIP 200000 LIMIT 1000",
                 "WITH k, count(*) AS n WHERE k % 5000 = 1 RETURN k, n"):
        check(program, query + last, path)


def main():
    program = sys.argv[1]
    seed = int(os.environ.get("GYRE_SEED", "1"))
    draw = random.Random(seed)
    answered = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "flows.csv")
        for _ in range(GRAPHS):
            draw_graph(draw, path)
            for _ in range(QUESTIONS):
                answered += check(program, draw_query(draw), path)
        check_rounds(program, path)
    print(f"{answered} of {GRAPHS * QUESTIONS} questions answered, seed {seed}")


if __name__ == "__main__":
    main()
