#!/usr/bin/env python3
"""What cmake --install puts into place, as someone who builds on it meets it.

Usage: test_install.py CMAKE BUILD_FOLDER COMPILER [unittest options]
"""
import os
import subprocess
import sys
import tempfile
import unittest

CMAKE = BUILD = COMPILER = None
CONSUMER = """\
#include <gyre.h>
#include <stdio.h>

int main(int count, char **arguments)
{
    (void)count;
    struct gyre_engine *engine = NULL;
    struct gyre_graph *graph = NULL;
    struct gyre_result *result = NULL;
    struct gyre_error error = {0};
    const char *paths[] = {arguments[1]};
    if (gyre_engine_open(&engine, NULL, &error) == GYRE_OK &&
        gyre_load(&graph, engine, paths, 1, NULL, NULL, &error) == GYRE_OK &&
        gyre_query(&result, graph, "MATCH ()-[e]->() RETURN count(*) AS n", NULL, &error) ==
            GYRE_OK) {
        gyre_result_write(result, GYRE_FORMAT_CSV, "-", &error);
    }
    gyre_result_close(result);
    gyre_graph_close(graph);
    gyre_engine_close(engine);
    fputs(error.text, stderr);
    return error.status;
}
"""
FLOWS = "StartTime,SrcAddr,DstAddr\n2011/08/16 10:00:00,10.0.0.1,10.0.0.2\n"


def run(*command, **environment):
    return subprocess.run(command, env=dict(os.environ, **environment), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False, text=True)


class Installing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.prefix = os.path.join(cls.folder.name, "prefix")
        result = run(CMAKE, "--install", BUILD, "--prefix", cls.prefix)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        cls.files = {name: os.path.join(folder, name)
                     for folder, _, names in os.walk(cls.prefix) for name in names}
        cls.flows = cls.write("flows.csv", FLOWS)

    @classmethod
    def write(cls, name, text):
        path = os.path.join(cls.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def flags(self, *options):
        result = run("pkg-config", *options, "gyre",
                     PKG_CONFIG_PATH=os.path.dirname(self.files["gyre.pc"]))
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.split()

    def check_consumer(self, *flags):
        source = self.write("consumer.c", CONSUMER)
        program = os.path.join(self.folder.name, "consumer")
        result = run(COMPILER, "-std=c17", "-Wall", "-Wextra", "-Werror", source, "-o", program,
                     *flags)
        self.assertEqual(result.returncode, 0, result.stderr)
        result = run(program, self.flows, LD_LIBRARY_PATH=os.path.dirname(self.files["libgyre.so"]))
        self.assertEqual((result.returncode, result.stdout), (0, "n\n1\n"), result.stderr)

    def test_all_of_it_is_there(self):
        for name in ("gyre.h", "libgyre.a", "libgyre.so", "gyre.pc", "gyre.1"):
            self.assertIn(name, self.files)
        for path in (("bin", "gyre"), ("share", "doc", "gyre", "LANGUAGE.md"),
                     ("share", "doc", "gyre", "HUNTING.md"),
                     ("share", "doc", "gyre", "FORMATS.md"),
                     ("share", "bash-completion", "completions", "gyre")):
            self.assertTrue(os.path.exists(os.path.join(self.prefix, *path)), path)

    def test_installed_program_runs(self):
        result = run(os.path.join(self.prefix, "bin", "gyre"), "--version")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_program_of_a_user_links_the_shared_library(self):
        self.check_consumer(*self.flags("--cflags", "--libs"))

    def test_program_of_a_user_links_the_static_library(self):
        flags = [self.files["libgyre.a"] if flag == "-lgyre" else flag
                 for flag in self.flags("--static", "--cflags", "--libs")]
        self.check_consumer(*flags)


if __name__ == "__main__":
    CMAKE, BUILD, COMPILER = sys.argv[1:4]
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
