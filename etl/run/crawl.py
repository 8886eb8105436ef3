"""`anq crawl`: the documents of questions that no archive holds, number by number; never part of a scheduled run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from etl.catalogue import page_path, stem_of
from etl.errors import UsageError
from etl.fetch import documents, source
from etl.fetch.documents import Document
from etl.fetch.http import Site
from etl.fetch.polite import Polite
from etl.files.aside import write_aside
from etl.lake import ledger
from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import RecordError
from etl.run.context import Run
from etl.run.documents import cut_at, keep
from etl.run.questions import load_documents
from etl.run.work import Outcome
from etl.settings import PAGES, Settings

_NUMBERS = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


class _Progress(msgspec.Struct):
    """How far a crawl has come, beside the documents; gone when it is through."""

    numbers: str
    done: int = 0
    came: int = 0
    gaps: dict[int, str] = {}


def crawl(key: tuple[int, str], numbers: str, run: Run, *, pace: float = 1.0) -> list[Outcome]:
    """Asks for each document, keeps what is a question, and takes what came into the lake.

    Args:
        key: legislature and type.
        numbers: such as `1-500` or `7,12-15`.
        run: the run; its source is `opendata`, or an http(s) address that stands for the questions' own site.
        pace: seconds from one request to the next.

    Returns:
        What came of it.

    Raises:
        UsageError: the numbers cannot be read, or the source is none.
        SourceError: the site failed, or forbids it; the same command goes on where this one stopped.
    """
    wanted = list(_each(numbers))
    site = Polite(_site(run.settings), pace, run.now)
    path = documents.folder(run.settings) / f"{stem_of(*key)}.crawl"
    progress = _progress(path, numbers)
    known = {document.name: document for document in reversed(documents.documents(key, run.settings))}
    for number in wanted[progress.done :]:
        _ask(site, key, number, known, progress, run)
        progress.done += 1
        write_aside(path, msgspec.json.encode(progress))
    if documents.documents(key, run.settings):
        outcomes = load_documents([key], run)
    else:
        outcomes = [Outcome(f"{key[0]}/{key[1]}", "absent")]
    _tell(key, progress, outcomes[0].archive, run)
    path.unlink()
    return outcomes


def _ask(
    site: Polite, key: tuple[int, str], number: int, known: Mapping[str, Document], progress: _Progress, run: Run
) -> None:
    """Asks for one question's document, and keeps it; a number without one is a gap."""
    name = page_path(*key, number)
    last = known.get(name)
    answer = site.get(name, last.etag, last.last_modified) if last else site.get(name)
    if answer is None:
        gap: str | None = "the site has none"
    elif answer.body is None:
        gap = None
    else:
        gap = _not_a_question(answer.body, key, number)
        if gap is None:
            question = {"legislature": key[0], "question_type": key[1], "question_number": number}
            keep(answer.body, question, name, run, etag=answer.etag, last_modified=answer.last_modified)
            progress.came += 1
    if gap is not None:
        progress.gaps[number] = gap
        run.say(f"{key[0]}/{key[1]} {number}: no question: {gap}")


def _tell(key: tuple[int, str], progress: _Progress, archive: str, run: Run) -> None:
    gaps = ", ".join(f"{number} ({reason})" for number, reason in progress.gaps.items())
    outcome = Outcome(archive, records=progress.done, changed=progress.came, anomalies=len(progress.gaps))
    row = outcome.row(run, "crawl", None, f"no question: {gaps}" if gaps else None)
    ledger.write(run.settings.lake, run.id, f"crawl {stem_of(*key)}", {"ops.outcomes": [row]})


def _each(numbers: str) -> Iterator[int]:
    for part in numbers.split(","):
        found = _NUMBERS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 0 < first <= last:
            raise UsageError(f"{part!r} is no range of numbers; write --numbers 1-500, or 7,12-15")
        yield from range(first, last + 1)


def _site(settings: Settings) -> Site:
    pages = source.site(settings, PAGES)
    if pages is None:
        raise UsageError(f"{settings.source} cannot be crawled; use --source opendata, or an http(s) address")
    return pages


def _progress(path: Path, numbers: str) -> _Progress:
    try:
        found = msgspec.json.decode(path.read_bytes(), type=_Progress)
    except (FileNotFoundError, msgspec.DecodeError):
        return _Progress(numbers)
    return found if found.numbers == numbers else _Progress(numbers)


def _not_a_question(body: bytes, key: Sequence[object], number: int) -> str | None:
    """Why a document is not that of the question asked for; None when it is."""
    try:
        record, odd = read_document(body)
        found = rows(record).question
    except RecordError as error:
        return str(error)
    if cut := cut_at(one._asdict() for one in odd):
        return f"the document is cut: {cut}"
    told = (found["legislature"], found["question_type"], found["question_number"])
    if told != (*key, number):
        return f"it is that of {told[0]}/{told[1]} {told[2]}"
    return None
