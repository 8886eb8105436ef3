"""The made-up sample never stands among real questions."""

from __future__ import annotations

from etl.errors import UsageError
from etl.lake import markers
from etl.lake.locks import partitions_locked, references_locked
from etl.settings import Settings


def refuse_sample(settings: Settings) -> None:
    """Lets the sample into a home that holds nothing else.

    Raises:
        UsageError: the source is the sample, and the home holds real questions.
    """
    held = [partition.sample for partition in markers.partitions(settings.lake)]
    held += [reference.sample for reference in markers.references(settings.lake)]
    if settings.source == "sample" and not all(held):
        raise UsageError(
            f"{settings.home} holds real questions, and the source is the made-up sample: "
            "name a source (--source opendata, or ANQ_SOURCE), or another home (--home)"
        )


def drop_sample(settings: Settings) -> None:
    """Makes room for real questions: the sample goes, but for what a run that still goes on is replacing."""
    lake = settings.lake
    made_up = [partition.key for partition in markers.partitions(lake) if partition.sample]
    with partitions_locked(lake, made_up):
        for partition in markers.partitions(lake):
            if partition.sample and partition.key in made_up:
                markers.drop(lake, partition.key)
    if any(reference.sample for reference in markers.references(lake)):
        with references_locked(lake, "people"), references_locked(lake, "journal"):
            for reference in markers.references(lake):
                if reference.sample:
                    markers.drop_reference(lake, reference.name)
