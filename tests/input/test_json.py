"""JSON lines: Suricata's eve.json and Zeek's conn.log have the vocabulary's properties; what is no
flow is passed over, what is no JSON is rejected with its place, and nothing is lost between.

Usage: test_json.py PROGRAM
"""
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
ANY = "--reject-limit=none"
FIELDS = ("StartTime", "LastTime", "Dur", "Proto", "SrcAddr", "Sport", "DstAddr", "Dport", "State",
          "SrcPkts", "DstPkts", "TotPkts", "SrcBytes", "DstBytes", "TotBytes")


def eve(**changes):
    """One event of type flow."""
    event = {
        "timestamp": "2021-06-06T15:57:37.272281+0200", "flow_id": 2232403389523415,
        "event_type": "flow", "src_ip": "10.0.0.1", "src_port": 48938, "dest_ip": "10.0.0.2",
        "dest_port": 445, "proto": "TCP", "app_proto": "smb",
        "flow": {"pkts_toserver": 2, "pkts_toclient": 3, "bytes_toserver": 120,
                 "bytes_toclient": 180, "start": "2021-06-06T17:34:31.140759+0200",
                 "end": "2021-06-06T17:34:32.390759+0200", "age": 1, "state": "closed",
                 "reason": "timeout", "alerted": False},
        "tcp": {"tcp_flags": "1b", "tcp_flags_ts": "02", "syn": True},
    }
    event.update(changes)
    return event


EVE_FIELDS = {
    "StartTime": "2021-06-06T15:34:31.140759Z", "LastTime": "2021-06-06T15:34:32.390759Z",
    "Dur": "1.25", "Proto": "tcp", "SrcAddr": "10.0.0.1", "Sport": "48938",
    "DstAddr": "10.0.0.2", "Dport": "445", "State": "closed", "SrcPkts": "2", "DstPkts": "3",
    "TotPkts": "5", "SrcBytes": "120", "DstBytes": "180", "TotBytes": "300",
}

ALERT = eve(event_type="alert", alert={"signature": "x", "severity": 2})
DNS = eve(event_type="dns", dns={"rrname": "a.example"})

ZEEK = {"ts": 1626284625.656299, "uid": "C3WyfA", "id.orig_h": "192.168.1.128",
        "id.orig_p": 59241, "id.resp_h": "172.217.23.206", "id.resp_p": 443, "proto": "tcp",
        "service": "ssl", "duration": 0.25, "orig_bytes": 1715, "resp_bytes": 8820,
        "conn_state": "SF", "orig_pkts": 15, "orig_ip_bytes": 2519, "resp_pkts": 14,
        "resp_ip_bytes": 9556, "tunnel_parents": ["a", "b"]}

ZEEK_FIELDS = {
    "StartTime": "2021-07-14T17:43:45.656299Z", "Dur": "0.25", "Proto": "tcp",
    "SrcAddr": "192.168.1.128", "Sport": "59241", "DstAddr": "172.217.23.206", "Dport": "443",
    "State": "SF", "SrcPkts": "15", "DstPkts": "14", "TotPkts": "29", "SrcBytes": "2519",
    "DstBytes": "9556", "TotBytes": "12075",
}

# Lines that are rejected, and the byte (from 1) at which each ceases to be an object.
BAD = [
    (b'{"event_type":"flow"', 21),
    (b'{"event_type":"flow",}', 22),
    (b'{"event_type":flow}', 15),
    (b'[{"event_type":"flow"}]', 1),
    (b'{"event_type":"fl\tow"}', 18),
    (b'{"event_type":"flow"} {}', 23),
    (b'{"a":' + b"[" * 64 + b"]" * 64 + b"}", 69),
    (b"null", 1),
]


def lines(*objects):
    return b"".join(json.dumps(item, separators=(",", ":")).encode() + b"\n" for item in objects)


def find(tree, key):
    """The value of a key, wherever in the tree it stands."""
    if key in tree:
        return tree[key]
    values = [find(item, key) for item in tree.values() if isinstance(item, dict)]
    return next((value for value in values if value is not None), None)


class Json(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def query(self, source, fields, *options):
        """Exit status, rows as dictionaries, standard error."""
        text = "MATCH (a)-[e]->(b) RETURN " + ", ".join("e.`%s` AS `%s`" % (name, name)
                                                        for name in fields)
        statistics = os.path.join(self.folder.name, "statistics")
        done = subprocess.run([PROGRAM, "query", "--format=csv", "--stats=" + statistics, *options,
                               text, source], capture_output=True, check=False, text=True)
        if done.returncode == 0:
            with open(statistics, encoding="utf-8") as file:
                self.found = json.load(file)
            self.assertEqual(self.rows("read"),
                             self.rows("loaded") + self.rows("passed_over") + self.rows("rejected"))
        return done.returncode, list(csv.DictReader(io.StringIO(done.stdout))), done.stderr

    def rows(self, kind):
        """Of the last query's load."""
        return find(self.found, "rows_" + kind)

    def test_suricatas_flows_have_the_vocabularys_properties(self):
        for name, data in [("plain", lines(eve())),
                           ("blanks", json.dumps(eve(), indent=1).replace("\n", " ").encode()),
                           ("crlf", lines(eve()).replace(b"\n", b"\r\n")),
                           ("reversed", lines(dict(reversed(eve().items())))),
                           ("utc", lines(eve()).replace(b"T17", b"T15").replace(b"+0200", b"Z"))]:
            with self.subTest(name):
                status, rows, said = self.query(self.write(name, data), FIELDS)
                self.assertEqual((status, rows), (0, [EVE_FIELDS]), said)

    def test_the_sources_own_names_stand_beside(self):
        names = ("src_ip", "flow.bytes_toserver", "flow.age", "app_proto", "tcp.tcp_flags_ts",
                 "tcp.syn", "flow.alerted")
        status, rows, said = self.query(self.write("own", lines(eve())), names)
        self.assertEqual(status, 0, said)
        self.assertEqual(list(rows[0].values()),
                         ["10.0.0.1", "120", "1", "smb", "02", "true", "false"])

    def test_other_events_are_passed_over_and_bring_no_columns(self):
        source = self.write("events", lines(ALERT, eve(), DNS, DNS, eve(src_ip="10.0.0.9")))
        status, rows, said = self.query(source, ("SrcAddr",))
        self.assertEqual((status, [row["SrcAddr"] for row in rows]), (0, ["10.0.0.1", "10.0.0.9"]),
                         said)
        kinds = ("read", "loaded", "passed_over", "rejected")
        self.assertEqual([self.rows(kind) for kind in kinds], [5, 2, 3, 0])
        status, _, said = self.query(source, ("dns.rrname",))
        self.assertEqual(status, 2, said)

    def test_events_without_a_flow_are_no_graph(self):
        status, _, said = self.query(self.write("alerts", lines(ALERT, DNS)), ("SrcAddr",))
        self.assertEqual(status, 3, said)
        self.assertIn("no flows", said)

    def test_zeeks_logs_have_the_vocabularys_properties(self):
        nested = {key: value for key, value in ZEEK.items() if not key.startswith("id.")}
        nested["id"] = {key[3:]: value for key, value in ZEEK.items() if key.startswith("id.")}
        iso = dict(ZEEK, ts="2021-07-14T17:43:45.656299Z")
        for name, data in [("flat", lines(ZEEK)), ("nested", lines(nested)), ("iso", lines(iso))]:
            with self.subTest(name):
                status, rows, said = self.query(self.write(name, data), ZEEK_FIELDS)
                self.assertEqual((status, rows), (0, [ZEEK_FIELDS]), said)

    def test_other_objects_load_by_column_options(self):
        data = lines({"t": 5, "who": {"from": "a", "to": "b"}, "n": 7})
        status, rows, said = self.query(
            self.write("other", data), ("SrcAddr", "DstAddr", "StartTime", "n"),
            "--column=t=time:time:s", "--column=who.from=source", "--column=who.to=target")
        self.assertEqual((status, [list(row.values()) for row in rows]),
                         (0, [["a", "b", "1970-01-01T00:00:05Z", "7"]]), said)

    def test_keys_that_come_late_are_columns_and_numbers_may_become_text(self):
        data = lines(eve(), eve(late=1), eve(late="x"), eve(flow=dict(eve()["flow"], more=2.5)))
        status, rows, said = self.query(self.write("late", data), ("late", "flow.more"))
        self.assertEqual((status, [list(row.values()) for row in rows]),
                         (0, [["", ""], ["1", ""], ["x", ""], ["", "2.5"]]), said)

    def test_keys_that_no_sampled_line_has_are_columns(self):
        """More lines than are looked at for keys; what is in few of them is found by parsing."""
        common = lines(eve(pad="x" * 900)) + lines(DNS)
        first = lines(eve(rare=1, deep={"er": "x"}))
        later = lines(eve(rare="02", tail=3)) + lines(eve(event_type="dns", other=1))
        bad = lines(eve(src_ip=None, worse=1))
        # Sampled are the first 2 MiB, and the first 128 KiB of each 64th of the rest.
        count = (24 << 20) // len(common)
        before = ((2 << 20) + (22 << 20) // 64 * 32 + (240 << 10)) // len(common)
        source = self.write("large", common * before + first + later + bad
                            + common * (count - before))
        found = {}
        for threads in "1", "3":
            status, rows, said = self.query(source, ("rare", "deep.er", "tail"), ANY,
                                            "--threads=" + threads)
            self.assertEqual(status, 0, said)
            found[threads] = [tuple(row.values()) for row in rows if any(row.values())]
        self.assertEqual(found["1"], [("1", "x", ""), ("02", "", "3")])
        self.assertEqual(found["3"], found["1"])
        for key in "worse", "other":
            status, _, said = self.query(source, (key,), ANY)
            self.assertEqual(status, 2, said)
        status, rows, said = self.query(source, ("tail",), ANY, "--column=tail=attribute:text")
        self.assertEqual((status, [row["tail"] for row in rows if row["tail"]]), (0, ["3"]), said)
        status, _, said = self.query(source, ("tail",), ANY, "--column=tali=attribute")
        self.assertEqual(status, 3, said)
        self.assertIn("has no column 'tali'", said)

    def test_keys_that_can_be_no_columns_are_noted(self):
        for name, odd in (("empty", {"": 1}), ("long", {"k" * 121: 1})):
            status, rows, said = self.query(self.write(name, lines(eve(), eve(**odd))), ("Dport",))
            self.assertEqual((status, len(rows)), (0, 2), said)
            self.assertIn("they are not loaded", said)
        many = {"k%d" % number: number for number in range(1100)}
        status, rows, said = self.query(self.write("many", lines(eve(**many))), ("k900",))
        self.assertEqual((status, [row["k900"] for row in rows]), (0, ["900"]), said)
        self.assertRegex(said, r"more than \d+ keys")

    def test_json_that_is_no_object_a_line_is_refused_with_what_makes_it_so(self):
        events = [eve(), ALERT]
        for text in (json.dumps(events), json.dumps(events, indent=1), json.dumps(eve(), indent=1),
                     " [ " + json.dumps(eve()) + ",\n" + json.dumps(eve()) + "]"):
            status, _, said = self.query(self.write("whole.json", text.encode()), ("SrcAddr",))
            self.assertEqual(status, 3, said)
            self.assertIn("whole.json:1: JSON has to have an object on each line: jq -c", said)

    def test_what_is_no_json_is_rejected_with_its_place(self):
        for number, (bad, column) in enumerate(BAD):
            with self.subTest(bad):
                name = "bad%d.json" % number
                source = self.write(name, lines(eve(), ALERT) + bad + b"\n" + lines(eve()))
                rejects = self.write("rejects", b"")
                status, rows, said = self.query(source, ("SrcAddr",), ANY, "--rejects=" + rejects)
                self.assertEqual((status, len(rows)), (0, 2), said)
                self.assertEqual((self.rows("passed_over"), self.rows("rejected")), (1, 1))
                self.assertRegex(said, re.escape("%s:3:%d" % (name, column)) + r"\b")
                self.assertIn("object of JSON", said)
                with open(rejects, "rb") as file:
                    self.assertEqual(file.read(), bad + b"\n")

    def test_flows_without_what_they_need_are_rejected(self):
        no_start = eve(flow={"end": "2021-06-06T17:34:32.390759+0200", "age": 1})
        for name, bad, pattern in [
                ("no_start", no_start, "start time is empty"),
                ("no_source", eve(src_ip=None), "address is empty"),
                ("bad_time", eve(flow=dict(eve()["flow"], start="soon")), "no time"),
                ("bad_number", eve(flow=dict(eve()["flow"], pkts_toserver="many")), "number")]:
            with self.subTest(name):
                source = self.write(name, lines(eve(), bad))
                status, rows, said = self.query(source, ("SrcAddr",), ANY)
                self.assertEqual((status, len(rows)), (0, 1), said)
                self.assertRegex(said, pattern)
                self.assertIn(name + ":2", said)


if __name__ == "__main__":
    unittest.main()
