"""The questions that gyre and its peers are asked, in gyre's language, SQL and Kuzu's Cypher.

A question has forms: as a person writes it, with the windows closed transitively by hand (what gyre
derives by itself), and bucketed by hand, where a hash join is given minutes to join on. SQL differs
between systems in small things, which stand here in braces: {minute} is an interval of 60 seconds,
{bucket} the number of a flow's minute, {row} what tells two flows apart; {one} and {longer} the
list of a flow's target, and that of a walk with it behind; {is_new}, that it was not in there.
"""

AS_WRITTEN, CLOSED, BUCKETED = "as written", "windows closed by hand", "bucketed by hand"
FORMS = (AS_WRITTEN, CLOSED, BUCKETED)

SEED_GYRE = """
MATCH (a)-[e1]->(b)-[e2]->(a)
WHERE e1.StartTime <= e2.StartTime AND e1.Dur < (e2.Dur / 10)
  AND e1.Proto = 'tcp' AND e2.Proto = 'icmp'
RETURN count(*)"""

SEED_SQL = """
SELECT count(*) FROM flows e1 JOIN flows e2 ON e1.d = e2.s AND e1.s = e2.d
WHERE e1.StartTime <= e2.StartTime AND e1.Dur < e2.Dur / 10
  AND e1.Proto = 'tcp' AND e2.Proto = 'icmp'"""

SEED_CYPHER = """
MATCH (a:Host)-[e1:Flow]->(b:Host)-[e2:Flow]->(a)
WHERE e1.StartTime <= e2.StartTime AND e1.Dur < e2.Dur / 10
  AND e1.Proto = 'tcp' AND e2.Proto = 'icmp'
RETURN count(*)"""

TWO_GYRE = """
MATCH (a)-[e1]->(b)-[e2]->(a)
WHERE e1.StartTime <= e2.StartTime
  AND e2.StartTime <= e1.StartTime + duration({seconds: 60})
RETURN count(*)"""

TWO_SQL = """
SELECT count(*) FROM flows e1 JOIN flows e2 ON e1.d = e2.s AND e1.s = e2.d
WHERE e1.{row} <> e2.{row} AND e1.StartTime <= e2.StartTime
  AND e2.StartTime <= e1.StartTime + {minute}"""

TWO_CYPHER = """
MATCH (a:Host)-[e1:Flow]->(b:Host)-[e2:Flow]->(a)
WHERE id(e1) <> id(e2) AND e1.StartTime <= e2.StartTime
  AND e2.StartTime <= e1.StartTime + INTERVAL('60 seconds')
RETURN count(*)"""


def _vertices(length):
    return "abcdefgh"[:length]


def _gyre_cycle(length):
    names = _vertices(length)
    path = "".join(f"({v})-[e{i + 1}]->" for i, v in enumerate(names)) + "(a)"
    distinct = [f"{v} <> {w}" for i, v in enumerate(names) for w in names[i + 1:]]
    rising = [f"e{i}.StartTime < e{i + 1}.StartTime" for i in range(1, length)]
    window = [f"e{length}.StartTime <= e1.StartTime + duration({{seconds: 60}})"]
    return f"MATCH {path}\nWHERE {' AND '.join(distinct + rising + window)}\nRETURN count(*)"


def _windows(length, form, bound):
    """Each flow later than the one before, the last within a minute of the first."""
    rising = [f"e{i}.StartTime < e{i + 1}.StartTime" for i in range(1, length)]
    first = 2 if form != AS_WRITTEN else length
    return rising + [f"e{i}.StartTime <= e1.StartTime + {bound}" for i in range(first, length + 1)]


def _sql_cycle(length, form):
    """Buckets: a match belongs to the minute of its first flow, so the later flows are joined in
    their own minute and in the one before it."""
    is_bucketed = form == BUCKETED
    joins = []
    for i in range(2, length + 1):
        on = [f"e{i - 1}.d = e{i}.s"]
        on += [f"e{i}.d = e1.s"] if i == length else []
        on += [f"e{i}.m = e1.m"] if is_bucketed else []
        joins.append(f"JOIN {'later' if is_bucketed else 'flows'} e{i} ON {' AND '.join(on)}")
    distinct = [f"e{i}.s <> e{j}.s" for i in range(1, length + 1) for j in range(i + 1, length + 1)]
    head = ("WITH minutes AS (SELECT s, d, StartTime, {bucket} AS m FROM flows),"
            " later AS (SELECT s, d, StartTime, m FROM minutes UNION ALL"
            " SELECT s, d, StartTime, m - 1 AS m FROM minutes)\n") if is_bucketed else ""
    return (f"{head}SELECT count(*) FROM {'minutes' if is_bucketed else 'flows'} e1 "
            f"{' '.join(joins)}\n"
            f"WHERE {' AND '.join(distinct + _windows(length, form, '{minute}'))}")


def _cypher_cycle(length, form):
    names = _vertices(length)
    path = "".join(f"({v}:Host)-[e{i + 1}:Flow]->" for i, v in enumerate(names)) + "(a)"
    distinct = [f"id({v}) <> id({w})" for i, v in enumerate(names) for w in names[i + 1:]]
    windows = _windows(length, form, "INTERVAL('60 seconds')")
    return f"MATCH {path}\nWHERE {' AND '.join(distinct + windows)}\nRETURN count(*)"


def _cycle_forms(length, forms):
    return [(form, _sql_cycle(length, form),
             None if form == BUCKETED else _cypher_cycle(length, form)) for form in forms]


def _gyre_cycles(hops):
    return f"""
MATCH p = (a)-[r*{hops}]->(a)
WHERE strictlyAscending(r) AND span(r) <= duration({{seconds: 60}}) AND unique_vertices(p)
RETURN count(*)"""


def _sql_cycles(most):
    """Walks from every flow, by recursion, which is SQL's only way; they end where they began."""
    bound = "" if most is None else f" AND w.hops < {most}"
    return f"""
WITH RECURSIVE walks AS (
  SELECT s AS a, d AS here, StartTime AS begun, StartTime AS last, {{one}} AS seen, 1 AS hops
  FROM flows f WHERE s <> d
  UNION ALL
  SELECT w.a, f.d, w.begun, f.StartTime, {{longer}}, w.hops + 1
  FROM walks w JOIN flows f ON f.s = w.here
  WHERE w.here <> w.a AND f.StartTime > w.last
    AND f.StartTime <= w.begun + {{minute}} AND {{is_new}}{bound})
SELECT count(*) FROM walks WHERE here = a"""


# Conditions on a walk's flows in turn can be said of one that is whole, and of each flow by itself,
# so that all walks are made first: no length but the least is worth asking for.
CYCLES_CYPHER = """
MATCH (a:Host)-[r:Flow* TRAIL 2..3]->(b:Host)
WITH a, b, properties(rels(r), 'StartTime') AS times, properties(nodes(r), 'address') AS through
WHERE id(a) = id(b) AND times = list_sort(times) AND size(list_distinct(times)) = size(times)
  AND times[size(times)] <= times[1] + INTERVAL('60 seconds')
  AND size(list_distinct(through)) = size(through) AND NOT list_contains(through, a.address)
RETURN count(*)"""


def _groups(keys, aggregate, condition):
    """The groups of all flows that meet a condition on an aggregate `x`; as keys, a and b are the
    ends of a flow."""
    sql_keys = ", ".join({"a": "s", "b": "d"}.get(key, key) for key in keys)
    sql_aggregate = aggregate.replace("DISTINCT b", "DISTINCT d").replace("e.", "")
    items = ", ".join(key if key in "ab" else f"e.{key} AS {key}" for key in keys)
    ends = "MATCH (a{0})-[e{1}]->(b{0}) WITH {2}, {3} AS x WHERE x {4} RETURN count(*)"
    return (ends.format("", "", items, aggregate, condition),
            [(AS_WRITTEN, f"SELECT count(*) FROM (SELECT {sql_keys}, {sql_aggregate} AS x FROM"
              f" flows GROUP BY {sql_keys}) t WHERE x {condition}",
              ends.format(":Host", ":Flow", items, aggregate, condition))])


# (name, gyre's query, [(form, SQL, Cypher or None)])
QUESTIONS = [
    ("tcp answered by a longer icmp", SEED_GYRE, [(AS_WRITTEN, SEED_SQL, SEED_CYPHER)]),
    ("2-cycles within 60 s", TWO_GYRE, [(AS_WRITTEN, TWO_SQL, TWO_CYPHER)]),
    ("triangles within 60 s", _gyre_cycle(3), _cycle_forms(3, FORMS)),
    ("cycles of 4 within 60 s", _gyre_cycle(4), _cycle_forms(4, (CLOSED, BUCKETED))),
    ("cycles of 2 to 3 within 60 s", _gyre_cycles("2..3"),
     [(AS_WRITTEN, _sql_cycles(3), CYCLES_CYPHER)]),
    ("cycles of any length within 60 s", _gyre_cycles("2.."),
     [(AS_WRITTEN, _sql_cycles(None), None)]),
    ("pairs of hosts with over 1 MB", *_groups(["a", "b"], "sum(e.TotBytes)", "> 1000000")),
    ("hosts that turn to over 100 others", *_groups(["a"], "count(DISTINCT b)", "> 100")),
    ("ports that a host uses over 10 times", *_groups(["a", "Sport"], "count(*)", "> 10")),
]
