"""Schemas: what is told of columns can be edited and given back, and says how files are read.

Usage: test_schema.py PROGRAM
"""
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1))
HEADER = "StartTime,SrcAddr,Sport,DstAddr,TotBytes,note\n"
FLOWS = HEADER + "".join(f"2011/08/16 10:00:0{i}.5,10.0.0.{i},0x030{i},10.0.0.9,{i},{i}\n"
                         for i in range(4))
QUERY = "MATCH ()-[e]->() RETURN e.Sport AS s, e.TotBytes AS n, e.note AS note"


class Schema(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.flows = self.write("flows.csv", FLOWS)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_it(self, code, *arguments):
        """Standard output and error."""
        done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def rows(self, *options, query=QUERY):
        return self.run_it(0, "query", "-q", "--format=csv", *options, query, self.flows)[0]

    def test_schema_is_told_in_the_form_in_which_it_is_taken(self):
        schema = self.run_it(0, "info", "--format=schema", self.flows)[0]
        self.assertEqual([line for line in schema.splitlines() if not line.startswith("#")],
                         ["StartTime=time:time:text", "SrcAddr=source", "Sport=Sport:integer:hex",
                          "DstAddr=target", "TotBytes=TotBytes:integer", "note=attribute:integer"])
        option = "--schema=" + self.write("my.schema", schema)
        self.assertEqual(self.rows(option), self.rows())
        self.assertEqual(self.run_it(0, "info", "--format=schema", option, self.flows)[0], schema)

    def test_schema_can_be_edited(self):
        schema = self.run_it(0, "info", "--format=schema", self.flows)[0]
        option = "--schema=" + self.write("my.schema", schema.replace(
            "Sport:integer:hex", "Sport:text").replace("attribute:integer", "attribute:text"))
        self.assertIn("0x0303,3,3", self.rows(option))
        self.rows(option, query="MATCH ()-[e]->() WHERE e.note = '3' RETURN count(*)")
        self.assertEqual(self.rows(option, "--column=Sport=Sport:integer:hex"), self.rows())

    def test_type_that_is_given_is_kept(self):
        odd = self.write("odd.csv", FLOWS + "2011/08/16 10:00:09.5,10.0.0.1,http,10.0.0.9,1,x\n")
        said = self.run_it(0, "info", odd)[1]
        self.assertIn("column note is text, not integer", said)
        schema = self.run_it(0, "info", "--format=schema", self.flows)[0]
        said = self.run_it(0, "info", "--reject-limit=1",
                           "--schema=" + self.write("my.schema", schema), odd)[1]
        self.assertIn("1 of 5 rows rejected", said)
        self.assertNotIn("is text", said)

    def test_schema_is_of_all_files_together(self):
        edges = self.write("edges.txt", "7 8 1300000000\n8 7 1300000001\n")
        sources = [self.flows, edges]
        schema = self.run_it(0, "info", "--format=schema", *sources)[0]
        self.assertIn("\nsrc=source\n", schema)
        option = "--schema=" + self.write("my.schema", schema)
        told = self.run_it(0, "info", "--format=schema", option, *sources)[0]
        self.assertEqual(told, schema)
        said = self.run_it(3, "info", "--column=nte=attribute:text", *sources)[1]
        self.assertIn("has no column 'nte', nor has any other file", said)

    def test_a_role_given_to_a_column_that_is_not_there_is_said_with_the_column_that_is(self):
        table = self.write("table.csv", "seen,sender,receiver\n2011-08-16,a,b\n")
        options = ["--column=seen=time", "--column=sender=source"]
        for name, words in (("reciever", "; did you mean 'receiver'?"), ("whom", "describes\n")):
            said = self.run_it(3, "info", *options, f"--column={name}=target", table)[1]
            self.assertIn(f"lacks DstAddr: it has no column '{name}', which --column", said)
            self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
