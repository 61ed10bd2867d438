#!/usr/bin/env python3
"""A conversation with the program: questions from a pipe, and on a terminal.

Usage: test_shell.py PROGRAM [unittest options]
"""
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
import unittest

import test_cli
from test_cli import gyre

COUNT = "MATCH ()-[e]->() RETURN count(*) AS n"


class Pipes(test_cli.Case):
    def ask(self, text, *options):
        return gyre("shell", "-q", *options, self.flows, stdin=text.encode())

    def answers(self, text, *options):
        result = self.ask(text, *options)
        self.check(result, 0)
        return result.stdout.decode()

    def test_questions_are_answered_one_after_another(self):
        self.assertEqual(self.answers(f"{COUNT};\nRETURN 2 AS b; RETURN\n 3 AS c\n"),
                         "n\n3\nb\n2\nc\n3\n")
        self.assertEqual(self.answers(""), "")
        self.assertEqual(self.answers(" ;\n; // none\n"), "")

    def test_an_answer_comes_before_the_next_question(self):
        with subprocess.Popen([test_cli.PROGRAM, "shell", "-q", self.flows],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            for number in (b"1", b"2"):
                process.stdin.write(b"RETURN " + number + b" AS x;\n")
                process.stdin.flush()
                self.assertEqual([process.stdout.readline() for _ in range(2)],
                                 [b"x\n", number + b"\n"])
            process.stdin.close()
            self.assertEqual(process.wait(), 0)

    def test_a_semicolon_in_a_string_a_name_or_a_comment_ends_nothing(self):
        text = ("RETURN 'a;\\';' AS `b;``;`, \";\" AS c // d;\n /* e; * / ; */ , 1 AS `;`;\n"
                "RETURN 2 AS x;")
        self.assertEqual(self.answers(text), "b;`;,c,;\na;';,;,1\nx\n2\n")

    def test_the_first_question_that_fails_is_the_last(self):
        result = self.ask("RETURN 1 AS a;\n\n// one\nRETURN 2 AS b,\n  c;\nRETURN 3 AS d;")
        self.check(result, 2, "standard input:5:3: there is no variable `c`")
        self.assertEqual(result.stdout, b"a\n1\n")
        for text, words in (("RETURN 'x", "1:8: this string is not closed"),
                            ("RETURN 1;\n/* x;", "2:1: this comment is not closed"),
                            ("RETURN\0 1;", "standard input: cannot read"),
                            ("x" * 1100000, "is a semicolon missing?"),
                            ("x\n" * 600000, "is a semicolon missing?")):
            self.check(self.ask(text), 2, words)

    def test_a_limit_ends_one_question_only(self):
        result = self.ask("MATCH (a) RETURN a.IPAddr AS a;\nRETURN 2 AS b;\n", "--row-limit=1")
        self.check(result, 4, "partial")
        self.assertTrue(result.stdout.endswith(b"b\n2\n"), result.stdout)
        made = self.generate(50000)
        result = gyre("shell", "-q", "--timeout=1s", made,
                      stdin=f"{test_cli.ENDLESS};RETURN 1 AS a;RETURN 2 AS b;".encode())
        self.check(result, 4, "time limit")
        self.assertTrue(result.stdout.endswith(b"a\n1\nb\n2\n"), result.stdout)

    def test_kept_rows_and_parameters_last(self):
        text = ("MATCH (a)-[e]->(b) WHERE e.Proto = $p RETURN e INTO kept;\n"
                "MATCH ()-[e:kept]->() RETURN e.TotBytes AS bytes, size($kept) AS n;\n"
                ":param p=udp\nRETURN $p AS p;\n:param n=3\n:param n => 'a b'\nRETURN $n AS n;\n"
                ":param n = 4\nRETURN $n AS n;")
        self.assertEqual(self.answers(text, "--param=p=tcp"), "bytes,n\n60,1\np\nudp\n"
                         "n\na b\nn\n4\n")

    def test_no_rows_are_a_type_without_flows(self):
        self.assertEqual(self.answers("MATCH ()-[e {Proto: 'none'}]->() RETURN e INTO none;\n"
                                      "MATCH ()-[e:none]->() RETURN count(*) AS n;\n"
                                      "MATCH ()-[:none*1..3]->() RETURN count(*) AS n;"),
                         "n\n0\nn\n0\n")

    def test_rows_of_the_last_question_are_saved(self):
        rows = self.path("rows.jsonl")
        self.answers(f"MATCH ()-[e]->() RETURN e.TotBytes AS n ORDER BY n;\n:save {rows}\n")
        self.assertEqual(self.read("rows.jsonl"), '{"n":60}\n{"n":120}\n{"n":141}\n')
        for text, words in ((f":save {rows}", "no rows to save"),
                            (f"EXPLAIN {COUNT};\n:save {rows}", "no rows to save"),
                            ("RETURN 1;\n:save", ":save wants FILE"),
                            ("RETURN 1;\n:save x.parquet", "rows are written as"),
                            (f"RETURN 1;\n:save {self.flows}", ":save names a SOURCE")):
            self.check(self.ask(text + "\nRETURN 1;"), 2, words)
        self.assertEqual(self.read("flows.csv"), test_cli.FLOWS)
        self.check(self.ask("RETURN 1;\n:save /absent/rows.csv"), 1, "/absent/rows.csv")

    def test_lines_with_a_colon_are_orders(self):
        self.assertEqual(self.answers(":format jsonl\nRETURN 1 AS a;\n  :format csv  \n"
                                      "RETURN 1 AS a;\n:quit\nRETURN 2;\n"), '{"a":1}\na\n1\n')
        self.assertIn("Proto ", self.answers(":info\n"))
        for word in ("help", "HELP;", ":help"):
            self.assertIn(":save FILE", self.answers(word + "\n"))
        for word in ("exit", "quit;", ":exit", ":q"):
            self.assertEqual(self.answers(word + "\nRETURN 1;"), "")
        for text, words in ((":fromat csv", "did you mean :format?"), (":nothing", ":help tells"),
                            (":format xml", "table, csv, json or jsonl"), (":format", "FORMAT"),
                            ("RETURN $p;", "gives it, :param in gyre shell"),
                            (":quit now", "nothing behind it"), (":param x", "NAME=VALUE")):
            self.check(self.ask(text), 2, words)

    def test_a_file_of_questions_is_answered(self):
        path = self.write("hunt.cypher", "RETURN 1 AS a;\nRETURN 2 AS b\n")
        self.assertEqual(self.answers(f"@{path}\nRETURN 3 AS c;"), "a\n1\nb\n2\nc\n3\n")
        bad = self.write("bad.cypher", f"RETURN 1 AS a;\n@{path}\n")
        self.check(self.ask(f"@{bad}"), 2, "cannot name another")
        self.check(self.ask(f"@{self.write('wrong.cypher', 'RETURN x;')}"), 2, "wrong.cypher:1:8")
        self.check(self.ask("@absent"), 2, "absent: cannot read")

    def test_usage_is_told(self):
        for arguments, code, words in (([], 2, "a SOURCE is missing"), (["-"], 2, "questions"),
                                       ([self.path("absent")], 3, "absent"),
                                       ([f"--rejects={self.flows}", self.flows], 2, "--rejects"),
                                       (["--param=x", self.flows], 2, "NAME=VALUE")):
            self.check(gyre("shell", *arguments, stdin=b"RETURN 1"), code, words)

    def test_summary_is_of_the_load_and_then_of_each_question(self):
        result = gyre("shell", self.flows, stdin=b"RETURN 1; RETURN 2;")
        self.check(result, 0, "3 flows between 3 addresses; loaded in ")
        self.assertEqual(result.stderr.count(b"; matched in "), 2)

    def test_no_file_is_taken_for_a_closed_stream(self):
        for closed, words in ((0, "cannot read"), (1, "cannot write")):
            result = subprocess.run([test_cli.PROGRAM, "shell", "-q", self.flows],
                                    input=f"{COUNT};".encode() if closed == 1 else None,
                                    stderr=subprocess.PIPE, timeout=300, check=False,
                                    preexec_fn=lambda number=closed: os.close(number))
            self.assertIn(words, result.stderr.decode())
            self.assertNotEqual(result.returncode, 0)

    def test_a_full_disk_ends_it(self):
        for text in ("RETURN 1;\nRETURN 2;", ":info\n:info\n", "EXPLAIN RETURN 1;"):
            with open("/dev/full", "wb") as full:
                result = subprocess.run([test_cli.PROGRAM, "shell", "-q", self.flows],
                                        input=text.encode(), stdout=full, stderr=subprocess.PIPE,
                                        check=False)
            self.check(result, 1, "No space left")
            self.assertEqual(result.stderr.count(b"\n"), 1, result.stderr)

    def test_interrupt_ends_it(self):
        made = self.generate(50000)
        for text in (b"", test_cli.ENDLESS.encode() + b"; RETURN 1;\n"):
            with subprocess.Popen([test_cli.PROGRAM, "shell", "-q", made], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                process.stdin.write(text)
                process.stdin.flush()
                time.sleep(1.5)
                process.send_signal(signal.SIGINT)
                error = process.stderr.read()
                self.assertEqual((process.wait(), process.stdout.read()), (130, b""), error)
                self.assertIn(b"interrupted", error)


class Terminals(test_cli.Case):
    """Says lines to the program on a terminal, each when it has asked for it."""

    def setUp(self):
        super().setUp()
        self.history = self.path("history")

    def start(self, *arguments, **environment):
        try:
            self.main, terminal = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had here: {error}")
        self.addCleanup(os.close, self.main)
        termios.tcsetwinsize(terminal, (24, 120))
        # libedit never gives back the name of a function that a key is bound to.
        environment = {"TERM": "xterm", "GYRE_HISTORY": self.history,
                       "ASAN_OPTIONS": "detect_leaks=0", **environment}
        self.process = subprocess.Popen(
            [test_cli.PROGRAM, "shell", *arguments], stdin=terminal, stdout=terminal,
            stderr=terminal, env={**os.environ, **environment}, start_new_session=True)
        os.close(terminal)
        self.addCleanup(self.process.kill)

    def until(self, words):
        """What it writes up to and with these words."""
        text = b""
        end = time.monotonic() + 300
        while words not in text.decode(errors="replace"):
            self.assertTrue(select.select([self.main], [], [], max(0, end - time.monotonic()))[0],
                            f"waited for {words!r} after {text!r}")
            text += os.read(self.main, 1)
        return text.decode(errors="replace")

    def say(self, text):
        os.write(self.main, text.encode())

    def leave(self, code=0, words=""):
        """Says the words until it has gone: a prompt is shown just before single letters are handed
        on, and a Ctrl-D comes to nothing before. Reads on, as a terminal does: what is not read may
        keep a program from its end."""
        end = time.monotonic() + 300
        while self.process.poll() is None:
            self.assertLess(time.monotonic(), end, "it does not leave")
            self.say(words)
            try:
                while select.select([self.main], [], [], 0.5)[0] and os.read(self.main, 65536):
                    pass
            except OSError:
                self.process.wait(60)
        self.assertEqual(self.process.returncode, code)

    def test_prompts_tell_what_is_open(self):
        self.start(self.flows)
        self.assertIn("3 flows", self.until("gyre> "))
        self.say("RETURN 1 AS one,\n")
        self.until("  ...> ")
        self.say("'a\n")
        self.until("  '..> ")
        self.say("b' AS b; /*\n")
        self.assertIn("│ one │", self.until("  *..> "))
        self.say("*/\n")
        self.until("gyre> ")
        self.leave(words="\x04")

    def test_a_question_that_fails_does_not_end_it(self):
        for terminal in ("xterm", "dumb"):
            self.start(self.flows, TERM=terminal)
            self.until("gyre> ")
            self.say("RETURN x;\n")
            self.until("there is no variable `x`")
            self.until("gyre> ")
            self.say(":nothing\n")
            self.until("there is no :nothing")
            self.say("RETURN 40 + 2 AS x;\n")
            self.until("│ 42 │")
            self.until("gyre> ")
            self.say("exit\n")
            self.leave()

    def test_interrupt_ends_the_question_and_not_the_shell(self):
        for terminal in ("xterm", "dumb"):
            self.start(self.generate(50000), "--progress=always", TERM=terminal)
            self.until("gyre> ")
            for count in (1, 3):
                self.say(f"{test_cli.ENDLESS};\n")
                self.until("matching ")
                for _ in range(count):
                    self.process.send_signal(signal.SIGINT)
                self.until("interrupted")
                self.until("gyre> ")
            self.say("RETURN\n")
            self.until("  ...> ")
            self.process.send_signal(signal.SIGINT)
            self.until("gyre> ")
            self.say("RETURN 40 + 2 AS x;\n")
            self.until("│ 42 │")
            self.until("gyre> ")
            self.process.send_signal(signal.SIGTERM)
            self.leave(130)

    def test_a_question_is_remembered_whole_with_its_letters(self):
        if not self.has_editor():
            self.skipTest("built without libedit")
        self.start(self.flows, LC_ALL="C")
        self.until("gyre> ")
        self.say("RETURN 'é' AS x, // one\n")
        self.until("  ...> ")
        self.say("2 AS y;\n")
        self.until("│ é │")
        self.until("gyre> ")
        self.say(":quit\n")
        self.leave()
        self.start(self.flows)
        self.until("gyre> ")
        self.say("\033[A\033[A\n")
        self.assertIn("RETURN 'é' AS x, // one", self.until("│ é │"))
        self.until("gyre> ")
        self.leave(words="\x04")
        self.assertEqual(os.stat(self.history).st_mode & 0o777, 0o600)

    def test_tab_completes_what_is_typed_and_is_a_blank_in_what_is_pasted(self):
        if not self.has_editor():
            self.skipTest("built without libedit")
        self.start(self.flows)
        self.until("gyre> ")
        self.say("MATCH\t()-[e]->()\n\tRETURN max(e.Tot")
        self.until("max(e.Tot")
        self.say("\t")
        self.until(".TotPkts  .TotBytes")
        self.until("max(e.Tot")
        self.say("B")
        self.until("B")
        self.say("\t")
        self.until("ytes")
        self.say(") AS n;\n")
        self.until("│ 141 │")
        self.until("gyre> ")
        self.leave(words="\x04")

    def test_letters_without_a_meaning_come_to_nothing(self):
        if not self.has_editor():
            self.skipTest("built without libedit")
        self.start(self.flows)
        self.until("gyre> ")
        self.say("\0RETURN\0 40 + 2 AS x;\n\0")
        self.until("│ 42 │")
        self.until("gyre> ")
        self.leave(words="\x04")

    def test_no_other_file_becomes_the_history(self):
        if not self.has_editor():
            self.skipTest("built without libedit")
        os.mkfifo(self.path("pipe"), 0o640)
        for self.history in (self.flows, self.path("pipe")):
            before = os.stat(self.history)
            self.start(self.flows)
            self.until("gyre> ")
            self.say("RETURN 1;\n:quit\n")
            self.leave()
            after = os.stat(self.history)
            self.assertEqual((before.st_size, before.st_mode), (after.st_size, after.st_mode))
        self.assertEqual(self.read("flows.csv"), test_cli.FLOWS)

    def has_editor(self):
        with open(test_cli.PROGRAM, "rb") as file:
            return b"libedit" in file.read()


if __name__ == "__main__":
    test_cli.PROGRAM = os.path.abspath(sys.argv[1])
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
