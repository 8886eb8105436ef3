"""Which files of a home each step reads and writes: what is pulled from a team's store, and pushed to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from etl.catalogue import PEOPLE, Archive, archive
from etl.fetch import documents, manifest
from etl.lake import markers
from etl.lake.ledger import file_name
from etl.settings import Settings
from etl.store import Scope

_MANIFESTS = ("raw/*.jsonl", "raw/documents/*.jsonl")


def _raw_of_live(settings: Settings) -> Iterator[str]:
    """The archives of which `etl.lake.freshness` asks whether they are made up."""
    for partition in markers.partitions(settings.lake):
        if partition.question_type == "QE" and not archive(*partition.key).frozen:
            yield f"raw/{partition.source_sha256}.zip"


def _raw_of_people(settings: Settings) -> Iterable[str]:
    rows = {row.name: row for row in manifest.rows(settings) if row.name.endswith(PEOPLE)}
    return [f"raw/{row.sha256}.zip" for row in rows.values()]


def _decided(name: str) -> tuple[str, ...]:
    """What was downloaded, and what was decided about an archive."""
    return (*_MANIFESTS, f"lake/_held_back/{name}.json", f"lake/_acceptances/{name}.*")


#: All of it.
HOME = Scope(("*",))
#: Who was told of what.
TOLD = Scope(("told.json",))
#: What waits, and what a person decided.
DECISIONS = Scope(("lake/_held_back/*", "lake/_acceptances/*"))
#: The releases, and which of them is current.
RELEASES = Scope(("warehouse/*",))
#: All but what the source sent: for the plan, the release and the summary.
LAKE = Scope(("lake/*", "warehouse/*", "reports/*", "told.json", *_MANIFESTS), _raw_of_live)


def of_archive(wanted: Archive) -> Scope:
    """One archive of questions: its partition, and what it is read from."""
    name, (legislature, question_type) = file_name(wanted.name), wanted.key

    def raw(settings: Settings) -> Iterable[str]:
        before, last = markers.partition(settings.lake, wanted.key), manifest.latest(wanted, settings)
        yield from (f"raw/{one}.zip" for one in (before and before.source_sha256, last and last.sha256) if one)
        yield from (f"raw/documents/{one.sha256}" for one in documents.documents(wanted.key, settings))

    return Scope(
        (
            f"lake/_partitions/{wanted.stem}.json",
            f"lake/*/legislature={legislature}/question_type={question_type}/*",
            *_decided(name),
        ),
        raw,
    )


#: People and bodies.
OF_PEOPLE = Scope((f"lake/_references/{PEOPLE}.json", f"lake/*/{PEOPLE}-*", *_decided(f"*{PEOPLE}")), _raw_of_people)
#: The weekly issues.
OF_JOURNAL = Scope(("raw/*.taz", "lake/_references/ANQ*.json", "lake/*/ANQ*-*", *_decided("ANQ*")))
