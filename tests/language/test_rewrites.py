#!/usr/bin/env python3
"""A question means the same whichever words it is asked in.

Usage: test_rewrites.py PROGRAM

Draws small graphs, with equal times, times that are months apart, nulls and self-loops, and
questions in words that gyre says in its own before it looks at them. Each is asked twice in one
query: as it is, and with what it says of its flows as a value that WITH computes for every match
of the bare pattern, which nothing is derived from. Rows, counts and errors have to be the same,
however many threads and partitions there are.
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

GRAPHS = chosen_cases(6)
QUESTIONS = 24  # of each
GROUPED_QUESTIONS = 4
DIVISIONS = [["--threads=1", "--partitions=1"], ["--threads=3", "--partitions=2"]]
HEADER = "StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,TotPkts,TotBytes"
SIGNS = ["<", "<=", ">", ">=", "="]

# Patterns with their flows' names, each from first to last.
FIXED = [("(a)-[x]->(b)-[y]->(a)", "x", "y"), ("(a)-[x]->(b)<-[y]-(c)", "x", "y"),
         ("(a)-[x]->(b)-[z]->(c)-[y]->(a)", "x", "y"), ("(a)-[x]->(b), (c)-[y]->(d)", "x", "y")]
WALKS = [("(a)-[es*2..3]->(a)", "head(es)", "last(es)"), ("(a)-[es*1..3]->(b)", "es[0]", "es[-1]"),
         ("p = (a)-[es*2..3]->(b)", "es[0]", "es[size(es) - 1]"),
         ("(a)-[es*0..2]->(b)", "head(es)", "es[1]")]
DURATIONS = ["duration('PT2S')", "duration({seconds: 0})", "duration('PT0.5S')",
             "duration({minutes: 1})", "duration({seconds: -1})", "duration('P28D')",
             "duration('P1M')", "duration({milliseconds: 1500})", "duration({days: 40})"]
LONGS = ["duration.between({0}.StartTime, {1}.StartTime)",
         "duration.inSeconds({0}.StartTime, {1}.StartTime)", "{1}.StartTime - {0}.StartTime"]
NUMBERS = [("duration.inSeconds({0}.StartTime, {1}.StartTime).seconds", [-2, 0, 1, 60]),
           ("({1}.StartTime - {0}.StartTime).seconds", [-1, 0, 2]),
           ("duration.inSeconds({0}.StartTime, {1}.StartTime).minutes", [-1, 0, 1]),
           ("duration.inSeconds({0}.StartTime, {1}.StartTime).hours", [0, 24]),
           ("duration.inSeconds({0}.StartTime, {1}.StartTime).milliseconds", [-500, 0, 1500]),
           ("({1}.StartTime - {0}.StartTime).nanoseconds", ["2 * 1000 * 1000000", -1]),
           ("duration.between({0}.StartTime, {1}.StartTime).seconds", [0, 1]),
           ("{1}.StartTime.epochMillis - {0}.StartTime.epochMillis", [-1, 0, "60 * 1000", 1]),
           ("{1}.StartTime.epochSeconds - {0}.StartTime.epochSeconds", [0, 2, -1]),
           ("({1}.StartTime.epochMillis - {0}.StartTime.epochMillis) / 1000", [-1, 0, 1])]
SUMS = ["{1}.StartTime.epochMillis {sign} {0}.StartTime.epochMillis + 1500",
        "{0}.StartTime.epochSeconds + 2 {sign} {1}.StartTime.epochSeconds",
        "{1}.StartTime.epochSeconds - 1 {sign} {0}.StartTime.epochSeconds"]
OTHERS = ["({0}.Dur < {1}.Dur / 10 OR {0}.Dport IS NULL)", "{0}.Proto = 'tcp'",
          "{0}.TotBytes + 1 < {1}.TotBytes * 2", "NOT {1}.Dur > 1", "a.IPAddr <> '10.0.0.2'",
          "{0}.TotBytes IN range(2, 6)", "NOT {1}.Dur IN range(4, 0, -2)",
          "{0}.TotBytes IN range(6, 2)"]
LISTS = [("p = (a)-[es*3]->(a)", ["es", "p"]), ("p = (a)-[es*2]->(b)", ["es", "p"]),
         ("(a)-[es*1..1]->(b)", ["es"]), ("(a)<-[es*2 {Proto: 'tcp'}]-(b)", ["es"]),
         ("p = (a)-[es*2..3]->(b)", ["es", "p"]), ("p = (a)-[x]->(b)-[y]->(c)", ["x", "y", "p"]),
         ("(a)-[es*2]->(b)-[y]->(a)", ["es", "y"]), ("p = (a)-[*2]->(b)<-[y]-(c)", ["y", "p"]),
         ("p = (a)-[es*2]->(b), (b)-[y]->(a)", ["es", "y", "p"]), ("p = (a)-->(b)-->(a)", ["p"]),
         ("(a)-[es*4..4]->(a)", ["es"]), ("(a)-[es*6]->(a)", ["es"]),
         ("(a)-[es*0..2]-(b)", ["es"])]
OF_LISTS = ["ascending(es)", "strictlyAscending(es)", "span(es) <= duration('PT2S')",
            "es[0].StartTime < es[1].StartTime", "es[-1].TotBytes > es[0].TotBytes", "size(es) = 2",
            "es[7].TotBytes > 1", "size(es) <= 2", "2 < size(es)", "length(p) >= 2",
            "all(x IN es WHERE x.Proto = 'tcp')", "any(x IN es WHERE x.Dport = 2)",
            "none(x IN es WHERE x.Dport <> 3)", "single(x IN es WHERE x.Proto = 'udp')",
            "all(i IN range(0, size(es) - 2) WHERE es[i].StartTime <= es[i + 1].StartTime)",
            "all(i IN range(1, size(es) - 1) WHERE es[i - 1].TotBytes < es[i].TotBytes)",
            "any(x IN es WHERE all(y IN es WHERE x.TotBytes >= y.TotBytes))",
            "none(x IN es WHERE 12 % (x.TotBytes + 1) = 0)", "unique_vertices(p)",
            "ascending(relationships(p))", "strictlyAscending(p)", "span(p) < duration('PT3S')",
            "all(n IN nodes(p) WHERE n.IPAddr <> '10.0.0.2')", "ascending([es[0], es[1]])",
            "reduce(s = 0, x IN es | s + x.TotBytes + size(es)) % 3 = 1", "last(es) <> head(es)",
            "[x IN es WHERE x.Proto = 'tcp' | x.TotBytes] <> []", "es[size(es) - 1].Dport IS NULL",
            "strictlyAscending([head(es), y])", "last(es).StartTime <= head(es).StartTime",
            "nodes(p)[1] <> a", "size([x IN es WHERE x IN es]) = size(es)",
            "duration.between(head(es).StartTime, last(es).StartTime) < duration('PT2S')"]
TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
ORDERS = [None, "{0}.StartTime <= {1}.StartTime", "{1}.StartTime > {0}.StartTime"]
ROWS = "RETURN {n} AS question, [{values}] AS row"


def draw_window(draw, first, last):
    sign = draw.choice(SIGNS)
    form = draw.randrange(3)
    if form == 0:
        text, bound = draw.choice(LONGS), draw.choice(DURATIONS)
    elif form == 1:
        text, bounds = draw.choice(NUMBERS)
        bound = draw.choice(bounds)
    else:
        return draw.choice(SUMS).format(first, last, sign=sign)
    text = text.format(first, last)
    return f"{text} {sign} {bound}" if draw.random() < 0.6 else f"{bound} {TURNED[sign]} {text}"


def wrapped(draw, condition):
    """Often as it is, sometimes where only what says exactly the same may stand."""
    return draw.choice([condition] * 4 + [f"NOT ({condition})", f"({condition}) IS NULL",
                                          f"({condition} OR a.IPAddr = '10.0.0.1')"])


def names_of(pattern):
    return ["a", *(name for name in ("x", "z", "y", "es") if re.search(rf"\[{name}\b", pattern))]


def in_two_ways(pattern, conditions, names, before=""):
    together = " AND ".join(conditions)
    return (f"{before}MATCH {pattern} WHERE {together} ",
            f"{before}MATCH {pattern} WITH {', '.join(names)}, ({together}) AS holds WHERE holds ")


def draw_windows(draw):
    pattern, first, last = draw.choice(FIXED + WALKS)
    conditions = [wrapped(draw, draw_window(draw, first, last)) for _ in range(draw.randint(1, 2))]
    order = draw.choice(ORDERS)
    if order is not None:
        conditions.append(order.format(first, last))
    if "es*" in pattern and draw.random() < 0.5:
        conditions.append(draw.choice(["strictlyAscending(es)", "ascending(es)"]))
    draw.shuffle(conditions)
    return *in_two_ways(pattern, conditions, names_of(pattern)), names_of(pattern)


def draw_identities(draw):
    pattern = draw.choice(["(a)-[x]->(b), (c)-[y]->(d)", "(a)-[x]->()<-[y]-()",
                           "(a)-[x]->(), ()<-[y]-(a)", "(a)-[x]->(b)-[z]-(c), ()-[y]->()"])
    vertices = ["a", "startNode(x)", "endNode(x)", "startNode(y)", "endNode(y)"]
    vertices += [name for name in "bcd" if f"({name})" in pattern]
    flows = ["x", "y"] + ["z"] * ("[z]" in pattern)
    conditions = []
    for _ in range(draw.randint(1, 3)):
        items = draw.sample(draw.choice([vertices, vertices, flows]), 2)
        form = draw.choice(["{}", "{}", "id({})", "elementId({})"])
        sign = draw.choice(["=", "=", "<>"])
        conditions.append(wrapped(draw, f" {sign} ".join(form.format(item) for item in items)))
    if draw.random() < 0.3:
        before, names = "OPTIONAL MATCH (a)-[x]->() WHERE endNode(x) <> a ", ["a", "y"]
        return *in_two_ways("(a)-[y]->(b)", ["startNode(x) = startNode(y)"], names, before), names
    names = names_of(pattern)
    return *in_two_ways(pattern, conditions, names), names


def draw_handed_on(draw):
    pattern, first, last = draw.choice(FIXED + WALKS[:2])
    names = names_of(pattern)
    conditions = [draw_window(draw, first, last), draw.choice(OTHERS).format(first, last), "true"]
    guard = f"{first}.TotBytes <> 5"
    if draw.random() < 0.3 and "es" not in names:
        conditions.append(f"12 % ({first}.TotBytes - 5) >= 0")
    draw.shuffle(conditions)
    behind = draw.choice(["", "WITH * ", "MATCH (a)-[w]->(b) "])
    own = f"MATCH {pattern} WHERE {guard} WITH {draw.choice([', '.join(names), '*'])} "
    own += f"WHERE {' AND '.join(conditions)} {behind}"
    kept = ", ".join(names + ["b"] * ("WITH *" in own and "(b)" in pattern))
    plain = f"MATCH {pattern} WITH {kept}, {guard} AS g WHERE g "
    plain += f"WITH *, ({' AND '.join(conditions)}) AS holds WHERE holds {behind}"
    return own, plain, names


def draw_lists(draw):
    pattern, names = draw.choice(LISTS)
    conditions = [draw.choice(OF_LISTS) for _ in range(draw.randint(1, 3))]
    conditions = [c for c in conditions if ("p" in names or not re.search(r"\bp\b", c))
                  and ("y" in names or "y]" not in c)]
    flows = "es" if "es" in names else "relationships(p)"
    conditions = [wrapped(draw, re.sub(r"\bes\b", flows, c)) for c in conditions] or ["true"]
    more = draw.choice(["", "", "MATCH (a)-[w]->(c) WHERE w.TotBytes < 4 AND size({}) < 9 ",
                        "WITH a, {} WHERE all(x IN {} WHERE x.TotBytes > 1) ", "WITH *, 1 AS one "])
    more = more.replace("{}", "es") if "es" in names else ""
    kept, together = ", ".join(["a", *names]), " AND ".join(conditions)
    own = f"MATCH {pattern} WHERE {together} {more}"
    plain = f"UNWIND [0] AS before MATCH {pattern} WITH {kept}, ({together}) AS holds WHERE holds "
    shown = ["a", *(name for name in names if name == "es" or more == "")]
    return own, plain + more, shown


def draw_constants(draw):
    """Named before the first MATCH, by a WITH or by lists of one item, which stay what they are."""
    pattern, first, last = draw.choice(FIXED + WALKS[:2])
    names = names_of(pattern)
    constants = {"w": draw.choice(DURATIONS), "p": draw.choice(["'tcp'", "'udp'", "null"]),
                 "ports": draw.choice(["[2]", "[2, 3]", "[]"]),
                 "n": draw.choice(["-1", "3", "2.5"])}
    conditions = [draw_window(draw, first, last), f"{first}.Proto = p", f"{last}.Dport IN ports",
                  f"{last}.StartTime <= {first}.StartTime + w", f"{first}.TotBytes > n",
                  f"any(i IN ports WHERE i = {first}.Dport)", "size(ports) > n",
                  f"EXISTS {{ (a)-[f]->() WHERE f.TotBytes > {first}.TotBytes + n }}"]
    conditions = draw.sample(conditions, draw.randint(1, 4))
    rest = draw.choice(["", "", "OPTIONAL "]) + f"MATCH {pattern} WHERE {' AND '.join(conditions)} "
    rest += draw.choice(["", "", f"MATCH (a)-[g]->() WHERE g.TotBytes < n WITH {', '.join(names)} ",
                         f"WITH {', '.join(names)}, n, w WHERE n > 0 AND w IS NOT NULL "])
    own = f"WITH {', '.join(f'{text} AS {name}' for name, text in constants.items())} "
    plain = "".join(f"UNWIND [{text}] AS {name} " for name, text in constants.items())
    return own + rest, plain + rest, names


KINDS = [draw_windows, draw_identities, draw_handed_on, draw_lists, draw_lists, draw_constants]


def values_of(names):
    parts = {"a": "a.IPAddr", "es": "[e IN es | e.TotBytes], size(es), last(es).Proto",
             "p": "[n IN nodes(p) | n.IPAddr], length(p)"}
    return ", ".join(parts.get(name, f"{name}.TotBytes") for name in names)


def draw_question(draw):
    """The same twice."""
    own, plain, names = draw.choice(KINDS)(draw)
    result = draw.choice([ROWS, ROWS, "WITH count(*) AS c RETURN {n} AS question, [c] AS row"])
    return own + result, plain + result, values_of(names)


def draw_flows(draw, path):
    count = draw.randint(6, 11)
    addresses = [f"10.0.0.{i}" for i in range(1, draw.randint(2, 4) + 1)]
    spread = draw.choice(["seconds", "fractions", "days"])
    with open(path, "w", encoding="utf-8") as file:
        print(HEADER, file=file)
        for row in range(count):
            second = draw.randrange(4)
            day = 1 + (draw.randrange(28) if spread == "days" else 0)
            month = 1 + (draw.randrange(4) if spread == "days" else 0)
            fraction = draw.choice([0, 1, 500000, 999999, 999000]) if spread != "seconds" else 0
            print(f"2011/{month:02}/{day:02} 10:00:{second:02}.{fraction:06},"
                  f"{draw.choice(['0.1', '2.5', ''])},{draw.choice(['tcp', 'tcp', 'udp'])},"
                  f"{draw.choice(addresses)},1,->,{draw.choice(addresses)},"
                  f"{draw.choice(['2', '', '3'])},CON,1,{row}", file=file)


def ask(program, query, path, options):
    result = subprocess.run([program, "query", "--quiet", "--format=jsonl", *options, query, path],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{query}\n{result.stderr}")
    rows = collections.defaultdict(collections.Counter)
    for line in result.stdout.splitlines():
        row = json.loads(line)
        rows[row["question"]][json.dumps(row["row"])] += 1
    return rows


# Behind a WITH, conditions on vertices and on groups; behind SKIP they stay where they are.
GROUPED = ["a, count(*) AS n", "a, b, sum(e.TotBytes) AS n", "b, a, collect(e.Dport) AS n",
           "a, max(e.Dur) AS n, e.Proto AS p", "a, b, e.TotBytes AS n", "DISTINCT a, e.Proto AS n",
           "a, b, 12 / (e.TotBytes - 2) AS n", "a, count(12 / (e.TotBytes - 3)) AS n",
           "a, b AS c, avg(e.TotBytes) AS n", "a AS c, b AS a, min(e.StartTime) AS n",
           "count(*) AS n, min(a.IPAddr) AS a", "a, toUpper(e.Proto) AS n",
           "a, count(DISTINCT b) AS n", "e.Dport AS a, sum(e.Dur) AS n, b",
           "a, sum(4611686018427387904) AS n, count(*) AS m"]
ASKED = ["", " WHERE e.Proto = 'tcp'", " WHERE 12 / (e.TotBytes - 4) < 7", " WHERE e.TotBytes > 2"]
OF_VERTICES = ["a.IPAddr STARTS WITH '10.0.0.1'", "a.IPAddr = '10.0.0.2'", "n IS NOT NULL",
               "NOT a.IPAddr IN ['10.0.0.1', '10.0.0.3']", "toString(n) <> '2'",
               "(a.IPAddr ENDS WITH '1' OR a.IPAddr CONTAINS '.3')",
               "a.IPAddr <> '::ffff:10.0.0.1'"]
OF_GROUPS = ["n > 2", "n <= 1", "NOT n = 2", "n <> 3.5", "n > 1 AND n < 5", "12 / (n - 2) > 1",
             "n * 2 > 5", "n IS NULL OR n > 2", "n > 'b'", "a = a", "n IN [1, 2, 3]"]


# What a row tells of a flow's column, and a way to ask it that hides the column.
TOLD = ["UNWIND [2, 3.0, null, 2, '3', 2.5, 7, true] AS k MATCH (a)-[e]->(b) WHERE {Dport} = k",
        "UNWIND ['tcp', null, 'icmp', 'udp', 1] AS k MATCH (a)-[e]-(b) WHERE k = {Proto}",
        "UNWIND range(0, 9) AS k MATCH (a)-[e]->(b) WHERE {TotBytes} = k AND 12 / (k - 9) <> 1",
        "MATCH (a)-[e]->(b) WITH b, e.Dport AS k OPTIONAL MATCH (b)-[e]->(c) WHERE {Dport} = k",
        "MATCH (a) OPTIONAL MATCH (a)<-[e]-(b) WHERE {Proto} = 'udp'",
        "MATCH (a)-[r*1..2]->(b) MATCH (b)-[e]->(a) WHERE {Dport} = 2"]


# What names of constants may meet, with what is wrong among it.
NAMED = ["(a)-[e]->(b) WHERE e.Dport = k RETURN e.TotBytes AS n, k ORDER BY n",
         "(a)-[e]->(b) WHERE e.Dport = k WITH a, count(*) AS n RETURN a, n, k",
         "(a)-[e]->(b) WHERE any(k IN [2] WHERE e.Dport = k) RETURN e.TotBytes AS n ORDER BY n",
         "(a)-[e]->(b) WHERE e.Dport IN [k IN [1, 2] | k + 1] RETURN e.TotBytes AS n ORDER BY n",
         "(a)-[e]->(b) WHERE e.Dport = k RETURN count(*) + k", "(a) RETURN count(*) AS n, k",
         "(a)-[e]->(b) WHERE e.Dport = k RETURN *, e.TotBytes AS n ORDER BY n",
         "(a)-[e {Dport: k}]->(b) WITH k AS j, e RETURN e.TotBytes AS n, j ORDER BY n",
         "(a) WHERE EXISTS { (a)-[e]->() WITH e WHERE e.Dport = k } RETURN a ORDER BY a.IPAddr",
         "(a) WHERE COUNT { (a)-[e]->() WHERE e.Dport = k } > 1 RETURN a.IPAddr AS n ORDER BY n",
         "(a)-[e]->(b) WHERE e.Dport = k UNWIND [k, 1] AS j RETURN count(*), j, max(k) ORDER BY j",
         "(a) RETURN count(*) AS n UNION ALL MATCH (a) RETURN k AS n"]


def rows_or_error(program, query, path, options):
    result = subprocess.run([program, "query", "--quiet", "--format=jsonl", *options, query, path],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=120, check=False)
    error = re.sub(r"[0-9]+", "", result.stderr.partition("\n")[0])
    return result.returncode, error, "" if error else result.stdout


def check_told(program, draw, path):
    for question in draw.sample(TOLD, 3):
        query = question + " RETURN *"
        direct = re.sub(r"\{(\w+)\}", r"e.\1", query)
        hidden = re.sub(r"\{(\w+)\}", r"CASE WHEN true THEN e.\1 END", query)
        for options in DIVISIONS:
            answers = [rows_or_error(program, text, path, options) for text in (direct, hidden)]
            if answers[0] != answers[1]:
                raise RuntimeError(f"{direct}\n{answers[0]}\n{answers[1]}")


def check_named(program, draw, path):
    for question in draw.sample(NAMED, 4):
        constant = draw.choice(["2", "3.0", "null", "-1"])
        for options in DIVISIONS:
            answers = [rows_or_error(program, f"{before} AS k MATCH {question}", path, options)
                       for before in (f"WITH {constant}", f"UNWIND [{constant}]")]
            if answers[0] != answers[1]:
                raise RuntimeError(f"{constant}: {question}\n{answers[0]}\n{answers[1]}")


def check_grouped(program, draw, path):
    conditions = draw.choice([OF_VERTICES, OF_GROUPS, OF_VERTICES + OF_GROUPS])
    condition = " AND ".join(draw.sample(conditions, draw.randint(1, 2)))
    question = (f"MATCH (a)-[e]->(b){draw.choice(ASKED)} WITH {draw.choice(GROUPED)}%s "
                f"WHERE {condition} RETURN *")
    ways = ("", " SKIP 0")
    if "/" not in question and draw.random() < 0.5:
        ways = (" SKIP 1 LIMIT 2", " SKIP 1 LIMIT 2 WITH *")
    for options in DIVISIONS:
        answers = [rows_or_error(program, question % way, path, options) for way in ways]
        if answers[0] != answers[1]:
            raise RuntimeError(f"{question % ways[0]}\n{answers[0]}\n{answers[1]}")


def check(program, seed, folder):
    draw = random.Random(seed)
    path = os.path.join(folder, f"{seed}.csv")
    draw_flows(draw, path)
    questions = [draw_question(draw) for _ in range(QUESTIONS)]
    branches = []
    for i, (own, plain, values) in enumerate(questions):
        branches.append(own.replace("{n}", str(2 * i)).replace("{values}", values))
        branches.append(plain.replace("{n}", str(2 * i + 1)).replace("{values}", values))
    query = "\nUNION ALL ".join(branches)
    found = 0
    for division in DIVISIONS:
        rows = ask(program, query, path, division)
        for i in range(len(questions)):
            if rows[2 * i] != rows[2 * i + 1]:
                raise RuntimeError(f"{' '.join(division)}: {branches[2 * i]}\nis: {rows[2 * i]}\n"
                                   f"{branches[2 * i + 1]}\nis: {rows[2 * i + 1]}")
        found = sum(part.total() for part in rows.values())
    check_told(program, draw, path)
    check_named(program, draw, path)
    for _ in range(GROUPED_QUESTIONS):
        check_grouped(program, draw, path)
    return found


def main():
    program = sys.argv[1]
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    count = int(sys.argv[3]) if len(sys.argv) > 3 else GRAPHS
    rows = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, first + count):
            try:
                rows += check(program, seed, folder)
            except RuntimeError as error:
                print(f"seed {seed}: {error}", file=sys.stderr)
                failed += 1
    print(f"{count} graphs, {count * QUESTIONS} questions, {rows} rows")
    return 1 if failed or rows == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
