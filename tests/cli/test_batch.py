#!/usr/bin/env python3
"""gyre where nobody looks on: lists of indicators from files, folders of logs, limits that whoever
starts it has set.

Usage: test_batch.py PROGRAM [unittest options]
"""
import os
import resource
import subprocess
import sys
import unittest

import test_cli

IS_LISTED = "MATCH (a)-[e]->(b) WHERE b.IPAddr IN $bad RETURN a.IPAddr AS a, b.IPAddr AS b"


class Lists(test_cli.Case):
    def lines(self, text, query="UNWIND $l AS x RETURN x", *options):
        self.write("list.txt", text)
        result = test_cli.gyre("query", "-q", "-f", "jsonl", *options,
                               f"--param-lines=l={self.path('list.txt')}", query, self.flows)
        self.check(result, 0)
        return result.stdout.decode()

    def test_lines_of_a_file_are_a_list(self):
        self.write("bad.txt", "# seen in August\n10.0.0.1\n\n  10.0.0.9 \r\n")
        option = f"--param-lines=bad={self.path('bad.txt')}"
        result = test_cli.gyre("query", "-q", option, IS_LISTED, self.flows)
        self.check(result, 0)
        self.assertEqual(result.stdout, b"a,b\n10.0.0.2,10.0.0.1\n")
        result = test_cli.gyre("shell", "-q", option, self.flows, stdin=f"{IS_LISTED};".encode())
        self.check(result, 0)
        self.assertEqual(result.stdout, b"a,b\n10.0.0.2,10.0.0.1\n")

    def test_numbers_are_numbers_and_all_else_is_text_as_it_stands(self):
        rows = (("443", "443"), ("-7", "-7"), ("2.5", "2.5"), ("007", '"007"'), ("1e5", '"1e5"'),
                ("true", '"true"'), ("0", "0"), ("1.", '"1."'), ("it's", '"it\'s"'),
                ("a\\n', 'b", '"a\\\\n\', \'b"'), ("$l", '"$l"'), ("-", '"-"'), ("é", '"é"'),
                ("1234567890123456789012", '"1234567890123456789012"'), ("[1]", '"[1]"'))
        written = self.lines("".join(f"{line}\n" for line, _ in rows))
        self.assertEqual(written, "".join(f'{{"x":{value}}}\n' for _, value in rows))

    def test_no_lines_are_an_empty_list_and_the_last_needs_no_end(self):
        for text, size in (("", 0), ("#x\n\n", 0), ("\ufeffa", 1), ("a\nb", 2)):
            self.assertEqual(self.lines(text, "RETURN size($l) AS n"), f'{{"n":{size}}}\n')
        self.assertEqual(self.lines("\ufeffa"), '{"x":"a"}\n')

    def test_a_list_is_longer_than_a_command_line_may_be(self):
        addresses = [f"10.1.{i >> 8}.{i & 255}" for i in range(30000)] + ["10.0.0.2"]
        query = "MATCH (a)-[e]->(b) WHERE b.IPAddr IN $l RETURN size($l) AS n, count(*) AS flows"
        self.assertEqual(self.lines("\n".join(addresses), query), '{"n":30001,"flows":2}\n')

    def test_what_is_no_list_is_told(self):
        long = self.write("long.txt", "10.0.0.1\n" * 120000)
        longer = self.write("longer.txt", "10.0.0.1\n" * 500000)
        zero = self.write("zero.txt", "a\0b\n")
        for option, words in (("l", "NAME=FILE"), ("=x", "NAME=FILE"),
                              ("l=/absent/x", "/absent/x: cannot read the list: No such file"),
                              (f"l={self.folder.name}", "cannot read the list: Is a directory"),
                              (f"l={zero}", "a NUL byte"), (f"l={long}", "the parameter `l` has"),
                              (f"l={longer}", "there is no room for more lists")):
            self.check(test_cli.gyre("query", f"--param-lines={option}", "RETURN $l", self.flows),
                       2, words)


class Folders(test_cli.Case):
    def test_a_folder_is_told_with_the_pattern_of_its_files(self):
        self.check(test_cli.gyre("query", test_cli.ALL_FLOWS, self.folder.name), 3,
                   f"it is a directory; the files in it are '{self.folder.name}/*'")
        self.check(test_cli.gyre("query", test_cli.ALL_FLOWS, self.folder.name + "/*"), 0)


class Limits(test_cli.Case):
    def test_limit_on_the_size_of_files_fails_and_leaves_none(self):
        flows = self.generate(20000)
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
        before = sorted(os.listdir(self.folder.name))
        result = subprocess.run(
            [test_cli.PROGRAM, "query", f"--output={self.path('rows.csv')}", test_cli.ALL_FLOWS,
             flows], stderr=subprocess.PIPE, preexec_fn=limit, check=False)
        self.check(result, 1, "File too large")
        self.assertEqual(sorted(os.listdir(self.folder.name)), before)


if __name__ == "__main__":
    test_cli.PROGRAM = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
