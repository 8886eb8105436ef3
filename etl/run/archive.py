"""One archive of questions on its way into the lake: what it is read from, and whether any of that is new."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from etl.catalogue import FORMS, Archive
from etl.catalogue import archive as archive_of
from etl.check import rules_digest
from etl.fetch import documents, manifest
from etl.lake import markers, partition
from etl.lake.job import Refusal
from etl.lake.markers import Partition
from etl.lake.partition import Building, documents_digest
from etl.lake.plan import damaged
from etl.parse.record import Entry
from etl.run.context import Run
from etl.run.work import Fetched, Outcome
from etl.settings import Settings


@dataclass(eq=False, kw_only=True)
class QuestionsWork(Fetched):
    """One archive of questions on its way into the lake.

    Attributes:
        path: the raw zip; None when only single documents tell of its questions.
        documents: these, the newest of a number first.
        fetched_at: when what is read came.
        before: the partition as it is in the lake; None when there is none from the same kind of source.
        again: read again what is in quarantine.
        left: what is left of a damaged partition, where no release holds it.
        refused: by number, why the check refuses a question.
        building: while the workers are at it.
        staged: what is to be checked.
    """

    archive: Archive
    path: Path | None = None
    documents: list[Entry] = field(default_factory=list)
    fetched_at: datetime | None = None
    before: Partition | None = None
    again: bool = False
    left: Partition | None = None
    refused: dict[int, Refusal] = field(default_factory=dict)
    building: Building | None = None
    staged: Partition | None = None


def look_up(work: QuestionsWork, run: Run) -> None:
    """Finds what an archive is read from: its file and form, and the single documents."""
    before = markers.partition(run.settings.lake, work.archive.key)
    work.before = before if before is not None and before.sample == run.is_sample else None
    work.documents = _documents(work.archive, run)
    if work.download is None and not work.documents:
        return
    before_sha256 = work.before.source_sha256 if work.before else ""
    _find(work, run.settings, work.download.sha256 if work.download else before_sha256)
    work.again = _has_other_rules(work)
    work.fetched_at = run.now if work.download is None or _has_other_documents(work) else work.download.fetched_at


def is_new(work: QuestionsWork, run: Run) -> bool:
    """Whether there is anything to read."""
    if work.download is None and not work.documents:
        return False
    if run.force or work.before is None or _has_other_documents(work) or _has_other_rules(work):
        return True
    sha256 = work.path.stem if work.path else ""
    differs = (work.before.source_sha256, work.before.code) != (sha256, partition.code())
    return differs or bool(damaged(run.settings.lake, work.before))


def _has_other_documents(work: QuestionsWork) -> bool:
    return work.before is not None and work.before.documents != documents_digest(work.documents)


def _has_other_rules(work: QuestionsWork) -> bool:
    return work.before is not None and work.before.rules != rules_digest()


def _find(work: QuestionsWork, settings: Settings, sha256: str) -> None:
    """Finds the archive's bytes, and their form."""
    work.path = settings.raw / f"{sha256}.zip" if sha256 else None
    downloads = [work.download] if work.download else manifest.rows(settings)
    form = next((download.form for download in downloads if download.sha256 == sha256), FORMS[0])
    work.archive = replace(work.archive, form=form)


def _documents(archive: Archive, run: Run) -> list[Entry]:
    if run.is_sample:
        return []
    return [
        Entry(document.name, document.number, 0, document.size, document.size, document.crc32, None, document.sha256)
        for document in documents.documents(archive.key, run.settings)
    ]


def of_state(key: tuple[int, str], sha256: str, fetched_at: datetime, run: Run) -> QuestionsWork:
    """An archive of the lake to read again, from raw/: beside the single documents that there are now.

    Args:
        key: legislature and type.
        sha256: of the archive's bytes; "" when only single documents tell of its questions.
        fetched_at: when these came.
        run: the run.
    """
    archive, before = archive_of(*key), markers.partition(run.settings.lake, key)
    work = QuestionsWork(archive=archive, outcome=Outcome(archive.name), fetched_at=fetched_at, before=before)
    work.documents = _documents(archive, run)
    _find(work, run.settings, sha256)
    return work
