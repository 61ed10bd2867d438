#!/usr/bin/env python3
"""Loads flows of all formats, and compares renderings of the same capture.

Usage: run_formats.py PROGRAM FOLDER   files are under FOLDER/data

Where FOLDER (or $GYRE_SHARED_DIR, which goes before it) is not there, that is said, and the exit
status is 77. A file that is not there is passed over.
"""
import json
import os
import subprocess
import sys

SKIPPED = 77

# File: rows loaded, rows passed over; none is rejected.
COUNTS = {
    "argus/2013-10-21_capture-1.binetflow": (2398, 0),
    "argus/2015-03-24_capture1-only-dns.binetflow": (2914, 0),
    "argus/2016-09-09_win1.binetflow": (4801, 0),
    "argus/CTU-Malware-Capture-Botnet-207-1.binetflow": (23602, 0),
    "argus/CTU-Normal-7-2013-13-07.binetflow": (9797, 0),
    "argus/netflowlabeler-test.binetflow": (99, 0),
    "argus/test-sality.binetflow": (1005, 0),
    "argus/test1.binetflow": (4999, 0),
    "argus/test11-portscan.binetflow": (66, 0),
    "argus/test2-malicious.binetflow": (6751, 0),
    "argus/test3-mixed.binetflow": (89, 0),
    "argus/test4-malicious.binetflow": (394, 0),
    "argus/test5-mixed.binetflow": (300, 0),
    "argus/test5.tabs.binetflow": (6724, 1),
    "aws-vpc/vpcflow-v2-default.log": (5, 2),
    "aws-vpc/vpcflow-v3-custom.log": (8, 0),
    "aws-vpc/vpcflow-v5-custom.log": (2, 0),
    "cicflowmeter/2017-10-16_online.csv": (5746, 0),
    "cicflowmeter/2017-12-15_online.csv": (6677, 0),
    "cicflowmeter/2018-01-08_Flow.csv": (2391, 0),
    "nfdump/test1-malicious.nfdump.csv": (4593, 3),
    "suricata/test6-malicious.suricata.json": (3512, 1488),
    "temporal/CollegeMsg.txt": (59835, 0),
    "temporal/amlsim-20K_cycle200/transactions.csv": (117805, 0),
    "temporal/email-Eu-core-temporal.txt": (332334, 0),
    "temporal/soc-sign-bitcoinalpha.csv": (24186, 0),
    "temporal/soc-sign-bitcoinotc.csv": (35592, 0),
    "temporal/sx-mathoverflow.txt": (506550, 0),
    "zeek/iot23-20-1-labeled.csv": (3209, 0),
    "zeek/netflowlabeler-conn.json.log": (1000, 0),
    "zeek/netflowlabeler-conn.tab.log": (92, 0),
    "zeek/sdt-001-malicious-conn.log": (992, 0),
    "zeek/sdt-008-mixed-conn.log.labeled": (5663, 0),
    "zeek/zat-conn.log": (360, 0),
}

CAPTURES = ["cicflowmeter-test-copy", "slips-test-cc-capture-1", "slips-test-cc-capture-2",
            "slips-test19-ssh-bruteforce", "slips-test7-malicious", "slips-test8-malicious"]

# Renderings of a capture, and the columns that they share. The default one has times without date,
# and cuts long addresses, protocols and states.
SHARED_COLUMNS = [
    (["ctu.csv", "epoch-mac.csv", "reordered.tsv"],
     "e.StartTime, e.Dur, e.Proto, e.SrcAddr, e.Sport, e.DstAddr, e.Dport, e.TotBytes", None),
    (["ctu.csv", "epoch-mac.csv"], "e.StartTime, e.Dir, e.TotPkts, e.SrcBytes", None),
    (["ctu.csv", "default.txt"],
     "e.StartTime, e.Sport, e.Dir, e.Dport, e.TotPkts, e.TotBytes", "T"),
    (["epoch-mac.csv", "default.txt"], "e.StartTime, e.Flgs", "T"),
]


def run(program, *arguments):
    """Standard output of the program, or an exception with what it said."""
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def count_rows(program, path):
    """Rows loaded and passed over, of a file of which no row is rejected."""
    told = json.loads(run(program, "info", "--format=json", path))
    loaded, passed = told["rows_loaded"], told["rows_passed_over"]
    if told["rows_rejected"] != 0 or told["rows_read"] != loaded + passed:
        raise RuntimeError(f"counts do not add up: {told['rows_read']} read, {loaded} loaded, "
                           f"{passed} passed over, {told['rows_rejected']} rejected")
    return loaded, passed


def flows(program, path, columns, behind):
    """Rows in order; of each what stands behind the first `behind`, if that is given."""
    query = f"MATCH (a)-[e]->(b) RETURN {columns}"
    rows = run(program, "query", "--quiet", "--format=csv", query, path).splitlines()[1:]
    return sorted(row.split(behind, 1)[1] if behind else row for row in rows)


def check_renderings(program, folder, capture):
    """What is wrong, a line each."""
    wrong = []
    for endings, columns, behind in SHARED_COLUMNS:
        paths = [os.path.join(folder, f"{capture}.{ending}") for ending in endings]
        if all(os.path.exists(path) for path in paths):
            found = [flows(program, path, columns, behind) for path in paths]
            wrong += [f"{path} differs from {paths[0]} in {columns}"
                      for path, rows in zip(paths, found) if rows != found[0]]
    return wrong


def main():
    program = os.path.abspath(sys.argv[1])
    folder = os.path.join(os.environ.get("GYRE_SHARED_DIR") or sys.argv[2], "data")
    if not os.path.isdir(folder):
        print(f"SKIPPED: no shared data at {folder}")
        sys.exit(SKIPPED)
    wrong = []
    for name, expected in COUNTS.items():
        path = os.path.join(folder, name)
        try:
            if os.path.exists(path) and count_rows(program, path) != expected:
                wrong.append(f"{name}: {count_rows(program, path)}, and should be {expected}")
        except RuntimeError as error:
            wrong.append(f"{name}: {error}")
    for capture in CAPTURES:
        try:
            wrong += check_renderings(program, os.path.join(folder, "argus-native"), capture)
        except RuntimeError as error:
            wrong.append(f"{capture}: {error}")
    print("\n".join(wrong) if wrong else "ok")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
