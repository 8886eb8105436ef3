"""docs/data-access.md does what it says: each snippet is run as it is pasted, where `data/` is a home of the sample."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import yaml

from benchmarks.range_server import serving as web_server
from etl.settings import Settings
from etl.share.current import share
from etl.share.lakehouse import bring
from tests.serve.test_server import extension

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"```([\w ]+)\n(.*?)```", (ROOT / "docs" / "data-access.md").read_text("utf-8"), re.DOTALL)
HERE = Path(sys.executable).parent
TOKEN = "sesame, open thyself"


def of(language: str) -> list[str]:
    return [text for one, text in BLOCKS if one == language]


@pytest.fixture
def place(sampled, tmp_path) -> Path:
    """An empty folder, with the home as `data`."""
    (tmp_path / "data").symlink_to(sampled.parent)
    return tmp_path


def run(place: Path, command: list[str], **environment: str) -> str:
    path = f"{HERE}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "AIRFLOW_HOME": str(place / "airflow"), **environment}
    environment.pop("ANQ_HOME", None)
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_every_language_is_run_here():
    """SQL is run by test_docs.py."""
    assert {language for language, _ in BLOCKS} == {
        "sql",
        "sql attach",
        "sql elsewhere",
        "sql lakehouse",
        "sh",
        "python",
        "r",
        "js",
        "yaml",
        "sql remote",
    }


@pytest.mark.parametrize("text", [text for text in of("sh") if "anq serve" not in text])
def test_shell(place, text):
    said = run(place, ["bash", "-euo", "pipefail", "-c", text])
    assert said
    for folder in place.glob("*/datapackage.json"):
        assert len(list(folder.parent.iterdir())) > 1


def test_attached(place, monkeypatch):
    (text,) = of("sql attach")
    monkeypatch.chdir(place)
    with duckdb.connect() as connection:
        answers = [connection.execute(statement).fetchall() for statement in text.split(";") if statement.strip()]
    assert all(answers[1:])


def test_elsewhere(sampled, tmp_path):
    """The address is a server's on this machine."""
    public = tmp_path / "public"
    shared = share(Settings(sampled.parent, "sample"), str(public), datetime.now(UTC))
    with web_server(public) as server, duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension('httpfs')}'")
        for text in of("sql elsewhere"):
            here = text.replace("https://data.example.fr/anq", server.url)
            here = here.replace("20260922T043000Z-1a2b3c4d", shared.about.release)
            for statement in filter(str.strip, here.split(";")):
                answer = connection.execute(statement).fetchall()
                assert answer or "ATTACH" in statement
            connection.execute("DETACH anq")


def test_in_a_ducklake(sampled, tmp_path):
    """Its catalogue is a file."""
    [text] = of("sql lakehouse")
    where = f"ducklake:{tmp_path}/catalogue.ducklake"
    release = bring(sampled, where, None, {})
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{extension('ducklake')}'")
        statements = text.replace("ducklake:postgres:host=db.example.fr dbname=lake", where).split(";")
        _, overdue, snapshots, at, _ = (connection.execute(one).fetchall() if one.strip() else [] for one in statements)
    assert (len(overdue), snapshots, at) == (5, [(1, release)], [(3000,)])


@pytest.mark.parametrize("text", of("python"))
def test_python(place, text):
    said = run(place, [sys.executable, "-W", "ignore", "-c", text])
    assert said or "airflow" in text


def test_r_with_duckdb(sampled):
    """Its package may not be here: its path is the one of the page, and DuckDB runs its query."""
    text, _ = of("r")
    [(path, asked)] = re.findall(r'dbdir = "(.*?)".*?"(SELECT .*?)"', text, re.DOTALL)
    assert path == "data/warehouse/current.duckdb"
    with duckdb.connect(sampled / "current.duckdb", read_only=True) as connection:
        assert connection.execute(asked).fetchall()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed (Debian: apt-get install r-base-core)")
def test_r_on_an_export(place):
    _, text = of("r")
    run(place, ["anq", "export", "csv", "--format", "csv"])
    said = run(place, ["Rscript", "-e", text])
    assert sum(int(row.split()[-1]) for row in said.splitlines()[1:]) == 3000


def test_what_a_web_page_asks(place):
    """No Observable is here: DuckDB runs its query, on the file of the export that it names."""
    [text] = of("js")
    [(name, path)] = re.findall(r'\{(\w+): FileAttachment\("(.*?)"\)', text)
    [asked] = re.findall(r'"(SELECT .*?)"', text)
    run(place, ["anq", "export", "parquet"])
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW {name} AS FROM '{place / path}'")
        assert sum(count for _, count in connection.execute(asked).fetchall()) == 3000


def test_dbt(place, monkeypatch):
    """dbt-duckdb attaches what its profile lists, with these options."""
    [text] = of("yaml")
    [attached] = yaml.safe_load(text)["reading_anq"]["outputs"]["dev"]["attach"]
    assert attached.pop("read_only") is True
    monkeypatch.chdir(place)
    with duckdb.connect("mine.duckdb") as connection:
        connection.execute(f"ATTACH '{attached.pop('path')}' AS {attached.pop('alias')} (READ_ONLY)")
        assert attached == {}
        connection.execute("CREATE TABLE model AS SELECT status, count(*) AS n FROM anq.main.questions GROUP BY ALL")


@contextmanager
def serving(place: Path, port: str) -> Iterator[None]:
    """The server, as the page starts it."""
    [serve] = [text for text in of("sh") if "anq serve" in text]
    environment = {
        **os.environ,
        "PATH": f"{HERE}:{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "ANQ_TOKEN": TOKEN,
    }
    server = subprocess.Popen(
        ["bash", "-c", f"exec {serve.replace('9494', port)}"], cwd=place, env=environment, stdout=subprocess.PIPE
    )
    try:
        assert b"serving" in server.stdout.readline()
        yield
    finally:
        server.terminate()
        server.communicate()
    assert server.returncode == 0


@pytest.fixture
def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


@pytest.fixture
def extensions(place) -> Path:
    """Where a client of this home has its extensions."""
    folder = place / ".duckdb" / "extensions"
    for name in ("quack", "httpfs"):
        path = extension(name)
        installed = folder / path.parent.name / duckdb.sql("PRAGMA platform").fetchall()[0][0]
        installed.mkdir(parents=True, exist_ok=True)
        (installed / path.name).symlink_to(path)
    return folder


def test_another_machine(place, port, extensions):
    """The client is the DuckDB shell."""
    asked, _ = of("sql remote")
    with serving(place, port):
        said = run(place, ["duckdb", "-csv", "-c", here(asked, port)], HOME=str(place))
    assert "answered," in said
    assert "QANR5L" in said


def test_after_the_server_has_started_again(place, port, extensions):
    asked, again = (here(text, port) for text in of("sql remote"))
    question = "FROM anq.query('SELECT count(*) FROM questions')"
    with duckdb.connect(config={"extension_directory": str(extensions)}) as connection:
        with serving(place, port):
            connection.execute(asked.partition("\n")[0])
            assert connection.execute(question).fetchall() == [(3000,)]
        with serving(place, port):
            with pytest.raises(duckdb.Error, match="Invalid connection id"):
                connection.execute(question)
            assert connection.execute(again).fetchall()[0][0] is not None
            assert connection.execute(question).fetchall() == [(3000,)]


def here(text: str, port: str) -> str:
    return text.replace("9494", port).replace("the token", TOKEN)


def test_sqlalchemy_reads_keys_and_comments_and_writes_nothing(sampled):
    import sqlalchemy as sa

    from etl.schema import tables

    engine = sa.create_engine(f"duckdb:///{sampled}/current.duckdb?access_mode=read_only", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for table in tables().values():
            if table.schema == "lake":
                continue
            found = sa.Table(table.name, sa.MetaData(), schema=table.schema, autoload_with=connection)
            assert set(found.primary_key.columns.keys()) == set(table.primary_key), table.full_name
            assert found.comment == table.comment
            assert {column.name: column.comment for column in found.columns} == {
                one.name: one.comment for one in table.columns
            }
        assert connection.execute(sa.text("SELECT count(*) FROM fr.questions")).scalar() == 3000
        with pytest.raises(sa.exc.DBAPIError, match="read-only"):
            connection.execute(sa.text("DELETE FROM questions"))
