#!/usr/bin/env python3
"""What those who come from other tools write first, and what they are told.

Usage: test_advice.py PROGRAM [unittest options]
"""
import sys
import unittest

import test_cli


class Queries(test_cli.Case):
    def test_a_function_of_another_language_is_told_as_it_is_called_here(self):
        cases = (
            ("RETURN median(1)", "write percentileCont(x, 0.5)"),
            ("RETURN MEAN(1)", "write avg(x)"),
            ("RETURN coutn(1)", "did you mean `count`?"),
            ("RETURN frobnicate(1)", "docs/LANGUAGE.md lists those that there are"),
        )
        for query, words in cases:
            self.check(test_cli.gyre("query", query, self.flows), 2, "there is no function", words)

    def test_a_statistic_of_durations_is_told_to_take_a_number_of_them(self):
        for aggregate in ("stDev(e2.StartTime - e1.StartTime)",
                          "percentileCont(e2.StartTime - e1.StartTime, 0.5)"):
            query = f"MATCH ()-[e1]->()-[e2]->() RETURN {aggregate}"
            result = test_cli.gyre("query", query, self.flows)
            self.check(result, 2, "takes numbers, not a duration: put its .milliseconds")
            query = query.replace("(e2.StartTime - e1.StartTime",
                                  "((e2.StartTime - e1.StartTime).milliseconds")
            self.check(test_cli.gyre("query", query, self.flows), 0)


if __name__ == "__main__":
    test_cli.PROGRAM = sys.argv[1]
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
