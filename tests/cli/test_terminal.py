#!/usr/bin/env python3
"""The program on a terminal.

Usage: test_terminal.py PROGRAM [unittest options]
"""
import os
import pty
import subprocess
import sys
import termios
import unittest

import test_cli


class Terminals(test_cli.Case):
    def test_terminal_shows_a_table_of_forty_rows(self):
        made = self.generate(1000)
        text = self.shown("stdout", "query", "-q", test_cli.ALL_FLOWS, made)
        self.assertIn("... (960 more rows)", text)
        self.assertEqual(text.count("\n"), 40 + 5)

    def test_table_is_as_wide_as_the_terminal_and_no_wider(self):
        query = "MATCH (a)-[e]->(b) RETURN a.IPAddr AS a, properties(e) AS e, e.TotBytes AS n"
        for columns in (60, 100):
            lines = self.shown("stdout", "query", "-q", query, self.flows,
                               columns=columns).splitlines()
            self.assertEqual({len(line) for line in lines[:-1]}, {columns}, lines)
            self.assertIn("… │", lines[3])
            self.assertIn("csv, json and jsonl have them whole", lines[-1])
        whole = self.shown("stdout", "query", "-q", query, self.flows, columns=1000)
        self.assertNotIn("…", whole)

    def test_messages_have_colours_where_a_terminal_has_them(self):
        for terminal, refused, is_coloured in (("xterm", "", True), ("xterm", "1", False),
                                               ("dumb", "", False)):
            text = self.shown("stderr", "query", "RETRUN", self.flows, TERM=terminal,
                              NO_COLOR=refused)
            self.assertEqual("\033[" in text, is_coloured, text)
            self.assertIn("found RETRUN; did you mean RETURN?", text)

    def shown(self, stream, *arguments, columns=0, **environment):
        """What the program writes to that stream where it is a terminal, so wide if it is said."""
        try:
            main, terminal = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had here: {error}")
        termios.tcsetwinsize(terminal, (24, columns))
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: terminal}
        text = b""
        with subprocess.Popen([test_cli.PROGRAM, *arguments], stdin=subprocess.DEVNULL,
                              env=dict(os.environ, **environment), **streams) as process:
            os.close(terminal)
            while True:
                try:
                    piece = os.read(main, 65536)
                except OSError:
                    break
                if not piece:
                    break
                text += piece
        os.close(main)
        return text.decode()


if __name__ == "__main__":
    test_cli.PROGRAM = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
