#!/usr/bin/env python3
"""EXPLAIN and PROFILE of all examples of docs/LANGUAGE.md, and of some more, are JSON; and ways to
write the same literal are planned alike.

Usage: test_explain.py PROGRAM ROOT
"""
import json
import os
import re
import subprocess
import sys

FLOWS = os.path.join("tests", "language", "flows.csv")
QUERY = re.compile(r"^```cypher\n(.*?)^```", re.MULTILINE | re.DOTALL)
MORE = [
    "MATCH (a)-[`quo\"te`]->(b) WITH a, b MATCH (b)-[e {Proto: 'a\\\\b\\'\"\\u00e9\u20ac'}]->(c) "
    "/* a \"comment\" */ WHERE e.Label = '\t' AND NOT (c)-->(b) RETURN '\u00fc' AS `\"\\\\`, c",
    "UNWIND [1] AS x RETURN '" + "\u20ac" * 400 + "' AS " + "n" * 200,
    "MATCH (a) RETURN a.IPAddr AS x UNION RETURN '10' AS x",
    "MATCH (a)-[e*1..2 {Proto: 'tcp'}]-(b) WHERE EXISTS { (a)--(b) WHERE COUNT { (b)--() } > 1 } "
    "OPTIONAL MATCH p = shortestPath((a)-[*..3]-(b)) "
    "RETURN [(a)--(c) WHERE (c)--(b) | c] AS l, count(*), collect(DISTINCT p)",
    "MATCH (a:Nowhere) RETURN a",
]
# Of a window, in a query for the matcher and in one that goes on behind it.
WINDOWED = [
    "MATCH (a)-[e]->(b)-[f]->(a) WHERE e.StartTime <= f.StartTime AND"
    " f.StartTime <= e.StartTime + {} RETURN count(*)",
    "MATCH (a)-[e]->(b)-[f]->(a) WHERE f.StartTime <= e.StartTime + {} RETURN [e.Dur] AS list",
    "MATCH p = (a)-[es*2..4]->(a) WHERE strictlyAscending(es) AND span(es) <= {} RETURN count(*)",
]
ALIKE = ["duration({days: 0, seconds: 90, nanoseconds: 0})", "duration('PT90S')",
         "DURATION('PT1M30S')", "$window"]
WINDOW = "--param=window=duration('PT1.5M')"
# What an object of a stage and of a step has.
STAGE = {"stage", "optional", "text", "estimate", "inner"}
FIGURES = {"rows_in", "rows_out", "flows_visited", "links_visited", "seconds", "bytes"}
STEP = {"step", "text", "estimate", "notes"}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def plan_of(program, flows, query, *options):
    """The plan, or None when the query is wrong. A plan that is no JSON raises."""
    result = subprocess.run([program, "query", "--quiet", "--format=json", "--timeout=10s",
                             *options, query, flows],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, timeout=60, check=False)
    if result.returncode != 0:
        return None
    is_explained = "--explain" in options or query.startswith("EXPLAIN")
    text = (result.stdout if is_explained else result.stderr).decode("utf-8", "strict")
    return json.JSONDecoder().raw_decode(text[text.index("{"):])[0]


def check_stages(stages, is_profile):
    for stage in stages:
        wanted = STAGE | FIGURES if is_profile else STAGE
        missing = wanted - stage.keys()
        if missing:
            raise ValueError(f"{stage['stage']} has no {', '.join(sorted(missing))}")
        check_steps(stage.get("steps", []), is_profile)
        for inner in stage["inner"]:
            check_steps(inner.get("steps", []), is_profile)
            for branch in inner.get("branches", []):
                check_stages(branch, is_profile)


def check_steps(steps, is_profile):
    for step in steps:
        missing = (STEP | {"passed"} if is_profile else STEP) - step.keys()
        if missing:
            raise ValueError(f"{step['step']} has no {', '.join(sorted(missing))}")


def check_plan(plan, is_profile):
    """A plan of stages, or of the matcher alone."""
    if "branches" not in plan:
        return 0 if "structure" in plan else 1
    for branch in plan["branches"]:
        check_stages(branch, is_profile)
    return 0


def count_unlike(program, flows):
    unlike = 0
    for query in WINDOWED:
        plans = [plan_of(program, flows, query.replace("{}", literal), "--explain", WINDOW)
                 for literal in ALIKE]
        plans = [json.dumps(plan).replace(literal, ALIKE[0])
                 for literal, plan in zip(ALIKE, plans)]
        for literal, plan in zip(ALIKE, plans):
            if plan != plans[0] or "estimate" not in plan:
                print(f"{query}\n  with {literal} is planned unlike {ALIKE[0]}")
                unlike += 1
    return unlike


def main():
    program, root = sys.argv[1], sys.argv[2]
    queries = QUERY.findall(read(root, "docs", "LANGUAGE.md")) + MORE
    failed = plans = 0
    for query in queries:
        for option in ("--explain", "--profile"):
            try:
                plan = plan_of(program, os.path.join(root, FLOWS), query, option)
                if plan is not None:
                    plans += 1
                    is_run = option == "--profile" and not query.startswith("EXPLAIN")
                    failed += check_plan(plan, is_run)
            except (ValueError, KeyError) as problem:
                print(f"{option} {query}\n  {problem}")
                failed += 1
    failed += count_unlike(program, os.path.join(root, FLOWS))
    print(f"{plans} plans: {plans - failed} passed, {failed} failed")
    sys.exit(1 if failed or plans < 100 else 0)


if __name__ == "__main__":
    main()
