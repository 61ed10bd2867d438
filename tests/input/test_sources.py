"""Where input comes from: archives, pipes, patterns, and binary files that other programs read.

Usage: test_sources.py PROGRAM SHARED

SHARED/data has real files of Argus and nfdump; without it, or without ra and nfdump, those cases
are skipped, and say so.
"""
import bz2
import glob
import gzip
import json
import lzma
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
SHARED = sys.argv.pop(1)
HEADER = b"StartTime,Dur,Proto,SrcAddr,Sport,DstAddr,Dport,TotBytes,Label\n"
FLOWS = HEADER + b"".join(
    b"2011/08/16 10:%02d:%02d.%06d,0.%d,tcp,10.0.0.%d,1024,10.0.1.%d,80,%d,flow=%d\n"
    % (i // 3000 % 60, i // 50 % 60, i * 7 % 1000000, i % 10, i % 7, i % 90, i, i % 5)
    for i in range(30000))
ALL = ("MATCH (a)-[e]->(b) RETURN a.IPAddr AS a, b.IPAddr AS b, e.StartTime AS t, e.Dur AS d, "
       "e.TotBytes AS n, e.Label AS l")
COUNT = "MATCH ()-[e]->() RETURN count(*) AS n"
CTU = ("StartTime", "Dur", "Proto", "Sport", "Dir", "Dport", "State", "sTos", "dTos", "TotPkts",
       "TotBytes", "SrcBytes")
SAME = ("MATCH (a)-[e]->(b) RETURN a.IPAddr AS a, b.IPAddr AS b, "
        + ", ".join(f"e.{name} AS {name}" for name in CTU))
PACKERS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


NFDUMP = ("Dur", "Proto", "Sport", "Dport", "State", "sTos", "dTos", "SrcPkts", "DstPkts",
          "TotPkts", "SrcBytes", "DstBytes", "TotBytes", "fwd", "sas", "das", "ra", "exid", "mpls1")


def packets():
    """A capture: a request and an answer of ICMP, UDP over both versions of IP, ICMPv6, TCP."""
    def frame(kind, content):
        return b"\2\0\0\0\0\1\2\0\0\0\0\2" + struct.pack(">H", kind) + content

    def v4(protocol, content, source=1, target=2):
        return frame(0x800, struct.pack(">BBHHHBBHBBBBBBBB", 0x45, 0, 20 + len(content), 1, 0, 64,
                                        protocol, 0, 10, 0, 0, source, 10, 0, 0, target) + content)

    def v6(protocol, content):
        return frame(0x86dd, struct.pack(">IHBB", 6 << 28, len(content), protocol, 64)
                     + bytes.fromhex("20010db8000000000000000000000001")
                     + bytes.fromhex("20010db8123456789abcdef012345678") + content)

    udp = struct.pack(">HHHH", 5353, 53, 18, 0) + b"y" * 10
    rest = b"\0\0\0\1\0\1" + b"x" * 32
    frames = [v4(1, b"\x08\0" + rest), v4(1, b"\3\3" + rest, 2, 1), v4(17, udp), v6(17, udp),
              v6(58, b"\x80\0" + rest),
              v4(6, struct.pack(">HHIIBBHHH", 1234, 80, 1, 0, 0x50, 2, 1000, 0, 0))]
    return struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + b"".join(
        struct.pack("<IIII", 1500000000 + second, 123456 + 100000 * second, len(data), len(data))
        + data for second, data in enumerate(frames))


def gyre(*arguments, stdin=None, env=None):
    """Runs the program; the result has bytes."""
    return subprocess.run([PROGRAM, *arguments], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=300, check=False,
                          env=dict(os.environ, **(env or {})),
                          stdin=subprocess.DEVNULL if stdin is None else None)


class Case(unittest.TestCase):
    """A folder with flows, plain and packed."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plain = self.write("flows.csv", FLOWS)

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def rows(self, query, *sources, stdin=None):
        result = gyre("query", "-q", query, *sources, stdin=stdin)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def refused(self, code, words, *arguments, **options):
        result = gyre("query", "-q", COUNT, *arguments, **options)
        self.assertEqual(result.returncode, code, result.stderr)
        for word in words:
            self.assertIn(word, result.stderr.decode())
        self.assertNotIn("Sanitizer", result.stderr.decode())


class Archives(Case):
    def test_file_and_standard_input_give_the_rows_of_the_plain_file(self):
        plain = self.rows(ALL, self.plain)
        self.assertEqual(self.rows(ALL, "-", stdin=FLOWS), plain)
        for name, pack in PACKERS.items():
            packed = self.write("flows." + name, pack(FLOWS))
            self.assertEqual(self.rows(ALL, packed), plain, name)
            self.assertEqual(self.rows(ALL, "-", stdin=pack(FLOWS)), plain, name)

    def test_several_are_unpacked_at_once_in_their_order(self):
        lines = FLOWS[len(HEADER):].splitlines(keepends=True)
        paths = []
        for index, (name, pack) in enumerate(list(PACKERS.items()) * 3):
            part = HEADER + b"".join(lines[index * 1000:(index + 1) * 1000])
            paths.append(self.write(f"{index}.{name}", pack(part)))
        together = self.write("together.csv", HEADER + b"".join(lines[:9000]))
        plain = self.rows(ALL, together)
        for threads in "1", "3":
            self.assertEqual(self.rows(ALL, "--threads=" + threads, *paths), plain)

    def test_archive_that_is_cut_off_is_refused_with_its_place(self):
        for name, pack in PACKERS.items():
            packed = self.write("cut." + name, pack(FLOWS)[:50000])
            self.refused(3, [packed, "is incomplete", "at byte 50000"], packed)
            self.refused(3, ["standard input", "is incomplete"], "-", stdin=pack(FLOWS)[:50000])

    def test_bomb_meets_the_memory_limit(self):
        bomb = self.write("bomb.gz", gzip.compress(HEADER + b"\0" * (200 << 20), 1))
        self.refused(4, ["memory limit of 30.0 MiB", "decompressing " + bomb],
                     "--memory-limit=30M", bomb)
        self.refused(4, ["memory limit of 1.0 MiB"], "--memory-limit=1M", "-",
                     stdin=gzip.compress(FLOWS))


class Paths(Case):
    def test_pattern_stands_for_its_files(self):
        self.write("other.txt", b"no flows")
        self.write("flows2.csv", FLOWS)
        pattern = os.path.join(self.folder, "*.csv")
        self.assertEqual(self.rows(COUNT, pattern), b"n\n60000\n")
        nothing = os.path.join(self.folder, "*.gz")
        self.refused(3, ["no file matches " + nothing], nothing)

    def test_name_with_a_star_is_a_name_where_there_is_such_a_file(self):
        self.write("flows2.csv", FLOWS)
        odd = self.write("flows*.csv", FLOWS)
        self.assertEqual(self.rows(COUNT, odd), b"n\n30000\n")


class Repeats(Case):
    def test_file_that_is_given_twice_is_loaded_once_and_noted(self):
        link = os.path.join(self.folder, "link.csv")
        os.symlink(self.plain, link)
        pattern = os.path.join(self.folder, "fl*.csv")
        for sources in ([self.plain, self.plain], [pattern, self.plain], [self.plain, link]):
            result = gyre("query", COUNT, *sources)
            self.assertEqual((result.returncode, result.stdout), (0, b"n\n30000\n"), sources)
            self.assertIn(sources[1] + " was given before", result.stderr.decode())
        result = gyre("query", COUNT, self.plain, link, self.plain, pattern)
        self.assertEqual(result.stdout, b"n\n30000\n")
        self.assertIn("3 files were given before", result.stderr.decode())

    def test_copies_are_files_of_their_own(self):
        copy = self.write("copy.csv", FLOWS)
        self.assertEqual(self.rows(COUNT, self.plain, copy), b"n\n60000\n")


def wait_until_heard(process):
    """Until the process handles SIGINT, which on a busy machine may take a while."""
    heard = 1 << signal.SIGINT - 1
    for _ in range(600):
        with open(f"/proc/{process.pid}/status") as file:
            handled = [line for line in file if line.startswith("SigCgt:")]
        if int(handled[0].split()[1], 16) & heard:
            return
        time.sleep(0.1)


class Interrupts(Case):
    def wait_on_pipe(self, *arguments, sent=b"", number=None):
        """Exit code and standard error of a run that waits for more of a pipe; how long it took."""
        with subprocess.Popen([PROGRAM, "query", "-q", *arguments, COUNT, "-"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as run:
            run.stdin.write(sent)
            run.stdin.flush()
            if number is not None:
                wait_until_heard(run)
                time.sleep(0.7)
            start = time.monotonic()
            if number is not None:
                run.send_signal(number)
            code = run.wait(timeout=60)
            seconds = time.monotonic() - start
            return code, run.stderr.read().decode(), seconds

    def test_interrupt_ends_a_wait_for_a_pipe(self):
        for sent in b"", FLOWS[:1000], gzip.compress(FLOWS)[:1000]:
            for number in signal.SIGINT, signal.SIGTERM:
                code, text, seconds = self.wait_on_pipe(sent=sent, number=number)
                self.assertEqual(code, 130, text)
                self.assertIn("interrupted while reading", text)
                self.assertLess(seconds, 5)

    def test_deadline_ends_a_wait_for_a_pipe(self):
        code, text, seconds = self.wait_on_pipe("--timeout=300ms", sent=FLOWS[:1000])
        self.assertEqual(code, 4, text)
        self.assertIn("time limit", text)
        self.assertLess(seconds, 5)


class Binaries(Case):
    def shared(self, program, *names):
        """The paths of files in SHARED; skips where they, or the program, are not there."""
        paths = [os.path.join(SHARED, "data", name) for name in names]
        if not all(os.path.exists(path) for path in paths):
            self.skipTest(f"there is no {paths[0]}")
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed (scripts/setup --formats)")
        return paths

    def test_missing_program_is_named_with_its_package(self):
        argus = self.write("a.argus", b"\x83\x10\0\3\0\0\0\0\xe5\x71\x2d\xcb")
        nfdump = self.write("nfcapd.1", b"\x0c\xa5\x01\0" + b"\0" * 300)
        for path, words in ((argus, ["program ra", "package argus-client"]),
                            (nfdump, ["program nfdump", "package nfdump"])):
            self.refused(1, [path, "not installed", *words], path, env={"PATH": ""})

    def test_argus_gives_the_flows_of_its_rendering(self):
        for name in "slips-test7-malicious", "slips-test-cc-capture-1":
            native, text = self.shared("ra", f"argus-native/{name}.argus",
                                       f"argus-native/{name}.ctu.csv")
            wanted = self.rows(SAME, text)
            self.assertEqual(self.rows(SAME, native), wanted)
            with open(native, "rb") as file:
                data = file.read()
            self.assertEqual(self.rows(SAME, "-", stdin=data), wanted)
            self.assertEqual(self.rows(SAME, self.write("a.gz", gzip.compress(data))), wanted)
            self.refused(3, ["is damaged or incomplete", "at byte"],
                         self.write("cut", data[:len(data) // 2 + 1]))

    def test_nfdump_gives_the_flows_of_its_rendering(self):
        """Its CSV has whole seconds; what is read of the binary file has milliseconds."""
        native, text = self.shared("nfdump", "nfdump/test1-malicious.nfdump",
                                   "nfdump/test1-malicious.nfdump.csv")
        self.check_nfdump(native, text, 4593)
        with open(native, "rb") as file:
            data = file.read()
        self.refused(3, ["is damaged or incomplete", "nfdump says"],
                     self.write("cut", data[:100000]))

    def test_nfdump_of_packets_gives_the_flows_of_its_rendering(self):
        """Among them ICMP, whose ports are types and codes, and addresses of IPv6."""
        if shutil.which("nfpcapd") is None:
            self.skipTest("nfpcapd is not installed (scripts/setup --formats)")
        subprocess.run(["nfpcapd", "-r", self.write("packets", packets()), "-l", self.folder],
                       check=True, capture_output=True)
        [native] = glob.glob(os.path.join(self.folder, "nfcapd.*"))
        told = subprocess.run(["nfdump", "-r", native, "-o", "csv"], check=True,
                              capture_output=True, env=dict(os.environ, TZ="UTC")).stdout
        self.check_nfdump(native, self.write("nfdump.csv", told), 6)
        older = told.replace(b",2048,ICMP,", b",8.0,ICMP,").replace(b",771,ICMP,", b",3.3,ICMP,")
        self.check_nfdump(native, self.write("older.csv", older), 6)
        times = self.rows("MATCH ()-[e]->() RETURN e.StartTime AS t", native).split()
        self.assertEqual(times[1:3], [b"2017-07-14T02:40:00.123Z", b"2017-07-14T02:40:01.223Z"])

    def check_nfdump(self, native, text, count):
        """Binary file and CSV differ in the fractions of their times, and in nothing else."""
        query = ("MATCH (a)-[e]->(b) RETURN a.IPAddr AS a, b.IPAddr AS b, e.StartTime AS t, "
                 "e.LastTime AS l, " + ", ".join(f"e.{name} AS {name}" for name in NFDUMP))
        wanted = self.rows(query, text)
        self.assertEqual(wanted.count(b"\n"), count + 1)
        self.assertEqual(re.sub(rb"(:\d\d)\.\d{3}Z", rb"\1Z", self.rows(query, native)), wanted)

    def test_statistics_count_bytes_of_text(self):
        packed = self.write("flows.gz", gzip.compress(FLOWS))
        report = os.path.join(self.folder, "stats.json")
        self.rows(COUNT, "--stats=" + report, packed)
        with open(report, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["input_bytes"], len(FLOWS))


if __name__ == "__main__":
    unittest.main(verbosity=2)
