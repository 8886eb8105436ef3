"""Rows as files to keep: CSV, XLSX and the Atom feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from etl.explore import french, pages
from etl.files.atom import add, begun, written

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element  # nosec B405

    from etl.explore.queries import Row

Batch = Sequence[Sequence[object]]

SHEET_ROWS = 1_048_575  # of a sheet of XLSX, without its heading


def csv_texts(columns: Sequence[str], batches: Iterable[Batch]) -> Iterator[str]:
    """Rows as CSV, a text a batch, the columns' names first; NULL is an empty cell."""
    for batch in chain([[columns]], batches):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(batch)
        yield text.getvalue()


def xlsx(columns: Sequence[str], batches: Iterable[Batch], source: Sequence[str]) -> bytes:
    """Rows as a workbook of two sheets, the data and their source.

    A text stays a text, whatever it begins with; days are days.

    Args:
        columns: their names.
        batches: of rows, whose values are texts, numbers, days or None.
        source: lines of the second sheet.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, {**plain, "constant_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("Données")
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns, bold)
        last = 0
        for last, row in enumerate(chain.from_iterable(batches), 1):
            sheet.write_row(last, 0, row)
        sheet.autofilter(0, 0, last, max(len(columns) - 1, 0))
        about = book.add_worksheet("Source")
        about.set_column(0, 0, 120)
        for number, line in enumerate(source):
            about.write_string(number, 0, line)
    return file.getvalue()


def atom(title: str, address: str, page: str, updated: date, events: Sequence[Row]) -> bytes:
    """A feed of publications of questions and answers.

    Args:
        title: of the feed.
        address: URL of the feed, which is its id too.
        page: URL of the page with the same questions.
        updated: the feed's day when it has no event.
        events: rows of `queries.events`, each with `href`, URL of the question's page.
    """
    instant = _instant(events[0]["day"] if events else updated)
    feed = begun(title, address, ("text/html", page), instant, "Assemblée nationale")
    for event in events:
        _entry(feed, event)
    return written(feed)


def _entry(feed: Element, event: Row) -> None:
    entry = add(feed, "entry")
    what = "Réponse publiée" if event["event"] == "reponse" else "Question publiée"
    add(entry, "title", f"{what} : {pages.heading(event)}")
    add(entry, "id", f"{pages.OFFICIAL.format_map(event)}#{event['event']}")
    add(entry, "link", rel="alternate", type="text/html", href=event["href"])
    add(entry, "published", _instant(event["day"]))
    add(entry, "updated", _instant(event["day"]))
    if event["author_name"]:
        add(add(entry, "author"), "name", event["author_name"])
    if event["rubrique"]:
        add(entry, "category", term=event["rubrique"])
    ministry = f", {event['ministry']}" if event["ministry"] else ""
    add(entry, "summary", f"{pages.reference(event)}{ministry}, {french.day(event['day'])}")
    if event["text"]:
        add(entry, "content", pages.markdown(event["text"]), type="html")


def _instant(day: date) -> str:
    """A day of the Journal officiel as an instant; its hour is not known."""
    return f"{day}T00:00:00Z"
