#!/usr/bin/env python3
"""A condition on one flow or one vertex decides alike in the typed language and beyond it.

Usage: test_external.py PROGRAM

Generates flows, and asks each question twice in one query: with a condition that the typed binder
knows, and with one that says the same in other words. Rows have to be the same, however many
threads and partitions there are. Most of the latter have to become filters of the search, and are
then none of the stages behind it; one that fails for a flow that is in no match makes no error.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile

DIVISIONS = [["--threads=1"], ["--threads=2", "--partitions=3"], ["--threads=5"]]
WITHIN = "e.StartTime <= f.StartTime AND f.StartTime <= e.StartTime + duration('PT{}S')"
RING = ("e.StartTime <= f.StartTime AND f.StartTime <= g.StartTime "
        "AND g.StartTime <= e.StartTime + duration('PT600S')")
CYCLES = "MATCH p = (a)-[r*2..4]->(a) WHERE strictlyAscending(r) AND span(r) <= duration('PT60S')"
SUM = "count(*) AS count, sum(e.TotBytes) AS bytes"
# A pattern and what it returns; {} is the condition on e, {f} the same on f, and so on.
FLOW_QUESTIONS = [
    f"MATCH (a)-[e]->(b) WHERE {{e}} RETURN {SUM}",
    f"MATCH (a)-[e]->(b)-[f]->(c) WHERE {WITHIN.format(20)} AND {{e}} RETURN {SUM}",
    f"MATCH (a)-[e]->(b)-[f]->(c) WHERE {WITHIN.format(20)} AND {{e}} AND {{f}} RETURN {SUM}",
    f"MATCH (a)-[e]->(b)-[f]->(a) WHERE {WITHIN.format(900)} AND {{f}} AND e.Dport > 80 "
    f"RETURN {SUM}",
    f"MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE {RING} AND {{e}} AND {{f}} AND {{g}} RETURN {SUM}",
    f"{CYCLES} AND all(e IN r WHERE {{e}}) RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND all(e IN r WHERE {{e}}) AND any(x IN r WHERE x.Dport > 80) "
    "RETURN count(*) AS count, sum(size(r)) AS bytes",
    f"{CYCLES} AND any(e IN r WHERE {{e}}) RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND none(e IN r WHERE {{e}}) RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND NOT all(e IN r WHERE {{e}}) AND NOT none(f IN r WHERE {{f}}) "
    "RETURN count(*) AS count, count(p) AS bytes",
]
FLOW_CONDITIONS = [
    ("{}.Proto = 'tcp'", "toUpper({}.Proto) = 'TCP'"),
    ("{}.Proto STARTS WITH 'u'", "{}.Proto =~ 'u.*'"),
    ("{}.Dport IN [53, 80]", "any(x IN [53, 80] WHERE x = {}.Dport)"),
    ("NOT {}.Dport < 100", "CASE WHEN {}.Dport < 100 THEN false ELSE {}.Dport >= 100 END"),
    ("{}.TotPkts > 5", "{}['TotPkts'] > 5"),
    ("{}.TotBytes > 300", "abs(-{}.TotBytes) + size({}.Proto) * 0 > 300"),
]
VERTEX_QUESTIONS = [
    f"MATCH (a)-[e]->(b)-[f]->(c) WHERE {WITHIN.format(20)} AND {{a}} RETURN {SUM}",
    f"MATCH (c)-[e]->(a)-[f]->(b) WHERE {WITHIN.format(5)} AND {{a}} AND {{b}} RETURN {SUM}",
    f"{CYCLES} AND {{a}} RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND all(a IN nodes(p) WHERE {{a}}) RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND any(a IN nodes(p) WHERE {{a}}) RETURN count(*) AS count, count(p) AS bytes",
    f"{CYCLES} AND none(a IN nodes(p)[1..] WHERE {{a}}) RETURN count(*) AS count, "
    "count(p) AS bytes",
]
VERTEX_CONDITIONS = [
    ("{}.IPAddr STARTS WITH '1'", "{}.IPAddr =~ '1.*'"),
    ("{}.IPAddr ENDS WITH '7'", "right({}.IPAddr, 1) = '7'"),
]
# Fails for most flows.
FAILING = "substring('0123', 3 - {}.TotPkts) <> ''"
SOMETHING = (f"MATCH (a)-[e]->(b)-[f]->(c) WHERE {WITHIN.format(20)} AND {{}} "
             "RETURN count(*) AS count")
NOTHING = SOMETHING.format("e.TotBytes + f.TotBytes < 0 AND {}")


def said_of(condition):
    return {name: condition.replace("{}", name) for name in "efgab"}


def ask(program, path, query, options):
    """What came back, as (rows, branches of the plan, None) or (None, None, the error)."""
    result = subprocess.run([program, "query", "--quiet", "--format=jsonl", "--profile", *options,
                             query, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=300, check=False)
    if result.returncode != 0:
        return None, None, result.stderr
    plan = json.JSONDecoder().raw_decode(result.stderr[result.stderr.index("{"):])[0]
    return [json.loads(line) for line in result.stdout.splitlines()], plan["branches"], None


def check_plan(stages, condition):
    """Whether the condition is a filter of the search; it is that or a stage, and not both."""
    words = max(condition.split("{}"), key=len)
    is_stage = any(stage["stage"] == "filter" and words in stage["text"] for stage in stages)
    known = stages[0].get("plan")
    if known is not None:
        is_filter = any(words in one["text"] for one in known["conditions"])
        if is_filter == is_stage:
            raise RuntimeError(f"{condition}: {stages}")
    return not is_stage


def check_questions(program, path, questions, conditions):
    """Questions and conditions in every pair; how many conditions became filters."""
    counts = collections.Counter()
    for typed, other in conditions:
        branches = [question.format(**said_of(condition))
                    for question in questions for condition in (typed, other)]
        for options in DIVISIONS:
            rows, plans, error = ask(program, path, "\nUNION ALL ".join(branches), options)
            if error is not None:
                raise RuntimeError(f"{branches}\n{error}")
            if len(rows) != len(branches):
                raise RuntimeError(f"{options} {rows} of {branches}")
            for i in range(0, len(branches), 2):
                if rows[i] != rows[i + 1]:
                    raise RuntimeError(f"{options}\n{branches[i]}\n{rows[i]}\n"
                                       f"{branches[i + 1]}\n{rows[i + 1]}")
                counts["filters"] += check_plan(plans[i + 1], other)
                counts["questions"] += 1
                counts["rows"] += rows[i]["count"]
    return counts


def check_failing(program, path):
    """It is an error where one of these is in a match, and where there is no match it is none."""
    for options in DIVISIONS:
        rows, _, error = ask(program, path, NOTHING.format(FAILING.format("e")), options)
        if error is not None or rows != [{"count": 0}]:
            raise RuntimeError(f"{rows}\n{error}")
        _, _, error = ask(program, path, SOMETHING.format(FAILING.format("e")), options)
        if error is None or "substring takes no negative number" not in error:
            raise RuntimeError(f"{options}: {error}")


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "flows.csv")
        subprocess.run([program, "generate", "--flows=4000", "--addresses=300", "--seed=4",
                        "--cycles=20", "--quiet", f"--output={path}"], check=True, timeout=60)
        counts = check_questions(program, path, FLOW_QUESTIONS, FLOW_CONDITIONS)
        counts += check_questions(program, path, VERTEX_QUESTIONS, VERTEX_CONDITIONS)
        check_failing(program, path)
    print(dict(counts))
    return 0 if counts["rows"] > 0 and counts["filters"] * 2 > counts["questions"] else 1


if __name__ == "__main__":
    sys.exit(main())
