#!/usr/bin/env python3
"""What the workers of each node did and read is told, as text and as JSON, whatever searches.

Usage: test_work.py GYRE
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

GYRE = sys.argv.pop(1)
TRIANGLES = ("MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND "
             "f.StartTime < g.StartTime RETURN count(*)")
CYCLES = ("MATCH (a)-[es*2..3]->(a) WHERE ascending(es) AND span(es) <= duration({minutes: 10}) "
          "RETURN count(*)")
QUERIES = [TRIANGLES, f"{TRIANGLES} UNION ALL {TRIANGLES}", CYCLES,
           CYCLES.replace("WHERE", "WHERE all(e IN es WHERE e.TotBytes > 60) AND")]
TOPOLOGIES = ["synthetic:numa:1 core:2 pu:1", "synthetic:numa:2 core:2 pu:1"]
WORK = re.compile(r"^node (\d+): (\d+) workers?, ([\d,]+) tasks, ([\d,]+) splits, ([\d,]+) steals "
                  r"\(([\d,]+) from other nodes\), idle [\d.]+ m?s; read here ([\d,]+) flows, "
                  r"[\d.]+ \w+, on other nodes ([\d,]+) flows, [\d.]+ \w+ \([\d.]+% local\)$",
                  re.MULTILINE)
PLACE = re.compile(r"^node (\d+): (\d+) partitions?, ([\d,]+) flows, [\d.]+ \w+"
                   r"(; [\d,]+ pages, [\d,]+ looked at, [\d,]+ elsewhere; [\d,]+ found here)?$",
                   re.MULTILINE)


def gyre(*arguments):
    return subprocess.run([GYRE, *arguments], check=True, capture_output=True)


def number(text):
    return int(text.replace(",", ""))


class Work(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.flows = os.path.join(cls.folder.name, "flows.csv")
        gyre("generate", "--quiet", "--flows=5000", "--seed=5", "--cycles=20",
             f"--output={cls.flows}")

    def run_query(self, query, topology):
        """What --profile and --stats tell of one run."""
        path = os.path.join(self.folder.name, "stats.json")
        told = gyre("query", "--profile", f"--stats={path}", f"--topology={topology}", query,
                    self.flows).stderr.decode()
        with open(path, encoding="utf-8") as file:
            return told, json.load(file)

    def test_what_nodes_did_is_what_was_done(self):
        for query in QUERIES:
            for topology in TOPOLOGIES:
                with self.subTest(query=query, topology=topology):
                    _, found = self.run_query(query, topology)
                    work = found["work"]
                    self.assertEqual(len(work), found["nodes"])
                    self.assertGreater(found["tasks"], 0)
                    for key in ("tasks", "splits", "steals_local", "steals_remote"):
                        self.assertEqual(sum(node[key] for node in work), found[key], key)
                    self.assertEqual([node["workers"] for node in work], [2] * len(work))
                    for kind in ("flows", "bytes"):
                        self.assertGreater(sum(node[f"{kind}_local"] for node in work), 0)
                        if len(work) == 1:
                            self.assertEqual(work[0][f"{kind}_remote"], 0)

    def test_a_profile_tells_the_same_as_text(self):
        for query in QUERIES:
            for topology in TOPOLOGIES:
                with self.subTest(query=query, topology=topology):
                    told, found = self.run_query(query, topology)
                    work = [tuple(map(number, row)) for row in WORK.findall(told)]
                    self.assertEqual(work, [
                        (index, node["workers"], node["tasks"], node["splits"],
                         node["steals_local"] + node["steals_remote"], node["steals_remote"],
                         node["flows_local"], node["flows_remote"])
                        for index, node in enumerate(found["work"])])
                    places = [tuple(map(number, row[:3])) for row in PLACE.findall(told)]
                    self.assertEqual(places, [
                        (index, node["partitions"], node["flows"])
                        for index, node in enumerate(found["placement"]["nodes"])])

    def test_a_profile_tells_where_pages_are(self):
        told = gyre("query", "--profile", CYCLES, self.flows).stderr.decode()
        self.assertTrue(all(row[3] for row in PLACE.findall(told)), told)
        self.assertRegex(told, r"(?m)^all nodes: [\d.]+ \w+; [\d,]+ pages, [\d,]+ looked at, "
                               r"0 elsewhere$")


if __name__ == "__main__":
    unittest.main()
