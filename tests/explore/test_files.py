"""Lists and plots as files: CSV, XLSX, Atom, SVG and PNG, read by other readers than our own."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from xml.etree import ElementTree

import duckdb
import httpx
import pytest

from etl.explore import files
from etl.explore.plots import PLOTS
from tests.explore.conftest import DEPUTY, FAMILY, TEXTLESS, UID, http

ATOM = "{http://www.w3.org/2005/Atom}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def get(address):
    def get(**params: str) -> httpx.Response:
        return http.get(f"{address}/", params=params).raise_for_status()

    return get


def rows(home, sql: str) -> list[tuple]:
    with duckdb.connect(str((home / "warehouse" / "current.duckdb").resolve()), read_only=True) as connection:
        return connection.sql(sql).fetchall()


def sheet(content: bytes, number: int) -> list[list[str]]:
    """The cells of a sheet, as XLSX has them."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        tree = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
        try:
            shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        except KeyError:
            shared = ElementTree.Element("none")
    texts = ["".join(part.text or "" for part in item.iter(f"{SHEET}t")) for item in shared]
    lines = []
    for row in tree.iter(f"{SHEET}row"):
        assert not list(row.iter(f"{SHEET}f")), "no formula"
        lines.append([value(cell, texts) for cell in row])
    return lines


def value(cell: ElementTree.Element, texts: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
    text = cell.findtext(f"{SHEET}v") or ""
    return texts[int(text)] if cell.get("t") == "s" else text


def test_a_list_is_whole_as_csv(get, home):
    response = get(legislature="17", type="QE", format="csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert "questions-2026-08-25.csv" in response.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(response.text)))
    expected = rows(
        home,
        "SELECT uid, title, coalesce(answer_date::VARCHAR, '') FROM questions WHERE legislature = 17 AND question_type = 'QE' "
        "ORDER BY question_date DESC, question_number DESC",
    )
    assert [(row["uid"], row["title"], row["answer_date"]) for row in table] == expected


def test_a_list_is_whole_as_xlsx(get, home):
    content = get(mots="agriculteurs", format="xlsx").content
    data, source = sheet(content, 1), sheet(content, 2)
    found = rows(home, "SELECT count(*) FROM search('agriculteurs')")[0][0]
    assert len(data) == found + 1
    assert data[0][:2] == ["uid", "legislature"]
    lines = [line[0] for line in source if line]
    assert lines[0] == "« agriculteurs »"
    assert "Licence Ouverte" in lines[1] and "?mots=agriculteurs" in lines[2]


def test_no_cell_of_xlsx_is_a_formula_and_days_are_days():
    content = files.xlsx(["a", "b"], [[("=1+1", date(2024, 10, 1)), ("http://x", None)]], ["=source"])
    assert sheet(content, 1) == [["a", "b"], ["=1+1", "45566"], ["http://x"]]
    assert sheet(content, 2) == [["=source"]]


def test_csv_says_null_as_nothing_and_quotes_what_must_be():
    text = "".join(files.csv_texts(["a", "b"], [[(1, None)], [('x,"y', "é")]]))
    assert text == 'a,b\n1,\n"x,""y",é\n'


@pytest.mark.parametrize(
    ("params", "condition"),
    [
        ({"mots": "agriculteurs"}, "(legislature, question_type, question_number) IN (SELECT (legislature, question_type, question_number) FROM search('agriculteurs'))"),
        ({"depute": DEPUTY}, f"deputy_id = '{DEPUTY}'"),
        ({"famille": FAMILY}, "ministry = 'Justice'"),
        ({}, "true"),
    ],
    ids=["search", "deputy", "family", "all"],
)  # fmt: skip
def test_a_feed_tells_what_was_published_last(params, condition, get, home):
    response = get(**params, format="atom")
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(response.content)
    assert feed.tag == f"{ATOM}feed" and feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    for name in ("title", "id", "updated"):
        assert len(feed.findall(f"{ATOM}{name}")) == 1
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == feed.findtext(f"{ATOM}id") == str(response.url)
    assert http.get(links["alternate"]).status_code == 200
    entries = feed.findall(f"{ATOM}entry")
    days = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert days == sorted(days, reverse=True)
    assert feed.findtext(f"{ATOM}updated") == days[0]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        assert entry.findtext(f"{ATOM}title").startswith(("Question publiée : ", "Réponse publiée : "))
    expected = rows(
        home,
        f"SELECT count(question_date) + count(answer_date), max(greatest(question_date, answer_date)) FROM questions WHERE {condition}",
    )
    assert (len(entries), days[0][:10]) == (min(50, expected[0][0]), str(expected[0][1]))


def test_a_feed_shows_hostile_texts_as_texts(get):
    feed = ElementTree.fromstring(get(mots=UID, format="atom").content)
    answer, question = feed.findall(f"{ATOM}entry")
    assert "<script>" in question.findtext(f"{ATOM}title")
    content = answer.find(f"{ATOM}content")
    assert content.get("type") == "html"
    assert "<script>" not in content.text and "&lt;script&gt;" in content.text
    assert question.find(f"{ATOM}link").get("href").endswith(f"/?question={UID}")
    answer = ElementTree.fromstring(get(mots=TEXTLESS, format="atom").content).find(f"{ATOM}entry")
    assert answer.find(f"{ATOM}content") is None


def test_a_feed_without_an_event_is_a_feed(get):
    feed = ElementTree.fromstring(get(mots="rien de xyztel", format="atom").content)
    assert feed.findall(f"{ATOM}entry") == [] and feed.findtext(f"{ATOM}updated") == "2026-08-25T00:00:00Z"


def test_a_feed_has_no_character_that_xml_forbids():
    event = {
        "title": "a\x0bb\ufffe", "uid": UID, "event": "question", "day": date(2024, 10, 1), "href": "http://x/", "author_name": None,
        "rubrique": "r\x01", "ministry": None, "text": None, "legislature": 17, "question_type": "QE", "question_number": 1,
    }  # fmt: skip
    feed = ElementTree.fromstring(files.atom("t", "http://x/", "http://x/", date(2024, 10, 1), [event]))
    assert feed.findtext(f".//{ATOM}entry/{ATOM}title") == "Question publiée : Ab"


@pytest.mark.parametrize("view", PLOTS)
def test_a_plot_is_a_picture_with_its_source_and_a_table(view, get, home):
    picture = get(vue=view, legislature="16", au="2024-03-31", format="svg").text
    text = " ".join(ElementTree.fromstring(picture).itertext())
    for line in (PLOTS[view].title, "16e législature, vu au 31 mars 2024", "Licence Ouverte / Etalab 2.0", "n ="):
        assert line in text
    png = get(vue=view, format="png").content
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") > 1_500, "pixels wide"
    table = list(csv.reader(io.StringIO(get(vue=view, legislature="16", au="2024-03-31", format="csv").text)))
    asked = rows(home, PLOTS[view].sql(16, date(2024, 3, 31)))
    assert table[1:] == [["" if value is None else str(value) for value in row] for row in asked]
    assert len(sheet(get(vue=view, legislature="16", au="2024-03-31", format="xlsx").content, 1)) == len(asked) + 1


def test_a_picture_marks_two_months_only_where_they_are_the_rule(get):
    for legislature, marked in (("17", True), ("14", False)):
        assert ("stroke-dasharray" in get(vue="delais", legislature=legislature, format="svg").text) == marked


def test_each_figure_of_a_picture_has_its_n(get, home):
    text = " ".join(ElementTree.fromstring(get(vue="delais", format="svg").text).itertext())
    for row in rows(home, PLOTS["delais"].sql(17, date(2026, 8, 25))):
        assert f"(n = {row[1]}) · {row[0]}" in text
