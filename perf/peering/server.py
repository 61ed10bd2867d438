"""One peer in a process of its own: loads a file and answers questions, as told on standard input.

    python server.py PEER THREADS

Reads a JSON object a line: {"load": path} or {"query": text, "limit_s": seconds, "runs": most};
answers each with one, {"seconds": ...} and more, or {"error": text}, or {"late": true} where the
limit was reached. A question is repeated while that is cheap, and the best run counts.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

REPEAT_S = 1.0
TEXT_COLUMNS = "Sport Dport".split()


class Late(Exception):
    pass


class Lists:
    """Lists as DuckDB and PostgreSQL write them."""
    one, longer, is_new = "ARRAY[d]", "w.seen || ARRAY[f.d]", "f.d <> ALL (w.seen)"


class DuckDB(Lists):
    minute, bucket, row = "INTERVAL 60 SECOND", "epoch_us(StartTime) // 60000000", "rowid"
    has_codes = False

    def __init__(self, threads, folder):
        import duckdb
        self.module = duckdb
        self.version = duckdb.__version__
        self.db = duckdb.connect()
        self.db.execute(f"SET threads = {threads}")
        self.db.execute("SET enable_progress_bar = false")

    def load(self, path):
        self.db.execute("DROP TABLE IF EXISTS flows")
        types = ", ".join(f"'{column}': 'VARCHAR'" for column in TEXT_COLUMNS)
        self.db.execute(
            "CREATE TABLE flows AS SELECT *, SrcAddr AS s, DstAddr AS d FROM read_csv(?,"
            " header=true, delim=',', timestampformat='%Y/%m/%d %H:%M:%S.%f',"
            f" types={{'StartTime': 'TIMESTAMP', {types}}})", [path])
        if not self.has_codes:
            return
        self.db.execute("CREATE OR REPLACE TABLE codes AS SELECT a, row_number() OVER ()::INTEGER"
                        " AS i FROM (SELECT s AS a FROM flows UNION SELECT d FROM flows)")
        self.db.execute("CREATE TABLE coded AS SELECT f.* EXCLUDE (s, d), x.i AS s, y.i AS d"
                        " FROM flows f JOIN codes x ON f.s = x.a JOIN codes y ON f.d = y.a")
        self.db.execute("DROP TABLE flows")
        self.db.execute("ALTER TABLE coded RENAME TO flows")

    def count(self, text, limit_s):
        timer = threading.Timer(limit_s, self.db.interrupt)
        timer.start()
        try:
            return self.db.execute(text).fetchone()[0]
        except self.module.InterruptException as error:
            raise Late from error
        finally:
            timer.cancel()


class DuckDBCoded(DuckDB):
    has_codes = True


class Kuzu:
    """Timed without the waiting for its disk: the database is where temporary files are."""
    name = "kuzu"

    def __init__(self, threads, folder):
        self.module = __import__(self.name)
        self.version = self.module.__version__
        self.threads, self.folder, self.loads = threads, folder, 0

    def load(self, path):
        self.loads += 1
        self.database = self.module.Database(str(self.folder / f"{self.name}{self.loads}"))
        self.db = self.module.Connection(self.database)
        self.db.set_max_threads_for_exec(self.threads)
        rows = f"LOAD FROM '{path}' (file_format='csv', header=true)"
        self.db.execute("CREATE NODE TABLE Host(address STRING PRIMARY KEY)")
        self.db.execute(
            "CREATE REL TABLE Flow(FROM Host TO Host, StartTime TIMESTAMP, Dur DOUBLE,"
            " Proto STRING, Sport STRING, Dir STRING, Dport STRING, State STRING, sTos INT64,"
            " dTos INT64, TotPkts INT64, TotBytes INT64, SrcBytes INT64, Label STRING)")
        self.db.execute(f"COPY Host FROM ({rows} WITH [SrcAddr, DstAddr] AS both"
                        " UNWIND both AS address RETURN DISTINCT address)")
        self.db.execute(
            f"COPY Flow FROM ({rows} RETURN SrcAddr, DstAddr, StartTime, CAST(Dur AS DOUBLE),"
            " Proto, Sport, Dir, Dport, State, sTos, dTos, TotPkts, TotBytes, SrcBytes, Label)")

    def count(self, text, limit_s):
        self.db.set_query_timeout(int(limit_s * 1000))
        try:
            return self.db.execute(text).get_next()[0]
        except RuntimeError as error:
            raise Late from error if "nterrupt" in str(error) else error


class Ladybug(Kuzu):
    name = "ladybug"


class ClickHouse:
    minute, bucket, row = ("INTERVAL 60 SECOND",
                           "intDiv(toUnixTimestamp64Micro(StartTime), 60000000)", "row")
    one, longer, is_new = "[d]", "arrayPushBack(w.seen, f.d)", "NOT has(w.seen, f.d)"

    def __init__(self, threads, folder):
        from chdb import session
        self.db = session.Session(str(folder / "clickhouse"))
        self.version = self.ask("SELECT version()")
        self.ask(f"SET max_threads = {threads}")
        self.ask(f"SET max_insert_threads = {threads}")

    def ask(self, text):
        return str(self.db.query(text)).strip().strip('"')

    def load(self, path):
        for name in ("flows", "codes", "raw"):
            self.ask(f"DROP TABLE IF EXISTS {name}")
        few = "LowCardinality(String)"
        self.ask(
            "CREATE TABLE raw ENGINE = Memory AS SELECT parseDateTime64BestEffort(Start, 6) AS"
            " StartTime, rowNumberInAllBlocks() AS row, * EXCEPT (Start) FROM"
            f" file('{path}', CSV, 'Start String, Dur Float64, Proto {few}, SrcAddr String, Sport"
            f" String, Dir {few}, DstAddr String, Dport String, State {few}, sTos Nullable(Int32),"
            f" dTos Nullable(Int32), TotPkts Int64, TotBytes Int64, SrcBytes Int64, Label {few}')"
            " SETTINGS input_format_csv_skip_first_lines = 1")
        self.ask("CREATE TABLE codes ENGINE = Memory AS SELECT a, toUInt32(rowNumberInAllBlocks())"
                 " AS i FROM (SELECT SrcAddr AS a FROM raw UNION DISTINCT SELECT DstAddr FROM raw)")
        self.ask("CREATE TABLE flows ENGINE = MergeTree ORDER BY (s, d, StartTime) AS SELECT"
                 " raw.*, x.i AS s, y.i AS d FROM raw JOIN codes x ON SrcAddr = x.a"
                 " JOIN codes y ON DstAddr = y.a")
        self.ask("DROP TABLE raw")

    def count(self, text, limit_s):
        try:
            return int(self.ask(f"{text} SETTINGS max_execution_time = {limit_s}"))
        except RuntimeError as error:
            raise Late from error if "TIMEOUT_EXCEEDED" in str(error) else error


class PostgreSQL(Lists):
    """A cluster of its own, made for this run, with the indexes that these questions want."""
    minute, bucket, row = ("INTERVAL '60 seconds'",
                           "floor(extract(epoch FROM StartTime) / 60)::bigint", "ctid")
    columns = ("StartTime timestamp, Dur float8, Proto text, SrcAddr text, Sport text, Dir text,"
               " DstAddr text, Dport text, State text, sTos int, dTos int, TotPkts bigint,"
               " TotBytes bigint, SrcBytes bigint, Label text")

    def __init__(self, threads, folder):
        import psycopg
        self.module = psycopg
        self.programs = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"),
                            key=lambda p: int(p.parent.name))
        self.data = folder / "postgresql"
        self.data.mkdir()
        self.as_user = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(folder, "postgres")
            shutil.chown(self.data, "postgres")
            self.as_user = ["runuser", "-u", "postgres", "--"]
        self.control("initdb", "-D", self.data, "-A", "trust", "-U", "gyre")
        self.control("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o",
                     f"-c listen_addresses= -c unix_socket_directories={self.data} -c fsync=off"
                     " -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=1GB"
                     " -c work_mem=512MB -c maintenance_work_mem=512MB -c max_wal_size=8GB"
                     f" -c max_parallel_workers_per_gather={threads - 1}"
                     f" -c max_parallel_maintenance_workers={threads - 1}", "start")
        self.db = psycopg.connect(host=str(self.data), user="gyre", dbname="postgres",
                                  autocommit=True)
        self.version = re.match(r"[\d.]+", self.ask("SHOW server_version")).group()

    def control(self, program, *arguments):
        subprocess.run([*self.as_user, self.programs / program, *arguments], check=True,
                       stdout=subprocess.DEVNULL)

    def ask(self, text):
        row = self.db.execute(text)
        return row.fetchone()[0] if row.description else None

    def load(self, path):
        self.ask("DROP TABLE IF EXISTS raw, codes, flows")
        self.ask(f"CREATE UNLOGGED TABLE raw ({self.columns})")
        with open(path, "rb") as file, self.db.cursor().copy(
                "COPY raw FROM STDIN (FORMAT csv, HEADER)") as copy:
            while block := file.read(1 << 20):
                copy.write(block)
        self.ask("CREATE UNLOGGED TABLE codes AS SELECT a, row_number() OVER ()::int AS i FROM"
                 " (SELECT SrcAddr AS a FROM raw UNION SELECT DstAddr FROM raw) both_ends")
        self.ask("CREATE UNLOGGED TABLE flows AS SELECT raw.*, x.i AS s, y.i AS d FROM raw"
                 " JOIN codes x ON SrcAddr = x.a JOIN codes y ON DstAddr = y.a")
        self.ask("DROP TABLE raw")
        for columns in ("s, d, StartTime", "s, StartTime", "d, StartTime", "Proto"):
            self.ask(f"CREATE INDEX ON flows ({columns})")
        self.ask("VACUUM ANALYZE flows")

    def count(self, text, limit_s):
        self.ask(f"SET statement_timeout = {int(limit_s * 1000)}")
        try:
            return self.ask(text)
        except self.module.errors.QueryCanceled as error:
            raise Late from error

    def close(self):
        self.db.close()
        self.control("pg_ctl", "-D", self.data, "-m", "immediate", "stop")


PEERS = {"DuckDB, text": DuckDB, "DuckDB, integers": DuckDBCoded, "Kuzu": Kuzu, "Ladybug": Ladybug,
         "ClickHouse": ClickHouse, "PostgreSQL": PostgreSQL}


def memory_bytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return None


def load(peer, request):
    start = time.perf_counter()
    peer.load(request["load"])
    memory = None if isinstance(peer, PostgreSQL) else memory_bytes()
    return {"seconds": time.perf_counter() - start, "version": peer.version, "memory": memory}


def ask(peer, request):
    text = request["query"]
    for name in ("minute", "bucket", "row", "one", "longer", "is_new"):
        text = text.replace("{" + name + "}", getattr(peer, name, ""))
    best, spent, count = None, 0.0, None
    for _ in range(request["runs"]):
        start = time.perf_counter()
        count = peer.count(text, request["limit_s"])
        took = time.perf_counter() - start
        best = took if best is None else min(best, took)
        spent += took
        if spent > REPEAT_S:
            break
    return {"seconds": best, "count": int(count)}


def answer(peer, request):
    try:
        return load(peer, request) if "load" in request else ask(peer, request)
    except Late:
        return {"late": True}
    except Exception as error:  # a peer's failure is a figure too
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    answers = os.fdopen(os.dup(1), "w")  # peers may write to standard output
    os.dup2(2, 1)
    with tempfile.TemporaryDirectory(prefix="gyre-peer-", ignore_cleanup_errors=True) as folder:
        peer = PEERS[name](threads, pathlib.Path(folder))
        try:
            for line in sys.stdin:
                print(json.dumps(answer(peer, json.loads(line))), file=answers, flush=True)
        finally:
            if hasattr(peer, "close"):
                peer.close()


if __name__ == "__main__":
    main()
