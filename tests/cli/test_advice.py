#!/usr/bin/env python3
"""What those who come from other tools write first, and what they are told.

Usage: test_advice.py PROGRAM [unittest options]
"""
import json
import os
import sys
import unittest

import test_cli


class Queries(test_cli.Case):
    def test_a_function_of_another_language_is_told_as_it_is_called_here(self):
        cases = (
            ("RETURN median(1)", "write percentileCont(x, 0.5)"),
            ("RETURN MEAN(1)", "write avg(x)"),
            ("RETURN sort([2, 1])", "write UNWIND xs AS x WITH x ORDER BY x"),
            ("RETURN corr(1, 2)", "write (avg(x * y) - avg(x) * avg(y)) / (stDevP(x) * stDevP(y))"),
            ("RETURN lag(1)", "xs[i - 1] beside xs[i]"),
            ("RETURN coutn(1)", "did you mean `count`?"),
            ("RETURN frobnicate(1)", "docs/LANGUAGE.md lists those that there are"),
        )
        for query, words in cases:
            self.check(test_cli.gyre("query", query, self.flows), 2, "there is no function", words)

    def test_what_is_advised_for_other_functions_gives_the_same(self):
        cases = (("UNWIND [[1, 2], [2, 4], [4, 7]] AS p WITH p[0] AS x, p[1] AS y RETURN round("
                  "(avg(x * y) - avg(x) * avg(y)) / (stDevP(x) * stDevP(y)), 6)", "0.997176"),
                 ("WITH datetime('2011-08-16T10:19:59Z') AS x RETURN "
                  "datetime.fromEpoch(x.epochSeconds / 600 * 600)", "2011-08-16T10:10:00Z"),
                 ("UNWIND [3, 1, 2] AS x WITH x ORDER BY x WITH collect(x) AS xs "
                  "UNWIND [1, 2] AS i RETURN collect([xs[i - 1], xs[i]])", '"[[1, 2], [2, 3]]"'),
                 ("UNWIND [[1, 5], [2, 9], [3, 7]] AS p WITH p[0] AS x, p[1] AS y "
                  "WITH x ORDER BY y DESC RETURN head(collect(x))", "2"))
        for query, value in cases:
            result = test_cli.gyre("query", "-q", query, self.flows)
            self.check(result, 0)
            self.assertEqual(result.stdout.decode().split("\n")[1], value)

    def test_names_with_points_are_told_to_stand_in_backquotes(self):
        flow = ('{"ts": 1, "id.orig_h": "a", "id.resp_h": "b", "id.orig_p": 5, "proto": "tcp", '
                '"vpn": {"id": 3}}\n')
        log = self.write("conn.log", flow)
        for query in ("MATCH ()-[e]->() WHERE e.{} > 4 RETURN e",
                      "MATCH ()-[e]->() WITH e WHERE size([1]) = 1 RETURN e.{}"):
            for name, words in (("id.orig_p", "stands in backquotes: `id."),
                                ("vpn.id", "stands in backquotes: `vpn.id`")):
                self.check(test_cli.gyre("query", query.format(name), log), 2, words)
                self.check(test_cli.gyre("query", query.format(f"`{name}`"), log), 0)
            result = test_cli.gyre("query", query.format("ide"), log)
            self.check(result, 2, "have no property `ide`")
            self.assertNotIn("backquotes", result.stderr.decode())

    def test_all_that_a_flow_has_is_told_as_a_map(self):
        self.check(test_cli.gyre("query", "MATCH ()-[e]->() RETURN e.*", self.flows), 2,
                   "properties(e) is all that e has")

    def test_order_by_knows_the_columns(self):
        query = "MATCH ()-[e]->(b) RETURN b, sum(e.TotBytes) AS total ORDER BY {}"
        for name, words in (("totale", "did you mean `total`?"), ("zz", "known: `b`, `total`")):
            self.check(test_cli.gyre("query", query.format(name), self.flows), 2, words)

    def test_a_query_that_is_the_name_of_no_file_is_told(self):
        for name in ("hunt.cypher", "queries/hunt"):
            self.check(test_cli.gyre("query", name, self.flows), 2, "is no query", "@FILE")
        self.check(test_cli.gyre("query", "MACH", self.flows), 2, "did you mean MATCH?")

    def test_lines_of_the_shell_are_told_to_be_for_it(self):
        path = self.write("night.cypher", "MATCH (a) RETURN a INTO x;\n:save rows.csv\n")
        self.check(test_cli.gyre("query", f"@{path}", self.flows), 2, "are for gyre shell")
        self.check(test_cli.gyre("query", "RETURN 1; RETURN 2", self.flows), 2,
                   "gyre shell shows those of each")

    def test_a_piece_of_a_text_is_told_to_be_a_function(self):
        for piece, words in (("[0..2]", "write substring(x, from, count), left(x, n)"),
                             ("[1]", "write substring(x, at, 1)")):
            for text in ("e.Label", "'text'"):
                result = test_cli.gyre("query", f"MATCH ()-[e]->() RETURN {text}{piece}",
                                       self.flows)
                self.check(result, 2, "not from a text: " + words)

    def test_times_of_two_kinds_are_told_how_they_are_compared(self):
        for one, words in (("time('12:00')", "write time(...) around the datetime"),
                           ("localtime('12:00')", "write localtime(...) around the datetime"),
                           ("localdatetime('2011-08-16T10:00')", "datetime(...) around the local"),
                           ("date('2011-08-16')", "write date(...) around the datetime")):
            for condition in (f"e.StartTime < {one}", f"{one} < e.StartTime"):
                query = f"MATCH ()-[e]->() WHERE {condition} RETURN e"
                self.check(test_cli.gyre("query", query, self.flows), 2, words)

    def test_skip_is_told_its_place(self):
        for query in ("RETURN 1 AS x LIMIT 2 SKIP 1",
                      "MATCH (a) RETURN a ORDER BY a LIMIT 1 SKIP 1"):
            self.check(test_cli.gyre("query", query, self.flows), 2, "SKIP stands before LIMIT")

    def test_quotes_are_to_go_where_a_number_is_in_them(self):
        for text, is_number in (("443", True), ("10s", False), ("ssh", False)):
            result = test_cli.gyre("query", f"MATCH ()-[e]->() WHERE e.Dport = '{text}' RETURN e",
                                   self.flows)
            self.check(result, 2, "is an integer and", "never equal")
            self.assertEqual("without quotes" in result.stderr.decode(), is_number)

    def test_what_no_address_is_equal_to_is_told(self):
        forms = ("MATCH (a)-[e]->(b) WHERE a.IPAddr = '{}' RETURN a",
                 "MATCH (a)-[e]->(b) WHERE '{}' <> e.DstAddr RETURN a",
                 "MATCH (a)-[e]->(b) WHERE b.IPAddr IN ['10.0.0.1', '{}'] RETURN a",
                 "MATCH (a {{IPAddr: '{}'}})-[e]->(b) RETURN a",
                 "MATCH (a)-[e]->(b) WITH a, e WHERE size([1]) = 1 AND a.IPAddr = '{}' RETURN a",
                 "MATCH (a)-[e]->(b) WITH a WHERE a.IPAddr IN ['{}'] RETURN a")
        for form in forms:
            for text, words in (("10.0.0.0/24", "is a network"), ("2001:db8::/32", "inCidr(x, "),
                                ("10.0.0.300", "is no address"), ("10.0.0.01", "is no address"),
                                ("fe80:::1", "is no address")):
                result = test_cli.gyre("query", form.format(text), self.flows)
                self.check(result, 2, f"'{text}' is", words)
            for text in ("10.9.9.9", "::ffff:10.0.0.1", "host", "dead.beef", "1.2.3.4.host", ""):
                self.check(test_cli.gyre("query", form.format(text), self.flows), 0)

    def test_networks_that_stand_for_addresses_are_equal_to_themselves(self):
        self.write("nets.csv", "StartTime,SrcAddr,DstAddr\n"
                   "2011/08/16 10:00:00,10.0.0.0/24,10.0.0.300\n")
        for condition in ("a.IPAddr = '10.0.0.0/24'", "b.IPAddr IN ['10.0.0.300', 'x']"):
            for clause in ("", "WITH a, b "):
                query = f"MATCH (a)-[e]->(b) {clause}WHERE {condition} RETURN count(*) AS n"
                result = test_cli.gyre("query", "-q", query, self.path("nets.csv"))
                self.check(result, 0)
                self.assertEqual(result.stdout, b"n\n1\n")

    def test_a_text_without_quotes_is_told_to_have_them(self):
        for condition in ("e.Proto = tcp", "e.Proto <> tcp", "e.Proto IN [tcp, udp]"):
            for clause in ("", "WITH e, size([1]) AS n "):
                query = f"MATCH ()-[e]->() {clause}WHERE {condition} RETURN e"
                self.check(test_cli.gyre("query", query, self.flows), 2,
                           "there is no variable `tcp`", "a text is written 'tcp'")
        self.check(test_cli.gyre("query", "MATCH ()-[e {Proto: tcp}]->() RETURN e", self.flows), 2,
                   "a text is written 'tcp'")
        for query in ("MATCH ()-[e]->() WHERE e.Dur = ff.Dur RETURN e", "RETURN count(ff)"):
            result = test_cli.gyre("query", query, self.flows)
            self.check(result, 2, "there is no variable `ff`")
            self.assertNotIn("a text is written", result.stderr.decode())

    def test_a_text_that_is_a_value_but_for_case_or_blanks_is_told_where_nothing_is_found(self):
        cases = (
            ("WHERE e.Proto = 'TCP' RETURN e", "no Proto is 'TCP', but there is 'tcp'"),
            ("WHERE 'tcp ' = e.Proto RETURN count(*)", "no Proto is 'tcp ', but there is 'tcp'"),
            ("WHERE e.Proto IN ['x', 'Udp'] RETURN e", "no Proto is 'Udp', but there is 'udp'"),
            ("WHERE e.Proto = $proto RETURN e", "no Proto is 'UDP', but there is 'udp'"),
            ("WHERE e.Proto STARTS WITH 'TC' RETURN e", "no Proto starts with 'TC', but there"),
            ("WHERE e.Label ENDS WITH '=A' RETURN e", "no Label ends with '=A', but there is"),
            ("WHERE e.Label CONTAINS 'LOW' RETURN e", "no Label contains 'LOW', but there is"),
            ("WHERE e.State = 'con' AND size([1]) = 1 RETURN collect(e)",
             "no State is 'con', but there is 'CON'"),
            ("MATCH ()-[{State: 's_'}]->() RETURN e", "no State is 's_', but there is 'S_'"),
            ("WHERE e.Dport = null RETURN count(*)", "nothing is equal to null, not even null; "
             "write x IS NULL"),
            ("WHERE toLower(e.Proto) <> NULL RETURN e",
             "nothing is unequal to null, not even null; write x IS NOT NULL"),
            ("WHERE e.Label =~ 'flow' RETURN count(*)",
             "=~ matches a whole text, and no Label is 'flow'; write =~ '.*flow.*'"),
            ("WHERE e.Label =~ '(?i)LOW' RETURN e", "=~ matches a whole text, and no "
             "Label is 'LOW'; write =~ '(?i).*LOW.*'"),
            ("MATCH ()-[es*2..3]->() WHERE all(x IN es WHERE x.Proto = 'TCP') RETURN es",
             "no Proto is 'TCP', but there is 'tcp'"),
        )
        for rest, words in cases:
            query = "MATCH ()-[e]->() " + rest
            result = test_cli.gyre("query", "--param=proto=UDP", query, self.flows)
            self.check(result, 0, "gyre: note: " + words)
            result = test_cli.gyre("query", "-q", "--param=proto=UDP", query, self.flows)
            self.assertEqual(result.stderr, b"")

    def test_a_text_that_is_no_reason_for_finding_nothing_is_not_told(self):
        for rest in ("WHERE e.Proto = 'TCP' OR e.Dur >= 0 RETURN e", "WHERE e.Proto = 'x' RETURN e",
                     "WHERE e.Proto <> 'TCP' RETURN count(*)",
                     "WHERE e.Proto = 'tcp' AND e.Dur < 0 RETURN e",
                     "WHERE e.Label CONTAINS 'low' AND e.Dur < 0 RETURN e",
                     "WHERE e.Label =~ 'flow=a' AND e.Dur < 0 RETURN e",
                     "WHERE e.Label =~ 'fl.w' RETURN e", "WHERE e.Label =~ 'x.?' RETURN e",
                     "WHERE e.Label =~ 'LOW' RETURN e", "WHERE e.Label =~ '(?i)' RETURN e"):
            result = test_cli.gyre("query", "MATCH ()-[e]->() " + rest, self.flows)
            self.check(result, 0)
            self.assertNotIn("note", result.stderr.decode())

    def test_a_value_from_the_wire_does_not_steer_the_terminal(self):
        self.write("wire.csv", "StartTime,SrcAddr,DstAddr,Note\n"
                   "2011/08/16 10:00:00,10.0.0.1,10.0.0.2,a\x1b[2J\n")
        result = test_cli.gyre("query", "MATCH ()-[e]->() WHERE e.Note STARTS WITH 'A' RETURN e",
                               self.path("wire.csv"))
        self.check(result, 0, "but there is 'a [2J'")

    def test_a_statistic_of_durations_is_told_to_take_a_number_of_them(self):
        for aggregate in ("stDev(e2.StartTime - e1.StartTime)",
                          "percentileCont(e2.StartTime - e1.StartTime, 0.5)"):
            query = f"MATCH ()-[e1]->()-[e2]->() RETURN {aggregate}"
            result = test_cli.gyre("query", query, self.flows)
            self.check(result, 2, "takes numbers, not a duration: put its .milliseconds")
            query = query.replace("(e2.StartTime - e1.StartTime",
                                  "((e2.StartTime - e1.StartTime).milliseconds")
            self.check(test_cli.gyre("query", query, self.flows), 0)


class Files(test_cli.Case):
    def test_a_file_in_the_place_of_the_query_is_told_where_it_belongs(self):
        hunt = self.write("hunt.cypher", test_cli.ALL_FLOWS)
        for arguments in ((hunt, self.flows), (self.flows, test_cli.ALL_FLOWS)):
            self.check(test_cli.gyre("query", *arguments), 2, f"@{arguments[0]} stands for the",
                       "SOURCEs come behind the QUERY")
        self.check(test_cli.gyre("query", "@" + hunt, self.flows), 0)

    def test_a_format_that_is_told_is_the_one_of_the_file(self):
        for name in ("zeek", "nfdump", "suricata", "aws", "cicflowmeter", "edges"):
            arguments = ["query", "-q", f"--format-in={name}", test_cli.ALL_FLOWS, self.flows]
            self.check(test_cli.gyre(*arguments), 3, f"{self.flows}:1: ", f"names that {name} has",
                       "give --format-in=argus")
            self.check(test_cli.gyre(*arguments, "--column=State=attribute"), 0)
        for name in ("argus", "csv"):
            self.check(test_cli.gyre("query", "-q", f"--format-in={name}", test_cli.ALL_FLOWS,
                                     self.flows), 0)

    def test_output_that_is_called_as_what_is_not_written_is_refused(self):
        for name in ("rows.csv.gz", "rows.parquet", "rows.tsv"):
            result = test_cli.gyre("query", "-o", self.path(name), test_cli.ALL_FLOWS, self.flows)
            self.check(result, 2, name, "--format says which")
            self.assertFalse(os.path.exists(self.path(name)))
            result = test_cli.gyre("query", "-q", "--format=csv", "-o", self.path(name),
                                   test_cli.ALL_FLOWS, self.flows)
            self.check(result, 0)
            self.assertTrue(self.read(name).startswith("source,target,bytes\n"))

    def test_output_called_ndjson_has_an_object_a_line(self):
        test_cli.gyre("query", "-o", self.path("rows.ndjson"), test_cli.ALL_FLOWS, self.flows)
        rows = [json.loads(line) for line in self.read("rows.ndjson").splitlines()]
        self.assertEqual([row["bytes"] for row in rows], [60, 141, 120])

    def test_statistics_go_to_standard_output_where_rows_do_not(self):
        arguments = ["query", "-q", "--stats=-", test_cli.ALL_FLOWS, self.flows]
        self.check(test_cli.gyre(*arguments), 2, "give --output")
        result = test_cli.gyre(*arguments, "-o", self.path("rows.csv"), cwd=self.folder.name)
        self.check(result, 0)
        self.assertEqual(json.loads(result.stdout)["rows"], 3)
        self.assertFalse(os.path.exists(self.path("-")))

    def test_plan_goes_where_the_rows_would(self):
        for arguments in (["--explain", test_cli.SEED_QUERY], ["EXPLAIN " + test_cli.SEED_QUERY]):
            plan = test_cli.gyre("query", *arguments, self.flows).stdout.decode()
            result = test_cli.gyre("query", "-o", self.path("plan.txt"), *arguments, self.flows)
            self.check(result, 0)
            self.assertEqual((result.stdout, self.read("plan.txt")), (b"", plan))
            test_cli.gyre("query", "-o", self.path("plan.json"), *arguments, self.flows)
            self.assertIsInstance(json.loads(self.read("plan.json")), dict)
            result = test_cli.gyre("query", "-o", "/absent/plan", *arguments, self.flows)
            self.check(result, 1, "/absent/plan: cannot write")

    def test_a_plan_in_json_is_one_line_whichever_way_it_is_asked_for(self):
        for form in ("json", "jsonl"):
            texts = {test_cli.gyre("query", f"--format={form}", *arguments, self.flows).stdout
                     for arguments in (["--explain", test_cli.SEED_QUERY],
                                       ["EXPLAIN " + test_cli.SEED_QUERY])}
            self.assertEqual(len(texts), 1, texts)
            self.assertRegex(texts.pop().decode(), r"^\{.*\}\n$")

    def test_a_directory_that_cannot_be_spilled_to_is_told_before_the_query_runs(self):
        for place, words in ((self.path("absent"), "No such file"), (self.flows, "no directory")):
            result = test_cli.gyre("query", f"--spill-directory={place}", test_cli.ALL_FLOWS,
                                   self.flows)
            self.check(result, 1, f"cannot write to {place}", words)
            self.assertEqual(result.stdout, b"")


if __name__ == "__main__":
    test_cli.PROGRAM = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
