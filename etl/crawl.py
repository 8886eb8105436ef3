"""`anq crawl`: the documents of questions that no archive holds, number by number; never part of a scheduled run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from etl import ops, page, steps
from etl.catalogue import page_path
from etl.check import Checker
from etl.errors import UsageError
from etl.fetch import documents
from etl.fetch.polite import Polite
from etl.normalise.rows import rows
from etl.parse.forms import read_document
from etl.parse.record import RecordError
from etl.settings import PAGES, Settings

_NUMBERS = re.compile(r"([0-9]{1,7})(?:-([0-9]{1,7}))?")


class _Progress(msgspec.Struct):
    """How far a crawl has come, beside the documents; gone when it is through."""

    numbers: str
    done: int = 0
    came: int = 0
    gaps: dict[int, str] = {}


def crawl(
    key: tuple[int, str],
    numbers: str,
    settings: Settings,
    now: datetime,
    run_id: str,
    *,
    pace: float = 1.0,
    say: steps.Say = lambda _: None,
    checker: Checker | None = None,
) -> list[steps.Outcome]:
    """Asks for each document, keeps what is a question, and takes what came into the lake.

    Args:
        key: legislature and type.
        numbers: such as `1-500` or `7,12-15`.
        settings: home and source; `opendata`, or an http(s) address that stands for the questions' own site.
        now: time of the run.
        run_id: the run, for the ledger.
        pace: seconds from one request to the next.
        say: told of each number without a question.
        checker: the run's; None means one of its own.

    Returns:
        What came of it.

    Raises:
        UsageError: the numbers cannot be read, or the source is none.
        SourceError: the site failed, or forbids it; the same command goes on where this one stopped.
    """
    wanted = list(_each(numbers))
    site = Polite(_base(settings), pace, now)
    path = documents.folder(settings) / f"{key[0]}-{key[1]}.crawl"
    path.parent.mkdir(parents=True, exist_ok=True)
    progress = _progress(path, numbers)
    known = {one.name: one for one in reversed(documents.documents(key, settings))}
    for number in wanted[progress.done :]:
        name = page_path(*key, number)
        last = known.get(name)
        answer = site.get(name, last.etag, last.last_modified) if last else site.get(name)
        if answer is None:
            reason: str | None = "the site has none"
        elif answer.body is None:
            reason = None
        else:
            reason = _not_a_question(answer.body, key, number)
            if reason is None:
                told = {"legislature": key[0], "question_type": key[1], "question_number": number}
                page.keep(answer.body, told, name, settings, now, answer.etag, answer.last_modified)
                progress.came += 1
        if reason is not None:
            progress.gaps[number] = reason
            say(f"{key[0]}/{key[1]} {number}: no question: {reason}")
        progress.done += 1
        aside = path.with_suffix(".part")
        aside.write_bytes(msgspec.json.encode(progress))
        aside.replace(path)
    if documents.documents(key, settings):
        outcomes = steps.load_documents([key], settings, now, run_id, say, checker)
    else:
        outcomes = [steps.Outcome(f"{key[0]}/{key[1]}", "absent")]
    _tell(key, progress, outcomes[0], settings, run_id)
    path.unlink()
    return outcomes


def _tell(key: tuple[int, str], progress: _Progress, outcome: steps.Outcome, settings: Settings, run_id: str) -> None:
    gaps = ", ".join(f"{number} ({reason})" for number, reason in progress.gaps.items())
    row = {
        "run_id": run_id,
        "archive": outcome.archive,
        "step": "crawl",
        "state": "done",
        "seconds": None,
        "records": progress.done,
        "changed": progress.came,
        "quarantined": 0,
        "anomalies": len(progress.gaps),
        "message": f"no question: {gaps}" if gaps else None,
    }
    ops.write(settings.lake, run_id, f"crawl {key[0]}-{key[1]}", {"ops.outcomes": [row]})


def _each(numbers: str) -> Iterator[int]:
    for part in numbers.split(","):
        found = _NUMBERS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not 0 < first <= last:
            raise UsageError(f"{part!r} is no range of numbers; write --numbers 1-500, or 7,12-15")
        yield from range(first, last + 1)


def _base(settings: Settings) -> str:
    base = PAGES if settings.source == "opendata" else settings.source.rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise UsageError(f"{settings.source} cannot be crawled; use --source opendata, or an http(s) address")
    return base


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
    if cut := page.cut_at(one._asdict() for one in odd):
        return f"the document is cut: {cut}"
    told = (found["legislature"], found["question_type"], found["question_number"])
    if told != (*key, number):
        return f"it is that of {told[0]}/{told[1]} {told[2]}"
    return None
