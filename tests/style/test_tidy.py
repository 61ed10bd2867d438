"""scripts/tidy.py finds each kind of violation in a tree made for it, and none in a clean one."""
import os
import subprocess
import sys
import tempfile
import unittest

TIDY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "tidy.py")

# path, text, and what tidy says of it: `path:line: start of the message`.
BAD = [
    ("base/up.c", '#include "graph/graph.h"\n', "base/up.c:1: base lies below graph"),
    ("loader/side.c", '#include "query/bound.h"\n', "loader/side.c:1: loader and query stand"),
    ("query/side.c", '#include "loader/load.h"\n', "query/side.c:1: query and loader stand"),
    ("cli/deep.c", '#include "base/bytes.h"\n', "cli/deep.c:1: the program uses gyre.h only"),
    ("engine/node.c", "#include <hwloc.h>\n", "engine/node.c:1: <hwloc.h> belongs to"),
    ("graph/heap.c", "void *f(void)\n{\n    return malloc(1);\n}\n",
     "graph/heap.c:3: malloc: use"),
    ("graph/file.c", "int f(void)\n{\n    return open(0, 0);\n}\n", "graph/file.c:3: open: use"),
    ("graph/omp.c", "#pragma omp parallel\n", "graph/omp.c:1: omp: threads live"),
    ("tests/old.c", "void f(char *s)\n{\n    strtok(s, s);\n}\n", "tests/old.c:3: strtok: it"),
    ("base/guard.h", "#ifndef GUARD_H\n#define GUARD_H\n#endif\n", "base/guard.h:1: the guard is"),
    ("base/late.c", '#include <stdio.h>\n#include "base/late.h"\n',
     "base/late.c:1: the own header"),
    ("base/late.h", "#ifndef GYRE_BASE_LATE_H\n#define GYRE_BASE_LATE_H\n#endif\n", None),
    ("base/bare.h",
     "#ifndef GYRE_BASE_BARE_H\n#define GYRE_BASE_BARE_H\nvoid bare(int a);\n#endif\n",
     "base/bare.h:3: declares functions"),
    ("base/tab.c", "int a;\t\n", "base/tab.c:1: tab"),
    ("base/wide.c", "/* " + "x" * 100 + " */\n", "base/wide.c:1: line of 106 columns"),
    ("base/work.c", "/* TO" + "DO: more. */\n", "base/work.c:1: unfinished"),
    ("base/cut.c", "int a;", "base/cut.c:1: no newline"),
    ("base/long.c", "int a;\n" * 501, "base/long.c:501: file of 501 lines"),
    ("base/tall.c", "void f(void)\n{\n" + "    ;\n" * 71 + "}\n", "base/tall.c:2: function of 71"),
    ("tests/support/oracle.c", '#include "engine/match.h"\n',
     "tests/support/oracle.c:1: the oracle shares no code"),
]

# What looks like a violation and is none.
GOOD = [
    ("base/memory.c", "void *f(void)\n{\n    return malloc(1);\n}\n"),
    ("graph/word.c", '/* malloc(1) */\nconst char *text = "open(1)";\nint g = a.read(1);\n'),
    ("graph/name.c", "void f(void)\n{\n    arena_free(1);\n    file->write(1);\n}\n"),
    ("engine/low.c", '#include "query/plan.h"\n#include "base/bytes.h"\n#include "engine/x.h"\n'),
    ("cli/main.c", '#include "cli/options.h"\n#include "gyre.h"\n'),
    ("include/gyre.h", "#ifndef GYRE_H\n#define GYRE_H\nint gyre(void);\n#endif\n"),
    ("base/type.h", "#ifndef GYRE_BASE_TYPE_H\n#define GYRE_BASE_TYPE_H\n"
                    "static inline int type(int a)\n{\n    return a;\n}\n#endif\n"),
]


def tidy(files):
    """Runs tidy on a tree of these files; its exit status and its lines."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        done = subprocess.run([sys.executable, TIDY, root], capture_output=True, text=True,
                              check=False)
    return done.returncode, done.stdout.splitlines()


class Tidy(unittest.TestCase):
    def test_finds_every_kind_of_violation(self):
        status, lines = tidy([(path, text) for path, text, _ in BAD])
        self.assertEqual(status, 1)
        for path, _, expected in BAD:
            found = [line for line in lines if line.startswith(path + ":")]
            with self.subTest(path=path):
                self.assertTrue(expected is None or any(line.startswith(expected)
                                                        for line in found), found)

    def test_is_silent_on_a_clean_tree(self):
        self.assertEqual(tidy(GOOD), (0, []))


if __name__ == "__main__":
    unittest.main()
