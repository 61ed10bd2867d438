#!/usr/bin/env python3
"""On machines of all shapes the same flows give the same rows, and partitions go to nodes that can
hold them.

Usage: test_shapes.py GYRE
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

GYRE = sys.argv.pop(1)
HERE = os.path.dirname(os.path.abspath(__file__))
TOPOLOGIES = sorted(glob.glob(os.path.join(HERE, "*.xml"))) + [
    "synthetic:numa:1 core:1 pu:1",
    "synthetic:numa:4 core:2 pu:1",
    "synthetic:numa:8 core:1 pu:2",
    "synthetic:pack:2 [numa(memory=1GB)] [numa(memory=1GB)] core:2 pu:1",
]
QUERY = ("MATCH (a)-[e]->(b)-[f]->(c)-[g]->(a) WHERE e.StartTime < f.StartTime AND "
         "f.StartTime < g.StartTime AND g.StartTime <= e.StartTime + duration({seconds: 60}) "
         "RETURN a, b, c, e, f, g")


def gyre(*arguments):
    return subprocess.run([GYRE, *arguments], check=True, stdout=subprocess.PIPE).stdout


class Shapes(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.flows = os.path.join(self.folder.name, "flows.csv")
        gyre("generate", "--quiet", "--flows=20000", "--seed=5", "--cycles=20",
             f"--output={self.flows}")

    def tearDown(self):
        self.folder.cleanup()

    def rows(self, topology, *arguments):
        return gyre("query", "--quiet", "--format=csv", f"--topology={topology}", *arguments,
                    QUERY, self.flows)

    def test_rows_do_not_depend_on_the_machine(self):
        expected = gyre("query", "--quiet", "--format=csv", "--threads=1", "--partitions=1",
                        QUERY, self.flows)
        self.assertGreaterEqual(len(expected.splitlines()), 21)
        for topology in TOPOLOGIES:
            with self.subTest(topology=topology):
                self.assertEqual(self.rows(topology, "--threads=4"), expected)
                self.assertEqual(self.rows(topology, "--threads=2", "--partitions=5"), expected)

    def test_partitions_lie_on_nodes_with_memory_and_processors(self):
        for topology in TOPOLOGIES:
            with self.subTest(topology=topology):
                told = json.loads(gyre("topology", f"--topology={topology}", "--format=json"))
                nodes = told["nodes"]
                able = [i for i, node in enumerate(nodes)
                        if node["memory_bytes"] > 0 and node["units"] > 0]
                apart = [i for i, node in enumerate(nodes) if node["memory_bytes"] > 0]
                self.assertEqual([p["node"] for p in told["partitions"]], able or apart)

    def test_statistics_tell_what_each_node_holds(self):
        path = os.path.join(self.folder.name, "stats.json")
        for topology in TOPOLOGIES:
            with self.subTest(topology=topology):
                self.rows(topology, f"--stats={path}")
                with open(path, encoding="utf-8") as file:
                    placement = json.load(file)["placement"]
                self.assertFalse(placement["verified"])
                self.assertEqual(sum(node["flows"] for node in placement["nodes"]), 20000)
                self.assertEqual(sum(node["pages"] for node in placement["nodes"]), 0)


    def test_rows_do_not_depend_on_the_kind_of_pages(self):
        expected = self.rows("synthetic:numa:2 core:1 pu:1")
        for kind in ("auto", "thp", "explicit", "never"):
            done = subprocess.run([GYRE, "query", "--quiet", "--format=csv",
                                   f"--huge-pages={kind}", QUERY, self.flows], check=False,
                                  capture_output=True)
            with self.subTest(kind=kind):
                if done.returncode == 2 and kind in ("thp", "explicit"):
                    self.assertIn(b"huge pages: this system", done.stderr)
                else:
                    self.assertEqual(done.stdout, expected)


class Placement(unittest.TestCase):
    def test_every_page_is_where_it_is_meant_to_be(self):
        told = json.loads(gyre("topology", "--verify", "--partitions=3", "--format=json"))
        self.assertTrue(told["verified"])
        self.assertEqual(told["elsewhere"], 0)
        self.assertEqual(sum(node["partitions"] for node in told["nodes"]), 3)
        self.assertEqual(sum(node["flows"] for node in told["nodes"]), 300000)
        self.assertIn(b"every page is where it is meant to be",
                      gyre("topology", "--verify", "--threads=1"))

    def failure(self, *arguments, **environment):
        done = subprocess.run([GYRE, "topology", "--verify", *arguments], check=False,
                              stderr=subprocess.PIPE, env={**os.environ, **environment})
        return done.returncode, done.stderr.decode()

    def test_what_cannot_be_verified_is_an_error(self):
        code, text = self.failure("--topology=synthetic:numa:2 core:1 pu:1")
        self.assertEqual(code, 2)
        self.assertIn("nothing can be verified", text)
        code, text = self.failure(TMPDIR="/no/such/folder")
        self.assertEqual(code, 1)
        self.assertIn("cannot make a folder", text)


if __name__ == "__main__":
    unittest.main()
