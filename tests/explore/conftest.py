"""A home with the sample and one question that has lived through everything, the explorer on it, and a browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from etl.warehouse.release import current, path_of, swap

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]

http = httpx.Client(timeout=30)  # one for all, for each reads the system's certificates; the first plot takes seconds

UID = "QANR5L17QE1"
TEXTLESS = "QANR5L17QE2"  # answered, and without the text of its answer
DEPUTY = "PA42"
FAMILY = "Droit & « l'État »"
EVIL = '<img src="http://evil.example/a.png" onerror="document.title=\'owned\'"><script>document.title="owned"</script>'
TEXT = f"""Premier *paragraphe* avec 3 < 5.

{EVIL}

![pixel](http://evil.example/b.png) [lien](https://www.example.org/x) [piège](javascript:document.title='owned')

| Année | Montant |
|---|---|
| 2024 | 12 |
"""


@pytest.fixture(scope="session")
def home(sampled, tmp_path_factory) -> Path:
    """A home of its own: the sample's release, with the questions `UID` and `TEXTLESS`, `DEPUTY` and `FAMILY` as below."""
    home = tmp_path_factory.mktemp("explored")
    name = current(sampled).name
    shutil.copytree(path_of(sampled, name).parent, home / "warehouse" / "releases" / name)
    with duckdb.connect(str(path_of(home / "warehouse", name))) as connection:
        write(connection)
    swap(home / "warehouse", name)
    return home


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives the question `UID` a hostile text and a whole life, and the rest as its name says."""
    key = "(legislature, question_type, question_number) = (17, 'QE', 1)"
    connection.execute(
        f"UPDATE questions SET title = ?, rubrique = 'l''eau & \"l''air\"', question_text = ?, answer_text = ?, author_name = ?, "
        "ministry_asked = 'Culture', ministry = 'Justice', question_date = '2024-10-01', answer_date = '2025-02-25', "
        f"signalled_on = '2024-12-10', renewed_on = '2024-12-24', status = 'answered' WHERE {key}",
        [f"Titre_hostile {EVIL}", TEXT, "Réponse\n\n" + TEXT, EVIL],
    )
    connection.execute(
        "UPDATE questions SET status = 'answered', answer_date = '2024-11-19', answer_text = NULL WHERE uid = ?",
        [TEXTLESS],
    )
    for table in ("question_texts", "answer_texts", "attributions", "renewals"):
        connection.execute(f"DELETE FROM {table} WHERE {key}")
    for table, columns, rows in (
        (
            "question_texts",
            "jo_date, jo_page, text, erratum",
            "('2024-10-01', 11, 't', NULL), ('2024-10-15', 12, 't', 'Lire « eau ».')",
        ),
        ("answer_texts", "jo_date, jo_page, text, erratum", "('2025-02-25', 99, 't', NULL)"),
        (
            "attributions",
            "jo_date, ministry, ministry_id",
            "('2024-10-01', 'Culture', 'PO1'), ('2024-11-05', 'Justice', 'PO2'), ('2024-12-24', 'Justice', 'PO3')",
        ),
        ("renewals", "renewed_on", "('2024-12-24')"),
    ):
        connection.execute(
            f"INSERT INTO {table} (legislature, question_type, question_number, rank, {columns}) "
            f"SELECT 17, 'QE', 1, row_number() OVER (), * FROM (VALUES {rows})"
        )
    connection.execute(
        "INSERT INTO deputies (deputy_id, civility, first_name, last_name) VALUES (?, 'Mme', 'Zoé', 'L''Étoile-Xyz')",
        [DEPUTY],
    )
    connection.execute(
        "UPDATE questions SET deputy_id = ?, group_name = 'Groupe Zébu', department = 'Gironde' "
        "WHERE legislature >= 16 AND question_number % 11 = 1",
        [DEPUTY],
    )
    connection.execute(
        "INSERT INTO ministry_families BY NAME SELECT ? AS family, 'Justice' AS ministry, ['justice'] AS matched_words",
        [FAMILY],
    )


@contextmanager
def explorer(home: Path, *options: str) -> Iterator[str]:
    """Runs `anq explore` on any free port, and ends it as Ctrl-C does; gives its address."""
    command = [Path(sys.executable).with_name("anq"), "--home", home, "explore", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="package")
def address(home) -> Iterator[str]:
    with explorer(home) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium; no test of the page without it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def context(browser) -> Iterator[BrowserContext]:
    """One browser's cache for all visits, as a person's."""
    with browser.new_context(locale="fr-FR") as context:
        yield context


@pytest.fixture(scope="package")
def visitor(context, address) -> Visit:
    """Whose one tab all visits are in: a new one takes half a second."""
    return Visit(context.new_page(), address)


@pytest.fixture
def visit(visitor) -> Iterator[Visit]:
    """Opens the explorer; what the page asks of any other machine fails the test, as does an error of its own."""
    visitor.asked.clear()
    visitor.errors.clear()
    yield visitor
    visitor.page.evaluate("sessionStorage.clear()")
    visitor.page.goto("about:blank")
    assert [url for url in visitor.asked if not url.startswith((f"{visitor.address}/", "data:"))] == []
    assert visitor.errors == []


class Visit:
    """A visitor's page, and what it did behind the scenes."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console", lambda message: self.errors.append(message.text) if "Content Security" in message.text else None
        )
        page.set_default_timeout(15_000)

    def __call__(self, query: str = "", *, width: int = 1280) -> Page:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.goto(f"{self.address}/{query}")
        return self.page
