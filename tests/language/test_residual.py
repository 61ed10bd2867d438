#!/usr/bin/env python3
"""Filters that a search's workers evaluate decide as the same filters behind a walk do.

Usage: test_residual.py PROGRAM

Draws small graphs, and questions whose conditions the search for cycles or the matcher takes in
part. Each is asked as it is, and behind another clause, where everything is walked to on one thread
and filtered row by row; there the list of flows is one that has to be made, so that nothing can be
known of conditions on its items before. Rows, counts and errors have to be the same, however many
threads and partitions there are, and PROFILE has to show the rows of every filter. Filters of one
flow or one vertex may become the search's own, which depends on how many rows its workers have
looked at.
"""
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile

from chosen import chosen_cases
from test_cycles import WALKS, draw_flows

GRAPHS = chosen_cases(8)
QUESTIONS = 16  # of each
WRONG = 3  # of each, which may fail
DIVISIONS = [["--threads=1", "--partitions=1"], ["--threads=3", "--partitions=2"],
             ["--threads=5", "--partitions=1"]]

# What the searches take; each has a path p and a list of flows, %s.
HEADS = [("MATCH p = (a)-[r*2..5]->(a) WHERE strictlyAscending(r)", "r"),
         ("MATCH p = (a)-[r*1..4]->(a) WHERE ascending(r) AND span(r) <= duration('PT3S')", "r"),
         ("MATCH p = (a)<-[r*2..4]-(a) WHERE ascending(r)", "r"),
         ("MATCH p = (a)-[e]->(b) WHERE e.Proto <> 'icmp'", "[e]"),
         ("MATCH p = (a)-[e]->(b)-[f]->(c) WHERE e.StartTime <= f.StartTime", "[e, f]"),
         ("MATCH p = (a)-[e]->(b), (c)-[f]->(a) WHERE e.StartTime < f.StartTime", "[e, f]"),
         ("MATCH p = (a)-[e]->(b) WHERE any(x IN nodes(p) WHERE x.IPAddr ENDS WITH '1') "
          "MATCH (b)-[f]->(c) WHERE f.Proto = 'tcp'", "[e, f]")]
# What they take of conditions on the flows of the path, or leave.
QUANTIFIED = ["any(x IN {0} WHERE x.Proto = 'udp')", "none(x IN {0} WHERE x.TotBytes > 9)",
              "any(x IN {0} WHERE x.Dport = 22)", "none(y IN {0} WHERE y.Dport < 80)",
              "all(x IN {0} WHERE x.Dport = 22 OR x.TotBytes < 9)",
              "NOT any(x IN {0} WHERE x.Dport = 22 AND x.TotBytes IN [1, 2, 3, 4])",
              "any(x IN {0} WHERE x.Dport = 22) AND any(x IN {0} WHERE x.Dport = 80)",
              "(any(x IN {0} WHERE x.Dport = 22) OR none(x IN {0} WHERE x.Proto = 'udp'))"]
# What they leave; of all flows, so that nothing can be known before the last of them.
WHOLE = ["single(x IN {0} WHERE x.TotBytes < 4)",
         "reduce(s = 0, x IN {0} | s + x.TotBytes) % 3 = 1"]
FILTERS = [*WHOLE, "length(p) <> 3", "any(n IN nodes(p) WHERE n.IPAddr = '10.0.0.2')",
           "EXISTS {{ MATCH (a)-[g]->(d) WHERE g.Proto = 'udp' AND NOT g IN {0} }}",
           "COUNT {{ (a)-->() }} > 2", "size([(a)-->(d) WHERE d <> a | d]) > 1", "(a)-->()-->(a)",
           "CASE WHEN head({0}).Proto = 'tcp' THEN true ELSE null END",
           "all(x IN {0} WHERE toUpper(x.Proto) = 'TCP')", "a.IPAddr =~ '.*[134]'",
           "all(x IN {0} WHERE CASE x.TotBytes % 4 WHEN 0 THEN null ELSE true END)",
           "all(x IN {0} WHERE any(y IN ['tcp', 'icmp'] WHERE y = x.Proto))",
           "all(x IN {0} WHERE x.Proto <> 'tcp' OR [1 IN [size(a.IPAddr) - 7]][0])",
           "inCIDR(a.IPAddr, '10.0.0.0/30')"]
# What fails for some rows.
FAILING = ["any(x IN {0} WHERE 12 / (x.TotBytes - 5) > 1)",
           "all(x IN {0} WHERE 12 % (x.TotBytes - 9) <> 0)",
           "substring('0123456789', 12 - size({0}) * head({0}).TotBytes) <> ''",
           "all(x IN {0} WHERE substring('0123456789', 14 - x.TotBytes) <> '')"]
ROWS = ("RETURN {n} AS question, "
        "[a.IPAddr, [m IN nodes(p) | m.IPAddr], [x IN {0} | x.TotBytes]] AS row")
RESULTS = [ROWS, ROWS, ROWS + " LIMIT 3", ROWS + " SKIP 1 LIMIT 2", ROWS + " ORDER BY row LIMIT 4",
           "WITH count(*) AS c RETURN {n} AS question, [c] AS row",
           "WITH count(a) AS c, count(*) AS d RETURN {n} AS question, [c, d] AS row",
           "WITH length(p) AS l, count(*) AS c RETURN {n} AS question, [l, c] AS row",
           "WITH DISTINCT a.IPAddr AS x RETURN {n} AS question, [x] AS row",
           "WITH p, a.IPAddr AS x WHERE x > '10.0.0.1' RETURN {n} AS question, [x] AS row",
           "WITH p UNWIND nodes(p) AS m RETURN {n} AS question, [m.IPAddr] AS row LIMIT 2"]
ERROR = re.compile(r"^gyre: query:\d+:\d+: (.*)$", re.MULTILINE)


def draw_question(draw, filters):
    match, flows = draw.choice(HEADS)
    result = draw.choice(RESULTS)
    conditions = " AND ".join(filters)
    return f"{match} AND {conditions}", flows, result


def is_any(result):
    """Whether which rows it has is not said."""
    return "LIMIT" in result and "ORDER BY" not in result


def ask(program, path, query, options):
    """The rows of each question in their order, None where it is wrong; and what was told."""
    result = subprocess.run([program, "query", "--quiet", "--format=jsonl", *options, query, path],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)
    if result.returncode == 0:
        rows = collections.defaultdict(list)
        for line in result.stdout.splitlines():
            row = json.loads(line)
            rows[row["question"]].append(json.dumps(row["row"]))
        return rows, result.stderr
    error = ERROR.search(result.stderr)
    if result.returncode != 2 or error is None:
        raise RuntimeError(f"exit code {result.returncode}: {query}\n{result.stderr}")
    return None, error.group(1)


def check_profile(branches, plan):
    """As many rows come into each stage as came out of the one before."""
    for query, stages in zip(branches, plan["branches"]):
        rows = [(stage["stage"], stage["rows_in"], stage["rows_out"]) for stage in stages]
        is_filtered = len(stages) > 1 and stages[1]["stage"] in ("filter", "path")
        is_even = all(before[2] == after[1] for before, after in zip(rows, rows[1:]))
        if is_filtered and not is_even:
            raise RuntimeError(f"PROFILE {query}\n{rows}")
    return [[stage["rows_in"] for stage in stages] for stages in plan["branches"]]


def check(program, path, questions):
    """Questions that are right, all in one query; every other branch is walked to."""
    branches = []
    for i, (match, flows, result) in enumerate(questions):
        branches.append(f"{match} {result}".format(flows, n=2 * i))
        branches.append(f"{WALKS}{match} {result}".format(f"({flows} + [])", n=2 * i + 1))
    query = "\nUNION ALL ".join(branches)
    firsts = {}
    for options in DIVISIONS:
        rows, told = ask(program, path, query, [*options, "--profile"])
        if rows is None:
            raise RuntimeError(f"{query}\n{told}")
        counts = check_profile(branches,
                               json.JSONDecoder().raw_decode(told[told.index("{"):])[0])
        for i, (_, _, result) in enumerate(questions):
            found, walked = rows[2 * i], rows[2 * i + 1]
            is_same = (len(found) == len(walked) if is_any(result) else
                       collections.Counter(found) == collections.Counter(walked))
            stages = len(counts[2 * i])
            answer = len(found) if is_any(result) else (found, counts[2 * i])
            first = firsts.setdefault((i, stages), answer)
            if not is_same or first != answer:
                raise RuntimeError(f"{' '.join(options)}: {branches[2 * i]}\nfound: {found}, "
                                   f"{counts[2 * i]}\nwalked to: {walked}\nfirst: {first}")
    return sum(len(part) for part in rows.values())


def check_wrong(program, path, question):
    """A question fails as it does where it is walked to, unless it has enough rows before; and it
    says the same, whoever finds it."""
    match, flows, result = question
    query = f"{match} {result}".format(flows, n=0)
    walked = ask(program, path, WALKS + query, DIVISIONS[0])
    answers = [ask(program, path, query, options) for options in DIVISIONS]
    if is_any(result):
        answers = [(rows is None, len((rows or {}).get(0, []))) for rows, _ in answers]
    elif (answers[0][0] is None) != (walked[0] is None):
        raise RuntimeError(f"{query}\nfound: {answers[0]}\nwalked to: {walked}")
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError(f"{query}\n{answers}")
    return walked[0] is None


def main():
    program = sys.argv[1]
    rows = errors = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(GRAPHS):
            draw = random.Random(seed)
            path = os.path.join(folder, f"{seed}.csv")
            draw_flows(draw, path)
            right = [draw_question(draw, draw.sample(FILTERS + QUANTIFIED, draw.randint(1, 2)))
                     for _ in range(QUESTIONS)]
            wrong = [draw_question(draw, [draw.choice(FAILING), draw.choice(WHOLE)])
                     for _ in range(WRONG)]
            try:
                rows += check(program, path, right)
                errors += sum(check_wrong(program, path, question) for question in wrong)
            except RuntimeError as error:
                print(f"seed {seed}: {error}", file=sys.stderr)
                failed += 1
    print(f"{GRAPHS} graphs, {GRAPHS * QUESTIONS} questions, {rows} rows, {errors} errors")
    return 1 if failed or rows == 0 or errors == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
