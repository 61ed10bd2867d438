"""gyre by its C interface: graphs that are loaded once, and any number of queries on each."""
import ctypes
import json
import os
import re
import sys

OK = 0
NULL, BOOL, INTEGER, FLOAT, TEXT, TIME, DURATION, EDGE, NESTED = range(9)

HEADER = os.path.join(os.path.dirname(__file__), "..", "..", "include", "gyre.h")
SCALARS = {"int": ctypes.c_int, "bool": ctypes.c_bool, "double": ctypes.c_double,
           "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
           "size_t": ctypes.c_size_t}
FIELD = re.compile(r"(?:const )?(struct |enum )?(\w+)( \*(?:const \*)?| )(\w+)(?:\[(\d+)\])?;")


def structure(name):
    """A structure of the public header, so that the two cannot part."""
    with open(HEADER, encoding="utf-8") as header:
        text = re.sub(r"/\*.*?\*/", "", header.read(), flags=re.DOTALL)
    body = re.search(r"struct %s {(.*?)\n};" % name, text, flags=re.DOTALL).group(1)
    made = []
    for tag, type_, star, field, count in FIELD.findall(body):
        if "*" in star:
            kind = ctypes.c_char_p if type_ == "char" and star == " *" else ctypes.c_void_p
        elif tag == "enum ":
            kind = ctypes.c_int
        else:
            kind = ctypes.c_char * int(count) if type_ == "char" else SCALARS[type_]
        made.append((field, kind))
    if len(made) != body.count(";"):
        raise ValueError(f"a field of struct {name} is not understood")
    return type(name, (ctypes.Structure,), {"_fields_": made})


Error, EngineOptions, LoadOptions, Parameter, QueryOptions, Value = map(structure, (
    "gyre_error", "gyre_engine_options", "gyre_load_options", "gyre_parameter",
    "gyre_query_options", "gyre_value"))
# `text` is read by its length.
Value = type("gyre_value", (ctypes.Structure,), {"_fields_": [
    (name, ctypes.c_void_p if kind is ctypes.c_char_p else kind) for name, kind in Value._fields_]})


class Failed(Exception):
    """gyre refused or failed; the message is its own."""


TUNABLES = "glibc.rtld.optional_static_tls=16384"


def load_library(path):
    """jemalloc wants more static thread-local storage than glibc keeps for what is loaded late, so
    that a program that was not linked with it has to be started with room for it."""
    try:
        return ctypes.CDLL(path)
    except OSError as error:
        if "static TLS" not in str(error) or os.environ.get("GLIBC_TUNABLES") == TUNABLES:
            raise
        os.environ["GLIBC_TUNABLES"] = TUNABLES
        os.execv(sys.executable, [sys.executable, *sys.argv])


def open_library(path):
    library = load_library(path)
    library.gyre_result_column_name.restype = ctypes.c_char_p
    library.gyre_result_rows.restype = ctypes.c_uint64
    library.gyre_result_value.argtypes = [ctypes.c_void_p, ctypes.c_uint64, ctypes.c_uint32,
                                          ctypes.POINTER(Value), ctypes.POINTER(Error)]
    for name in ("gyre_result_columns", "gyre_result_rows", "gyre_result_close",
                 "gyre_graph_close", "gyre_engine_close"):
        getattr(library, name).argtypes = [ctypes.c_void_p]
    library.gyre_engine_open.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
    library.gyre_engine_set_timeout.argtypes = [ctypes.c_void_p, ctypes.c_int64]
    library.gyre_load.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p,
                                  ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p,
                                  ctypes.c_void_p]
    library.gyre_query.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p,
                                   ctypes.c_void_p, ctypes.c_void_p]
    return library


class Engine:
    def __init__(self, library, threads):
        self.calls = library
        self.handle = ctypes.c_void_p()
        self.error = Error()
        options = EngineOptions(threads=threads)
        self.check(library.gyre_engine_open(ctypes.byref(self.handle), ctypes.byref(options),
                                            ctypes.byref(self.error)))

    def check(self, status):
        if status != OK:
            raise Failed(self.error.text.decode(errors="replace"))

    def close(self):
        self.calls.gyre_engine_close(self.handle)


class Graph:
    """A loaded file; `with` closes it."""

    def __init__(self, engine, path, partitions):
        self.engine = engine
        self.handle = ctypes.c_void_p()
        paths = (ctypes.c_char_p * 1)(path.encode())
        options = LoadOptions(partitions=partitions)
        engine.check(engine.calls.gyre_load(
            ctypes.byref(self.handle), engine.handle, paths, 1, ctypes.byref(options), None,
            ctypes.byref(engine.error)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.calls.gyre_graph_close(self.handle)

    def query(self, text, parameters):
        """Names of the columns, and rows of Python values (see `read`)."""
        array = (Parameter * len(parameters))(*[
            Parameter(name.encode(), value.encode()) for name, value in parameters.items()])
        options = QueryOptions(parameters=ctypes.addressof(array), parameter_count=len(parameters))
        engine, library = self.engine, self.engine.calls
        result = ctypes.c_void_p()
        engine.error = Error()
        library.gyre_engine_set_timeout(engine.handle, 20_000_000_000)
        status = library.gyre_query(ctypes.byref(result), self.handle, text.encode(),
                                    ctypes.byref(options), ctypes.byref(engine.error))
        try:
            engine.check(status)
            columns = library.gyre_result_columns(result)
            rows = library.gyre_result_rows(result)
            names = [library.gyre_result_column_name(result, i).decode() for i in range(columns)]
            return names, [tuple(self.read(result, row, column) for column in range(columns))
                           for row in range(rows)]
        finally:
            library.gyre_result_close(result)

    def read(self, result, row, column):
        value = Value()
        engine = self.engine
        engine.check(engine.calls.gyre_result_value(result, row, column, ctypes.byref(value),
                                                      ctypes.byref(engine.error)))
        if value.type == NULL:
            return None
        if value.type == BOOL:
            return bool(value.integer)
        if value.type == FLOAT:
            return value.real
        if value.type == INTEGER:
            return value.integer
        if value.type in (TIME, DURATION, EDGE):
            return ({TIME: "time", DURATION: "duration", EDGE: "edge"}[value.type], value.integer)
        text = ctypes.string_at(value.text, value.text_bytes).decode()
        return json.loads(text) if value.type == NESTED and text[:1] in '["{' else text
