"""Values as the TCK writes them in its tables, made comparable.

Lists become ("list", ...), maps ("map", ...) in order of keys, nodes, relationships and paths
likewise; numbers stay numbers, so that 1 and 1.0 differ by their type.
"""
import re

SPACE = re.compile(r"\s*")
NUMBER = re.compile(r"-?(\d+\.\d+([eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+|\d+)")
NAME = re.compile(r"`[^`]*`|\w+")


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def skip(self):
        self.at = SPACE.match(self.text, self.at).end()

    def sees(self, token):
        self.skip()
        return self.text.startswith(token, self.at)

    def take(self, token):
        if not self.sees(token):
            raise ValueError(f"{token} expected at {self.at} of {self.text!r}")
        self.at += len(token)

    def takes(self, token):
        found = self.sees(token)
        self.at += len(token) if found else 0
        return found

    def name(self):
        self.skip()
        match = NAME.match(self.text, self.at)
        self.at = match.end()
        return match.group().strip("`")

    def value(self):
        self.skip()
        for word, value in (("null", None), ("true", True), ("false", False),
                            ("NaN", "NaN"), ("Infinity", float("inf")),
                            ("-Infinity", float("-inf")), ("Inf", float("inf")),
                            ("-Inf", float("-inf"))):
            if self.takes(word):
                return value
        if self.sees("'") or self.sees('"'):
            return self.string()
        if self.sees("["):
            return self.bracket()
        if self.sees("{"):
            return self.map()
        if self.sees("("):
            return self.node()
        if self.sees("<"):
            return self.path()
        match = NUMBER.match(self.text, self.at)
        if not match:
            raise ValueError(f"no value at {self.at} of {self.text!r}")
        self.at = match.end()
        number = match.group()
        return int(number) if re.fullmatch(r"-?\d+", number) else float(number)

    def string(self):
        quote, text = self.text[self.at], ""
        self.at += 1
        while self.text[self.at] != quote:
            if self.text[self.at] == "\\":
                self.at += 1
                text += {"n": "\n", "t": "\t", "r": "\r", "b": "\b",
                         "f": "\f"}.get(self.text[self.at], self.text[self.at])
            else:
                text += self.text[self.at]
            self.at += 1
        self.at += 1
        return ("text", text)

    def bracket(self):
        """A list, or a relationship, which begins with a colon."""
        self.take("[")
        if self.takes(":"):
            kind = self.name()
            properties = self.map() if self.sees("{") else ("map",)
            self.take("]")
            return ("relationship", kind, properties)
        items = []
        while not self.takes("]"):
            items.append(self.value())
            self.takes(",")
        return ("list", *items)

    def map(self):
        self.take("{")
        entries = {}
        while not self.takes("}"):
            key = self.name()
            self.take(":")
            entries[key] = self.value()
            self.takes(",")
        return ("map", *sorted(entries.items()))

    def node(self):
        self.take("(")
        labels = []
        while self.takes(":"):
            labels.append(self.name())
        properties = self.map() if self.sees("{") else ("map",)
        self.take(")")
        return ("node", tuple(sorted(labels)), properties)

    def path(self):
        self.take("<")
        parts = [self.node()]
        while not self.takes(">"):
            is_left = self.takes("<-")
            if not is_left:
                self.take("-")
            relationship = self.bracket()
            self.take("-" if is_left else "->")
            parts.append(("left" if is_left else "right", relationship))
            parts.append(self.node())
        return ("path", *parts)


def parse(text):
    reader = Reader(text)
    value = reader.value()
    reader.skip()
    if reader.at != len(text):
        raise ValueError(f"more than a value: {text!r}")
    return value


def key(value):
    """Comparable and orderable, with types told apart."""
    if isinstance(value, tuple):
        return ("tuple", tuple(key(part) for part in value))
    if isinstance(value, float):
        return ("float", f"{value:.12g}")
    return (type(value).__name__, str(value))


def unordered(value):
    """The same with the items of lists in some fixed order."""
    if isinstance(value, tuple) and value and value[0] == "list":
        return ("list", *sorted((unordered(item) for item in value[1:]), key=key))
    return value
