"""`python -m benchmarks.search N=100000`: what anq, PostgreSQL and SQLite take to answer, on the same questions."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from benchmarks.measure import measure
from benchmarks.run import ANQ, CHANGED, ROOT, replace_what_differs
from benchmarks.views import POSTGRESQL, all_of, asked, load_lives
from etl.sample import write_sample

POSTGRES = Path("/usr/lib/postgresql")  # Debian's; the newest of its versions
TIMES = 7
DATES = ("question_date", "answer_date")
TEXTS = ("title", "question_text", "answer_text")
COLUMNS = ("legislature", "question_type", "question_number", "ministry", *DATES, *TEXTS)
WORDS = {
    "search: a rare word": "Creuse",
    "search: a common word": "formation",
    "search: in nearly all": "ministre",
    "search: two words": "retraite agriculteurs",
    "search: three common words": "depuis plusieurs mois",
    "search: a phrase": '"formation professionnelle"',
    "search: a common phrase": '"plusieurs mois"',
    "search: without": "formation -retraite",
}
DELAYS = """
    SELECT ministry, count(*), count(answer_date), avg(answer_date - question_date),
           avg(CASE WHEN answer_date <= question_date + INTERVAL '2 months' THEN 1 ELSE 0 END)
    FROM questions WHERE question_type = 'QE' AND question_date IS NOT NULL GROUP BY ministry ORDER BY 2 DESC
"""
SQLITE_DELAYS = DELAYS.replace("answer_date - question_date", "julianday(answer_date) - julianday(question_date)")
SQLITE_DELAYS = SQLITE_DELAYS.replace("question_date + INTERVAL '2 months'", "date(question_date, '+2 months')")
LOOKUP = (
    "SELECT ministry, title FROM questions WHERE legislature = 15 AND question_type = 'QE' AND question_number = 77"
)
LIKE = "SELECT count(*) FROM questions WHERE answer_text LIKE '%zones rurales%'"

Ask = Callable[[str], Any]


def main() -> None:
    """Prints the comparison."""
    questions = int(dict(argument.split("=") for argument in sys.argv[1:]).get("N", 100_000))
    with tempfile.TemporaryDirectory(prefix="anq-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's user reads it
        os.chdir(ROOT)
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start; {questions:,} questions")
        site, home = folder / "site", folder / "home"
        write_sample(site, questions=questions, seed=1)
        write_sample(folder / "tomorrow", questions=questions, seed=1, changes=CHANGED)
        run = (ANQ, "--home", str(home), "--source", str(site), "run")
        print(f"anq: first load {measure(run, folder / 'log.txt').seconds:.1f} s, index and all")
        compare(home / "warehouse/current.duckdb", folder)
        replace_what_differs(site, folder / "tomorrow")
        print(f"anq: {CHANGED} changed questions searchable {measure(run, folder / 'log.txt').seconds:.1f} s after")


def compare(release: Path, folder: Path) -> None:
    """Prints what each question takes in each database, in milliseconds, the median of some times."""
    with duckdb.connect(str(release), read_only=True) as connection:
        rows = folder / "rows.csv"
        connection.execute(f"COPY ({_select()}) TO '{rows}' (FORMAT csv, HEADER false)")
        rows.chmod(0o644)
        with _postgres(folder) as postgres, _sqlite(connection, folder) as sqlite:
            _postgres_load(postgres, rows)
            rows.unlink()
            print(f"\n{'milliseconds':<28}{'anq':>9}{'PostgreSQL':>12}{'SQLite':>9}{'PG/anq':>9}{'SQLite/anq':>12}")
            for what, *queries in _queries(_rarest(connection)):
                asks = (_duckdb_ask(connection), _cursor_ask(postgres), _cursor_ask(sqlite))
                anq, pg, lite = (_median(ask, query) for ask, query in zip(asks, queries, strict=True))
                print(f"{what:<28}{anq:>9.1f}{pg:>12.1f}{lite:>9.1f}{pg / anq:>9.1f}{lite / anq:>12.1f}")
            load_lives(connection, postgres, folder)
            for view, query in asked():
                anq = _median(_duckdb_ask(connection), query)
                if view in POSTGRESQL:
                    pg = _median(_cursor_ask(postgres), all_of(POSTGRESQL[view]))
                    print(f"{view:<28}{anq:>9.1f}{pg:>12.1f}{'':>9}{pg / anq:>9.1f}", flush=True)
                else:
                    print(f"{view:<28}{anq:>9.1f}", flush=True)


def _queries(rarest: str) -> Iterator[tuple[str, str, str, str]]:
    """What is asked, and its SQL for each of the three."""
    yield "a question by its key", LOOKUP, LOOKUP, LOOKUP
    yield "delays by ministry", DELAYS, DELAYS, SQLITE_DELAYS
    for what, words in {"search: the rarest word": rarest, **WORDS}.items():
        match = words.replace(" -", " NOT ")
        yield (
            what,
            f"FROM search('{words}', at_most := 20)",
            "SELECT legislature, question_type, question_number, ts_rank(tsv, query) AS score FROM questions, "
            f"websearch_to_tsquery('french', '{words}') AS query WHERE tsv @@ query ORDER BY score DESC LIMIT 20",
            f"SELECT rowid FROM texts WHERE texts MATCH '{match}' ORDER BY rank LIMIT 20",
        )
    yield "LIKE", LIKE, LIKE, LIKE


def _rarest(release: duckdb.DuckDBPyConnection) -> str:
    """The word that the fewest questions have, of those that are no stem."""
    found = release.execute(
        "SELECT word FROM search.words JOIN search.postings USING (stem) WHERE NOT contains(word, '-') "
        "GROUP BY word ORDER BY sum(len(numbers)), word LIMIT 1"
    ).fetchone()
    assert found is not None
    return str(found[0])


def _median(ask: Ask, query: str) -> float:
    """Milliseconds, once it has been asked."""
    ask(query)
    taken = []
    for _ in range(TIMES):
        started = time.perf_counter()
        ask(query)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken)


def _duckdb_ask(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda query: connection.execute(query).fetchall()


def _cursor_ask(connection: Any) -> Ask:  # noqa: ANN401
    def ask(query: str) -> list[Any]:
        cursor = connection.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())

    return ask


def _select(cast: str = "") -> str:
    """The rows that all three have; dates as `cast` makes them, no text NULL."""
    told = {name: f"{name}{cast}" for name in DATES} | {name: f"coalesce({name}, '')" for name in TEXTS}
    return f"SELECT {', '.join(told.get(name, name) for name in COLUMNS)} FROM questions"


@contextmanager
def _postgres(folder: Path) -> Iterator[Any]:
    """A server of its own, in the folder, on a free port, with more memory than by default."""
    programs = max(POSTGRES.iterdir(), key=lambda path: float(path.name)) / "bin"
    owner = "postgres" if os.geteuid() == 0 else None  # it refuses to be root
    data = folder / "postgres"
    data.mkdir()
    if owner:
        shutil.chown(data, owner)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subprocess.run(
        [programs / "initdb", "-D", data / "data", "-A", "trust", "-U", "bench", "--locale=C.UTF-8"],
        user=owner, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    options = {
        "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": data, "shared_buffers": "1GB",
        "maintenance_work_mem": "512MB", "work_mem": "128MB", "max_wal_size": "8GB", "fsync": "off",
    }  # fmt: skip
    told = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = subprocess.Popen(
        [programs / "postgres", "-D", data / "data", *told],
        user=owner,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _connect(port)
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown: it does not wait for clients
        server.wait()


def _connect(port: int) -> Any:  # noqa: ANN401
    for _ in range(100):
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=port, user="bench", dbname="postgres")
        except psycopg2.OperationalError:
            time.sleep(0.1)
        else:
            connection.autocommit = True
            return connection
    raise RuntimeError("PostgreSQL did not start")


def _postgres_load(connection: Any, rows: Path) -> None:  # noqa: ANN401
    started = time.perf_counter()
    cursor = connection.cursor()
    for statement in (
        "CREATE TABLE questions (legislature smallint, question_type text, question_number integer, ministry text, "
        "question_date date, answer_date date, title text, question_text text, answer_text text, tsv tsvector "
        "GENERATED ALWAYS AS (to_tsvector('french', title || ' ' || question_text || ' ' || answer_text)) STORED)",
        f"COPY questions ({', '.join(COLUMNS)}) FROM '{rows}' (FORMAT csv, FORCE_NOT_NULL ({', '.join(TEXTS)}))",
        "ALTER TABLE questions ADD PRIMARY KEY (legislature, question_type, question_number)",
        "CREATE INDEX ON questions (ministry, question_date)",
        "CREATE INDEX ON questions USING gin (tsv)",
        "VACUUM ANALYZE questions",
    ):
        cursor.execute(statement)
    cursor.execute("SELECT pg_total_relation_size('questions') / 1e6")
    print(f"PostgreSQL: loaded and indexed in {time.perf_counter() - started:.1f} s, {cursor.fetchone()[0]:,.0f} MB")


@contextmanager
def _sqlite(source: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[sqlite3.Connection]:
    started = time.perf_counter()
    path = folder / "questions.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript("""
        PRAGMA journal_mode = off; PRAGMA synchronous = off; PRAGMA cache_size = -1000000;
        CREATE TABLE questions (legislature, question_type, question_number, ministry, question_date, answer_date,
            title, question_text, answer_text, PRIMARY KEY (legislature, question_type, question_number));
        CREATE INDEX by_ministry ON questions (ministry, question_date, answer_date);
        CREATE VIRTUAL TABLE texts USING fts5(title, question_text, answer_text, content = 'questions',
            tokenize = 'unicode61 remove_diacritics 2');
    """)
    found = source.execute(_select("::VARCHAR"))
    while batch := found.fetchmany(5000):
        connection.executemany(f"INSERT INTO questions VALUES ({', '.join('?' * len(COLUMNS))})", batch)
    connection.execute("INSERT INTO texts (texts) VALUES ('rebuild')")
    connection.commit()
    connection.execute("ANALYZE")
    print(f"SQLite: loaded and indexed in {time.perf_counter() - started:.1f} s, {path.stat().st_size / 1e6:,.0f} MB")
    yield connection
    connection.close()


if __name__ == "__main__":
    main()
