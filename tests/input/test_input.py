"""Bad input: what is wrong with a file is said with its place, nothing good is lost, and what is
rejected is counted by reason and kept.

Usage: test_input.py PROGRAM

GYRE_LONG_LINE_MIB sets the length of the long line (64 unless told; 1024 takes a while).
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
LONG_LINE_MIB = int(os.environ.get("GYRE_LONG_LINE_MIB", "64"))
COUNT = "MATCH ()-[e]->() RETURN count(*) AS n, sum(e.TotBytes) AS bytes"
ANY = "--reject-limit=none"

HEADER = b"StartTime,Dur,Proto,SrcAddr,DstAddr,TotBytes,Label\n"
GOOD = [b"2011/08/16 10:00:01.000000,0.5,tcp,10.0.0.1,10.0.0.2,1,a\n",
        b"2011/08/16 10:00:02.000000,1.5,udp,10.0.0.2,10.0.0.1,10,b\n",
        b"2011/08/16 10:00:03.000000,2.5,tcp,fe80::1,10.0.0.1,100,c\n"]
FILE = HEADER + b"".join(GOOD)


def row(**changes):
    """The second good row with some fields changed."""
    fields = dict(time=b"2011/08/16 10:00:02.000000", dur=b"1.5", proto=b"udp", source=b"10.0.0.2",
                  target=b"10.0.0.1", bytes=b"10", label=b"b")
    fields.update(changes)
    return b",".join(fields.values()) + b"\n"


def among_good(*bad):
    """A file with the bad rows behind the first good one, from line 3 on."""
    return HEADER + GOOD[0] + b"".join(bad) + b"".join(GOOD[1:])


# Files that load whole: name, bytes, rows, sum of TotBytes.
WHOLE = [
    ("plain", FILE, 3, 111),
    ("crlf", FILE.replace(b"\n", b"\r\n"), 3, 111),
    ("byte_order_mark", b"\xef\xbb\xbf" + FILE, 3, 111),
    ("byte_order_mark_and_crlf", b"\xef\xbb\xbf" + FILE.replace(b"\n", b"\r\n"), 3, 111),
    ("no_newline_at_the_end", FILE[:-1], 3, 111),
    ("blank_lines", FILE.replace(b"\n", b"\n\n"), 3, 111),
    ("quotes_within_quotes", among_good(row(label=b'"a ""quoted"", b"')), 4, 121),
    ("quotes_around_everything", among_good(b",".join(b'"' + field + b'"' for field in
                                                      row()[:-1].split(b",")) + b"\n"), 4, 121),
    ("quote_within_a_field", among_good(row(label=b'5" disk')), 4, 121),
    ("hexadecimal_text_in_label", among_good(row(label=b"0x10")), 4, 121),
    ("bytes_that_are_no_utf8", among_good(row(label=b"\xff\xfe\x80")), 4, 121),
    ("header_in_another_order",
     b"DstAddr,TotBytes,SrcAddr,StartTime\nb,5,a,2011/08/16 10:00:01.0\n", 1, 5),
]

# Files that are refused: name, bytes, what standard error says.
REFUSED = [
    ("empty_file", b"", r"empty_file.csv: is empty"),
    ("only_a_header", HEADER, r"no flows in .*only_a_header.csv"),
    ("only_a_header_without_newline", HEADER[:-1], r"no flows in"),
    ("only_a_byte_order_mark", b"\xef\xbb\xbf", r"is empty"),
    ("no_header", b"".join(GOOD), r"no_header.csv:1.*no header"),
    ("one_line_of_data", GOOD[0], r"one_line_of_data.csv:1.*no header"),
    ("wrong_header", b"when,from,to\n1,2,3\n", r"wrong_header.csv:1.*lacks.*StartTime"),
    ("header_without_target", b"StartTime,SrcAddr\n", r":1.*lacks.*DstAddr"),
    ("column_twice", b"StartTime,SrcAddr,DstAddr,x,x\n", r":1:\d+.*x"),
    ("quote_in_header", b'StartTime,SrcAddr,"DstAddr\n', r":1.*quote"),
    ("binary", b"\x7fELF\x02\x01\x01\x00\x00\x00\n", r":1.*NUL"),
]

# Rows that are rejected: name, rows, which line is quoted (from line 3), what is said.
REJECTED = [
    ("too_few_fields", [b"1,2,3\n"], r"too few fields"),
    ("too_many_fields", [row(label=b"b,c")], r"too many fields"),
    ("time_without_form", [row(time=b"yesterday")], r"no time"),
    ("february_30th", [row(time=b"2011/02/30 10:00:02.000000")], r"no time"),
    ("month_13", [row(time=b"2011/13/01 10:00:02.000000")], r"no time"),
    ("hour_24", [row(time=b"2011/08/16 24:00:02.000000")], r"no time"),
    ("second_60", [row(time=b"2011/08/16 10:00:60.000000")], r"no time"),
    ("february_29th_of_no_leap_year", [row(time=b"1900/02/29 10:00:02.000000")], r"no time"),
    ("empty_time", [row(time=b"")], r"start time is empty"),
    ("empty_source", [row(source=b"")], r"address is empty"),
    ("empty_target", [row(target=b"")], r"address is empty"),
    ("text_for_a_number", [row(dur=b"long")], r"number"),
    ("number_beyond_64_bits", [row(bytes=b"99999999999999999999")], r"number"),
    ("quote_that_does_not_close", [row(label=b'"open')], r"quote"),
    ("text_behind_a_quote", [row(label=b'"closed"open')], r"quote"),
    ("nul_byte", [row(label=b"a\0b")], r"NUL"),
    ("carriage_return_within", [b"1,\r2\n"], r"too few fields"),
]


class Input(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, data):
        with open(self.path(name + ".csv"), "wb") as file:
            file.write(data)
        return self.path(name + ".csv")

    def count(self, source, *options, **keywords):
        """Runs the count; exit status, rows, sum, standard error."""
        done = subprocess.run([PROGRAM, "query", "--format=csv", *options, COUNT, source],
                              capture_output=True, check=False, **keywords)
        lines = done.stdout.decode().split()
        rows, total = map(int, lines[1].split(",")) if len(lines) == 2 else (None, None)
        return done.returncode, rows, total, done.stderr.decode(errors="replace")

    def test_odd_files_load_whole(self):
        for name, data, rows, total in WHOLE:
            with self.subTest(name):
                status, found, found_total, said = self.count(self.write(name, data))
                self.assertEqual((status, found, found_total), (0, rows, total), said)
                self.assertNotIn("rejected", re.sub(r"\b(0|no) (rows )?rejected", "", said))

    def test_standard_input_loads_as_a_file_does(self):
        for name, data, rows, total in WHOLE:
            with self.subTest(name):
                status, found, found_total, said = self.count("-", input=data)
                self.assertEqual((status, found, found_total), (0, rows, total), said)

    def test_files_that_are_none_are_refused_with_their_place(self):
        for name, data, pattern in REFUSED:
            with self.subTest(name):
                status, found, _, said = self.count(self.write(name, data), ANY)
                self.assertEqual((status, found), (3, None), said)
                self.assertRegex(said, pattern)

    def test_times_are_read_in_the_form_of_most_rows(self):
        """Not in that of the first row, which may be the odd one."""
        text = [row(time=b"2011/08/16 10:00:%02d.5" % second) for second in range(40)]
        epoch = [row(time=b"13134888%02d.5" % second) for second in range(40)]
        day = [row(time=b"10:00:%02d.5" % second) for second in range(40)]
        zeros = [row(time=b"0"), row(time=b"0.0")]
        cases = [("text", [epoch[0]] + text, 40, "2011-08-16T10:00:00.500Z", 1),
                 ("epoch", [text[0]] + epoch, 40, "2011-08-16T10:00:00.500Z", 1),
                 ("day", [text[0]] + day, 40, "1970-01-01T10:00:00.500Z", 1),
                 ("half", text[:20] + epoch[20:], 20, "2011-08-16T10:00:00.500Z", 20),
                 ("zeros", zeros + [row(time=b"1313488800500")], 3, "1970-01-01T00:00:00Z", 0)]
        for name, rows, loaded, first, rejected in cases:
            with self.subTest(name):
                source = self.write(name, HEADER + b"".join(rows))
                query = "MATCH ()-[e]->() RETURN count(*) AS n, min(e.StartTime) AS t"
                done = subprocess.run([PROGRAM, "query", "--format=csv", ANY, query, source],
                                      capture_output=True, check=False)
                said = done.stderr.decode()
                told = done.stdout.decode().split()[1:]
                self.assertEqual(told, ["%d,%s" % (loaded, first)], said)
                self.assertEqual("all are read as the former" in said, rejected > 0, said)
                if rejected > 0:
                    self.assertRegex(said, r"%d the start time is no time, first at \S+:%d:1"
                                     % (rejected, 2 if rejected == 1 else 22))

    def test_no_such_file_and_directory(self):
        status, _, _, said = self.count(self.path("absent.csv"))
        self.assertEqual(status, 3, said)
        self.assertRegex(said, r"absent\.csv.*No such file")
        status, _, _, said = self.count(self.folder.name)
        self.assertEqual(status, 3, said)
        self.assertRegex(said, re.escape(self.folder.name) + r".*directory")

    def test_bad_rows_are_counted_quoted_and_kept(self):
        for name, bad, pattern in REJECTED:
            with self.subTest(name):
                source = self.write(name, among_good(*bad))
                rejects = self.path(name + ".rejects")
                status, found, total, said = self.count(source, ANY, "--rejects=" + rejects)
                self.assertEqual((status, found, total), (0, 3, 111), said)
                self.assertRegex(said, pattern)
                self.assertRegex(said, re.escape(name) + r"\.csv:3\b")
                with open(rejects, "rb") as file:
                    self.assertIn(b"".join(bad).rstrip(b"\n"), file.read())

    def test_too_many_bad_rows_fail_and_say_so(self):
        for name, bad, _ in REJECTED:
            with self.subTest(name):
                status, found, _, said = self.count(self.write(name, among_good(*bad)))
                self.assertEqual((status, found), (3, None), said)
                self.assertIn("reject", said)

    def test_reject_limit_counts_rows(self):
        source = self.write("two_bad", among_good(b"1\n", b"2\n"))
        self.assertEqual(self.count(source, "--reject-limit=1")[0], 3)
        self.assertEqual(self.count(source, "--reject-limit=2")[:2], (0, 3))
        self.assertEqual(self.count(source, "--reject-limit=0")[0], 3)

    def test_every_reason_is_counted(self):
        source = self.write("many", among_good(b"1\n", b"2\n", row(time=b"never"), b"3\n"))
        status, found, _, said = self.count(source, ANY)
        self.assertEqual((status, found), (0, 3), said)
        self.assertRegex(said, r"\b3\b[^\n]*too few fields|too few fields[^\n]*\b3\b")
        self.assertRegex(said, r"\b1\b[^\n]*no time|no time[^\n]*\b1\b")
        self.assertRegex(said, r"many\.csv:3\b")
        self.assertRegex(said, r"many\.csv:5\b")

    def test_a_last_line_cut_off_is_rejected(self):
        source = self.write("cut", FILE[:-20])
        status, found, total, said = self.count(source, ANY)
        self.assertEqual((status, found, total), (0, 2, 11), said)
        self.assertRegex(said, r"cut\.csv:4\b")

    def test_a_long_line_is_rejected_alone(self):
        path = self.path("long.csv")
        with open(path, "wb") as file:
            file.write(HEADER + GOOD[0])
            for _ in range(LONG_LINE_MIB):
                file.write(b"x" * (1 << 20))
            file.write(b"\n" + GOOD[1])
        status, found, total, said = self.count(path, ANY)
        self.assertEqual((status, found, total), (0, 2, 11), said)
        self.assertRegex(said, r"long\.csv:3\b")
        self.assertRegex(said, r"longer than")

    def test_a_long_first_line_is_refused(self):
        with open(self.path("first.csv"), "wb") as file:
            file.truncate(LONG_LINE_MIB << 20)
        status, _, _, said = self.count(self.path("first.csv"))
        self.assertEqual(status, 3, said)
        self.assertRegex(said, r"first\.csv:1\b.*(longer|NUL)")

    def test_several_files_keep_their_names_and_lines(self):
        first = self.write("first", FILE)
        second = self.write("second", among_good(b"1\n"))
        done = subprocess.run([PROGRAM, "query", "--format=csv", ANY, COUNT, first, second],
                              capture_output=True, check=False, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split()[1], "6,222")
        self.assertRegex(done.stderr, r"second\.csv:3\b")


if __name__ == "__main__":
    unittest.main()
