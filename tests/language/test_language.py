#!/usr/bin/env python3
"""docs/LANGUAGE.md is true: its examples give what stands below them, its functions are all there.

Usage: test_language.py PROGRAM ROOT [--rewrite]

An example is a block ```cypher and, right behind it, a block ```text with what the program writes
for it on tests/language/flows.csv: rows as a table, or the error. A first line `// with OPTIONS`
holds options of the program. What comes out is the same however the graph is divided. --rewrite
puts what the program writes now into the document, for somebody to read before it is committed.
"""
import difflib
import os
import re
import shlex
import subprocess
import sys

DOCUMENT = os.path.join("docs", "LANGUAGE.md")
FLOWS = os.path.join("tests", "language", "flows.csv")
EXAMPLE = re.compile(r"^```cypher\n(?P<query>.*?)^```\n\n?^```text\n(?P<output>.*?)^```$",
                     re.MULTILINE | re.DOTALL)
QUERY = re.compile(r"^```cypher$", re.MULTILINE)
PRINTED_FLOWS = re.compile(r"^```csv\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = re.compile(r"// with (.*)")
EXAMPLES_LEAST = 80
DIVISIONS = [("--partitions=1", "--threads=1"), ("--partitions=3", "--threads=2")]

# The functions as the program has them: {"name", least, most, ...} and {"name", FOLD_..., more}.
SOURCES = [("value", "function.c"), ("value", "temporal_function.c"),
           ("pipeline", "entity_functions.c")]
ENTRY = re.compile(r'^\s+\{"([\w.]+)", (\d+), (\d+|UINT32_MAX), \w+, (?:true|false)\},$',
                   re.MULTILINE)
FOLD_SOURCE = ("value", "fold.c")
FOLD_ENTRY = re.compile(r'^\s+\{"(\w+)", FOLD_\w+, (\d)\},$', re.MULTILINE)
FUNCTIONS_LEAST = 100
ANY_NUMBER = -1

# The functions as the document has them: `name(a, b[, c])` in the first cell of a table's row;
# an argument `...` stands for any number of them.
ROW = re.compile(r"^\| (`[^|]*\)`) \|", re.MULTILINE)
SIGNATURE = re.compile(r"`([\w.]+)\(([^`]*)\)`")


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def run(program, flows, query, *division):
    """What the program writes for a query: rows, or else its errors."""
    options = OPTIONS.match(query)
    words = shlex.split(options.group(1)) if options else []
    words.extend(division)
    result = subprocess.run([program, "query", "--quiet", "--format=table", *words, query, flows],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, encoding="utf-8", timeout=60, check=False)
    return result.stdout + result.stderr


def check_examples(program, root, document):
    """The differences, as texts; and the document with what the program writes now."""
    differences = []

    def examine(match):
        outputs = [run(program, os.path.join(root, FLOWS), match["query"], *division)
                   for division in DIVISIONS]
        for output, division in zip(outputs, DIVISIONS):
            if output != match["output"]:
                line = document.count("\n", 0, match.start()) + 1
                changes = difflib.unified_diff(match["output"].splitlines(), output.splitlines(),
                                               "the document", "the program", lineterm="")
                differences.append(f"{DOCUMENT}:{line}: with {' '.join(division)} the example "
                                   "gives something else\n" + "\n".join(changes))
        return document[match.start():match.start("output")] + outputs[0] + "```"

    now = EXAMPLE.sub(examine, document)
    examples = len(EXAMPLE.findall(document))
    queries = len(QUERY.findall(document))
    if examples != queries:
        differences.append(f"{DOCUMENT}: {queries - examples} queries have no output behind them")
    if examples < EXAMPLES_LEAST:
        differences.append(f"{DOCUMENT}: {examples} examples, where {EXAMPLES_LEAST} were expected")
    return differences, now


def check_flows(root, document):
    """The file of flows is printed as it is."""
    printed = PRINTED_FLOWS.search(document)
    if printed is None or printed.group(1) != read(root, FLOWS):
        return [f"{DOCUMENT}: it does not print {FLOWS} as it is"]
    return []


def functions_of_program(root):
    """{name: (least, most)} of arguments."""
    functions = {}
    for source in SOURCES:
        for name, least, most in ENTRY.findall(read(root, *source)):
            most = ANY_NUMBER if most == "UINT32_MAX" else int(most)
            functions[name] = (int(least), most)
    for name, parameters in FOLD_ENTRY.findall(read(root, *FOLD_SOURCE)):
        functions[name] = (1 + int(parameters),) * 2
    return functions


def functions_of_document(document):
    """The same, from the tables' rows; of a name with several rows, what they span."""
    functions = {}
    for row in ROW.findall(document):
        for name, arguments in SIGNATURE.findall(row):
            needed, _, optional = arguments.partition("[")
            least = len(re.findall(r"[^\s,][^,]*", needed.replace("...", "")))
            most = least + optional.count(",")
            if optional and not needed:
                most += 1
            if "..." in arguments:
                most = ANY_NUMBER
            functions[name] = (least, most)
    return functions


def check_functions(root, document):
    program = functions_of_program(root)
    described = functions_of_document(document)
    differences = []
    if len(program) < FUNCTIONS_LEAST:
        differences.append(f"{len(program)} functions in the sources: the tables look otherwise "
                           "than this test expects")
    for name in sorted(program.keys() | described.keys()):
        if name not in described:
            differences.append(f"{DOCUMENT}: the function {name} is missing")
        elif name not in program:
            differences.append(f"{DOCUMENT}: there is no function {name}")
        elif program[name] != described[name]:
            differences.append(f"{DOCUMENT}: {name} takes {program[name]} arguments, not "
                               f"{described[name]} (least, most; -1: any number)")
    return differences


def main():
    program, root = sys.argv[1:3]
    document = read(root, DOCUMENT)
    differences, now = check_examples(program, root, document)
    if "--rewrite" in sys.argv[3:]:
        with open(os.path.join(root, DOCUMENT), "w", encoding="utf-8") as file:
            file.write(now)
        return 0
    differences += check_flows(root, document) + check_functions(root, document)
    for difference in differences:
        print(difference)
    if differences:
        print(f"{len(differences)} differences; where the program is right, --rewrite puts what it "
              "writes into the document")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
