"""A weekly issue of the Journal officiel read into the lake: a reference with its name.

An issue never changes, so that it is read once, and again only when the code that reads it is new.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from etl.catalogue import Issue
from etl.errors import SourceError
from etl.files import taz
from etl.lake import files, markers
from etl.lake.code import code_digest
from etl.lake.markers import Reference
from etl.lake.rows import KEPT_RAW
from etl.normalise.issue import issue_rows
from etl.normalise.rows import Row
from etl.parse.journal_xml import BadEntry, PrintedEntry, read
from etl.parse.record import Anomaly, RecordError

#: What the members begin with: the entries; and, by number and page, an index, and rectifications, usually empty.
ENTRIES, IGNORED = "REDIF_ANQ", ("XML1JO_AN", "XML2JO_AN")
BAD_CEILING = 0.1  # of an issue's entries: more, and it is not written as it should be
VALUE = 120  # characters of an anomaly's value that are kept


class Staged(NamedTuple):
    """An issue that is on disk and not yet committed."""

    reference: Reference
    records: int
    quarantined: int
    anomalies: int


def build(issue: Issue, path: Path, *, lake_path: Path, fetched_at: datetime, sample: bool) -> Staged:
    """Reads an issue and writes its tables; `markers.commit` makes them count.

    Args:
        issue: which one.
        path: the raw file, named by its SHA-256.
        lake_path: the lake.
        fetched_at: when it was fetched.
        sample: whether it is of the made-up sample.

    Raises:
        SourceError: it is not an issue, or too many of its entries cannot be read.
    """
    markers.sweep_reference(lake_path, issue.name)
    entries, bad, odd = _read(issue, path)
    tables, more = issue_rows(issue.name, entries)
    aside = [_set_aside(issue, path, one) for one in bad]
    tables |= {"ops.anomalies": _anomalies(issue, [*odd, *more]), "ops.quarantine": aside}
    reference = Reference(
        name=issue.name,
        sample=sample,
        source_sha256=path.stem,
        fetched_at=fetched_at,
        code=code(),
        files={
            name: files.write(files.arrow(name, rows), lake_path / name, issue.name) for name, rows in tables.items()
        },
        rows={name: len(rows) for name, rows in tables.items()},
    )
    return Staged(reference, len(tables["journal_questions"]), len(aside), len(tables["ops.anomalies"]))


def code() -> str:
    """Digest of the code that reads issues."""
    return code_digest("etl.lake.journal")


def _read(issue: Issue, path: Path) -> tuple[list[PrintedEntry], list[BadEntry], list[Anomaly]]:
    members = taz.members(path, issue.name)
    names = {name: name.rpartition("/")[2] for name in members}
    found = [name for name in members if names[name].startswith(ENTRIES)]
    if len(found) != 1:
        raise _refused(issue, path, f"{len(found)} members are named {ENTRIES}…, not one")
    try:
        entries, bad, odd = read(members[found[0]])
    except RecordError as error:
        raise _refused(issue, path, f"{found[0]}: {error}") from error
    if not entries or len(bad) > BAD_CEILING * (len(entries) + len(bad)):
        first = f"; first: {bad[0].error}" if bad else ""
        raise _refused(issue, path, f"{len(bad)} of {len(entries) + len(bad)} entries cannot be read{first}")
    strange = [name for name in members if not names[name].startswith((ENTRIES, *IGNORED))]
    return entries, bad, [*odd, *(Anomaly("unexpected_member", "warning", "member", name) for name in strange)]


def _refused(issue: Issue, path: Path, what: str) -> SourceError:
    return SourceError(
        f"{issue.name}: {what}, so it is not what it claims to be. Nothing of it was taken; look at raw/{path.name}, "
        "and mend etl/parse/journal_xml.py if it is right"
    )


def _anomalies(issue: Issue, odd: list[Anomaly]) -> list[Row]:
    """A row a kind and field, with how often it was met and the first value: an oddity is in hundreds of entries."""
    counted = Counter((one.kind, one.level, one.what) for one in odd)
    first = {(one.kind, one.level, one.what): one.value for one in reversed(odd)}
    return [
        _keyed(issue)
        | {"kind": kind, "level": level, "what": what}
        | {"value": f"{(first[kind, level, what] or '')[:VALUE]} ({count} in all)"}
        for (kind, level, what), count in sorted(counted.items())
    ]


def _set_aside(issue: Issue, path: Path, one: BadEntry) -> Row:
    raw = one.raw if len(one.raw) <= KEPT_RAW else None
    told = {"member": issue.name, "rule": one.error.rule, "error": str(one.error), "observed": None}
    return _keyed(issue) | told | {"severity": "critical", "source_sha256": path.stem, "raw": raw}


def _keyed(issue: Issue) -> Row:
    return {"legislature": None, "question_type": issue.name, "question_number": None}
