#!/usr/bin/env python3
"""Stages that all workers run side by side give the same rows, in the same order, as one worker.

Usage: test_section.py PROGRAM

Draws graphs, and chains of clauses of which some are walked to. Whatever one worker answers, or
complains about, several have to answer byte for byte; with PROFILE, each stage has as many rows.
Groups come in one order with the same aggregates, sums of floats to the last bit; an aggregate that
fails does so where one worker would have met it.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

from chosen import chosen_cases
from test_cycles import HEADER

GRAPHS = chosen_cases(5)
QUESTIONS = 10
GROUPINGS = 14
THREADS = [2, 3, 8]

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
        "UNWIND [1] AS i RETURN a.IPAddr, b.IPAddr LIMIT 5",  # which the matcher does not know of
        "RETURN DISTINCT b.IPAddr AS x, a.IPAddr AS y",
        "RETURN a.IPAddr, [b.IPAddr, 'text'] AS l ORDER BY l DESC, a.IPAddr", "RETURN a, b",
        "RETURN sum(COUNT { (a)-->() }) AS s, avg(size(b.IPAddr)) AS m"]

# Rows that are grouped: of the matcher, the search for cycles, walks and lists.
ROWS = ["MATCH (a)-[e]->(b)", "MATCH (a)-[e]-(b) WHERE e.Dur > 0.2", "MATCH (a)-[e]->(b)-[f]->(c)",
        "MATCH (a)-[e]->(b) WHERE size(toUpper(e.Proto) + b.IPAddr) > 11",
        "MATCH (a)-[r*1..2]->(b) WITH a, b, r[0] AS e",
        "MATCH (a)-[e]->(b) OPTIONAL MATCH (b)-[f]->(c) WHERE f.Dur < e.Dur",
        "MATCH p = (a)-[r*2..3]->(a) WHERE all(i IN range(0, size(r) - 2) WHERE r[i].StartTime < "
        "r[i + 1].StartTime) WITH a, a AS b, last(r) AS e", "MATCH (a)-[e]->(b) UNWIND [1, 2] AS u",
        "UNWIND range(1, 40) AS u MATCH (a)-[e]->(b) WHERE e.TotBytes % 40 < u"]
KEYS = ["a", "e.Proto AS k", "a.IPAddr AS k, b", "e.TotBytes % 3 AS k",
        "CASE WHEN e.TotBytes % 2 = 0 THEN 1 ELSE 1.0 END AS k", "[e.Proto, null] AS k",
        "e.Dur AS k", "CASE e.Proto WHEN 'tcp' THEN null ELSE {x: e.TotBytes % 2} END AS k", None]
FOLDS = ["count(*)", "count(b)", "count(DISTINCT b)", "sum(e.TotBytes)", "sum(e.Dur * 1e-3)",
         "sum(DISTINCT e.Dur)", "avg(e.Dur)", "avg(e.TotBytes)", "min(e.Dur)", "max(e.Proto)",
         "min(CASE WHEN e.TotBytes % 2 = 0 THEN 1 ELSE 1.0 END)", "max([b.IPAddr, e.Dur])",
         "collect(e)", "collect(e.Proto)", "collect(DISTINCT b.IPAddr)[..3]", "stDev(e.Dur)",
         "stDevP(e.TotBytes)", "stDev(DISTINCT e.TotBytes)", "percentileCont(e.Dur, 0.3)",
         "percentileDisc(e.TotBytes, 0.9)", "sum(duration({milliseconds: e.TotBytes}))",
         "collect(CASE WHEN e.TotBytes % 2 = 0 THEN 2 ELSE 2.0 END)",
         "collect(DISTINCT CASE WHEN e.TotBytes % 2 = 0 THEN 2 ELSE 2.0 END)",
         "avg(CASE WHEN e.TotBytes % 2 = 0 THEN e.Dur ELSE e.TotBytes END)"]
WRONG_FOLDS = ["sum(CASE WHEN e.TotBytes % 7 = 2 THEN duration('PT1S') ELSE e.Dur END)",
               "sum(CASE e.TotBytes WHEN 4 THEN 'text' ELSE 1 END)",
               "sum(9223372036854775807 - e.TotBytes)", "max(1 / (e.TotBytes - 5))",
               "percentileDisc(e.Dur, CASE e.TotBytes WHEN 6 THEN 0.5 ELSE 0.25 END)",
               "avg(CASE WHEN e.TotBytes IN [3, 9] THEN e.Proto ELSE duration('PT1S') END)"]
BEHIND = ["RETURN *", "RETURN *", "RETURN * ORDER BY x LIMIT 4", "RETURN DISTINCT x",
          "RETURN count(x), collect(x) AS xs", "RETURN * LIMIT 2",
          "UNWIND [x, 'y', x] AS i WITH DISTINCT i RETURN i LIMIT 3",
          "UNWIND [x, 'y'] AS i RETURN i, count(*) AS m", "RETURN 10 / (count(*) - 3) AS n, x",
          "WITH x, toString(y) AS t RETURN t, collect(x) AS xs ORDER BY t"]


def draw_graph(draw, path):
    """A hub, so that one vertex has more links than a morsel has room for, and others."""
    addresses = [f"10.0.0.{i}" for i in range(1, draw.randint(3, 12) + 1)]
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(draw.randint(10, 30)):
            ends = [draw.choice(addresses), draw.choice(addresses)]
            if draw.random() < 0.4:
                ends[draw.randrange(2)] = addresses[0]
            duration = f"{draw.random():.{draw.randint(1, 6)}f}"
            print(f"2011/08/16 10:00:{draw.randrange(20):02}.000000,{duration},"
                  f"{draw.choice(['tcp', 'udp'])},{ends[0]},1,->,{ends[1]},2,CON,1,{row}",
                  file=file)


def draw_query(draw):
    middle = draw.sample(MIDDLE, draw.randint(0, 2))
    if draw.random() < 0.25:
        middle.insert(draw.randint(0, len(middle)), draw.choice(WRONG))
    return " ".join([draw.choice(FIRST), *middle, draw.choice(LAST)])


DISTINCT = ["DISTINCT a", "DISTINCT e.TotBytes % 3 AS k, b", "DISTINCT e.Proto AS k, 12 / "
            "(e.TotBytes - 7) AS l", "DISTINCT CASE WHEN e.TotBytes % 2 = 0 THEN 1 ELSE 1.0 END "
            "AS k"]
BEHIND_DISTINCT = ["RETURN *", "RETURN * LIMIT 3", "RETURN count(*)", "MATCH (y)-[f]->(z) RETURN *"]


SORTED = ["e.Dur DESC", "toUpper(e.Proto)", "e.TotBytes % 4 DESC, e.Proto", "a, e.TotBytes % 2",
          "CASE WHEN e.TotBytes % 2 = 0 THEN 1 ELSE 1.0 END", "12 / (e.TotBytes - 8)",
          "[b, e.Proto]"]
BEHIND_SORTED = ["RETURN *", "SKIP 1 LIMIT 4 RETURN *", "LIMIT 2 RETURN count(*)", "LIMIT 30 "
                 "RETURN *", "RETURN collect(e.TotBytes)", "MATCH (b)-[f]->(z) RETURN e, z LIMIT 9"]


def draw_grouping(draw, between=""):
    """Rows of a MATCH that is the head are gathered by those who find them, unless something that
    may make several rows of one stands `between`."""
    if draw.random() < 0.3:
        return " ".join([draw.choice(ROWS) + between, "WITH a, b, e ORDER BY", draw.choice(SORTED),
                         draw.choice(BEHIND_SORTED)])
    if draw.random() < 0.2:
        return " ".join([draw.choice(ROWS) + between, "WITH", draw.choice(DISTINCT),
                         draw.choice(BEHIND_DISTINCT)])
    folds = draw.sample(FOLDS, 2)
    if draw.random() < 0.2:
        folds[draw.randrange(2)] = draw.choice(WRONG_FOLDS)
    keys = [key for key in [draw.choice(KEYS)] if key]
    items = keys + [f"{fold} AS {name}" for fold, name in zip(folds, "xy")]
    return " ".join([draw.choice(ROWS) + between, "WITH", ", ".join(items), draw.choice(BEHIND)])


def ask(program, query, path, threads, *options):
    return subprocess.run([program, "query", "--quiet", "--format=jsonl", "--partitions=3",
                           f"--threads={threads}", *options, query, path],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)


def counts(result):
    plan = json.JSONDecoder().raw_decode(result.stderr[result.stderr.index("{"):])[0]
    return [[(stage["stage"], stage["rows_in"], stage["rows_out"]) for stage in branch]
            for branch in plan.get("branches", [])]


def check(program, draw, query, path):
    """Whether it had an answer."""
    one = ask(program, query, path, 1)
    if one.returncode not in (0, 2):
        raise RuntimeError(f"exit code {one.returncode}: {query}\n{one.stderr}")
    for threads in draw.sample(THREADS, 2):
        many = ask(program, query, path, threads)
        if (many.returncode, many.stdout, many.stderr) != (one.returncode, one.stdout, one.stderr):
            raise RuntimeError(f"{threads} threads: {query}\n{many.stdout}{many.stderr}\n"
                               f"one thread:\n{one.stdout}{one.stderr}")
    if one.returncode == 0 and "LIMIT" not in query:
        profiles = [counts(ask(program, query, path, threads, "--profile")) for threads in (1, 3)]
        if profiles[0] != profiles[1]:
            raise RuntimeError(f"PROFILE {query}\n{profiles[0]}\n{profiles[1]}")
    return one.returncode == 0


def check_grouping(program, draw, path):
    """Also of rows that the matcher neither groups nor sorts, since it does not know lists."""
    state = draw.getstate()
    texts = []
    for between in (" WITH a, b, e, [e] AS l", " WITH a, b, e, [e] AS l UNWIND l AS one"):
        draw.setstate(state)
        texts.append(draw_grouping(draw, between))
    answers = [ask(program, text, path, 2) for text in texts]
    if len({(answer.returncode, answer.stdout) for answer in answers}) > 1:
        raise RuntimeError("\n".join(line for text, answer in zip(texts, answers)
                                     for line in (text, answer.stdout, answer.stderr)))
    draw.setstate(state)
    return check(program, draw, draw_grouping(draw), path)


def check_rounds(program, draw, path):
    """More rows than are gathered twice (8192 at once), and a limit that ends among them."""
    query = "UNWIND range(1, 17000) AS k MATCH (a)-[r*1..1]-(b) "
    for last in ("RETURN count(*)", "RETURN k, a.IPAddr, b.IPAddr SKIP 200000 LIMIT 1000",
                 "WITH k, count(*) AS n WHERE k % 5000 = 1 RETURN k, n"):
        check(program, draw, query + last, path)


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
                answered += check(program, draw, draw_query(draw), path)
            for _ in range(GROUPINGS):
                answered += check_grouping(program, draw, path)
        check_rounds(program, draw, path)
    print(f"{answered} of {GRAPHS * (QUESTIONS + GROUPINGS)} questions answered, seed {seed}")


if __name__ == "__main__":
    main()
