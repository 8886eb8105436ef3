"""`python -m benchmarks.search N=100000`: what anq, PostgreSQL and SQLite take to answer, on the same questions."""

from __future__ import annotations

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.measure import measure
from benchmarks.postgres import load, server
from benchmarks.run import ANQ, CHANGED, ROOT, replace_what_differs
from benchmarks.views import POSTGRESQL, load_lives, rows_of, view_queries
from etl.sample import write_sample

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
    """Prints what each query takes in each database: milliseconds, the median of TIMES."""
    with (
        duckdb.connect(str(release), read_only=True) as connection,
        server(folder) as postgres,
        _sqlite(connection, folder) as sqlite,
    ):
        _postgres_load(connection, postgres, folder)
        print(f"\n{'milliseconds':<28}{'anq':>9}{'PostgreSQL':>12}{'SQLite':>9}{'PG/anq':>9}{'SQLite/anq':>12}")
        for what, *queries in _queries(_rarest(connection)):
            asks = (_duckdb_ask(connection), _cursor_ask(postgres), _cursor_ask(sqlite))
            anq, pg, lite = (_median(ask, query) for ask, query in zip(asks, queries, strict=True))
            print(f"{what:<28}{anq:>9.1f}{pg:>12.1f}{lite:>9.1f}{pg / anq:>9.1f}{lite / anq:>12.1f}")
        load_lives(connection, postgres, folder)
        for view, query in view_queries():
            anq = _median(_duckdb_ask(connection), query)
            if view in POSTGRESQL:
                pg = _median(_cursor_ask(postgres), rows_of(POSTGRESQL[view]))
                print(f"{view:<28}{anq:>9.1f}{pg:>12.1f}{'':>9}{pg / anq:>9.1f}", flush=True)
            else:
                print(f"{view:<28}{anq:>9.1f}", flush=True)


def _queries(rarest: str) -> Iterator[tuple[str, str, str, str]]:
    """What is asked for, and its SQL for each of the three."""
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
    """The word that the fewest questions have, among those that are not a stem themselves."""
    row = release.execute(
        "SELECT word FROM search.words JOIN search.postings USING (stem) WHERE NOT contains(word, '-') "
        "GROUP BY word ORDER BY sum(len(numbers)), word LIMIT 1"
    ).fetchone()
    assert row is not None
    return str(row[0])


def _median(ask: Ask, query: str) -> float:
    """Milliseconds that a query takes when it has been asked once before."""
    ask(query)
    milliseconds = []
    for _ in range(TIMES):
        started = time.perf_counter()
        ask(query)
        milliseconds.append(1000 * (time.perf_counter() - started))
    return statistics.median(milliseconds)


def _duckdb_ask(connection: duckdb.DuckDBPyConnection) -> Ask:
    return lambda query: connection.execute(query).fetchall()


def _cursor_ask(connection: Any) -> Ask:  # noqa: ANN401
    def ask(query: str) -> list[Any]:
        cursor = connection.cursor()
        cursor.execute(query)
        return list(cursor.fetchall())

    return ask


def _select(cast: str = "") -> str:
    """The rows that all three have; dates with this cast, an empty text in place of NULL."""
    sql = {name: f"{name}{cast}" for name in DATES} | {name: f"coalesce({name}, '')" for name in TEXTS}
    return f"SELECT {', '.join(sql.get(name, name) for name in COLUMNS)} FROM questions"


def _postgres_load(release: duckdb.DuckDBPyConnection, postgres: Any, folder: Path) -> None:  # noqa: ANN401
    types = {"legislature": "smallint", "question_number": "integer", **dict.fromkeys(DATES, "date")}
    words = "to_tsvector('french', title || ' ' || question_text || ' ' || answer_text)"
    seconds = load(
        release,
        postgres,
        folder,
        "questions",
        _select(),
        {name: types.get(name, "text") for name in COLUMNS},
        generated=f"tsv tsvector GENERATED ALWAYS AS ({words}) STORED",
        indexes=("(ministry, question_date)", "USING gin (tsv)"),
    )
    cursor = postgres.cursor()
    cursor.execute("SELECT pg_total_relation_size('questions') / 1e6")
    print(f"PostgreSQL: loaded and indexed in {seconds:.1f} s, {cursor.fetchone()[0]:,.0f} MB")


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
    rows = source.execute(_select("::VARCHAR"))
    while batch := rows.fetchmany(5000):
        connection.executemany(f"INSERT INTO questions VALUES ({', '.join('?' * len(COLUMNS))})", batch)
    connection.execute("INSERT INTO texts (texts) VALUES ('rebuild')")
    connection.commit()
    connection.execute("ANALYZE")
    print(f"SQLite: loaded and indexed in {time.perf_counter() - started:.1f} s, {path.stat().st_size / 1e6:,.0f} MB")
    yield connection
    connection.close()


if __name__ == "__main__":
    main()
