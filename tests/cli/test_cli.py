#!/usr/bin/env python3
"""The program as its users meet it: exit codes, messages, formats, signals, files.

Usage: test_cli.py PROGRAM [unittest options]

Runs without a shell; every case has a folder of its own.
"""
import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = None
HEADER = ("StartTime,Dur,Proto,SrcAddr,Sport,Dir,DstAddr,Dport,State,sTos,dTos,TotPkts,TotBytes,"
          "SrcBytes,Label\n")
FLOWS = HEADER + """\
2011/08/16 10:00:00.000000,0.1,tcp,10.0.0.1,1024,   ->,10.0.0.2,80,S_,0,0,1,60,60,flow=a
2011/08/16 10:00:01.500000,9.5,icmp,10.0.0.2,0x0303,   ->,10.0.0.1,0x0050,URP,0,,1,141,141,"x,y"
2011/08/16 10:00:02.000000,0.000000,udp,10.0.0.3,,  <->,10.0.0.2,53,CON,,,2,120,60,flow=c
"""
SEED_QUERY = ("MATCH (a)-[e1]->(b)-[e2]->(a) WHERE e1.StartTime <= e2.StartTime AND "
              "e1.Dur < (e2.Dur / 10) AND e1.Proto = 'tcp' AND e2.Proto = 'icmp' "
              "RETURN a.IPAddr AS A, e1.StartTime AS started, e2.Dur AS dur, e2.dTos AS tos, "
              "e2.Label AS label")
ALL_FLOWS = ("MATCH (a)-[e]->(b) RETURN a.IPAddr AS source, b.IPAddr AS target, "
             "e.TotBytes AS bytes")
# Three flows out of 50,000, without a condition: too many to finish while anyone waits.
ENDLESS = "MATCH ()-[e1]->(), ()-[e2]->(), ()-[e3]->() WHERE e1.Dur < e2.Dur RETURN sum(e3.Dur)"
COMMANDS = ("query", "shell", "info", "topology", "generate")


def gyre(*arguments, stdin=None, env=None, cwd=None):
    """Runs the program; the result has bytes."""
    environment = dict(os.environ, **(env or {}))
    environment.setdefault("ASAN_OPTIONS", "")
    return subprocess.run([PROGRAM, *map(str, arguments)], input=stdin, env=environment, cwd=cwd,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False,
                          stdin=subprocess.DEVNULL if stdin is None else None)


class Case(unittest.TestCase):
    """A folder with a small file of flows."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.flows = self.write("flows.csv", FLOWS)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def generate(self, count, *options):
        result = gyre("generate", f"--flows={count}", "-q", f"--output={self.path('made.csv')}",
                      *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return self.path("made.csv")

    def check(self, result, code, *words):
        """The exit code, and words that stderr has to hold."""
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr.decode())
        self.assertNotIn("Sanitizer", result.stderr.decode())


class Usage(Case):
    def test_help_of_the_program_lists_the_commands(self):
        for arguments in (["--help"], ["-h"], ["help"], ["help", "help"]):
            result = gyre(*arguments)
            self.check(result, 0)
            for command in COMMANDS:
                self.assertIn(f"  {command} ", result.stdout.decode())

    def test_help_of_each_command_has_usage_options_and_an_example(self):
        for command in COMMANDS:
            result = gyre(command, "--help")
            self.check(result, 0)
            self.assertEqual(result.stdout, gyre("help", command).stdout)
            self.assertEqual(result.stdout, gyre(command, "x", "-h").stdout)
            text = result.stdout.decode()
            self.assertTrue(text.startswith(f"Usage: gyre {command} "))
            self.assertIn("\nExample:\n  gyre ", text)
            self.assertLessEqual(max(map(len, text.split("\n"))), 90)
            self.assertNotRegex(text, r"[ \t]\n")

    def test_help_of_what_loads_tells_the_formats(self):
        for arguments in (["--help"], ["query", "--help"], ["info", "--help"]):
            for name in ("Argus", "Zeek", "nfdump", "Suricata", "AWS", "CICFlowMeter", "edge list"):
                self.assertIn(name, gyre(*arguments).stdout.decode())

    def test_version_prints_one_line(self):
        result = gyre("--version")
        self.check(result, 0)
        self.assertRegex(result.stdout.decode(), r"^gyre \d+\.\d+\.\d+\n$")

    def test_wrong_usage_is_told_in_two_lines_at_most(self):
        cases = (
            ([], "a command is missing"),
            (["qurey"], "did you mean 'query'?"),
            (["frobnicate"], "unknown command 'frobnicate'"),
            (["help", "infos"], "did you mean 'info'?"),
            (["--formt"], "unknown option '--formt'"),
            (["query"], "a QUERY and a SOURCE are missing"),
            (["query", ALL_FLOWS], "a SOURCE is missing"),
            (["query", "--formt=csv", ALL_FLOWS, "f"], "did you mean --format?"),
            (["query", "--form=csv", ALL_FLOWS, "f"], "did you mean --format?"),
            (["query", "--format=xml", ALL_FLOWS, "f"], "table, csv, json, jsonl, not 'xml'"),
            (["query", "--format"], "--format needs a value"),
            (["query", "--explain=yes", ALL_FLOWS, "f"], "--explain takes no value"),
            (["query", "-z", ALL_FLOWS, "f"], "unknown option -z"),
            (["query", "--threads=two", ALL_FLOWS, "f"], "--threads wants a number"),
            (["query", "--threads=1000000", ALL_FLOWS, "f"], "not '1000000'"),
            (["query", "--memory-limit=much", ALL_FLOWS, "f"], "as 512M"),
            (["query", "--timeout=soon", ALL_FLOWS, "f"], "a duration"),
            (["query", "--reject-limit=some", ALL_FLOWS, "f"], "not 'some'"),
            (["query", "-", "-"], "standard input"),
            (["query", ALL_FLOWS, "-", "-"], "standard input"),
            (["info"], "a SOURCE is missing"),
            (["topology", "extra"], "'extra'"),
            (["generate"], "--flows=N is missing"),
            (["generate", "--flows=0"], "--flows=N is missing"),
            (["generate", "--flows=10", "--cycles=5"], "do not fit"),
            (["generate", "--flows=10", "--cycle-length=70"], "up to 64"),
        )
        for arguments, words in cases:
            with self.subTest(arguments=arguments):
                result = gyre(*arguments)
                self.check(result, 2, words)
                self.assertEqual(result.stdout, b"")
                self.assertLessEqual(result.stderr.count(b"\n"), 2)
                self.assertTrue(result.stderr.startswith(b"gyre: "))

    def test_options_may_stand_anywhere(self):
        orders = (
            ["--format=jsonl", "--quiet", ALL_FLOWS, self.flows],
            [ALL_FLOWS, "--format", "jsonl", self.flows, "-q"],
            [ALL_FLOWS, self.flows, "-qf", "jsonl"],
            ["-qfjsonl", "--", ALL_FLOWS, self.flows],
        )
        expected = gyre("query", *orders[0]).stdout
        self.assertEqual(expected.count(b"\n"), 3)
        for order in orders:
            result = gyre("query", *order)
            self.check(result, 0)
            self.assertEqual(result.stdout, expected)
            self.assertEqual(result.stderr, b"")

    def test_what_follows_two_dashes_is_no_option(self):
        self.check(gyre("info", "--", "--help"), 3, "--help")


class Queries(Case):
    def test_text_file_and_standard_input_are_the_same_query(self):
        path = self.write("query.txt", "\ufeff" + ALL_FLOWS + " // all of them\n")
        expected = gyre("query", "-q", ALL_FLOWS, self.flows)
        self.check(expected, 0)
        self.assertEqual(gyre("query", "-q", "@" + path, self.flows).stdout, expected.stdout)
        self.assertEqual(gyre("query", "-q", "-", self.flows, stdin=ALL_FLOWS.encode()).stdout,
                         expected.stdout)
        self.assertEqual(gyre("query", "-q", ALL_FLOWS, "-", stdin=FLOWS.encode()).stdout,
                         expected.stdout)

    def test_wrong_query_shows_its_line_and_a_caret(self):
        result = gyre("query", "MATCH (a)-[e]->(b)\n  WHERE e.Dur << 3 RETURN a", self.flows)
        self.check(result, 2, "gyre: query:2:")
        lines = result.stderr.decode().split("\n")
        self.assertIn("WHERE e.Dur << 3 RETURN a", lines[1])
        self.assertEqual(lines[2].strip(), "^")
        self.assertIn(lines[1][len(lines[2]) - 1], "<")
        self.assertEqual(result.stdout, b"")

    def test_wrong_query_is_told_before_anything_is_loaded(self):
        self.check(gyre("query", "MATCH (a RETURN a", self.path("absent")), 2, "query:1:")

    def test_error_in_a_query_file_names_the_file(self):
        path = self.write("bad.txt", "MATCH (a)-[e]->(b)\nRETURN e.Nothing\n")
        self.check(gyre("query", "@" + path, self.flows), 2, f"gyre: {path}:2:")

    def test_query_file_that_cannot_be_read_is_wrong_usage(self):
        self.check(gyre("query", "@" + self.path("absent"), self.flows), 2, "absent",
                   "No such file")
        self.check(gyre("query", "@" + self.folder.name, self.flows), 2, self.folder.name)
        self.check(gyre("query", "-", self.flows, stdin=b"RETURN\0 1"), 2, "NUL byte at offset 6")

    def test_missing_source_is_rejected_input(self):
        for source in (self.path("absent.csv"), self.folder.name, self.write("empty.csv", "")):
            result = gyre("query", ALL_FLOWS, source)
            self.check(result, 3, source)
            self.assertEqual(result.stdout, b"")
            self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)

    def test_explain_prints_the_plan_and_no_rows(self):
        for arguments in (["--explain", SEED_QUERY], ["EXPLAIN " + SEED_QUERY]):
            result = gyre("query", *arguments, self.flows)
            self.check(result, 0)
            self.assertIn("e1", result.stdout.decode())
            self.assertNotIn("10.0.0.1", result.stdout.decode())
        result = gyre("query", "--explain", "--format=json", SEED_QUERY, self.flows)
        self.check(result, 0)
        self.assertIsInstance(json.loads(result.stdout), dict)

    def test_profile_goes_to_stderr_after_the_rows(self):
        plain = gyre("query", "-q", SEED_QUERY, self.flows)
        for arguments in (["--profile", SEED_QUERY], ["PROFILE " + SEED_QUERY]):
            result = gyre("query", "-q", *arguments, self.flows)
            self.check(result, 0, "e1")
            self.assertEqual(result.stdout, plain.stdout)

    def test_summary_tells_rows_time_and_memory_unless_quiet(self):
        result = gyre("query", SEED_QUERY, self.flows)
        self.check(result, 0, "1 row; ", " of 3 flows visited; loaded in ", "matched in ",
                   "bytes a flow")
        self.check(gyre("query", "--quiet", SEED_QUERY, self.flows), 0)
        self.assertEqual(gyre("query", "--quiet", SEED_QUERY, self.flows).stderr, b"")

    def test_rejected_rows_are_told_by_reason(self):
        bad = self.write("bad.csv", FLOWS + "2011/02/30 10:00:00,1,tcp,10.0.0.1,1,   ->,10.0.0.2,"
                         "80,S_,0,0,1,60,60,x\nshort,row\nshort,too\n")
        result = gyre("query", "-q", "--reject-limit=none", f"--rejects={self.path('rejects')}",
                      ALL_FLOWS, bad)
        self.check(result, 0, "3 of 6 rows rejected", "  2 ", f"{bad}:5", f"{bad}:6", "2011/02/30")
        self.assertEqual(result.stdout.count(b"\n"), 4)
        self.assertEqual(self.read("rejects").splitlines()[-2:], ["short,row", "short,too"])
        self.check(gyre("query", "--reject-limit=3", ALL_FLOWS, bad), 0)
        self.check(gyre("query", "--reject-limit=50%", ALL_FLOWS, bad), 0)
        for limit in ("--reject-limit=2", "--reject-limit=49%", "-q"):
            self.check(gyre("query", limit, ALL_FLOWS, bad), 3, "rows rejected", f"{bad}:6")

    def test_statistics_have_the_promised_keys(self):
        result = gyre("query", "-q", f"--stats={self.path('stats')}", "--threads=2",
                      "--partitions=3", SEED_QUERY, self.flows)
        self.check(result, 0)
        found = json.loads(self.read("stats"))
        expected = {"flows": 3, "vertices": 3, "rows": 1, "threads": 2, "partitions": 3,
                    "rows_rejected": 0, "partial": False, "links": 3}
        self.assertEqual({key: found[key] for key in expected}, expected)
        for key in ("flows_visited", "load_seconds", "query_seconds", "graph_bytes",
                    "peak_rss_bytes", "flows_scanned", "tasks", "splits", "steals_local",
                    "steals_remote", "parse_seconds"):
            self.assertGreaterEqual(found[key], 0)
        self.assertEqual(sum(node["workers"] for node in found["work"]), 2)
        self.assertEqual(sum(node["flows_local"] + node["flows_remote"] for node in found["work"]),
                         found["flows_visited"] + found["flows_scanned"])
        self.assertEqual(sum(node["tasks"] for node in found["work"]), found["tasks"])
        self.assertTrue(0 <= found["bytes_local_percent"] <= 100)
        self.check(gyre("query", "--stats=/absent/stats", SEED_QUERY, self.flows), 1,
                   "/absent/stats")


class Formats(Case):
    def rows(self, format_name):
        result = gyre("query", "-q", f"--format={format_name}", SEED_QUERY, self.flows)
        self.check(result, 0)
        return result.stdout.decode()

    def test_csv_quotes_where_needed_and_leaves_nulls_empty(self):
        self.assertEqual(self.rows("csv"), "A,started,dur,tos,label\n"
                         '10.0.0.1,2011-08-16T10:00:00Z,9.5,,"x,y"\n')

    def test_csv_is_the_default_in_a_pipe(self):
        self.assertEqual(gyre("query", "-q", SEED_QUERY, self.flows).stdout.decode(),
                         self.rows("csv"))

    def test_jsonl_has_keys_in_the_order_of_columns(self):
        line = self.rows("jsonl")
        self.assertEqual(line.count("\n"), 1)
        self.assertEqual(list(json.loads(line).items()),
                         [("A", "10.0.0.1"), ("started", "2011-08-16T10:00:00Z"), ("dur", 9.5),
                          ("tos", None), ("label", "x,y")])

    def test_json_is_an_array_of_the_same(self):
        self.assertEqual(json.loads(self.rows("json")), [json.loads(self.rows("jsonl"))])
        none = gyre("query", "-q", "--format=json", ALL_FLOWS + " LIMIT 0", self.flows)
        self.assertEqual(json.loads(none.stdout), [])

    def test_table_is_a_box(self):
        lines = self.rows("table").split("\n")
        self.assertEqual(lines[0][0], "┌")
        self.assertIn("10.0.0.1", lines[3])
        self.assertEqual(len(set(map(len, lines[:-1]))), 1)

    def test_all_formats_have_all_rows(self):
        made = self.generate(5000)
        counts = {}
        for name in ("csv", "json", "jsonl", "table"):
            result = gyre("query", "-q", "-f", name, ALL_FLOWS, made)
            self.check(result, 0)
            counts[name] = result.stdout.count(b"147.32.80.2")
            if name == "csv":
                self.assertEqual(len(list(csv.reader(io.StringIO(result.stdout.decode())))), 5001)
            if name == "json":
                self.assertEqual(len(json.loads(result.stdout)), 5000)
        self.assertEqual(len(set(counts.values())), 1, counts)


class Files(Case):
    def test_no_source_is_replaced(self):
        os.symlink(self.flows, self.path("link.csv"))
        for option in ("--output", "--stats", "--rejects"):
            for name in (self.flows, self.path("link.csv"), self.path("./flows.csv")):
                for source in (self.flows, self.path("*.csv")):
                    self.check(gyre("query", f"{option}={name}", ALL_FLOWS, source), 2, option)
        self.check(gyre("info", f"--rejects={self.flows}", self.flows), 2, "--rejects names")
        self.assertEqual(self.read("flows.csv"), FLOWS)

    def test_no_file_is_written_twice(self):
        self.check(gyre("query", "-onew", "--stats=new", ALL_FLOWS, self.flows), 2, "same file")
        self.check(gyre("generate", "-n9", "-onew", "--cycles-output=new"), 2, "same file")
        self.check(gyre("query", "-o/dev/null", "--stats=/dev/null", ALL_FLOWS, self.flows), 0)

    def test_output_appears_whole_and_alone(self):
        result = gyre("query", "-q", f"--output={self.path('rows.jsonl')}", ALL_FLOWS, self.flows)
        self.check(result, 0)
        self.assertEqual(result.stdout, b"")
        self.assertEqual(len(list(map(json.loads, self.read("rows.jsonl").splitlines()))), 3)
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["flows.csv", "rows.jsonl"])

    def test_failed_query_leaves_the_old_output(self):
        self.write("rows.csv", "old")
        query = "MATCH ()-[e]->() RETURN e.TotPkts / (e.TotPkts - 2)"
        self.check(gyre("query", f"--output={self.path('rows.csv')}", query, self.flows), 2)
        self.assertEqual(self.read("rows.csv"), "old")
        self.assertEqual(sorted(os.listdir(self.folder.name)), ["flows.csv", "rows.csv"])

    def test_output_that_cannot_be_written_is_a_failure(self):
        for path in ("/absent/rows.csv", self.folder.name):
            self.check(gyre("query", f"--output={path}", ALL_FLOWS, self.flows), 1, path)
        with open("/dev/full", "wb") as full:
            for arguments in (["query", ALL_FLOWS, self.flows], ["info", self.flows], ["--help"]):
                result = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE,
                                        check=False)
                self.check(result, 1, "No space left")

    def test_reader_that_goes_away_is_no_error(self):
        made = self.generate(50000)
        for arguments in (["query", "-q", ALL_FLOWS, made], ["info", "-q", made],
                          ["generate", "-q", "--flows=50000"]):
            with subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as process:
                self.assertTrue(process.stdout.readline())
                process.stdout.close()
                self.assertEqual(process.stderr.read(), b"")
                self.assertEqual(process.wait(), 0)


class Endings(Case):
    def interrupt(self, *arguments, after=1.0, number=signal.SIGINT,
                  stdin=subprocess.DEVNULL):
        """Sends a signal to a running program."""
        with subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, stdin=stdin) as process:
            time.sleep(after)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
            return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def test_interrupt_ends_a_query_and_writes_no_file(self):
        made = self.generate(50000)
        before = sorted(os.listdir(self.folder.name))
        for number in (signal.SIGINT, signal.SIGTERM):
            result = self.interrupt("query", f"--output={self.path('rows.csv')}", ENDLESS, made,
                                    number=number, after=2.0)
            self.check(result, 130, "gyre: interrupted")
            self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)
            self.assertEqual(sorted(os.listdir(self.folder.name)), before)

    def test_interrupt_ends_the_wait_for_a_query(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            result = self.interrupt("query", "-", self.flows, number=number, stdin=subprocess.PIPE)
            self.check(result, 130, "gyre: interrupted while reading the query\n")

    def test_interrupt_ends_generate_and_leaves_no_file(self):
        before = sorted(os.listdir(self.folder.name))
        result = self.interrupt("generate", "--flows=4G", f"--output={self.path('many.csv')}",
                                after=0.5)
        self.check(result, 130, "interrupted")
        self.assertEqual(sorted(os.listdir(self.folder.name)), before)

    def test_time_limit_ends_a_query_with_a_partial_result(self):
        made = self.generate(50000)
        start = time.monotonic()
        result = gyre("query", "--timeout=2s", f"--stats={self.path('stats')}",
                      f"--output={self.path('rows.csv')}", ENDLESS, made)
        self.assertLess(time.monotonic() - start, 30)
        self.check(result, 4, "partial")
        self.assertTrue(os.path.exists(self.path("rows.csv")))
        self.assertTrue(json.loads(self.read("stats"))["partial"])

    def test_row_limit_ends_a_query_with_a_partial_result(self):
        result = gyre("query", "--row-limit=2", ALL_FLOWS, self.flows)
        self.check(result, 4, "partial")
        self.assertEqual(result.stdout.count(b"\n"), 3)

    def test_limit_in_the_query_is_no_failure(self):
        result = gyre("query", "-q", ALL_FLOWS + " LIMIT 2", self.flows)
        self.check(result, 0)
        self.assertEqual(result.stdout.count(b"\n"), 3)

    def test_memory_limit_is_named(self):
        made = self.generate(50000)
        for limit in ("1k", "1M", "4M"):
            result = gyre("query", f"--memory-limit={limit}", ALL_FLOWS, made)
            self.check(result, 4, "memory")
            self.assertRegex(result.stderr.decode(), r" was reached while [a-z]+ing\b")


class Describing(Case):
    def test_info_tells_columns_and_partitions(self):
        result = gyre("info", "--partitions=2", self.flows)
        self.check(result, 0)
        text = result.stdout.decode()
        for word in ("flows        3\n", "addresses    3\n", "links        3\n", "bytes a flow",
                     "StartTime", "2011-08-16T10:00:00Z", "partition"):
            self.assertIn(word, text)

    def test_info_as_json_is_exact(self):
        result = gyre("info", "--partitions=2", "--format=json", self.flows)
        self.check(result, 0)
        info = json.loads(result.stdout)
        self.assertEqual((info["flows"], info["addresses"], info["links"]), (3, 3, 3))
        self.assertEqual(sum(p["flows"] for p in info["partitions"]), 3)
        columns = {column["name"]: column for column in info["columns"]}
        self.assertEqual(list(columns), HEADER.strip().split(","))
        expected = {
            "StartTime": ("time", 0, 3, "2011-08-16T10:00:00Z", "2011-08-16T10:00:02Z"),
            "Dur": ("float", 0, 3, "0.0", "9.5"),
            "Proto": ("text", 0, 3, "icmp", "udp"),
            "SrcAddr": ("text", 0, 3, "10.0.0.1", "10.0.0.3"),
            "DstAddr": ("text", 0, 2, "10.0.0.1", "10.0.0.2"),
            "Sport": ("integer", 1, 2, "771", "1024"),
            "Dport": ("integer", 0, 2, "53", "80"),
            "dTos": ("integer", 2, 1, "0", "0"),
            "Label": ("text", 0, 3, "flow=a", "x,y"),
        }
        for name, values in expected.items():
            column = columns[name]
            self.assertEqual((column["type"], column["nulls"], column["distinct"],
                              column["least"], column["greatest"]), values, name)

    def test_topology_of_another_machine_is_told(self):
        description = "--topology=synthetic:numa:2 core:2 pu:1"
        result = gyre("topology", description, "--threads=4", "--partitions=3")
        self.check(result, 0)
        self.assertIn("2 nodes, 4 workers, 3 partitions", result.stdout.decode())
        self.assertIn("0, 2", result.stdout.decode())
        result = gyre("topology", description, "--threads=4", "--partitions=3", "-f", "json")
        told = json.loads(result.stdout)
        self.assertFalse(told["bound"])
        self.assertEqual([node["cores"] for node in told["nodes"]], [2, 2])
        self.assertEqual([node["workers"] for node in told["nodes"]], [2, 2])
        self.assertEqual([p["node"] for p in told["partitions"]], [0, 1, 0])

    def test_topology_of_this_machine_is_told(self):
        told = json.loads(gyre("topology", "--format=json").stdout)
        self.assertEqual(len(told["workers"]), sum(node["workers"] for node in told["nodes"]))
        self.check(gyre("topology", "--topology=" + self.path("absent.xml")), 2, "absent.xml")


class Generating(Case):
    def test_planted_cycles_are_found(self):
        made = self.generate(20000, "--seed=3", "--cycles=7", "--cycle-length=4",
                             f"--cycles-output={self.path('cycles.csv')}")
        query = ("MATCH (a)-[e]->(b)-[f]->(c)-[g]->(d)-[h]->(a) WHERE e.StartTime < f.StartTime "
                 "AND f.StartTime < g.StartTime AND g.StartTime < h.StartTime AND "
                 "h.StartTime <= e.StartTime + duration({seconds: 60}) AND "
                 "e.Label STARTS WITH 'flow=Planted' RETURN e.StartTime AS time, a.IPAddr AS a, "
                 "b.IPAddr AS b ORDER BY time")
        result = gyre("query", "-q", "--format=jsonl", query, made)
        self.check(result, 0)
        found = [json.loads(line) for line in result.stdout.splitlines()]
        with open(self.path("cycles.csv"), encoding="utf-8") as file:
            listed = [row for row in csv.DictReader(file) if row["step"] == "1"]
        self.assertEqual([(row["time"], row["a"], row["b"]) for row in found],
                         [(row["time"], row["source"], row["target"]) for row in listed])

    def test_summary_and_numbers_with_units(self):
        result = gyre("generate", "--flows=2k", "--cycles=1", "--span=1h",
                      f"--output={self.path('made.csv')}")
        self.check(result, 0, "2,000 flows with 1 planted cycle in ")
        self.assertEqual(self.read("made.csv").count("\n"), 2001)


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
