"""A weekly issue of the Journal officiel read into the lake: a reference with its name.

An issue never changes, so that it is read once, and again only when the code that reads it is new.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from etl.catalogue import Issue
from etl.errors import SourceError
from etl.files import taz
from etl.lake import markers, reference
from etl.lake.code import code_digest
from etl.lake.reference import Staged
from etl.lake.rows import KEPT_RAW, AnomalyCount, Key, keyed
from etl.parse.record import Anomaly, RecordError

if TYPE_CHECKING:
    from etl.normalise.rows import Row
    from etl.parse.journal_xml import BadEntry, PrintedEntry

#: What the members begin with: the entries; and, by number and page, an index, and rectifications, usually empty.
ENTRIES, IGNORED = "REDIF_ANQ", ("XML1JO_AN", "XML2JO_AN")
BAD_CEILING = 0.1  # of an issue's entries: more, and it is not written as it should be


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
    from etl.normalise.issue import issue_rows  # most runs have no new issue

    markers.sweep_reference(lake_path, issue.name)
    entries, bad, oddities = _read(issue, path)
    tables, more = issue_rows(issue.name, entries)
    anomalies = AnomalyCount()
    for oddity in (*oddities, *more):
        anomalies.add(oddity)
    tables |= {
        "ops.anomalies": anomalies.rows(_key(issue)),
        "ops.quarantine": [_set_aside(issue, path, entry) for entry in bad],
    }
    written = reference.write(
        tables,
        lake_path,
        name=issue.name,
        sample=sample,
        source_sha256=path.stem,
        fetched_at=fetched_at,
        code=code(),
    )
    questions = written.rows["journal_questions"]
    return Staged(written, records=questions, changed=questions)


def code() -> str:
    """Digest of the code that reads issues."""
    return code_digest("etl.lake.journal")


def _read(issue: Issue, path: Path) -> tuple[list[PrintedEntry], list[BadEntry], list[Anomaly]]:
    from etl.parse.journal_xml import read

    members = taz.members(path, issue.name)
    names = {name: name.rpartition("/")[2] for name in members}
    documents = [name for name in members if names[name].startswith(ENTRIES)]
    if len(documents) != 1:
        raise _refused(issue, path, f"{len(documents)} members are named {ENTRIES}…, not one")
    try:
        entries, bad, odd = read(members[documents[0]])
    except RecordError as error:
        raise _refused(issue, path, f"{documents[0]}: {error}") from error
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


def _set_aside(issue: Issue, path: Path, entry: BadEntry) -> Row:
    """An entry that cannot be read, as a row of `ops.quarantine`."""
    return keyed(
        _key(issue),
        None,
        {
            "member": issue.name,
            "rule": entry.error.rule,
            "error": str(entry.error),
            "observed": None,
            "severity": "critical",
            "source_sha256": path.stem,
            "raw": entry.raw if len(entry.raw) <= KEPT_RAW else None,
        },
    )


def _key(issue: Issue) -> Key:
    return None, issue.name
